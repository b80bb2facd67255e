// What the coverage map says of the time from which this workstation let rows go by its own rule: they were read, and are not held any more.
import type { CoverageSegment } from '#shared/domain/audit-coverage.ts';
import { formatInstantUs, parseInstantUs } from '#shared/domain/time.ts';

/** Turns what was read up to the newest row that was let go into a gap, with the reason; what was never read stays so. */
export function withLetGo(segments: readonly CoverageSegment[], letGo: { readonly rows: number; readonly newestUs: number; readonly atUs: number } | null): CoverageSegment[] {
  if (letGo === null) return [...segments];
  const { rows, newestUs, atUs } = letGo;
  const reason = `This workstation let ${rows} ${rows === 1 ? 'row' : 'rows'} up to ${formatInstantUs(newestUs)} go by its own rule, the last time on ${formatInstantUs(atUs)}. They were read before, and are not held any more.`;
  return segments.flatMap((segment): CoverageSegment[] => {
    const fromUs = segment.from === null ? null : parseInstantUs(segment.from);
    const toUs = segment.to === null ? null : parseInstantUs(segment.to);
    if ((segment.state !== 'complete' && segment.state !== 'own-org') || (fromUs !== null && fromUs > newestUs)) return [segment];
    const gap: CoverageSegment = { ...segment, state: 'gap', reason };
    if (toUs !== null && toUs <= newestUs) return [gap];
    return [{ ...gap, to: formatInstantUs(newestUs) }, { ...segment, from: formatInstantUs(newestUs + 1) }];
  });
}
