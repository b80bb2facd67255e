// The last question before rows are deleted: armed by core for one plan and one time, answered with the name and the count. The way back has the focus, and Enter deletes nothing.
import { useEffect, useRef, useState } from 'react';
import type { FormEvent } from 'react';
import { Trash2 } from 'lucide-react';
import type { CallOutput } from '#shared/contract.ts';
import { rowsToGo } from '#shared/domain/retention-plan.ts';
import type { PurgePlan } from '#shared/domain/retention-plan.ts';
import { parseInstantUs } from '#shared/domain/time.ts';
import { Button } from '../../../components/Button.tsx';
import { Dialog } from '../../../components/Dialog.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { Field } from '../../../components/Field.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { Note } from '../../../components/Note.tsx';
import { Skeleton } from '../../../components/Skeleton.tsx';
import { Time } from '../../../components/Time.tsx';
import { call } from '../../../lib/client.ts';
import { plural } from '../../../lib/format.ts';
import { useAction } from '../../../lib/use-action.ts';
import type { ChosenApproval } from './ApprovalChoice.tsx';
import { clockText } from './plan-time.ts';
import { carryOut } from './purge-tasks.ts';
import { useSecond } from './use-second.ts';
import { Warnings } from './Warnings.tsx';

interface ArmDialogProps { readonly deploymentId: string; readonly plan: PurgePlan; readonly approval: ChosenApproval | null; readonly onClose: () => void }

export function ArmDialog({ deploymentId, plan, approval, onClose }: ArmDialogProps) {
  const [armed, setArmed] = useState<CallOutput<'retention.arm'> | null>(null);
  const [typed, setTyped] = useState('');
  const keep = useRef<HTMLSpanElement>(null);
  const arm = useAction(async () => setArmed(await call('retention.arm', { deploymentId, planId: plan.id })));
  const { run } = arm;
  useEffect(() => { void run(); }, [run]);
  useEffect(() => { keep.current?.querySelector('button')?.focus(); }, []);
  const nowMs = useSecond();
  const leftMs = armed === null ? 0 : (parseInstantUs(armed.expiresAt) ?? 0) / 1000 - nowMs;
  const fitsPlan = armed !== null && armed.planDigest === plan.digest && armed.rows === plan.preview.rows;
  const isOver = armed !== null && leftMs < 0;
  const isArmed = fitsPlan && !isOver && typed === armed.confirm;
  const { alsoDue, warnings, cutoff } = plan.preview;
  const toGo = rowsToGo(plan.preview);
  const purge = (): void => {
    if (!isArmed) return;
    carryOut({ deploymentId, planId: plan.id, token: armed.token, confirm: typed, approvalPath: approval?.path ?? null });
    onClose();
  };
  return (
    <Dialog title="Carry out the plan" onClose={onClose} wide>
      <form className="stack purge-arm" aria-label="Carry out the plan" onSubmit={(event: FormEvent) => event.preventDefault()} noValidate>
        <Note tone="bad">
          <p className="note-main"><strong className="text-fail">The deployment deletes rows of every organisation, at once. It offers no dry run, and nobody can bring them back.</strong></p>
          <p>{plural(toGo, 'row')} before <Time iso={cutoff} style="full" /> at <strong><HostileText text={plan.deployment.name} /></strong>, <span className="mono"><HostileText text={plan.deployment.url} /></span>{toGo === plan.preview.rows ? '' : `, of which ${plural(plan.preview.rows, 'row')} were read`}{alsoDue.rows === 0 ? '' : `, and up to ${plural(alsoDue.rows, 'row')} more that come due meanwhile`}.</p>
        </Note>
        <Warnings warnings={warnings.filter((warning) => !warning.includes('EVERY organisation'))} />
        {approval === null ? null : <p className="sub">Approved by <HostileText text={approval.approval.approvedBy} />, key <span className="mono purge-digest">{approval.fingerprint?.slice(0, 16) ?? 'unknown'}</span>.</p>}
        {arm.error === null ? null : <ErrorNote error={arm.error} kept="The plan is kept." onRetry={() => { void arm.run(); }} />}
        {armed === null ? (arm.error === null ? <Skeleton lines={2} label="Arming" /> : null) : (
          <>
            <p className="sub">What happens: the log is read again, compared with the plan <span className="mono">{plan.digest.slice(0, 12)}</span>, noted in the ledger, and only then asked for. Until then it can be cancelled. {isOver ? <strong className="text-fail">The time for it is over. Nothing was sent.</strong> : <>Armed for <span className="mono purge-clock">{clockText(leftMs)}</span> more.</>}</p>
            {fitsPlan ? null : <Note tone="bad">This was armed for another plan than the one in view. Close this and look at the plan again.</Note>}
            <Field label={`Type ${armed.confirm} to confirm`} hint="The name and the count, exactly. Enter does nothing here.">
              {(ids) => <input {...ids} className="input" value={typed} spellCheck={false} autoComplete="off" onChange={(event) => setTyped(event.target.value)} />}
            </Field>
          </>
        )}
        <div className="dialog-foot">
          <span ref={keep}><Button onClick={onClose}>Keep the rows</Button></span>
          {/* Not the form's default: Enter in the field must delete nothing (R65). */}
          <Button look={isArmed ? 'danger-armed' : 'danger'} icon={Trash2} disabled={!isArmed} onClick={purge}>Delete {plural(toGo, 'row')}</Button>
        </div>
      </form>
    </Dialog>
  );
}
