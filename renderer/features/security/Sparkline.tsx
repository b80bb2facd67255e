// How a check stood look by look: a mark for each, in shape as well as in colour, each with its word; what was not looked at has no mark.
import { stateWord } from '../../components/StateChip.tsx';
import type { ShownState } from '../../components/StateChip.tsx';
import { Time } from '../../components/Time.tsx';
import { useNow } from '../../lib/clock.ts';
import { formatTime, plural } from '../../lib/format.ts';
import { useQuery } from '../../lib/query.ts';
import { useSettings } from '../../lib/settings.ts';
import { lastRun } from './posture-words.ts';

export function Sparkline({ deploymentId, checkId }: { readonly deploymentId: string; readonly checkId: string }) {
  const { data, error } = useQuery('security.checkHistory', { deploymentId, checkId });
  const nowMs = useNow();
  const zone = useSettings().times;
  if (data === undefined) return error === null ? <p className="dim spark-room">…</p> : <p className="dim">The earlier looks could not be read: {error.wire.message}</p>;
  const points = data.points.map(({ state, isAccepted, at, snapshotId }) => ({ snapshotId, at, state: isAccepted ? 'accepted' as const : state satisfies ShownState as ShownState }));
  const run = lastRun(points);
  if (run === null) return <p className="dim">No look is kept yet.</p>;
  return (
    <div className="spark-room">
      <ol className="spark" aria-label={`States over ${plural(points.length, 'look')}, oldest first`}>
        {points.map(({ snapshotId, at, state }) => {
          const words = `${stateWord(state)}, ${formatTime(at, { zone, style: 'full', nowMs })}`;
          return <li key={snapshotId} className={`spark-${state}`} title={words}><span className="visually-hidden">{words}</span></li>;
        })}
      </ol>
      <p className="small sub">{run.looks === points.length ? <>{stateWord(run.state)} in {points.length === 1 ? 'the only look' : `all ${points.length} looks`}, since <Time iso={run.since} /></> : <>{stateWord(run.state)} in the last {run.looks === 1 ? 'look' : `${run.looks} looks`}, since <Time iso={run.since} />; {stateWord(points.at(-run.looks - 1)?.state ?? run.state)} before</>}</p>
    </div>
  );
}
