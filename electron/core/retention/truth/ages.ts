// Rows of the cache by age: exact counts and bytes, from a roll-up that is kept as far as it was counted; the rest is counted when it is asked for.
import { DAY_US } from '#shared/domain/retention.ts';
import type { AgeBar } from '#shared/domain/retention.ts';
import { formatInstantUs } from '#shared/domain/time.ts';
import { AppError } from '#shared/errors.ts';
import type { ReadDb } from '../../db/sql.ts';
import type { Session } from '../../session.ts';
import { addAges, ageGroups, ageMark, exactBetween, groupsBetween, HOUR_US, lateBytes, newestRow } from './age-queries.ts';
import type { AgeGroup, AgeMark, Amount } from './age-queries.ts';

/** Rows of one step. */
const WINDOW = 20_000;
export const MAX_BARS = 400;
const HOURS_A_DAY = 24;

interface Step { readonly groups: readonly AgeGroup[]; readonly mark: AgeMark }

/** What one step on from a mark adds; null at the end. Payloads that came late go first: rows after the mark are counted with theirs. */
function stepFrom(db: ReadDb, dep: number, mark: AgeMark): Step | null {
  const late = lateBytes(db, dep, { after: mark.late, limit: WINDOW, throughSeq: mark.seq });
  if (late.last !== null) return { groups: late.groups, mark: { seq: mark.seq, late: late.last } };
  const end = newestRow(db);
  if (mark.seq >= end) return null;
  const through = Math.min(mark.seq + WINDOW, end);
  return { groups: groupsBetween(db, dep, { after: mark.seq, through }), mark: { seq: through, late: mark.late } };
}

/** Brings the roll-up up to date on disk, in short transactions. @throws AppError busy, disk_full, cancelled (of `pause`) */
export async function countAges({ session, dep, pause }: { readonly session: Session; readonly dep: number; readonly pause: () => Promise<void> }): Promise<void> {
  for (;;) {
    if (stepFrom(session.read(), dep, ageMark(session.read(), dep)) === null) return;
    await session.whenWritable({ maxMs: 0 });
    const db = session.write();
    db.transaction(() => {
      const step = stepFrom(db, dep, ageMark(db, dep));
      if (step !== null) addAges(db, dep, step);
    });
    await pause();
  }
}

/** Every row by hour and batch. What cannot be written down now is counted in memory. */
export async function agesOf({ session, dep, pause }: { readonly session: Session; readonly dep: number; readonly pause: () => Promise<void> }): Promise<AgeGroup[]> {
  if (session.access() === 'write') {
    try {
      await countAges({ session, dep, pause });
    } catch (error) {
      if (!(error instanceof AppError) || (error.code !== 'busy' && error.code !== 'disk_full')) throw error;
    }
  }
  const db = session.read();
  const groups = ageGroups(db, dep);
  const added: AgeGroup[] = [];
  let mark = ageMark(db, dep);
  for (let step = stepFrom(db, dep, mark); step !== null; step = stepFrom(session.read(), dep, mark)) {
    added.push(...step.groups);
    mark = step.mark;
    await pause();
  }
  return [...groups, ...added];
}

const NOTHING: Amount = { rows: 0, bytes: 0 };
const plus = (a: Amount, b: Amount): Amount => ({ rows: a.rows + b.rows, bytes: a.bytes + b.bytes });

/** Rows older than a time, exact. */
export function olderThan(db: ReadDb, { dep, groups }: { readonly dep: number; readonly groups: readonly AgeGroup[] }, us: number): Amount {
  const hour = Math.floor(us / HOUR_US);
  let amount = NOTHING;
  let cuts = false;
  for (const group of groups) {
    if (group.hour < hour) amount = plus(amount, group);
    else if (group.hour === hour) cuts = true;
  }
  if (!cuts || us === hour * HOUR_US) return amount;
  return exactBetween(db, dep, { fromUs: hour * HOUR_US, toUs: us }).reduce(plus, amount);
}

/** Days of one bar, so that there are no more than MAX_BARS between two times. */
export function stepDaysFor(fromUs: number, toUs: number): number {
  const days = Math.floor(toUs / DAY_US) - Math.floor(fromUs / DAY_US) + 1;
  return Math.max(1, Math.ceil(days / MAX_BARS));
}

export interface Bars { readonly stepDays: number; readonly bars: AgeBar[] }

export interface BarsWanted {
  readonly groups: readonly AgeGroup[];
  readonly oldestUs: number;
  readonly newestUs: number;
  /** Drawn in where it fits without wider bars. */
  readonly cutoffUs: number | null;
  /** Rows under a hold in each stretch of a step from a time on. */
  readonly heldBySteps: (grid: { readonly fromUs: number; readonly toUs: number; readonly stepUs: number }) => ReadonlyMap<number, number>;
}

/** Bars from the oldest row to the newest, without holes; a bar is whole days of UTC. */
export function barsOf({ groups, oldestUs, newestUs, cutoffUs, heldBySteps }: BarsWanted): Bars {
  const stepDays = stepDaysFor(oldestUs, newestUs);
  const low = cutoffUs === null ? oldestUs : Math.min(oldestUs, cutoffUs);
  const high = cutoffUs === null ? newestUs : Math.max(newestUs, cutoffUs);
  const fits = stepDaysFor(low, high) === stepDays;
  const [fromDay, toDay] = [Math.floor((fits ? low : oldestUs) / DAY_US), Math.floor((fits ? high : newestUs) / DAY_US)];
  const count = Math.floor((toDay - fromDay) / stepDays) + 1;
  const sums = Array.from({ length: count }, () => ({ rows: 0, bytes: 0 }));
  for (const { hour, rows, bytes } of groups) {
    const sum = sums[Math.floor((Math.floor(hour / HOURS_A_DAY) - fromDay) / stepDays)];
    if (sum === undefined) continue;
    sum.rows += rows;
    sum.bytes += bytes;
  }
  const grid = { fromUs: fromDay * DAY_US, toUs: (fromDay + count * stepDays) * DAY_US, stepUs: stepDays * DAY_US };
  const held = heldBySteps(grid);
  return {
    stepDays,
    bars: sums.map(({ rows, bytes }, index) => ({ from: formatInstantUs(grid.fromUs + index * grid.stepUs), to: formatInstantUs(grid.fromUs + (index + 1) * grid.stepUs), rows, bytes, held: held.get(index) ?? 0 })),
  };
}
