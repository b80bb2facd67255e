// Arms a plan and carries it out: the name and the count typed exactly, the way back focused, and no key but on the button itself. It can be cancelled until the request leaves.
import { useEffect, useRef, useState } from 'react';
import type { FormEvent } from 'react';
import { Trash2 } from 'lucide-react';
import type { CallOutput } from '#shared/contract.ts';
import type { JobProgress } from '#shared/contract/job.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import type { PurgePlan } from '#shared/domain/retention-plan.ts';
import { Button } from '../../../components/Button.tsx';
import { Dialog } from '../../../components/Dialog.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { Field } from '../../../components/Field.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { Note } from '../../../components/Note.tsx';
import { ProgressLine } from '../../../components/ProgressLine.tsx';
import { Skeleton } from '../../../components/Skeleton.tsx';
import { Time } from '../../../components/Time.tsx';
import { call } from '../../../lib/client.ts';
import { plural } from '../../../lib/format.ts';
import { useJob } from '../../../lib/jobs.ts';
import { useAction } from '../../../lib/use-action.ts';
import { purgeTasks } from '../retention-tasks.ts';
import type { GivenApproval } from './ApprovalSection.tsx';

type Armed = CallOutput<'retention.arm'>;

interface CarryOutDialogProps { readonly deployment: Deployment; readonly plan: PurgePlan; readonly approval: GivenApproval | null; readonly onStarted: () => void; readonly onClose: () => void }

export function CarryOutDialog({ deployment, plan, approval, onStarted, onClose }: CarryOutDialogProps) {
  const { id, name } = deployment;
  const [armed, setArmed] = useState<Armed | null>(null);
  const [typed, setTyped] = useState('');
  const arm = useAction(async () => {
    setTyped('');
    setArmed(null);
    setArmed(await call('retention.arm', { deploymentId: id, planId: plan.id }));
  });
  const { run } = arm;
  useEffect(() => { void run(); }, [run]);
  const task = purgeTasks.useTask(id);
  const job = useJob('retention.purge', id);
  const isRunning = task.running || job !== null;
  async function carryOut(): Promise<void> {
    if (armed === null || typed !== armed.confirm) return;
    const { token, confirm } = armed;
    // The token is used up by the attempt, whatever comes of it.
    setArmed(null);
    setTyped('');
    onStarted();
    if (await purgeTasks.start(id, { deploymentId: id, planId: plan.id, token, confirm, approvalPath: approval?.path ?? null })) onClose();
  }
  const isReady = armed !== null && typed === armed.confirm;
  function close(): void {
    if (!isRunning && task.error !== null) purgeTasks.forget(id);
    onClose();
  }
  return (
    <Dialog title="Carry out this purge" onClose={close} wide>
      {isRunning ? <Running job={job} onClose={onClose} /> : (
        <form className="stack" aria-label="Carry out this purge" onSubmit={(event: FormEvent) => event.preventDefault()} noValidate>
          <p className="grave">This deletes rows of every organisation on <HostileText text={name} />, at once. The deployment offers no dry run, and nobody can bring them back.</p>
          <dl className="facts">
            <dt>Rows</dt><dd>{plural(plan.preview.rows, 'row')} before <Time iso={plan.preview.cutoff} style="full" />{plan.preview.alsoDue.rows === 0 ? null : `, and up to ${plural(plan.preview.alsoDue.rows, 'row')} that ${plan.preview.alsoDue.rows === 1 ? 'comes' : 'come'} due meanwhile`}</dd>
            <dt>Never read</dt><dd>{plan.preview.gaps.length === 0 ? 'nothing before the cutoff' : <strong>{plural(plan.preview.gaps.length, 'stretch', 'stretches')}: what is there goes too, uncounted</strong>}</dd>
            <dt>Plan</dt><dd className="mono digest">{plan.digest}</dd>
            <dt>Approval</dt><dd>{approval === null ? <span className="dim">none is needed now</span> : <HostileText text={approval.approval.approvedBy} />}</dd>
            {armed === null ? null : <><dt>Armed until</dt><dd><Time iso={armed.expiresAt} style="full" age /></dd></>}
          </dl>
          {arm.error === null ? null : <ErrorNote error={arm.error} onRetry={() => { void arm.run(); }} />}
          {task.error === null ? null : <ErrorNote error={task.error} onRetry={() => { purgeTasks.forget(id); void arm.run(); }} />}
          {armed === null ? (arm.busy ? <Skeleton lines={2} label="Arming" /> : null) : (
            <Field label={`Type ${armed.confirm} to confirm`} hint="The name of the deployment, a space, and the number of rows.">
              {(ids) => <input {...ids} className="input mono" value={typed} spellCheck={false} autoComplete="off" onChange={(event) => setTyped(event.target.value)} />}
            </Field>
          )}
          <div className="dialog-foot">
            <Button data-first-focus onClick={close}>Keep the rows</Button>
            {/* Not the form's default: Enter in the field must delete nothing. */}
            <Button look={isReady ? 'danger-armed' : 'danger'} icon={Trash2} disabled={!isReady} onClick={() => { void carryOut(); }}>Delete {plural(plan.preview.rows, 'row')}</Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}

/** The step that core reports once the request is on its way: from there a cancel would only lose the answer. */
const HAS_LEFT = /^Asked the deployment to delete/u;

function Running({ job, onClose }: { readonly job: JobProgress | null; readonly onClose: () => void }) {
  const home = useRef<HTMLDivElement>(null);
  useEffect(() => { home.current?.focus(); }, []);
  const hasLeft = job !== null && HAS_LEFT.test(job.step);
  return (
    <div className="stack save-form" ref={home} tabIndex={-1} role="group" aria-label="Carrying out">
      {job === null || hasLeft ? <div className="progress-line" role="status"><progress className="progress" aria-label={job?.step ?? 'Starting'} /><span>{job?.step ?? 'Starting…'}</span></div> : <ProgressLine job={job} />}
      {hasLeft ? <Note tone="age">The request has left. What the deployment answers is kept; if no answer comes, the purge is unknown until somebody looks.</Note> : <p className="sub">Its rows are read and compared with the plan first. Until the request leaves, Cancel sends nothing.</p>}
      <div className="dialog-foot"><Button onClick={onClose}>Close and go on</Button></div>
    </div>
  );
}
