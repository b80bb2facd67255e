// Opens the payloads of a selection: first what would be opened and why, then the results, which lie in memory only; it keeps none of them.
import { useEffect, useMemo, useRef, useState } from 'react';
import type { JobProgress } from '#shared/contract/job.ts';
import type { BulkPlan, BulkRun, BulkSelection } from '#shared/domain/audit-bulk.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import { Button } from '../../../components/Button.tsx';
import { EmptyState } from '../../../components/EmptyState.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { useFocusHome } from '../../../components/focus-home.ts';
import { Note } from '../../../components/Note.tsx';
import { ProgressLine } from '../../../components/ProgressLine.tsx';
import { Skeleton } from '../../../components/Skeleton.tsx';
import { Time } from '../../../components/Time.tsx';
import { Workspace } from '../../../components/Workspace.tsx';
import { call } from '../../../lib/client.ts';
import { plural } from '../../../lib/format.ts';
import { useJob } from '../../../lib/jobs.ts';
import { useQuery } from '../../../lib/query.ts';
import { useAction } from '../../../lib/use-action.ts';
import { bulkExportTasks, bulkTasks } from './bulk-task.ts';
import './bulk.css';
import { leftOutSentence } from './bulk-words.ts';
import { BulkForm } from './BulkForm.tsx';
import { BulkPlanView } from './BulkPlanView.tsx';
import { BulkResults } from './BulkResults.tsx';
import { BulkWritten } from './BulkWritten.tsx';

interface BulkPanelProps {
  readonly deployment: Deployment;
  /** Which rows; the set is taken as it is when the panel opens. Give the panel another key for another selection. */
  readonly selection: BulkSelection;
  /** How many rows the way here promised; null when it named no number. */
  readonly announced: number | null;
  readonly onClose: () => void;
  /** Opens the key ring over this panel. */
  readonly onKeys: () => void;
}

export function BulkPanel({ deployment, selection, announced, onClose, onKeys }: BulkPanelProps) {
  const { id, name } = deployment;
  const [frozen] = useState(selection);
  const [plan, setPlan] = useState<BulkPlan | null>(null);
  const make = useAction(async () => setPlan(await call('audit.bulkPlan', { deploymentId: id, selection: frozen })));
  const { run: makePlan } = make;
  // Which keys are held is part of the plan: another ring, another plan of the same rows.
  const ring = useQuery('audit.keyList', { deploymentId: id }).data?.keys.map(({ keyId }) => keyId).join('\n');
  useEffect(() => { void makePlan(); }, [makePlan, ring]);
  const [chosenRun, setChosenRun] = useState<BulkRun | null>(null);
  const [keptReason, setKeptReason] = useState('');
  const task = bulkTasks.useTask(id);
  const fileTask = bulkExportTasks.useTask(id);
  const openJob = useJob('audit.bulkDecrypt', id);
  const fileJob = useJob('audit.bulkExport', id);
  const held = useQuery('audit.bulkList', { deploymentId: id }).data?.runs ?? [];
  const isOpening = task.running || openJob !== null;
  const isWriting = fileTask.running || fileJob !== null;
  // A run that ended while another selection was looked at is none of this one.
  const isOwn = useMemo(() => task.input !== null && JSON.stringify(task.input.selection) === JSON.stringify(frozen), [task.input, frozen]);
  const run = isOpening ? null : (isOwn ? task.result : null) ?? chosenRun;
  const earlier = plan === null ? undefined : held.find(({ digest }) => digest === plan.digest);

  // What ended in sight was seen; what still runs is kept for the next time.
  useEffect(() => () => {
    bulkTasks.forget(id);
    bulkExportTasks.forget(id);
  }, [id]);

  function backToPlan(reason: string): void {
    setKeptReason(reason);
    setChosenRun(null);
    bulkTasks.forget(id);
    void makePlan();
  }

  if (fileTask.result !== null && !isWriting) return <BulkWritten deploymentName={name} result={fileTask.result} input={fileTask.input} onBack={() => bulkExportTasks.forget(id)} onClose={onClose} />;
  if (run !== null) return <BulkResults key={run.bulkId} deploymentName={name} run={run} onFile={() => backToPlan(run.reason)} onGone={() => backToPlan('')} onClose={onClose} />;
  const isBusy = isOpening || isWriting;
  return (
    <Workspace title={isOpening ? 'Opening payloads' : isWriting ? 'Writing opened payloads' : 'Decrypt'} about={plan === null ? name : `${plural(plan.rows, 'encrypted payload')} of ${name}`} onClose={onClose}>
      {isBusy ? <Working jobs={[openJob, fileJob]} isOpening={isOpening} /> : null}
      {make.error === null ? null : <div className="pad"><ErrorNote error={make.error} onRetry={() => { void makePlan(); }} /></div>}
      {plan === null ? (make.error === null ? <div className="pad"><Skeleton lines={6} label="Working out what would be opened" /></div> : null) : plan.rows === 0 ? (
        <EmptyState title="Nothing to open here" actions={<Button onClick={onClose}>Back to the events</Button>}><p>{plan.others === 0 && plan.withoutPayload === 0 ? 'No event is selected.' : `No event of the selection has an encrypted payload here.${leftOutSentence(plan)}`}</p></EmptyState>
      ) : (
        // It stays while payloads are opened: after a refusal everything is as it was chosen.
        <div className="bulk-columns" hidden={isBusy}>
          <div className="bulk-plan stack">
            {earlier === undefined ? null : <Note>These rows were opened <Time iso={earlier.openedAt} age />, and the results are still in memory. <button type="button" className="link" onClick={() => setChosenRun(earlier)}>Show them</button></Note>}
            <BulkPlanView plan={plan} announced={announced} onKeys={onKeys} />
          </div>
          <BulkForm deployment={deployment} selection={frozen} plan={plan} suggestedReason={keptReason} startWithFile={keptReason !== ''} onPlan={() => { bulkTasks.forget(id); bulkExportTasks.forget(id); void makePlan(); }} />
        </div>
      )}
    </Workspace>
  );
}

function Working({ jobs, isOpening }: { readonly jobs: readonly (JobProgress | null)[]; readonly isOpening: boolean }) {
  const home = useRef<HTMLDivElement>(null);
  useFocusHome(home, isOpening);
  const running = jobs.filter((job) => job !== null);
  return (
    <div ref={home} tabIndex={-1} role="group" aria-label={isOpening ? 'Opening' : 'Writing'}>
      {running.length === 0 ? <div className="progress-line" role="status"><progress className="progress" aria-label="Starting" /><span>Starting…</span></div> : running.map((job) => <ProgressLine key={job.jobId} job={job} />)}
      <p className="pad sub">{isOpening ? 'The ledger has named these rows. Cancel drops what was opened so far. Going back stops nothing.' : 'The ledger has named these rows. Cancel leaves no file. Going back stops nothing.'}</p>
    </div>
  );
}
