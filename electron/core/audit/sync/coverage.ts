// The algebra of the coverage map: stretches of time that were read, laid over each other, and what the map says to a reader. It knows no database.
import type { CoverageSegment } from '#shared/domain/audit-coverage.ts';
import { formatInstantUs } from '#shared/domain/time.ts';

/** Stands for the beginning of time: below every instant that can be kept. */
export const BEGINNING = Number.MIN_SAFE_INTEGER;
/** Stands for the present and what comes: above every instant that can be kept. */
export const PRESENT = Number.MAX_SAFE_INTEGER;

/** Microseconds since the epoch, both ends inclusive. */
export interface Range { readonly fromUs: number; readonly toUs: number }

/** What an answer proves of a stretch. `complete` with a reason is believed, not proven: comparisons leave it out. */
export interface Piece extends Range { readonly state: 'complete' | 'gap'; readonly reason: string | null }

export interface Stretch extends Piece {
  readonly observedAtUs: number;
  /** The walk that read it. */
  readonly walk: number;
}

/** Lays a stretch over a map (disjoint, ascending); what it covers gives way, and neighbours that say the same of the same walk become one. */
export function overlay(map: readonly Stretch[], added: Stretch): Stretch[] {
  const kept = map.flatMap((held) => (held.toUs < added.fromUs || held.fromUs > added.toUs ? [held] : [
    ...(held.fromUs < added.fromUs ? [{ ...held, toUs: added.fromUs - 1 }] : []),
    ...(held.toUs > added.toUs ? [{ ...held, fromUs: added.toUs + 1 }] : []),
  ]));
  const sorted = [...kept, added].sort((a, b) => a.fromUs - b.fromUs);
  const joined: Stretch[] = [];
  for (const next of sorted) {
    const last = joined.at(-1);
    const isOne = last !== undefined && last.toUs + 1 === next.fromUs && last.state === next.state && last.reason === next.reason && last.walk === next.walk;
    // The older confirmation counts for both: nothing looks fresher than it is.
    if (isOne) joined[joined.length - 1] = { ...last, toUs: next.toUs, observedAtUs: Math.min(last.observedAtUs, next.observedAtUs) };
    else joined.push(next);
  }
  return joined;
}

/** The parts of `within` that no range covers, ascending. */
export function uncovered(ranges: readonly Range[], within: Range): Range[] {
  const free: Range[] = [];
  let from = within.fromUs;
  for (const { fromUs, toUs } of [...ranges].sort((a, b) => a.fromUs - b.fromUs)) {
    if (toUs < from || fromUs > within.toUs) continue;
    if (fromUs > from) free.push({ fromUs: from, toUs: fromUs - 1 });
    from = Math.max(from, toUs + 1);
  }
  if (from <= within.toUs) free.push({ fromUs: from, toUs: within.toUs });
  return free;
}

/** Takes holes out of a range; gives what is left and the holes as gaps with their reasons, all within the range. */
export function withGaps(whole: Piece, holes: readonly (Range & { readonly reason: string })[]): Piece[] {
  const inside = holes.map((hole) => ({ ...hole, fromUs: Math.max(hole.fromUs, whole.fromUs), toUs: Math.min(hole.toUs, whole.toUs) })).filter((hole) => hole.fromUs <= hole.toUs);
  return [...uncovered(inside, whole).map((range) => ({ ...whole, ...range })), ...inside.map((hole) => ({ ...hole, state: 'gap' as const }))];
}

const NOT_SINCE = 'Not asked for since the newest row that was read.';
const OWN_ONLY = 'Complete for our own organisation. Rows of others, and rows without one, cannot be read completely here.';

/** The stretch of an ascending map that holds an instant. */
function at(map: readonly Stretch[], us: number): Stretch | null {
  let low = 0;
  let high = map.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((map[middle]?.toUs ?? 0) < us) low = middle + 1;
    else high = middle;
  }
  const found = map[low];
  return found !== undefined && found.fromUs <= us ? found : null;
}

interface Said { readonly state: CoverageSegment['state']; readonly reason: string | null; readonly observedAtUs: number | null }

/** What both views together say of one instant: the export (own organisation, with payloads; null where it is not offered) and the list of all organisations. */
function saidOf(own: Stretch | null, all: Stretch | null): Said {
  if (own?.state === 'gap') return own;
  if (all?.state === 'complete') return { state: 'complete', reason: all.reason, observedAtUs: own === null ? all.observedAtUs : Math.min(own.observedAtUs, all.observedAtUs) };
  if (own !== null) return { state: 'own-org', reason: OWN_ONLY, observedAtUs: own.observedAtUs };
  if (all !== null) return all;
  return { state: 'unread', reason: null, observedAtUs: null };
}

/** The map as it is shown, from the beginning to the present; neighbours that say the same are one, with the older of their times. */
export function coverageSegments(own: readonly Stretch[], all: readonly Stretch[]): CoverageSegment[] {
  const starts = [...new Set([BEGINNING, ...[...own, ...all].flatMap(({ fromUs, toUs }) => [fromUs, toUs + 1])])].sort((a, b) => a - b);
  const top = Math.max(BEGINNING, ...[...own, ...all].map(({ toUs }) => toUs));
  const merged: (Said & { readonly fromUs: number })[] = [];
  for (const fromUs of starts) {
    const found = saidOf(at(own, fromUs), at(all, fromUs));
    const said = found.state === 'unread' && fromUs > top && top > BEGINNING ? { ...found, reason: NOT_SINCE } : found;
    const last = merged.at(-1);
    if (last !== undefined && last.state === said.state && last.reason === said.reason) {
      const older = last.observedAtUs === null || said.observedAtUs === null ? last.observedAtUs : Math.min(last.observedAtUs, said.observedAtUs);
      merged[merged.length - 1] = { ...last, observedAtUs: older };
    } else merged.push({ ...said, fromUs });
  }
  return merged.map(({ fromUs, state, reason, observedAtUs }, index) => {
    const next = merged[index + 1];
    return {
      from: fromUs <= BEGINNING ? null : formatInstantUs(fromUs), to: next === undefined ? null : formatInstantUs(next.fromUs - 1),
      state, reason, observedAt: observedAtUs === null ? null : formatInstantUs(observedAtUs),
    };
  });
}
