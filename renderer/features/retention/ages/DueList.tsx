// What has come due and what comes due, counted over the cached rows; rows that were never read are not in it.
import type { CachedAges, DueBy } from '#shared/domain/retention.ts';
import { Time } from '../../../components/Time.tsx';
import { formatBytes, formatCount, plural } from '../../../lib/format.ts';

export function DueList({ due, ages }: { readonly due: readonly DueBy[]; readonly ages: CachedAges }) {
  if (ages.rows === 0 || (due.length === 0 && ages.pastCutoff === null)) return null;
  return (
    <dl className="due" aria-label="What is due">
      <div>
        <dt>Past the cutoff</dt>
        <dd>{ages.pastCutoff === null ? <span className="dim">not known</span> : plural(ages.pastCutoff, 'row')}</dd>
        <dd className="small sub">{ages.seenPastCutoff === null ? 'no cutoff is known' : ages.seenPastCutoff === 0 ? 'none seen a day after it came due' : `${formatCount(ages.seenPastCutoff)} still given a day after`}</dd>
      </div>
      {due.map(({ days, by, rows, bytes, held }) => (
        <div key={days}>
          <dt>Due in {days} days</dt>
          <dd>{plural(rows, 'row')}</dd>
          <dd className="small sub">{formatBytes(bytes)} · {held === 0 ? 'none held' : `${formatCount(held)} held`} · by <Time iso={by} style="day" /></dd>
        </div>
      ))}
    </dl>
  );
}
