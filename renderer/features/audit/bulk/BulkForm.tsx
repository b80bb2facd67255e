// Asks why, and where the payloads should go: into memory to be read here, or into a file; nothing is opened before the ledger has the reason.
import { useEffect, useId, useRef, useState } from 'react';
import type { FormEvent } from 'react';
import { LockKeyholeOpen } from 'lucide-react';
import type { BulkPlan, BulkSelection } from '#shared/domain/audit-bulk.ts';
import { reason as reasonSchema, REASON_MAX } from '#shared/domain/audit-event.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import { Button } from '../../../components/Button.tsx';
import { Choices } from '../../../components/Choices.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { useFocusHome } from '../../../components/focus-home.ts';
import { Field } from '../../../components/Field.tsx';
import { Note } from '../../../components/Note.tsx';
import { formatCount } from '../../../lib/format.ts';
import { refetch, useQuery } from '../../../lib/query.ts';
import { bulkExportTasks, bulkTasks } from './bulk-task.ts';
import { BulkFileFields } from './BulkFileFields.tsx';

interface BulkFormProps {
  readonly deployment: Deployment;
  readonly selection: BulkSelection;
  readonly plan: BulkPlan;
  readonly suggestedReason: string;
  readonly startWithFile: boolean;
  /** Makes the plan again. */
  readonly onPlan: () => void;
}

export function BulkForm({ deployment, selection, plan, suggestedReason, startWithFile, onPlan }: BulkFormProps) {
  const { id } = deployment;
  const task = bulkTasks.useTask(id);
  const fileTask = bulkExportTasks.useTask(id);
  const access = useQuery('app.status', {}).data?.access;
  const [wanted, setWanted] = useState<'here' | 'age' | 'plaintext'>(startWithFile || !plan.fitsInMemory ? fileTask.input?.protection.kind ?? 'age' : fileTask.error === null ? 'here' : fileTask.input?.protection.kind ?? 'here');
  // A plan that was made again may have grown beyond the memory.
  const where = wanted === 'here' && !plan.fitsInMemory ? 'age' : wanted;
  const [reason, setReason] = useState(suggestedReason === '' ? fileTask.input?.reason ?? task.input?.reason ?? '' : suggestedReason);
  const [reasonError, setReasonError] = useState<string | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const effectId = useId();
  // The plan took its time: who has gone nowhere since goes on with the reason.
  useEffect(() => { if (document.activeElement?.closest('.workspace-head') !== null) field.current?.focus({ preventScroll: true }); }, []);
  const canWrite = access !== 'read';
  const home = useRef<HTMLFormElement>(null);
  const choices = [
    { id: 'here', title: 'Read them here', disabled: !plan.fitsInMemory, text: plan.fitsInMemory ? 'In memory only: nothing is stored, and all of it is gone at lock, or when you forget it.' : 'Not possible: so many opened payloads would not fit into the memory of this machine. They can be written to a file.' },
    { id: 'age', title: 'Write them to a file, encrypted with age', text: 'Only the recipients that you name can read it. Holdfast keeps nothing that opens it.' },
    { id: 'plaintext', title: 'Write them to a file in the clear', danger: true, text: 'Anyone who gets the file can read every payload in it, for as long as it exists.' },
  ] as const;

  /** The reason when it can be used; otherwise says what is wrong and goes there. */
  function takeReason(): string | null {
    const read = reasonSchema.safeParse(reason);
    if (read.success) return read.data;
    setReasonError(read.error.issues[0]?.message ?? 'Give a reason.');
    field.current?.focus();
    return null;
  }

  function open(): void {
    const given = takeReason();
    if (given === null || !canWrite) return;
    bulkExportTasks.forget(id);
    void bulkTasks.start(id, { deploymentId: id, selection, reason: given, digest: plan.digest });
  }

  const error = where === 'here' ? task.error : fileTask.error;
  const code = error?.wire.code;
  useFocusHome(home, error);
  // A file may lie in a folder now that was read before.
  useEffect(() => { if (fileTask.error !== null) refetch('files.folders'); }, [fileTask.error]);
  return (
    <form ref={home} tabIndex={-1} className="bulk-form stack" aria-label="Open these payloads" onSubmit={(event: FormEvent) => { event.preventDefault(); if (where === 'here') open(); }} noValidate>
      {canWrite ? null : <Note tone="age">This profile is open for reading only: another Holdfast holds it. Nothing can be opened here, because the ledger cannot be written.</Note>}
      <Field label="Reason" hint="Goes into the ledger as written, before anything is opened." error={reasonError}>
        {(ids) => (
          <textarea {...ids} ref={field} className="textarea" rows={2} maxLength={REASON_MAX} required value={reason} placeholder="for example a ticket and what you look for"
            onChange={(change) => { setReason(change.target.value); setReasonError(null); }}
            onKeyDown={(key) => { if (key.key === 'Enter' && !key.shiftKey && !key.nativeEvent.isComposing) { key.preventDefault(); if (where === 'here') open(); } }} />
        )}
      </Field>
      <Choices label="Where they go" choices={choices} chosen={where} onChoose={setWanted} />
      {code === 'cancelled' ? <Note>Cancelled. {where === 'here' ? 'What had been opened was dropped.' : 'No file was left behind.'} The ledger entry stays.</Note>
        : error === null || (where !== 'here' && (code === 'file_exists' || code === 'invalid_recipient' || code === 'confirmation_mismatch')) ? null : <ErrorNote error={error} {...(code === 'plan_expired' ? { onRetry: onPlan } : {})} />}
      {where === 'here' ? (
        <div className="bulk-foot">
          <Button look="main" type="submit" icon={LockKeyholeOpen} disabled={!canWrite} aria-describedby={effectId}>Open {formatCount(plan.rows)}</Button>
          <p className="small dim" id={effectId}>The ledger entry is written first and stays. Nothing changes at the server.</p>
        </div>
      ) : <BulkFileFields key={where} kind={where} deployment={deployment} selection={selection} plan={plan} canWrite={canWrite} takeReason={takeReason} />}
    </form>
  );
}
