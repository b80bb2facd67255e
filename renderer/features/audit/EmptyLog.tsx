// The audit screen while no event is held: why that is so, and the ways to change it.
import type { ReactNode } from 'react';
import { AlignLeft, FileDown, WifiOff } from 'lucide-react';
import type { AuditSummary } from '#shared/domain/audit-event.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import { Button } from '../../components/Button.tsx';
import { EmptyState } from '../../components/EmptyState.tsx';
import { HostileText } from '../../components/HostileText.tsx';
import { Time } from '../../components/Time.tsx';
import { StretchTime } from './StretchTime.tsx';

interface EmptyLogProps { readonly deployment: Deployment; readonly isRunning: boolean; readonly summary: AuditSummary; readonly action: ReactNode; readonly onImport: () => void }

export function EmptyLog({ deployment, isRunning, summary, action, onImport }: EmptyLogProps) {
  if (isRunning) return <EmptyState icon={AlignLeft} title="Reading the audit log"><p>Events appear here as they arrive. They are stored encrypted on this machine.</p></EmptyState>;
  const importButton = <Button icon={FileDown} onClick={onImport}>Import files…</Button>;
  const refusal = deployment.capabilities.find(({ name, state }) => name === 'audit-list' && state === 'not-offered');
  if (refusal !== undefined) return <EmptyState icon={AlignLeft} title="This deployment offers no audit log" actions={importButton}><p><HostileText text={refusal.reason} /></p><p>Files that it wrote can be imported.</p></EmptyState>;
  if (summary.lastSyncAt !== null) {
    return (
      <EmptyState icon={AlignLeft} title="The log is empty" actions={<>{action}{importButton}</>}>
        <p>The last sync, <Time iso={summary.lastSyncAt} age />, brought no event{summary.gaps.length === 0 ? '.' : ':'}</p>
        {summary.gaps.length === 0 ? null : <ul className="gap-list">{summary.gaps.map((gap, at) => <li key={at}><span className="sub"><StretchTime stretch={gap} />:</span> <HostileText text={gap.reason} /></li>)}</ul>}
      </EmptyState>
    );
  }
  const isAway = deployment.reachability.state === 'unreachable';
  return (
    <EmptyState icon={isAway ? WifiOff : AlignLeft} title="Nothing is held here yet" actions={<>{action}{importButton}</>}>
      <p>{isAway ? 'The deployment did not answer last time. Once it does, a sync brings its events into the encrypted cache, and they stay readable when it is away.' : 'A sync reads the events of this deployment into the encrypted cache. After that they stay readable when the network is down.'}</p>
      <p>Exports and log files can be imported without a network.</p>
    </EmptyState>
  );
}
