// Retention of a deployment on one page: what it says, whether it deletes, what is due, what is held, what was purged and proven; it deletes nothing by itself.
import { useEffect, useState } from 'react';
import { CalendarClock, History, ListChecks, Signature } from 'lucide-react';
import type { RetentionView } from '#shared/contract/retention.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import { Button } from '../../components/Button.tsx';
import { EmptyState } from '../../components/EmptyState.tsx';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import { HostileText } from '../../components/HostileText.tsx';
import { Screen } from '../../components/Screen.tsx';
import { Skeleton } from '../../components/Skeleton.tsx';
import { Time } from '../../components/Time.tsx';
import { plural } from '../../lib/format.ts';
import { useQuery } from '../../lib/query.ts';
import { NoDeployment } from '../deployments/NoDeployment.tsx';
import { HoldDialog } from './holds/HoldDialog.tsx';
import { ApproveDialog } from './purge/ApproveDialog.tsx';
import { PurgePanel } from './purge/PurgePanel.tsx';
import './retention.css';
import { requestRetention, useRetentionRequest } from './retention-request.ts';
import { policyWord } from './retention-words.ts';
import { RetentionWork } from './RetentionWork.tsx';
import { SchedulePanel } from './schedule/SchedulePanel.tsx';
import { TaskNotes } from './TaskNotes.tsx';

type Room = 'page' | 'purge' | 'schedule';
type Question = 'hold' | 'approve' | null;

export function RetentionScreen({ deployment }: { readonly deployment: Deployment | null }) {
  if (deployment === null) return <Screen title="Retention"><NoDeployment /></Screen>;
  if (deployment.kind === 'karen') {
    return (
      <Screen title="Retention">
        <EmptyState icon={History} title="No retention is known of an AI-Karen"><p>Holdfast has no token there, reads no audit log from it and holds none here. It gives no retention policy and has no way to purge, so nothing can be said, held, planned or proven. What it deletes is decided by whoever rotates its log files.</p></EmptyState>
      </Screen>
    );
  }
  return <Retention deployment={deployment} />;
}

function Retention({ deployment }: { readonly deployment: Deployment }) {
  const { id } = deployment;
  const view = useQuery('retention.show', { deploymentId: id });
  const [room, setRoom] = useState<Room>('page');
  const [question, setQuestion] = useState<Question>(null);
  const asked = useRetentionRequest((state) => (state.deploymentId === id ? state.task : null));
  // What the palette asked for is taken once.
  if (asked === 'purge' && room !== 'purge') setRoom('purge');
  if (asked === 'hold' && question !== 'hold') setQuestion('hold');
  useEffect(() => { if (asked !== null) requestRetention(null, null); }, [asked]);
  const toPage = (): void => setRoom('page');
  const { data, error } = view;
  const actions = (
    <>
      <Button look="quiet" icon={Signature} onClick={() => setQuestion('approve')}>Approve a plan…</Button>
      <Button look="quiet" icon={CalendarClock} aria-pressed={room === 'schedule'} onClick={() => setRoom('schedule')}>Schedule…</Button>
      <Button icon={ListChecks} aria-pressed={room === 'purge'} disabled={data === undefined} onClick={() => setRoom('purge')}>Plan a purge…</Button>
    </>
  );
  return (
    <Screen title="Retention" about={data === undefined ? null : <About view={data} />} actions={<div className="row retention-actions">{actions}</div>}>
      {error === null || data === undefined ? null : <div className="pad"><ErrorNote error={error} kept="What was read before is still shown." onRetry={() => { void view.reload(); }} /></div>}
      {data === undefined ? <div className="pad">{error === null ? <Skeleton lines={6} label="Reading what is known of its retention" /> : <ErrorNote error={error} onRetry={() => { void view.reload(); }} />}</div>
        : room === 'purge' ? <PurgePanel deployment={deployment} view={data} onClose={toPage} onSchedule={() => setRoom('schedule')} />
          : room === 'schedule' ? <SchedulePanel deployment={deployment} view={data} onClose={toPage} />
            : <><TaskNotes deploymentId={id} /><RetentionWork deployment={deployment} view={data} onAddHold={() => setQuestion('hold')} onPurge={() => setRoom('purge')} onSchedule={() => setRoom('schedule')} /></>}
      {question === 'hold' ? <HoldDialog deployment={deployment} onClose={() => setQuestion(null)} /> : null}
      {question === 'approve' ? <ApproveDialog onClose={() => setQuestion(null)} /> : null}
    </Screen>
  );
}

function About({ view: { policy, ages } }: { readonly view: RetentionView }) {
  return (
    <>
      <HostileText text={policyWord(policy)} />
      {ages.oldestAt === null ? ' · nothing held here' : <> · {plural(ages.rows, 'row')} held, the oldest of <Time iso={ages.oldestAt} style="day" /></>}
      {ages.syncedAt === null ? ' · never synced' : <> · synced <Time iso={ages.syncedAt} age /></>}
    </>
  );
}
