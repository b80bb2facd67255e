// A purge of which nobody knows whether it happened: says so first, offers the look that settles it, and nothing else.
import { useEffect, useRef } from 'react';
import { Radar } from 'lucide-react';
import type { PurgeRun } from '#shared/domain/retention-plan.ts';
import { Button } from '../../../components/Button.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { ProgressLine } from '../../../components/ProgressLine.tsx';
import { Time } from '../../../components/Time.tsx';
import { useJob } from '../../../lib/jobs.ts';
import { CoreWords } from '../../security/rotation/CoreWords.tsx';
import { lookAt, settleTasks } from './purge-tasks.ts';

export function OpenRun({ run }: { readonly run: PurgeRun }) {
  const { deploymentId } = run;
  const home = useRef<HTMLDivElement>(null);
  const task = settleTasks.useTask(deploymentId);
  const job = useJob('retention.settle', deploymentId);
  const isLooking = task.running || job !== null;
  // The button with which it was sent is gone.
  useEffect(() => { if (document.activeElement === null || document.activeElement === document.body) home.current?.focus(); }, []);
  return (
    <div ref={home} tabIndex={-1} className="note note-bad purge-open" role="group" aria-label="A purge nobody knows the end of">
      <Radar size={14} aria-hidden />
      <div className="note-text stack-small">
        <p className="note-main"><strong>{run.state === 'unknown' ? 'Whether rows were deleted is not known.' : 'A purge is under way elsewhere, or was left in its middle.'}</strong> The purge of <Time iso={run.startedAt} style="full" />, planned for {run.planned} rows.</p>
        <p><CoreWords text={run.message} /></p>
        <p className="sub">Looking asks for the named rows and deletes nothing. Until it is settled, nothing else is sent.</p>
        {task.error === null ? null : <ErrorNote error={task.error} kept="It stays unknown." />}
        {isLooking && job !== null ? <ProgressLine job={job} /> : null}
        <div className="row"><Button look="main" icon={Radar} busy={isLooking} onClick={() => { lookAt(deploymentId, run.id); }}>Look what happened</Button></div>
      </div>
    </div>
  );
}
