// What the coverage map says of a stretch of time, and of the log as a whole; what no segment speaks of is unread, never complete.
import type { CoverageSegment } from '#shared/domain/audit-coverage.ts';
import { parseInstantUs } from '#shared/domain/time.ts';
import type { Span } from './time-axis.ts';

export type CoverageState = CoverageSegment['state'];

/** A part of the axis in one state, in seconds since the epoch. */
export interface Stretch extends Span { readonly state: CoverageState; readonly segment: CoverageSegment | null }

interface Bounds { readonly fromUs: number; readonly toUs: number; readonly segment: CoverageSegment }

/** Both ends inclusive, as the segments have them. */
function boundsOf(segment: CoverageSegment): Bounds | null {
  const fromUs = segment.from === null ? -Infinity : parseInstantUs(segment.from);
  const toUs = segment.to === null ? Infinity : parseInstantUs(segment.to);
  return fromUs === null || toUs === null || toUs < fromUs ? null : { fromUs, toUs, segment };
}

/** The weaker word wins where segments overlap, so that nothing looks better than it is. */
const WEAKEST: readonly CoverageState[] = ['unread', 'gap', 'own-org', 'complete'];
const weaker = (a: CoverageState, b: CoverageState): boolean => WEAKEST.indexOf(a) < WEAKEST.indexOf(b);

/** The axis from end to end as stretches in order, without holes and without overlaps. */
export function stretchesOn(segments: readonly CoverageSegment[], { startSeconds, endSeconds }: Span): readonly Stretch[] {
  const startUs = startSeconds * 1_000_000;
  const endUs = endSeconds * 1_000_000;
  if (!(endUs > startUs)) return [];
  const inside = segments.map(boundsOf).filter((bounds) => bounds !== null).filter(({ fromUs, toUs }) => toUs >= startUs && fromUs < endUs);
  const cuts = [...new Set([startUs, endUs, ...inside.flatMap(({ fromUs, toUs }) => [fromUs, toUs + 1])])].filter((cut) => cut >= startUs && cut <= endUs).toSorted((a, b) => a - b);
  const stretches: Stretch[] = [];
  for (const [index, fromUs] of cuts.slice(0, -1).entries()) {
    const toUs = cuts[index + 1] ?? endUs;
    const over = inside.filter((bounds) => bounds.fromUs <= fromUs && bounds.toUs >= toUs - 1).toSorted((a, b) => (weaker(a.segment.state, b.segment.state) ? -1 : 1));
    const segment = over[0]?.segment ?? null;
    const state = segment?.state ?? 'unread';
    const before = stretches.at(-1);
    if (before !== undefined && before.segment === segment) stretches[stretches.length - 1] = { ...before, endSeconds: toUs / 1_000_000 };
    else stretches.push({ startSeconds: fromUs / 1_000_000, endSeconds: toUs / 1_000_000, state, segment });
  }
  return stretches;
}

export interface CoverageHeadline {
  /** What is proven without interruption up to the last reading: complete, only for the own organisation, or nothing. */
  readonly state: 'complete' | 'own-org' | null;
  /** Since when; null: from the beginning of the log. */
  readonly since: string | null;
  /** Only the own organisation is complete all the way, but from this time on everything is; else null. */
  readonly allSince: string | null;
  readonly gaps: number;
}

/** What may be said about the whole log in one line. */
export function headlineOf(segments: readonly CoverageSegment[]): CoverageHeadline {
  const gaps = segments.filter(({ state }) => state === 'gap').length;
  const newestFirst = segments.map(boundsOf).filter((bounds) => bounds !== null).toSorted((a, b) => b.toUs - a.toUs || b.fromUs - a.fromUs);
  // After the last reading nothing is known; that is the age of the data, and no gap.
  const read = newestFirst[0]?.segment.state === 'unread' && newestFirst[0].toUs === Infinity ? newestFirst.slice(1) : newestFirst;
  let state: CoverageHeadline['state'] = null;
  let reachedUs: number | null = null;
  let since: string | null = null;
  let allSince: string | null = null;
  for (const { fromUs, toUs, segment } of read) {
    if (segment.state !== 'complete' && segment.state !== 'own-org') break;
    if (reachedUs !== null && toUs + 1 < reachedUs) break;
    state = state === 'own-org' || segment.state === 'own-org' ? 'own-org' : 'complete';
    reachedUs = fromUs;
    since = segment.from;
    if (state === 'complete') allSince = segment.from;
  }
  return { state, since, allSince: state === 'own-org' ? allSince : null, gaps };
}

export const COVERAGE_WORDS: Readonly<Record<CoverageState, { readonly word: string; readonly means: string }>> = {
  complete: { word: 'complete', means: 'everything that the server holds for this time was read' },
  'own-org': { word: 'own organisation', means: 'complete for your organisation; rows of others and rows without an organisation cannot be read completely here' },
  gap: { word: 'gap', means: 'something is missing, with a reason' },
  unread: { word: 'unread', means: 'never asked for, so nothing is known' },
};
