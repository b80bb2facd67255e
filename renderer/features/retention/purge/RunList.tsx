// Purges that were sent, newest first, each with what is known of it: looking settles what nobody knows, verifying proves what is known.
import { Radar, ShieldCheck } from 'lucide-react';
import type { RetentionView } from '#shared/contract/retention.ts';
import type { PurgeRun } from '#shared/domain/retention-plan.ts';
import { Button } from '../../../components/Button.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { Time } from '../../../components/Time.tsx';
import { WordChip } from '../../../components/WordChip.tsx';
import { plural } from '../../../lib/format.ts';
import { CoreWords } from '../../security/rotation/CoreWords.tsx';
import { outcomeLook } from './certificate-words.ts';
import { leadToCertificate } from './opened-certificate.ts';
import { lookAt, verifyTasks } from './purge-tasks.ts';
import { canLook, canVerify, runLook } from './run-words.ts';

interface RunListProps { readonly deploymentId: string; readonly runs: readonly PurgeRun[]; readonly certificates: RetentionView['certificates']; /** Something runs already. */ readonly isBusy: boolean }

export function RunList({ deploymentId, runs, certificates, isBusy }: RunListProps) {
  if (runs.length === 0) return <p className="dim">No purge was sent from here.</p>;
  return (
    <ol className="purge-runs" aria-label="Purges, newest first">
      {runs.map((run) => (
        <li key={run.id} aria-label={`Purge ${run.id}`}>
          <header className="row row-wrap">
            <WordChip {...runLook(run)} />
            <Time iso={run.startedAt} style="full" />
            <span className="sub">planned {plural(run.planned, 'row')}{run.deleted === null ? ', deleted: not known' : `, deleted ${plural(run.deleted, 'row')}`}{run.approvedBy === null ? null : <>, approved by <HostileText text={run.approvedBy} /></>}</span>
            <span className="grow" />
            {run.state === 'found-not-done' && canLook(run, runs) ? <Button look="quiet" icon={Radar} disabled={isBusy} onClick={() => { lookAt(deploymentId, run.id); }}>Look again</Button> : null}
            <Issued certificates={certificates.filter(({ runId }) => runId === run.id)} />
            {canVerify(run) ? <Button look="quiet" icon={ShieldCheck} disabled={isBusy} onClick={() => { void verifyTasks.start(deploymentId, { deploymentId, runId: run.id }); }}>Verify this purge</Button> : null}
          </header>
          {/* What is not settled says so in its own place above. */}
          {run.state === 'unknown' || run.state === 'requested' ? null : <p className={runLook(run).tone === 'fail' ? 'text-fail' : 'sub'}><CoreWords text={run.message} /></p>}
          <p className="small dim">Purge <span className="mono">{run.id}</span> · plan <span className="mono" title={run.planDigest}>{run.planDigest.slice(0, 12)}</span> · ledger entry {run.ledgerEntry}{run.endedAt === null ? null : <> · ended <Time iso={run.endedAt} style="full" /></>}</p>
        </li>
      ))}
    </ol>
  );
}

/** The newest certificate of this purge, and the way to it. */
function Issued({ certificates: [newest] }: { readonly certificates: RetentionView['certificates'] }) {
  if (newest === undefined) return null;
  return <button type="button" className="purge-issued" onClick={() => leadToCertificate(newest.id)}>Certificate: <WordChip {...outcomeLook(newest.outcome)} /></button>;
}
