// How all checks stood, look by look: one column a look, its parts as high as their counts; a drawing beside the table that says the same in figures.
import type { SnapshotHead } from '#shared/domain/posture.ts';
import { formatTime } from '../../lib/format.ts';
import { useNow } from '../../lib/clock.ts';
import { useSettings } from '../../lib/settings.ts';
import { StateChip } from '../../components/StateChip.tsx';
import { trendSentence } from './posture-words.ts';

const DRAWN = 60;
/** From the base up: what is good stands on the ground, what fails on top of it. */
const PARTS = ['pass', 'accepted', 'stale', 'unknown', 'fail'] as const;

export function Trend({ looks }: { readonly looks: readonly SnapshotHead[] }) {
  const nowMs = useNow();
  const zone = useSettings().times;
  const shown = looks.slice(0, DRAWN).toReversed();
  return (
    <section className="trend" aria-label="Trend">
      <div className="trend-head"><p className="small sub">{trendSentence(shown)}</p><span className="row" aria-hidden>{(['fail', 'unknown', 'stale', 'accepted', 'pass'] as const).filter((state) => shown.some(({ counts }) => counts[state] > 0)).map((state) => <StateChip key={state} state={state} />)}</span></div>
      <div className="trend-columns" aria-hidden>
        {shown.map(({ id, at, counts, summary }) => (
          <span key={id} className="trend-column" title={`Look ${id}, ${formatTime(at, { zone, style: 'full', nowMs })}\n${summary}`}>
            {PARTS.toReversed().filter((state) => counts[state] > 0).map((state) => <span key={state} className={`counts-${state}`} style={{ flexGrow: counts[state] }} />)}
          </span>
        ))}
      </div>
    </section>
  );
}
