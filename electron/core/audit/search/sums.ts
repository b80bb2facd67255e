// How many rows match, in all and by steps of time; whole hours of an unfiltered stretch come from the roll-up, everything else is counted.
import type { AuditHistogram } from '#shared/domain/audit-search.ts';
import type { ReadDb } from '../../db/sql.ts';
import { choosePlan, slicesBehindAnchor, slicesBetween, slicesOf } from './scan-queries.ts';
import type { Scope, Slice } from './scan-queries.ts';
import { contentVersion, countText, isAlone, newestSeq, stepsIn, stepsOfHours, timeEnds } from './search-queries.ts';
import type { StepCount } from './search-queries.ts';
import type { Turn } from './turn.ts';

const HOUR_US = 3600e6;
const HOUR_SECONDS = 3600;
const KEPT = 4;
/** Seconds: 1 s to 30 d. Beyond that the longest is doubled. */
const STEPS: readonly number[] = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800, 1_209_600, 2_592_000];

/** Counts by hour of the last searches, so that count, histogram and offset share one scan. */
export interface HoursCache { readonly find: (name: string) => readonly StepCount[] | null; readonly keep: (name: string, hours: readonly StepCount[]) => void }

export function createHoursCache(): HoursCache {
  const kept = new Map<string, readonly StepCount[]>();
  return {
    find: (name) => kept.get(name) ?? null,
    keep(name, hours) {
      kept.set(name, hours);
      const oldest = kept.size > KEPT ? kept.keys().next().value : undefined;
      if (oldest !== undefined) kept.delete(oldest);
    },
  };
}

/** The name tells searches apart: their text, anchor and time of evaluation. */
interface Sought { readonly scope: Scope; readonly name: string; readonly cache: HoursCache }

/** Matching rows by hour since the epoch, in no order. */
export async function hoursOf(db: ReadDb, { scope, name, cache }: Sought, turn: Turn): Promise<readonly StepCount[]> {
  if (scope.query.isOnlyTime) return rolledUp(db, { scope, stepHours: 1 }, turn);
  const now = `${contentVersion(db)} ${name}`;
  const known = cache.find(now);
  if (known !== null) return known;
  const hours = await counted(db, { slices: slicesOf(db, scope, choosePlan(db, scope)), stepUs: HOUR_US }, turn);
  cache.keep(now, hours);
  return hours;
}

async function counted(db: ReadDb, { slices, stepUs }: { readonly slices: Iterable<Slice>; readonly stepUs: number }, turn: Turn): Promise<readonly StepCount[]> {
  const all = new Map<number, StepCount>();
  for (const slice of slices) {
    for (const found of stepsIn(db, slice, stepUs)) add(all, found, 1);
    await turn.pause();
  }
  return [...all.values()];
}

function add(all: Map<number, StepCount>, { step, events, errors }: StepCount, sign: 1 | -1): void {
  const known = all.get(step) ?? { step, events: 0, errors: 0 };
  all.set(step, { step, events: known.events + sign * events, errors: known.errors + sign * errors });
}

/** The roll-up, and the newest row that it counts: another thread may commit between the two, and then both are read again. */
function rollUpAsOf(db: ReadDb, read: () => readonly StepCount[]): { readonly steps: readonly StepCount[]; readonly newest: number } {
  for (;;) {
    const newest = newestSeq(db);
    const steps = read();
    if (newestSeq(db) === newest) return { steps, newest };
  }
}

/** Steps of whole hours without a condition beside time: the roll-up, less what came behind the anchor, and the broken hours at both ends counted. */
async function rolledUp(db: ReadDb, { scope, stepHours }: { readonly scope: Scope; readonly stepHours: number }, turn: Turn): Promise<readonly StepCount[]> {
  const { sinceUs, untilUs } = scope.query;
  const fromHour = sinceUs === null ? null : Math.ceil(sinceUs / HOUR_US);
  const toHour = untilUs === null ? null : Math.floor((untilUs + 1) / HOUR_US) - 1;
  const stepUs = stepHours * HOUR_US;
  if (fromHour !== null && toHour !== null && fromHour > toHour) return counted(db, { slices: slicesBetween(db, scope, { sinceUs: sinceUs ?? 0, untilUs: untilUs ?? 0 }), stepUs }, turn);
  const all = new Map<number, StepCount>();
  const { steps, newest } = rollUpAsOf(db, () => stepsOfHours(db, scope.dep, { fromHour, toHour, stepHours }));
  for (const found of steps) add(all, found, 1);
  if (newest > scope.anchor) {
    for (const found of await counted(db, { slices: slicesBehindAnchor(scope, newest), stepUs: HOUR_US }, turn)) {
      const inWhole = (fromHour === null || found.step >= fromHour) && (toHour === null || found.step <= toHour);
      if (inWhole) add(all, { ...found, step: Math.floor(found.step / stepHours) }, -1);
    }
  }
  if (sinceUs !== null && fromHour !== null && sinceUs < fromHour * HOUR_US) for (const found of await counted(db, { slices: slicesBetween(db, scope, { sinceUs, untilUs: fromHour * HOUR_US - 1 }), stepUs }, turn)) add(all, found, 1);
  if (untilUs !== null && toHour !== null && untilUs >= (toHour + 1) * HOUR_US) for (const found of await counted(db, { slices: slicesBetween(db, scope, { sinceUs: (toHour + 1) * HOUR_US, untilUs }), stepUs }, turn)) add(all, found, 1);
  return [...all.values()];
}

const sum = (steps: readonly StepCount[]): number => steps.reduce((total, { events }) => total + events, 0);
/** About a month: few steps to add up. */
const COARSE_HOURS = 720;

export async function countMatching(db: ReadDb, sought: Sought, turn: Turn): Promise<number> {
  const { scope } = sought;
  if (scope.query.isOnlyTime) return sum(await rolledUp(db, { scope, stepHours: COARSE_HOURS }, turn));
  if (scope.query.isOnlyText && scope.query.text !== null && isAlone(db, scope.dep)) return countText(db, scope.query.text, scope.anchor);
  return sum(await hoursOf(db, sought, turn));
}

/** About `buckets` steps over the range of the query, or of what it matches; without a match there is no step. */
export async function histogramOf(db: ReadDb, { buckets, ...sought }: Sought & { readonly buckets: number }, turn: Turn): Promise<AuditHistogram> {
  const { scope } = sought;
  const ends = scope.query.isOnlyTime ? timeEnds(db, scope.dep) : endsOf(await hoursOf(db, sought, turn));
  const startUs = ends === null ? 0 : Math.max(ends.oldestUs, scope.query.sinceUs ?? ends.oldestUs);
  const endUs = ends === null ? -1 : Math.min(ends.newestUs, scope.query.untilUs ?? ends.newestUs);
  if (endUs < startUs) return { startSeconds: 0, stepSeconds: 1, counts: [], errors: [] };
  const firstSecond = Math.floor(startUs / 1e6);
  const lastSecond = Math.floor(endUs / 1e6);
  const stepSeconds = stepFor(lastSecond - firstSecond + 1, buckets);
  const steps = stepSeconds < HOUR_SECONDS
    ? await counted(db, { slices: slicesOf(db, scope, choosePlan(db, scope)), stepUs: stepSeconds * 1e6 }, turn)
    : scope.query.isOnlyTime ? await rolledUp(db, { scope, stepHours: stepSeconds / HOUR_SECONDS }, turn) : coarser(await hoursOf(db, sought, turn), stepSeconds / HOUR_SECONDS);
  const first = Math.floor(firstSecond / stepSeconds);
  const counts = Array.from({ length: Math.floor(lastSecond / stepSeconds) - first + 1 }, () => 0);
  const errors = counts.map(() => 0);
  for (const { step, events, errors: failed } of steps) {
    if (step < first || step - first >= counts.length) continue;
    counts[step - first] = events;
    errors[step - first] = failed;
  }
  return { startSeconds: first * stepSeconds, stepSeconds, counts, errors };
}

function endsOf(hours: readonly StepCount[]): { readonly oldestUs: number; readonly newestUs: number } | null {
  let oldest = Infinity;
  let newest = -Infinity;
  for (const { step, events } of hours) {
    if (events === 0) continue;
    oldest = Math.min(oldest, step);
    newest = Math.max(newest, step);
  }
  return newest === -Infinity ? null : { oldestUs: oldest * HOUR_US, newestUs: (newest + 1) * HOUR_US - 1 };
}

function coarser(hours: readonly StepCount[], stepHours: number): readonly StepCount[] {
  const all = new Map<number, StepCount>();
  for (const found of hours) add(all, { ...found, step: Math.floor(found.step / stepHours) }, 1);
  return [...all.values()];
}

/** The shortest step of the list that needs at most `buckets` of them. */
export function stepFor(seconds: number, buckets: number): number {
  const fitting = STEPS.find((step) => seconds <= step * buckets);
  if (fitting !== undefined) return fitting;
  let step = STEPS.at(-1) ?? 1;
  while (seconds > step * buckets) step *= 2;
  return step;
}
