// A named person's statement about a check, with a file where there is one; it is kept as evidence of its own kind and never mixed with what was seen.
import { useId, useRef, useState } from 'react';
import type { FormEvent } from 'react';
import { MessageSquareQuote, Paperclip } from 'lucide-react';
import type { SecurityCheck } from '#shared/domain/evidence.ts';
import { Button } from '../../components/Button.tsx';
import { Choices } from '../../components/Choices.tsx';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import { Field } from '../../components/Field.tsx';
import { HostileText } from '../../components/HostileText.tsx';
import { announce } from '../../lib/announce.ts';
import { call } from '../../lib/client.ts';
import { useNow } from '../../lib/clock.ts';
import { refetch } from '../../lib/query.ts';
import { useAction } from '../../lib/use-action.ts';
import { pathsOf } from '../audit/import/import-task.ts';
import { focusAtOnce } from './ExceptionSection.tsx';
import { dayAfter } from './posture-words.ts';

interface Props { readonly deploymentId: string; readonly check: SecurityCheck }

export function StatementSection({ deploymentId, check }: Props) {
  const [isOpen, setOpen] = useState(false);
  if (!isOpen) return <Button look="quiet" icon={MessageSquareQuote} onClick={() => setOpen(true)}>State something…</Button>;
  return <StatementForm deploymentId={deploymentId} check={check} onDone={() => setOpen(false)} />;
}

function StatementForm({ deploymentId, check, onDone }: Props & { readonly onDone: () => void }) {
  const nowMs = useNow();
  const headingId = useId();
  const [by, setBy] = useState('');
  const [on, setOn] = useState(() => dayAfter(Date.now(), 0));
  const [statement, setStatement] = useState('');
  const [holds, setHolds] = useState<'yes' | 'no'>('yes');
  const [file, setFile] = useState<{ readonly path: string; readonly name: string } | null>(null);
  const [fileProblem, setFileProblem] = useState<string | null>(null);
  const [isTried, setTried] = useState(false);
  const picker = useRef<HTMLInputElement>(null);
  const today = dayAfter(nowMs, 0);
  const lacks = { by: by.trim() === '' ? 'Name who says so.' : null, on: on === '' ? 'Give the day.' : on > today ? 'This day is still to come.' : null, statement: statement.trim() === '' ? 'Write what is stated.' : null };
  const save = useAction(async () => {
    await call('security.addEvidence', { deploymentId, path: file?.path ?? null, attests: { checkId: check.id, by: by.trim(), on, statement: statement.trim(), holds: holds === 'yes' } });
    refetch('security.show', 'security.fleet', 'overview.show');
    announce('The statement is kept.');
    onDone();
  });

  async function choose(chosen: File | undefined): Promise<void> {
    if (chosen === undefined) return;
    const { paths: [path], refusal } = await pathsOf([chosen]);
    setFileProblem(refusal);
    if (path !== undefined) setFile({ path, name: chosen.name });
  }

  function submit(event: FormEvent): void {
    event.preventDefault();
    setTried(true);
    if (Object.values(lacks).every((lack) => lack === null)) void save.run();
  }

  return (
    <form className="stack pane-form" aria-labelledby={headingId} onSubmit={submit} noValidate>
      <h3 id={headingId}>State something about this check</h3>
      <Field label="Who states it" error={isTried ? lacks.by : null}>{(ids) => <input {...ids} className="input" value={by} maxLength={120} autoComplete="off" ref={focusAtOnce} onChange={(event) => setBy(event.target.value)} />}</Field>
      <Field label="Of which day" error={isTried ? lacks.on : null}>{(ids) => <input {...ids} className="input date-input" type="date" max={today} value={on} onChange={(event) => setOn(event.target.value)} />}</Field>
      <Field label="Statement" error={isTried ? lacks.statement : null} hint="Write down no secret: it is kept as it stands.">{(ids) => <textarea {...ids} className="textarea" rows={3} value={statement} maxLength={2000} onChange={(event) => setStatement(event.target.value)} />}</Field>
      <Choices label="Does the check hold?" chosen={holds} onChoose={setHolds} choices={[{ id: 'yes', title: 'It holds', text: 'It can pass only where the baseline takes a word for it; otherwise it stands beside what was seen.' }, { id: 'no', title: 'It does not hold', text: 'The opposite is known.' }]} />
      <div className="field">
        <span className="row row-wrap">
          <Button icon={Paperclip} onClick={() => picker.current?.click()}>{file === null ? 'Attach a file…' : 'Attach another…'}</Button>
          {file === null ? <span className="dim small">Optional. Only its name and digest are kept.</span> : <><span className="mono cut"><HostileText text={file.name} /></span><Button look="quiet" onClick={() => setFile(null)}>None</Button></>}
          <input ref={picker} type="file" hidden aria-label="File behind the statement" onChange={(event) => { void choose(event.target.files?.[0]); event.target.value = ''; }} />
        </span>
        {fileProblem === null ? null : <p className="field-error" role="alert">{fileProblem}</p>}
      </div>
      {save.error === null ? null : <ErrorNote error={save.error} />}
      <div className="row"><Button type="submit" look="main" busy={save.busy}>Keep the statement</Button><Button look="quiet" onClick={onDone}>Cancel</Button></div>
    </form>
  );
}
