// Counts what a purge at a cutoff would take, from the cache, in short slices: the rows that are believed to be there, and those that come due until the end of the plan.
import type { Pace } from '../../audit/witness/pace.ts';
import type { ReadDb } from '../../db/sql.ts';
import { parseInstantUs } from '#shared/domain/time.ts';
import { isGone } from './belief.ts';
import type { Emptied } from './belief.ts';
import type { HeldAmong, HoldsPort } from './holds-port.ts';
import { countFileRows, donePurges, endRowOf, highestArrival, rowsBefore, tracesOfIds } from './plan-queries.ts';
import type { CachedRow, Place } from './plan-queries.ts';
import { inOrder } from './row-ids.ts';

const AT_ONCE = 2000;

export interface Counted { readonly value: string | null; readonly rows: number }
type EndRow = NonNullable<ReturnType<typeof endRowOf>>;

/** Rows before the cutoff, and rows from there to the end of the plan. */
export interface Reckoning {
  /** Ascending. */
  readonly ids: readonly number[];
  readonly alsoIds: readonly number[];
  readonly bytes: number;
  readonly byType: readonly Counted[]; readonly byOrg: readonly Counted[]; readonly byActor: readonly Counted[];
  readonly byDay: readonly { readonly day: string; readonly rows: number }[];
  readonly isShortened: boolean;
  readonly first: EndRow | null;
  readonly last: EndRow | null;
  /** Rows of these that came from files or from another address: whether they are at this deployment was not seen. */
  readonly unseen: number;
  /** Rows of these whose payload is not held. */
  readonly bare: number;
  /** Older rows with ids made here: never rows of the server. */
  readonly fileRows: number;
  /** Older rows that are known to be gone there. */
  readonly gone: number;
  /** What had arrived when this was counted. */
  readonly throughSeq: number;
}

export interface Stretch { readonly cutoffUs: number; readonly endUs: number }

/** Values of a kind that are listed; what is beyond is counted in the sum alone. */
const LISTED = 200;
const DAYS_LISTED = 4000;

/** Purges from here, each from its request to the time it is known of; `except`: but one. */
export function purgedAt(db: ReadDb, place: Place, except: string | null = null): Emptied[] {
  return donePurges(db, place).filter(({ runId }) => runId !== except).map(({ sentUs, atUs, serverCutoffUs, cutoff }) => ({ fromUs: sentUs, atUs, cutoffUs: serverCutoffUs ?? parseInstantUs(cutoff) ?? Number.MIN_SAFE_INTEGER }));
}

/** When the address is known to have had nothing older than something. @param none a count of none that was proven */
export function emptiedAt(db: ReadDb, place: Place, none: Pick<Emptied, 'atUs' | 'cutoffUs'> | null): Emptied[] {
  const purged = purgedAt(db, place);
  // Rows that were given at the very instant of the count are there; a purge at the instant of a look came after it.
  return none === null ? purged : [...purged, { fromUs: none.atUs - 1, atUs: none.atUs - 1, cutoffUs: none.cutoffUs }];
}

export interface Reckoner { readonly read: () => ReadDb; readonly place: Place; readonly emptied: readonly Emptied[]; readonly pace: Pace }

function listed(found: ReadonlyMap<string | null, number>): { readonly all: Counted[]; readonly isShortened: boolean } {
  const sorted = [...found].map(([value, rows]) => ({ value, rows })).toSorted((a, b) => b.rows - a.rows || (a.value === b.value ? 0 : (a.value ?? '') < (b.value ?? '') ? -1 : 1));
  return { all: sorted.slice(0, LISTED), isShortened: sorted.length > LISTED };
}

/** @throws AppError cancelled */
export async function reckon({ read, place, emptied, pace }: Reckoner, { cutoffUs, endUs }: Stretch): Promise<Reckoning> {
  const [types, orgs, actors, days] = [new Map<string | null, number>(), new Map<string | null, number>(), new Map<string | null, number>(), new Map<number, number>()];
  const add = <K>(to: Map<K, number>, key: K): void => { to.set(key, (to.get(key) ?? 0) + 1); };
  const ids: number[] = [];
  const alsoIds: number[] = [];
  const throughSeq = highestArrival(read());
  let [bytes, unseen, bare, gone] = [0, 0, 0, 0];
  let ends: { readonly first: number; readonly last: number } | null = null;
  const take = (row: CachedRow): void => {
    if (isGone(row, emptied)) {
      if (row.createdAtUs < cutoffUs) gone += 1;
      return;
    }
    if (row.createdAtUs >= cutoffUs) return void alsoIds.push(row.id);
    ids.push(row.id);
    bytes += row.bytes;
    if (row.origin !== 'here') unseen += 1;
    if (!row.hasPayload) bare += 1;
    add(types, row.eventType);
    add(orgs, row.org);
    add(actors, row.actor);
    add(days, Math.floor(row.createdAtUs / 86_400_000_000));
    ends = { first: ends?.first ?? row.id, last: row.id };
  };
  for (let after: CachedRow | null = null; ;) {
    const page: CachedRow[] = rowsBefore(read(), place, { beforeUs: endUs, throughSeq, after, limit: AT_ONCE });
    for (const row of page) take(row);
    after = page.at(-1) ?? null;
    if (page.length < AT_ONCE) break;
    await pace.turn();
  }
  const [type, org, actor] = [listed(types), listed(orgs), listed(actors)];
  const byDay = [...days].toSorted(([a], [b]) => a - b).map(([day, rows]) => ({ day: dayText(day), rows }));
  const end = ends as { readonly first: number; readonly last: number } | null;
  return {
    ids: inOrder(ids), alsoIds: inOrder(alsoIds), bytes, byType: type.all, byOrg: org.all, byActor: actor.all, byDay: byDay.slice(0, DAYS_LISTED),
    isShortened: type.isShortened || org.isShortened || actor.isShortened || byDay.length > DAYS_LISTED,
    first: end === null ? null : endRowOf(read(), place.dep, end.first), last: end === null ? null : endRowOf(read(), place.dep, end.last),
    unseen, bare, gone, fileRows: countFileRows(read(), place.dep, cutoffUs), throughSeq,
  };
}

function dayText(day: number): string {
  const date = new Date(day * 86_400_000);
  return Number.isNaN(date.getTime()) ? 'out of the calendar' : date.toISOString().slice(0, -14);
}

export interface HeldThere { readonly rows: number; readonly alsoDue: number; readonly byHold: HeldAmong['byHold'] }

/** Rows before the end of a plan that are under standing holds and not known to be gone, whether or not the cache still has them. Reads in one go. */
export function heldThere(db: ReadDb, { place, emptied, holds }: { readonly place: Place; readonly emptied: readonly Emptied[]; readonly holds: HoldsPort }, { cutoffUs, endUs }: Stretch): HeldThere {
  const { ids } = holds.heldBefore(db, place.deploymentId, { toUs: endUs });
  if (ids.size === 0) return { rows: 0, alsoDue: 0, byHold: [] };
  const there = tracesOfIds(db, place, [...ids]).filter((row) => !isGone(row, emptied));
  if (there.length === 0) return { rows: 0, alsoDue: 0, byHold: [] };
  const rows = there.filter(({ createdAtUs }) => createdAtUs < cutoffUs).length;
  return { rows, alsoDue: there.length - rows, byHold: holds.heldBefore(db, place.deploymentId, { toUs: endUs, ids: new Set(there.map(({ id }) => id)) }).byHold };
}
