// Stretches of the log that nobody here has read completely: what a purge takes of them could be restored by nobody.
import type { CoverageSegment } from '#shared/domain/audit-coverage.ts';
import type { AuditGap } from '#shared/domain/audit-event.ts';
import { formatInstantUs, parseInstantUs } from '#shared/domain/time.ts';

/** @param cutoffUs only what lies before it; null: everything but the time since the newest row that was read */
export function gapsBefore(segments: readonly CoverageSegment[], cutoffUs: number | null): AuditGap[] {
  const last = segments.at(-1);
  return segments.flatMap((segment): AuditGap[] => {
    const { from, to, state, reason } = segment;
    if (state === 'complete') return [];
    const fromUs = from === null ? null : parseInstantUs(from);
    if (cutoffUs === null) return segment === last && state === 'unread' && fromUs !== null ? [] : [{ from, to, reason: reason ?? 'Never read.' }];
    if (fromUs !== null && fromUs >= cutoffUs) return [];
    const toUs = to === null ? null : parseInstantUs(to);
    return [{ from, to: toUs === null || toUs >= cutoffUs ? formatInstantUs(cutoffUs - 1) : to, reason: reason ?? 'Never read.' }];
  });
}
