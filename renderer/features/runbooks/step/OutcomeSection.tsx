// Records how a step went: done, failed, skipped with a reason, not applicable, or open again. What is not proven is not offered as done; where the step allows it a reason carries it, and stays visible.
import { useRef, useState } from 'react';
import type { FormEvent } from 'react';
import { Check, Paperclip, RotateCcw, TriangleAlert, X } from 'lucide-react';
import type { StepOutcome } from '#shared/domain/runbook-run.ts';
import { isSettled } from '#shared/domain/runbook-steps.ts';
import { Button, IconButton } from '../../../components/Button.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { Field } from '../../../components/Field.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { Note } from '../../../components/Note.tsx';
import { call } from '../../../lib/client.ts';
import { pathsOf } from '../../audit/import/import-task.ts';
import { focusAtOnce } from '../../security/ExceptionSection.tsx';
import type { PlacedStep } from './step-words.ts';
import { outcomeWord } from './step-words.ts';
import { useRecord } from './use-record.ts';
import type { StepPartProps } from './use-record.ts';

const LEAST_REASON = 3;
const MAX_FILES = 20;
/** Kinds whose own part is the way to "done": other outcomes are one press further away. */
const HAS_OWN_WAY: ReadonlySet<string> = new Set(['decision', 'sign-off']);
const HOW: Readonly<Record<string, string>> = { 'live-check': 'Run its check, or attest it by hand.', decision: 'Decide above.', timer: 'Let its timer run out.', 'sign-off': 'Sign it above.', evidence: 'Add it below, or attach it here.', manual: 'Add it below, or attach it here.' };

export function OutcomeSection({ placed, ...part }: StepPartProps & { readonly placed: PlacedStep }) {
  const { step, standing } = placed;
  const isDone = isSettled(standing);
  const [isOpen, setOpen] = useState(false);
  const reopen = useRecord(part, () => call('run.step', { runId: part.run.runId, step: step.id, outcome: 'reopened' }));
  if (standing.state === 'waiting') return null;
  if (!isDone && !(HAS_OWN_WAY.has(step.kind) && standing.state !== 'conflict')) return <OutcomeForm placed={placed} {...part} />;
  if (isOpen) return <OutcomeForm placed={placed} {...part} onRecorded={(fresh) => { setOpen(false); part.onRecorded(fresh); }} onCancel={() => setOpen(false)} />;
  return (
    <div className="step-acts">
      {isDone || standing.state === 'failed' ? <Button icon={RotateCcw} busy={reopen.busy} onClick={() => { void reopen.run(); }}>Reopen</Button> : null}
      <Button look="quiet" onClick={() => setOpen(true)}>Record another outcome…</Button>
      {reopen.error === null ? null : <ErrorNote error={reopen.error} />}
    </div>
  );
}

interface OutcomeFormProps extends StepPartProps { readonly placed: PlacedStep; readonly onCancel?: () => void }

function OutcomeForm({ placed: { step, standing }, onCancel, ...part }: OutcomeFormProps) {
  const { words } = part.run.pack;
  const [note, setNote] = useState('');
  const [paths, setPaths] = useState<readonly string[]>([]);
  const [fileError, setFileError] = useState<string | null>(null);
  const [lacksReason, setLacksReason] = useState(false);
  const [isOverriding, setOverriding] = useState(false);
  const noteField = useRef<HTMLTextAreaElement>(null);
  const [asked, setAsked] = useState<StepOutcome | null>(null);
  const record = useRecord({ ...part, onRecorded: (fresh) => { setNote(''); setPaths([]); setOverriding(false); part.onRecorded(fresh); } }, (outcome: StepOutcome, override: string | null) => call('run.step', { runId: part.run.runId, step: step.id, outcome, note: note.trim(), evidence: [...paths], override }));
  // Files that come with the tick are the evidence that is lacking.
  const isOnlyEvidenceLacking = standing.unproven !== null && step.evidence !== undefined && standing.evidence.length === 0 && (step.kind === 'evidence' || step.kind === 'manual');
  const isProven = standing.unproven === null || (isOnlyEvidenceLacking && paths.length > 0);
  const isFileError = record.error !== null && ['file_not_found', 'file_unreadable', 'too_large', 'unknown_format'].includes(record.error.wire.code);

  async function submit(outcome: StepOutcome, override: string | null = null): Promise<void> {
    const lacks = outcome === 'skipped' && note.trim() === '';
    setLacksReason(lacks);
    if (lacks) return noteField.current?.focus();
    setAsked(outcome);
    await record.run(outcome, override);
    return undefined;
  }

  const busy = (outcome: StepOutcome): boolean => record.busy && asked === outcome;
  return (
    <form className="stack step-form" aria-label="Record an outcome" noValidate onSubmit={(event: FormEvent) => { event.preventDefault(); if (isProven) void submit('done'); }}>
      {isProven ? null : (
        <Note tone="age">
          <p className="note-main">It cannot be called done. {standing.unproven}</p>
          <p>{step.evidence === undefined ? null : <>It needs: <HostileText text={step.evidence} />. </>}{HOW[step.kind]}{step.can_override ? null : ' This step allows no override.'}</p>
        </Note>
      )}
      <div className="step-record">
        <Field label="Note" optional error={lacksReason && note.trim() === '' ? 'A step is skipped only with a reason. Say why.' : null}>
          {(ids) => <textarea {...ids} ref={noteField} className="textarea" rows={2} maxLength={4000} value={note} onChange={(event) => setNote(event.target.value)} />}
        </Field>
        <FilesField paths={paths} error={fileError ?? (isFileError ? record.error?.wire.message ?? null : null)} onPaths={(next, refusal) => { setPaths(next.slice(0, MAX_FILES)); setFileError(next.length > MAX_FILES ? `At most ${MAX_FILES} files come with one outcome. Add the rest below.` : refusal); record.clear(); }} />
      </div>
      {record.error === null || isFileError ? null : <ErrorNote error={record.error} />}
      <div className="row row-wrap">
        {isProven ? <Button look="main" type="submit" icon={Check} busy={busy('done')}>{outcomeWord('done', words)}</Button> : null}
        <Button icon={X} busy={busy('failed')} onClick={() => { void submit('failed'); }}>{outcomeWord('failed', words)}</Button>
        <Button look="quiet" busy={busy('skipped')} onClick={() => { void submit('skipped'); }}>Skip</Button>
        <Button look="quiet" busy={busy('not-applicable')} onClick={() => { void submit('not-applicable'); }}>Not applicable</Button>
        {!isProven && step.can_override && !isOverriding ? <Button look="quiet" icon={TriangleAlert} onClick={() => setOverriding(true)}>Override…</Button> : null}
        {onCancel === undefined ? null : <Button look="quiet" onClick={onCancel}>Cancel</Button>}
      </div>
      {isOverriding && !isProven ? <OverrideForm word={words?.overridden ?? 'overridden'} busy={busy('done')} onOverride={(reason) => { void submit('done', reason); }} onCancel={() => { setOverriding(false); noteField.current?.focus(); }} /> : null}
    </form>
  );
}

function OverrideForm({ word, busy, onOverride, onCancel }: { readonly word: string; readonly busy: boolean; readonly onOverride: (reason: string) => void; readonly onCancel: () => void }) {
  const [reason, setReason] = useState('');
  const [isTried, setTried] = useState(false);
  const lack = reason.trim().length < LEAST_REASON ? 'Say why it goes on without a proof, in a few words.' : null;
  const press = (): void => {
    setTried(true);
    if (lack === null) onOverride(reason.trim());
  };
  return (
    <fieldset className="stack step-override">
      <legend>Override</legend>
      <p className="small sub">It is recorded as “{word}”, never as done. The reason stays visible in the list, in the timeline and in every report.</p>
      <Field label="Reason for the override" error={isTried ? lack : null}>{(ids) => <textarea {...ids} className="textarea" rows={2} maxLength={500} value={reason} ref={focusAtOnce} onChange={(event) => setReason(event.target.value)} />}</Field>
      <div className="row"><Button look="danger-armed" icon={TriangleAlert} busy={busy} onClick={press}>Go on without a proof</Button><Button look="quiet" onClick={onCancel}>Leave it</Button></div>
    </fieldset>
  );
}

interface FilesFieldProps { readonly paths: readonly string[]; readonly error: string | null; readonly onPaths: (paths: readonly string[], refusal: string | null) => void }

function FilesField({ paths, error, onPaths }: FilesFieldProps) {
  const picker = useRef<HTMLInputElement>(null);
  const attach = useRef<HTMLButtonElement>(null);
  const nameOf = (path: string): string => path.split(/[/\\]/).at(-1) ?? path;
  async function take(files: FileList | null): Promise<void> {
    const { paths: more, refusal } = await pathsOf([...files ?? []]);
    onPaths([...new Set([...paths, ...more])], refusal);
  }
  return (
    <div className="step-files">
      <Button ref={attach} look="quiet" icon={Paperclip} onClick={() => picker.current?.click()}>Attach files…</Button>
      <input ref={picker} type="file" multiple hidden aria-label="Files that come with the outcome" onChange={(event) => { void take(event.target.files).then(() => { if (picker.current !== null) picker.current.value = ''; }); }} />
      {paths.length === 0 ? null : <ul aria-label="Attached">{paths.map((path) => <li key={path} className="row"><span className="cut" title={path}><HostileText text={nameOf(path)} /></span><IconButton icon={X} label={`Leave ${nameOf(path)} out`} onClick={() => { onPaths(paths.filter((each) => each !== path), null); attach.current?.focus(); }} /></li>)}</ul>}
      {error === null ? null : <p className="field-error" role="alert">{error}</p>}
    </div>
  );
}
