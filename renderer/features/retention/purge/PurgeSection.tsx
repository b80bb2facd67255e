// Purges of a deployment from preview to result: quiet until something is armed. What is not settled comes first, and closes every other way until it is.
import { useEffect, useRef, useState } from 'react';
import { Signature } from 'lucide-react';
import type { CallOutput } from '#shared/contract.ts';
import { isWithinPlan } from '#shared/domain/retention-outcome.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import { Button } from '../../../components/Button.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { Note } from '../../../components/Note.tsx';
import { ProgressLine } from '../../../components/ProgressLine.tsx';
import { useJob } from '../../../lib/jobs.ts';
import { Part } from '../Part.tsx';
import { CoreWords } from '../../security/rotation/CoreWords.tsx';
import { ApproveDialog } from './ApproveDialog.tsx';
import { OpenRun } from './OpenRun.tsx';
import { PlanCard } from './PlanCard.tsx';
import { PreviewForm } from './PreviewForm.tsx';
import { PurgeProgress } from './PurgeProgress.tsx';
import { forgetEnded, purgeTasks, settleTasks, verifyTasks } from './purge-tasks.ts';
import { RunList } from './RunList.tsx';
import { openRun } from './run-words.ts';
import './purge.css';

interface PurgeSectionProps { readonly deployment: Deployment; readonly view: CallOutput<'retention.show'> }

export function PurgeSection({ deployment, view }: PurgeSectionProps) {
  const { id } = deployment;
  const [isApproving, setApproving] = useState(false);
  const purging = useJob('retention.purge', id);
  const task = purgeTasks.useTask(id);
  const isPurging = task.running || purging !== null;
  const looking = useJob('retention.settle', id);
  const verifying = useJob('retention.verify', id);
  const isBusy = [settleTasks.useTask(id).running, verifyTasks.useTask(id).running, looking !== null, verifying !== null, isPurging].includes(true);
  const unsettled = isPurging ? undefined : openRun(view.runs);
  const isOffered = view.purge.state === 'offered';
  const isChanged = task.error?.wire.code === 'plan_changed' && task.input?.planId === view.plan?.id;
  const closed = isPurging ? 'A purge is under way.' : unsettled !== undefined ? 'Settle the purge before it first: nothing else is sent until then.' : isChanged ? 'This plan is no longer true. Drop it, then make a new one.' : null;
  return (
    <Part title="Purge" actions={<Button look="quiet" icon={Signature} onClick={() => setApproving(true)}>Approve a plan of somebody else…</Button>}>
      {isPurging ? <PurgeProgress job={purging} hasLeft={view.runs.some(({ state }) => state === 'requested')} /> : null}
      {unsettled === undefined ? null : <OpenRun run={unsettled} />}
      <Ended deploymentId={id} isQuiet={isPurging || unsettled !== undefined} />
      {isOffered ? null : (
        <Note>
          <p className="note-main">{view.purge.state === 'unknown' ? 'Whether this deployment can be purged from here is not known.' : 'This deployment cannot be purged from here.'}</p>
          <p><CoreWords text={view.purge.reason} /></p>
          <p>{view.purge.state === 'unknown' ? 'Test its connection, then plan.' : 'Have its own server delete on a schedule: see Schedules on this page. Counting what is due works here as well.'}</p>
        </Note>
      )}
      {/* Hidden, not gone: the approval that was chosen is still there when the purge is refused. */}
      <div hidden={isPurging}>
        {view.plan === null
          ? <PreviewForm key={id} deployment={deployment} view={view} closed={isOffered ? closed : 'No plan can be kept here, because it could not be carried out.'} />
          : <PlanCard key={view.plan.id} deployment={deployment} plan={view.plan} isReadOnly={view.isReadOnly} closed={closed} />}
      </div>
      {isOffered || view.runs.length > 0 ? (
        <section className="stack-small" aria-label="Purges sent from here">
          <h3>Purges sent from here</h3>
          {unsettled === undefined && looking !== null ? <ProgressLine job={looking} /> : null}
          {verifying === null ? null : <p className="small sub" role="status">Verifying: {verifying.step}. It goes on under Certificates.</p>}
          <RunList deploymentId={id} runs={view.runs} certificates={view.certificates} isBusy={isBusy} />
        </section>
      ) : null}
      {isApproving ? <ApproveDialog onClose={() => setApproving(false)} /> : null}
    </Part>
  );
}

/** How the last purge or look ended, as it was heard here; what is unknown has its own place. */
function Ended({ deploymentId, isQuiet }: { readonly deploymentId: string; readonly isQuiet: boolean }) {
  const home = useRef<HTMLDivElement>(null);
  const purged = purgeTasks.useTask(deploymentId);
  const settled = settleTasks.useTask(deploymentId);
  const last = settled.result ?? purged.result;
  const error = purged.error ?? settled.error;
  const what = error ?? last;
  useEffect(() => {
    const { activeElement } = document;
    if (what !== null && !isQuiet && (activeElement === null || activeElement === document.body)) home.current?.focus();
  }, [what, isQuiet]);
  if (isQuiet || what === null) return null;
  const look = last === null ? null : last.state === 'answered' && !isWithinPlan(last) ? 'bad' : last.state === 'refused' || last.state === 'found-not-done' ? 'age' : 'info';
  return (
    <div ref={home} tabIndex={-1} role="group" aria-label="How it ended" className="stack-small purge-ended">
      {error === null ? null : error.wire.code === 'cancelled' ? <Note><p className="note-main" role="status">{purged.error === null ? 'Cancelled. What is known of the purge is as before.' : 'Cancelled before the request. Nothing was sent, and the plan is kept.'}</p></Note> : <ErrorNote error={error} />}
      {last === null || look === null || error !== null ? null : (
        <Note tone={look}>
          <p className="note-main" role="status"><CoreWords text={last.message} /></p>
          {last.state === 'refused' ? <p>Nothing was deleted. The plan has ended: make a new one when the reason is gone.</p> : <p>This is what was said, or seen, not a proof. Verify this purge to have it checked and certified.</p>}
        </Note>
      )}
      <div className="row"><Button look="quiet" onClick={() => forgetEnded(deploymentId)}>Put away</Button></div>
    </div>
  );
}
