// What an export or a proof must say about stretches that are not held completely; it never calls unknown complete.
import type { CoverageSegment } from '#shared/domain/audit-coverage.ts';
import { plural } from '../../../lib/format.ts';

export interface CoverageSummary {
  readonly tone: 'info' | 'age';
  readonly sentence: string;
  /** What is not complete, oldest first. */
  readonly missing: readonly CoverageSegment[];
}

/** The sentence that goes before an export. */
export function coverageSummary(segments: readonly CoverageSegment[]): CoverageSummary {
  const missing = segments.filter(({ state }) => state !== 'complete');
  if (segments.every(({ state }) => state === 'unread')) {
    return { tone: 'age', sentence: 'The log was never read from the deployment, so nothing is known about what is missing. The manifest says so.', missing: [] };
  }
  if (missing.length === 0) return { tone: 'info', sentence: 'The log is held completely for every stretch that was read.', missing };
  const gaps = missing.filter(({ state }) => state === 'gap').length;
  const others = missing.length - gaps;
  const parts = [gaps === 0 ? null : plural(gaps, 'gap'), others === 0 ? null : `${plural(others, 'stretch', 'stretches')} not read completely`].filter((part) => part !== null);
  return { tone: 'age', sentence: `The log held here is not complete: ${parts.join(' and ')}. The manifest names ${missing.length === 1 ? 'it' : 'them'}.`, missing };
}
