// What this workstation can testify about the log: a verification against signed checkpoints, findings of comparisons, and checks that need no key; it never says more than was proven.
import { useState } from 'react';
import { ShieldQuestionMark, Stamp } from 'lucide-react';
import type { Deployment } from '#shared/domain/deployment.ts';
import { Button } from '../../../components/Button.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { Note } from '../../../components/Note.tsx';
import { ProgressLine } from '../../../components/ProgressLine.tsx';
import { Tabs } from '../../../components/Tabs.tsx';
import { Time } from '../../../components/Time.tsx';
import { WordChip } from '../../../components/WordChip.tsx';
import { Workspace } from '../../../components/Workspace.tsx';
import { formatCount } from '../../../lib/format.ts';
import { useJob } from '../../../lib/jobs.ts';
import { useQuery } from '../../../lib/query.ts';
import { CheckpointsTab } from './CheckpointsTab.tsx';
import { ChecksTab } from './ChecksTab.tsx';
import { FindingsTab } from './FindingsTab.tsx';
import { ProblemsTab } from './ProblemsTab.tsx';
import { VerdictBand } from './VerdictBand.tsx';
import { verifyTasks } from './verify-task.ts';
import './witness.css';

type View = 'checks' | 'findings' | 'problems' | 'checkpoints';

interface WitnessPanelProps {
  readonly deployment: Deployment;
  readonly onClose: () => void;
  /** Shows the rows of a query on the screen behind. */
  readonly onQuery: (query: string) => void;
}

export function WitnessPanel({ deployment, onClose, onQuery }: WitnessPanelProps) {
  const { id, name } = deployment;
  const task = verifyTasks.useTask(id);
  const job = useJob('audit.verify', id);
  const checks = useQuery('audit.checks', { deploymentId: id });
  const findings = useQuery('audit.findings', { deploymentId: id, limit: 200 });
  const checkpoints = useQuery('audit.checkpoints', { deploymentId: id, limit: 500 });
  const [chosen, setChosen] = useState<View | null>(null);
  const isRunning = task.running || job !== null;
  const verdict = task.result?.verdict ?? null;
  const found = checks.data?.checks.filter(({ state }) => state === 'found').length;
  // Until the admin chooses, what contradicts comes first.
  const view: View = chosen ?? (verdict !== null && verdict.problemCount > 0 ? 'problems' : (findings.data?.total ?? 0) > 0 ? 'findings' : 'checks');
  const newest = checkpoints.data?.checkpoints[0];
  return (
    <Workspace title="Witness" about={name} onClose={onClose}
      actions={<Button look="main" icon={Stamp} busy={isRunning} onClick={() => { void verifyTasks.start(id, { deploymentId: id }); }}>{isRunning ? 'Verifying' : verdict === null ? 'Verify now' : 'Verify again'}</Button>}>
      {isRunning ? (job === null ? <div className="progress-line" role="status"><progress className="progress" aria-label="Starting" /><span>Starting the verification…</span></div> : <ProgressLine job={job} />) : null}
      {task.error === null ? null : <div className="pad">{task.error.wire.code === 'cancelled' ? <Note>Cancelled. Nothing was proven either way, and nothing was changed.</Note> : <ErrorNote error={task.error} kept="Nothing was proven either way." />}</div>}
      {task.result === null ? (
        <section className="verdict" aria-label="Verdict">
          <div className="verdict-word"><WordChip tone="unknown" word="not verified" icon={ShieldQuestionMark} /></div>
          <div className="stack-small verdict-text">
            <p className="note-main">{isRunning ? 'Every row is hashed again and compared with what was signed.' : 'The log was not verified since this window opened.'}</p>
            <p className="small sub">Verifying hashes every row again and compares it with what this workstation signed. It needs no network.{newest === undefined ? '' : <> The last checkpoint covers {formatCount(newest.size)} rows and was signed <Time iso={newest.at} age />.</>}</p>
          </div>
        </section>
      ) : <VerdictBand deploymentId={id} verification={task.result} />}
      <Tabs label="What the witness knows" chosen={view} onChoose={setChosen} items={[
        { id: 'findings', name: 'Findings', count: findings.data?.total, tone: 'fail' },
        { id: 'problems', name: 'Problems', count: verdict?.problemCount, tone: 'fail' },
        { id: 'checkpoints', name: 'Checkpoints', count: checkpoints.data?.total },
        { id: 'checks', name: 'Free checks', count: found, tone: 'stale' },
      ]}>
        {view === 'findings' ? <FindingsTab deploymentId={id} onQuery={onQuery} />
          : view === 'problems' ? <ProblemsTab verdict={verdict} onQuery={onQuery} />
            : view === 'checkpoints' ? <CheckpointsTab deploymentId={id} /> : <ChecksTab deploymentId={id} onQuery={onQuery} />}
      </Tabs>
    </Workspace>
  );
}
