// How complete the cached log is: a strip from the oldest to the newest event, hatched where something is missing, and each gap's reason in words.
import type { AuditGap, AuditSummary } from '#shared/domain/audit-event.ts';
import { parseInstantUs } from '#shared/domain/time.ts';
import { HostileText } from '../../components/HostileText.tsx';
import { Time } from '../../components/Time.tsx';
import { plural } from '../../lib/format.ts';

export function GapTime({ gap }: { readonly gap: AuditGap }) {
  if (gap.from === null && gap.to === null) return <>the whole log</>;
  if (gap.from === null) return <>before {gap.to === null ? null : <Time iso={gap.to} />}</>;
  if (gap.to === null) return <>after <Time iso={gap.from} /></>;
  return <><Time iso={gap.from} /> to <Time iso={gap.to} /></>;
}

/** Where a gap lies on the strip, in percent; null when it has no place between the two ends. */
function placeOf(gap: AuditGap, oldestUs: number, newestUs: number): { readonly left: string; readonly width: string } | null {
  const from = gap.from === null ? oldestUs : parseInstantUs(gap.from);
  const to = gap.to === null ? newestUs : parseInstantUs(gap.to);
  if (from === null || to === null || newestUs <= oldestUs) return null;
  const span = newestUs - oldestUs;
  const left = Math.max(0, Math.min(1, (from - oldestUs) / span));
  const right = Math.max(0, Math.min(1, (to - oldestUs) / span));
  return right <= left ? null : { left: `${left * 100}%`, width: `max(4px, ${(right - left) * 100}%)` };
}

export function Coverage({ summary }: { readonly summary: AuditSummary }) {
  const { gaps, oldestAt, newestAt } = summary;
  const oldestUs = oldestAt === null ? null : parseInstantUs(oldestAt);
  const newestUs = newestAt === null ? null : parseInstantUs(newestAt);
  const places = oldestUs === null || newestUs === null ? [] : gaps.map((gap) => placeOf(gap, oldestUs, newestUs)).filter((place) => place !== null);
  return (
    <div className="coverage">
      {oldestAt === null || newestAt === null ? null : (
        <div className="coverage-line">
          <Time iso={oldestAt} style="day" />
          <div className={`coverage-strip ${summary.lastSyncComplete === true ? 'coverage-complete' : ''}`} aria-hidden>{places.map((place, at) => <span key={at} className="coverage-gap" style={place} />)}</div>
          <Time iso={newestAt} style="minute" />
        </div>
      )}
      {gaps.length === 0 ? null : (
        <details className="gaps">
          <summary>{plural(gaps.length, 'gap')} in what is held here</summary>
          <ul>{gaps.map((gap, at) => <li key={at}><span className="sub"><GapTime gap={gap} />:</span> <HostileText text={gap.reason} /></li>)}</ul>
        </details>
      )}
    </div>
  );
}
