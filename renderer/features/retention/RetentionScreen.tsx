// What a deployment keeps and for how long: whether it really deletes, what comes due, what must stay, how it is purged and what proves it. It reads from the cache, and says how old that is.
import { useEffect } from 'react';
import { Ban, Radar, RefreshCw } from 'lucide-react';
import type { Deployment } from '#shared/domain/deployment.ts';
import { useApp } from '../../app/store.ts';
import { Button } from '../../components/Button.tsx';
import { EmptyState } from '../../components/EmptyState.tsx';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import { HostileText } from '../../components/HostileText.tsx';
import { ProgressLine } from '../../components/ProgressLine.tsx';
import { Screen } from '../../components/Screen.tsx';
import { Skeleton } from '../../components/Skeleton.tsx';
import { Time } from '../../components/Time.tsx';
import { useJob } from '../../lib/jobs.ts';
import { refetch, useQuery } from '../../lib/query.ts';
import { startSync, useSync } from '../audit/sync.ts';
import { NoDeployment } from '../deployments/NoDeployment.tsx';
import { requestLook } from '../security/look-request.ts';
import { AgesSection } from './AgesSection.tsx';
import { HoldsSection } from './HoldsSection.tsx';
import { PartLinks } from './Part.tsx';
import { CertificatesSection } from './purge/CertificatesSection.tsx';
import { PurgeSection } from './purge/PurgeSection.tsx';
import './retention.css';
import { ScheduleSection } from './ScheduleSection.tsx';
import { VerdictSection } from './VerdictSection.tsx';

/** The cutoff moves by time alone, without any event: a window that stays open asks again this often. */
const AGAIN_EVERY_MS = 5 * 60_000;

export function RetentionScreen({ deployment }: { readonly deployment: Deployment | null }) {
  if (deployment === null) return <Screen title="Retention"><NoDeployment /></Screen>;
  if (deployment.kind === 'karen') return <Screen title="Retention"><NotOffered deployment={deployment} /></Screen>;
  return <Retention deployment={deployment} />;
}

/** An AI-Karen: nothing is drawn, because an empty chart would look like an answer. */
function NotOffered({ deployment }: { readonly deployment: Deployment }) {
  const go = useApp((state) => state.go);
  return (
    <EmptyState icon={Ban} title="An AI-Karen has no retention to look at" actions={<Button onClick={() => go('security')}>Its security</Button>}>
      <p><HostileText text={deployment.name} /> is an AI-Karen. It gives no audit rows, states no period and has no way to purge, so nothing can be said, held or planned here.</p>
      <p>What its log files keep is decided on its own machine. Keep copies of them where its server cannot delete them.</p>
    </EmptyState>
  );
}

function Retention({ deployment }: { readonly deployment: Deployment }) {
  const { id } = deployment;
  const go = useApp((state) => state.go);
  const view = useQuery('retention.show', { deploymentId: id });
  const sync = useSync(id);
  const job = useJob('audit.sync', id);
  const { data } = view;
  useEffect(() => {
    const timer = setInterval(() => refetch('retention.show'), AGAIN_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  const isSyncing = sync.running || job !== null;
  const about = data === undefined ? null : (
    <>
      {data.ages.syncedAt === null ? 'Log never synced' : <>Log synced <Time iso={data.ages.syncedAt} age /></>}
      {' · '}
      {data.policy.observedAt === null ? 'policy never read' : <>policy read <Time iso={data.policy.observedAt} age /></>}
    </>
  );
  return (
    <Screen title="Retention" about={about} actions={(
      <>
        <Button look="quiet" icon={Radar} onClick={() => { go('security'); requestLook(id); }} title="The policy is part of the security status. What would be sent is listed first.">Read the policy…</Button>
        <Button icon={RefreshCw} busy={isSyncing} onClick={() => { void startSync(id); }}>{isSyncing ? 'Syncing' : 'Sync'}</Button>
      </>
    )}>
      {job === null ? null : <ProgressLine job={job} />}
      {data === undefined ? null : (
        <PartLinks parts={[
          { title: 'Does it delete?', word: 'Verdict' }, { title: 'Rows by age', word: 'Ages' }, { title: 'Legal holds', word: 'Holds', count: data.holds.filter(({ released }) => released === null).length },
          { title: 'Purge', word: 'Purge' }, { title: 'Schedules', word: 'Schedules' }, { title: 'Certificates', word: 'Certificates', count: data.certificates.length },
        ]} />
      )}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard. */}
      <div className="retention" tabIndex={0} role="region" aria-label="Retention of this deployment">
        {sync.error === null || isSyncing ? null : <div className="pad"><ErrorNote error={sync.error} kept="What is held here is still shown, with its age." onRetry={() => { void startSync(id); }} /></div>}
        {view.error !== null && data !== undefined ? <div className="pad"><ErrorNote error={view.error} kept="What was read before is still shown." onRetry={() => { void view.reload(); }} /></div> : null}
        {data === undefined ? <div className="pad">{view.error === null ? <Skeleton lines={10} label="Reading what is held here" /> : <ErrorNote error={view.error} onRetry={() => { void view.reload(); }} />}</div> : (
          <>
            <VerdictSection view={data} />
            <AgesSection view={data} />
            <HoldsSection deployment={deployment} view={data} />
            <PurgeSection deployment={deployment} view={data} />
            <ScheduleSection deployment={deployment} />
            <CertificatesSection deployment={deployment} view={data} />
          </>
        )}
      </div>
    </Screen>
  );
}
