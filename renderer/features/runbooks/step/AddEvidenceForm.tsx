// Adds one piece of evidence: says what it is before it is kept, because nothing that was recorded can be taken out again.
import { useState } from 'react';
import type { FormEvent } from 'react';
import { Paperclip } from 'lucide-react';
import type { CallInput } from '#shared/contract.ts';
import { Button } from '../../../components/Button.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { Field } from '../../../components/Field.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { call } from '../../../lib/client.ts';
import { formatBytes } from '../../../lib/format.ts';
import { focusAtOnce } from '../../security/ExceptionSection.tsx';
import { base64Of } from './evidence-bytes.ts';
import { ImageCanvas } from './ImageCanvas.tsx';
import { useRecord } from './use-record.ts';
import type { StepPartProps } from './use-record.ts';

export type Adding =
  | { readonly source: 'file'; readonly path: string }
  | { readonly source: 'clipboard'; readonly bytes: Uint8Array<ArrayBuffer>; readonly type: 'image/png' | 'image/jpeg'; readonly name: string }
  | { readonly source: 'audit-query' | 'security-snapshot'; readonly deploymentId: string; readonly name: string }
  | { readonly source: 'output' };

type From = CallInput<'run.addEvidence'>['from'];

const TITLES: Readonly<Record<Adding['source'], string>> = { file: 'Add a file', clipboard: 'Keep the pasted image', 'audit-query': 'Add an audit query', 'security-snapshot': 'Add a security snapshot', output: 'Add output as text' };

/** The first field is the one that this source needs: a query, a text, or the name of an image. */
const NEEDS: Readonly<Record<Adding['source'], 'query' | 'text' | 'name' | null>> = { file: null, clipboard: 'name', 'audit-query': 'query', 'security-snapshot': null, output: 'text' };

export function AddEvidenceForm({ adding, onCancel, ...part }: StepPartProps & { readonly adding: Adding; readonly onCancel: () => void }) {
  const [name, setName] = useState(adding.source === 'clipboard' ? adding.name : 'output.txt');
  const [text, setText] = useState('');
  const [note, setNote] = useState('');
  const [isTried, setTried] = useState(false);
  const needs = NEEDS[adding.source];
  const add = useRecord(part, (from: From) => call('run.addEvidence', { runId: part.run.runId, step: part.stepId, note: note.trim(), from }));
  const lacks = { name: name.trim() === '' ? 'Give it a name.' : null, text: needs === 'text' && text === '' ? 'Paste the output here.' : null };
  const code = add.error?.wire.code;
  const isAtField = (needs === 'query' && code === 'invalid_query') || (adding.source === 'file' && (code === 'file_not_found' || code === 'file_unreadable' || code === 'too_large'));
  const said = add.error === null ? null : `${add.error.wire.message} ${add.error.wire.hint}`;

  function from(): From {
    switch (adding.source) {
      case 'file': return { source: 'file', path: adding.path };
      case 'clipboard': return { source: 'clipboard', name: name.trim(), base64: base64Of(adding.bytes) };
      case 'audit-query': return { source: 'audit-query', deploymentId: adding.deploymentId, query: text.trim() };
      case 'security-snapshot': return { source: 'security-snapshot', deploymentId: adding.deploymentId };
      case 'output': return { source: 'output', name: name.trim(), text };
    }
  }
  function submit(event: FormEvent): void {
    event.preventDefault();
    setTried(true);
    if (lacks.text === null && ((needs !== 'name' && needs !== 'text') || lacks.name === null)) void add.run(from());
  }

  return (
    <form className="stack step-form" aria-label={TITLES[adding.source]} noValidate onSubmit={submit}>
      <h3>{TITLES[adding.source]}</h3>
      {adding.source === 'file' ? <p className="mono small selectable"><HostileText text={adding.path} /></p> : null}
      {adding.source === 'clipboard' ? <><p className="small sub">{adding.type === 'image/png' ? 'PNG' : 'JPEG'}, {formatBytes(adding.bytes.length)}</p><ImageCanvas bytes={adding.bytes} type={adding.type} label="The pasted image" /></> : null}
      {adding.source === 'security-snapshot' ? <p className="small sub">The checks of <HostileText text={adding.name} /> as they are in the cache now, as JSON. Nothing is sent.</p> : null}
      {needs === 'query' ? (
        <Field label="Query" error={isAtField ? said : null} hint="As in the audit screen; an empty one means all. The cached rows that match are kept, without opening a payload. Nothing is sent.">
          {(ids) => <input {...ids} className="input mono" value={text} maxLength={4096} spellCheck={false} autoComplete="off" ref={focusAtOnce} onChange={(event) => { setText(event.target.value); add.clear(); }} />}
        </Field>
      ) : null}
      {needs === 'text' ? <Field label="Output" error={isTried ? lacks.text : null}>{(ids) => <textarea {...ids} className="textarea mono" rows={6} value={text} maxLength={1_000_000} spellCheck={false} ref={focusAtOnce} onChange={(event) => setText(event.target.value)} />}</Field> : null}
      {needs === 'name' || needs === 'text' ? <Field label="Name" error={isTried ? lacks.name : null}>{(ids) => <input {...ids} className="input" value={name} maxLength={255} autoComplete="off" spellCheck={false} {...(needs === 'name' ? { ref: focusAtOnce } : {})} onChange={(event) => setName(event.target.value)} />}</Field> : null}
      <Field label="What it shows" optional error={adding.source === 'file' && isAtField ? said : null}>{(ids) => <input {...ids} className="input" value={note} maxLength={4000} autoComplete="off" {...(needs === null ? { ref: focusAtOnce } : {})} onChange={(event) => setNote(event.target.value)} />}</Field>
      {add.error === null || isAtField ? null : <ErrorNote error={add.error} />}
      <p className="small dim">It is kept encrypted in this profile, and its digest goes into the signed list. It cannot be taken out again.</p>
      <div className="row"><Button type="submit" look="main" icon={Paperclip} busy={add.busy}>Keep as evidence</Button><Button look="quiet" onClick={onCancel}>Leave it</Button></div>
    </form>
  );
}
