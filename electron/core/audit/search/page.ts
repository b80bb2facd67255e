// One page of a search in its order: along an index where the order has one, else the first rows of all slices, kept for the pages that follow.
import type { AuditEvent } from '#shared/domain/audit-event.ts';
import { NEWEST_FIRST } from '#shared/domain/audit-search.ts';
import type { AuditSort } from '#shared/domain/audit-search.ts';
import type { ReadDb } from '../../db/sql.ts';
import type { AbsentPayload } from '../queries.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { choosePlan, fewPlan, isSmallRange, placeAfter, sliceAlong, slicesOf, waysAlong } from './scan-queries.ts';
import type { Limits, Place, Scope, Walk } from './scan-queries.ts';
import { contentVersion, countIn, eventBySeq, keyOf, keysIn, rowsIn, valuesIn, withValue } from './search-queries.ts';
import type { FoundRow, SortKey } from './search-queries.ts';
import { hoursOf } from './sums.ts';
import type { HoursCache } from './sums.ts';
import type { Turn } from './turn.ts';

export interface PageRequest {
  readonly scope: Scope;
  /** Tells searches apart whose pages belong together. */
  readonly name: string;
  /** The same with the time of evaluation. */
  readonly countsName: string;
  readonly sort: AuditSort;
  readonly cursor: string | null;
  readonly offset: number | null;
  readonly limit: number;
  readonly absent: AbsentPayload;
}
export interface Page { readonly events: AuditEvent[]; readonly nextCursor: string | null }

const WINDOWS = 4;
/** Values of a column that are counted one by one; a column where every row has its own would fill the memory. */
const MAX_VALUES = 100_000;
const NEWEST_FIRST_WALK: Walk = { by: 'time', direction: 'desc' };

/** Keys of a stretch of the order, kept so that the next page need not read everything again. */
interface Window { readonly name: string; readonly after: SortKey | null; readonly keys: readonly SortKey[]; readonly isLast: boolean; readonly version: string }

export interface Pager {
  /** @throws AppError invalid_input for a cursor that does not belong here, cancelled */
  page(request: PageRequest, turn: Turn): Promise<Page>;
}

export function createPager(db: ReadDb, hours: HoursCache): Pager {
  let windows: readonly Window[] = [];
  let valueCounts: { readonly name: string; readonly counts: readonly { readonly value: SortKey['value']; readonly n: number }[] } | null = null;

  async function page(request: PageRequest, turn: Turn): Promise<Page> {
    const { scope, sort, cursor, limit } = request;
    const after = cursor === null ? null : readCursor(cursor, sort, (seq) => keyOf(db, { dep: scope.dep, seq }, sort));
    const offset = request.offset ?? 0;
    if (after !== null && kept({ name: windowName(request), after, offset, limit }) !== null) return fromWindow(request, { after, offset }, turn);
    const few = isPlain(scope, sort) ? null : fewPlan(db, scope);
    if (few !== null) {
      const [slice] = slicesOf(db, scope, few);
      return finish(request, slice === undefined ? [] : rowsIn(db, slice, { sort, after, limit: limit + 1, offset, absent: request.absent }));
    }
    const walked = sort.by === 'time' || sort.by === 'id' ? await walk(request, { walk: { by: sort.by, direction: sort.direction }, after, offset }, turn) : null;
    if (walked !== null) return finish(request, walked);
    return sort.by !== 'time' && sort.by !== 'id' && offset >= scope.limits.jumpFrom ? farPage(request, offset, turn) : fromWindow(request, { after, offset }, turn);
  }

  /** A page far down in the order of a column: the counts of its values say among which rows it begins; those are read in the order of time. */
  async function farPage(request: PageRequest, offset: number, turn: Turn): Promise<Page> {
    const { scope, sort, limit } = request;
    const counts = await countValues(request, turn);
    if (counts === null) return fromWindow(request, { after: null, offset }, turn);
    let skip = offset;
    for (const { value, n } of counts) {
      if (skip >= n) {
        skip -= n;
        continue;
      }
      const among = { ...request, scope: withValue(scope, sort.by, value), countsName: JSON.stringify([request.countsName, sort.by, value]), sort: NEWEST_FIRST };
      const rows = (await walk(among, { walk: NEWEST_FIRST_WALK, after: null, offset: skip }, turn))?.map(({ key, event }) => ({ key: { ...key, value }, event }));
      const last = rows?.at(-1);
      if (rows === undefined || last === undefined) return fromWindow(request, { after: { seq: -1, value, createdAtUs: Number.MAX_SAFE_INTEGER, id: Number.MAX_SAFE_INTEGER }, offset: skip }, turn);
      if (rows.length > limit) return finish(request, rows);
      // The rows of this value end within the page: those of the next ones follow.
      const rest = await fromWindow({ ...request, limit: Math.max(1, limit - rows.length) }, { after: last.key, offset: 0 }, turn);
      if (rows.length === limit) return { events: rows.map((row) => row.event), nextCursor: rest.events.length === 0 ? null : writeCursor(sort, last.key) };
      return { events: [...rows.map((row) => row.event), ...rest.events], nextCursor: rest.nextCursor };
    }
    return { events: [], nextCursor: null };
  }

  /** How often each value of the sort's column is among the matches, in order; null when there are too many values to be worth it. */
  async function countValues({ scope, sort, countsName }: PageRequest, turn: Turn): Promise<readonly { readonly value: SortKey['value']; readonly n: number }[] | null> {
    const name = JSON.stringify([contentVersion(db), countsName, sort]);
    if (valueCounts?.name === name) return valueCounts.counts;
    const all = new Map<SortKey['value'], number>();
    for (const slice of slicesOf(db, scope, choosePlan(db, scope))) {
      for (const { value, n } of valuesIn(db, slice, sort.by)) all.set(value, (all.get(value) ?? 0) + n);
      if (all.size > MAX_VALUES) return null;
      await turn.pause();
    }
    const sign = sort.direction === 'asc' ? 1 : -1;
    const counts = [...all].map(([value, n]) => ({ value, n })).sort((a, b) => sign * compareValues(a.value, b.value));
    valueCounts = { name, counts };
    return counts;
  }

  /** Along the index; null when too few rows match on the way, so that another way is better. */
  async function walk(request: PageRequest, way: { readonly walk: Walk; readonly after: SortKey | null; readonly offset: number }, turn: Turn): Promise<FoundRow[] | null> {
    const { scope, sort, limit, absent } = request;
    const { jumpFrom, walkBudget, firstStep } = scope.limits;
    const along = waysAlong(db, scope);
    if (along === 'none') return null;
    const isJump = way.offset >= jumpFrom && way.walk.by === 'time';
    const jump = isJump ? await jumpTo(request, way, turn) : null;
    if (isJump && jump === null) return [];
    let place: Place | null = jump?.place ?? way.after;
    let skip = jump?.skip ?? way.offset;
    const plain = isPlain(scope, sort);
    const budget = plain || isJump || isSmallRange(db, scope) ? Infinity : walkBudget;
    const found: FoundRow[] = [];
    let seen = 0;
    for (let step = firstStep; ; step = nextStep(scope.limits, { step, seen, found: found.length, missing: limit + 1 - found.length })) {
      const end: Place | null = plain ? null : placeAfter(db, scope, { walk: way.walk, after: place, rows: step });
      const slice = sliceAlong(db, scope, { walk: way.walk, stretch: { after: place, end }, way: along });
      const skipped = plain || skip === 0 ? 0 : countIn(db, slice);
      if (skipped > 0 && skipped <= skip) skip -= skipped;
      else {
        for (const row of rowsIn(db, slice, { sort, after: null, limit: limit + 1 - found.length, offset: skip, absent })) found.push(row);
        if (skipped > skip) skip = 0;
      }
      if (found.length > limit || end === null) return found;
      seen += step;
      if (seen >= budget) return null;
      place = end;
      await turn.pause();
    }
  }

  /** Counts by hour say in which hour an offset lies. */
  async function jumpTo({ scope, countsName }: PageRequest, way: { readonly walk: Walk; readonly offset: number }, turn: Turn): Promise<{ readonly place: Place; readonly skip: number } | null> {
    const isDown = way.walk.direction === 'desc';
    const counts = [...await hoursOf(db, { scope, name: countsName, cache: hours }, turn)].sort((a, b) => (isDown ? b.step - a.step : a.step - b.step));
    let skip = way.offset;
    for (const { step, events } of counts) {
      // Ids begin at 0: this place stands before every row of its instant.
      if (skip < events) return { place: { createdAtUs: (isDown ? step + 1 : step) * HOUR_US, id: -1 }, skip };
      skip -= events;
    }
    return null;
  }

  async function fromWindow(request: PageRequest, way: { readonly after: SortKey | null; readonly offset: number }, turn: Turn): Promise<Page> {
    const { limit, sort, absent, scope: { limits: { windowRows } } } = request;
    const name = windowName(request);
    let { after, offset } = way;
    for (;;) {
      const { window, from } = kept({ name, after, offset, limit }) ?? { window: await readWindow(request, { name, after, rows: Math.max(windowRows, limit + 1, Math.min(offset, 5 * windowRows)) }, turn), from: 0 };
      const start = from + offset;
      if (start < window.keys.length && (window.isLast || start + limit < window.keys.length)) {
        const keys = window.keys.slice(start, start + limit);
        const more = start + limit < window.keys.length;
        const last = keys.at(-1);
        return { events: keys.flatMap(({ seq }) => eventBySeq(db, seq, absent) ?? []), nextCursor: more && last !== undefined ? writeCursor(sort, last) : null };
      }
      if (window.isLast) return { events: [], nextCursor: null };
      // What is wanted begins behind this window, or runs over its end: the next one begins where the page does.
      const at = Math.min(start, window.keys.length);
      after = window.keys[at - 1] ?? after;
      offset = start - at;
      await turn.pause();
    }
  }

  function kept({ name, after, offset, limit }: { readonly name: string; readonly after: SortKey | null; readonly offset: number; readonly limit: number }): { readonly window: Window; readonly from: number } | null {
    for (const window of windows) {
      // A search from the beginning shows what is there now; the pages that follow keep to what it showed.
      if (window.name !== name || (after === null && window.version !== contentVersion(db))) continue;
      // The place before the first row of a value has no row of its own: its value tells it from others.
      const isStart = window.after?.seq === after?.seq && window.after?.value === after?.value;
      const from = isStart ? 0 : window.keys.findIndex((key) => key.seq === after?.seq) + 1;
      if ((isStart || from > 0) && (window.isLast || from + offset + limit < window.keys.length)) return { window, from };
    }
    return null;
  }

  async function readWindow({ scope, sort }: PageRequest, want: { readonly name: string; readonly after: SortKey | null; readonly rows: number }, turn: Turn): Promise<Window> {
    const version = contentVersion(db);
    let keys: SortKey[] = [];
    for (const slice of slicesOf(db, scope, choosePlan(db, scope))) {
      const last = keys.length > want.rows ? keys.at(-1) ?? null : null;
      const found = keysIn(db, slice, { sort, after: want.after, last, limit: want.rows + 1 });
      keys = [...keys, ...found].sort((a, b) => compareKeys(sort, a, b)).slice(0, want.rows + 1);
      await turn.pause();
    }
    const window = { name: want.name, after: want.after, keys: keys.slice(0, want.rows), isLast: keys.length <= want.rows, version };
    windows = [window, ...windows].slice(0, WINDOWS);
    return window;
  }

  function finish({ sort, limit }: PageRequest, rows: readonly FoundRow[]): Page {
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    return { events: shown.map((row) => row.event), nextCursor: rows.length > limit && last !== undefined ? writeCursor(sort, last.key) : null };
  }

  return { page };
}

const HOUR_US = 3600e6;

/** As many rows as the share that matched so far lets expect to be enough; without a match twice as many as before. */
function nextStep({ firstStep, longestStep }: Limits, { step, seen, found, missing }: { readonly step: number; readonly seen: number; readonly found: number; readonly missing: number }): number {
  return Math.min(longestStep, found === 0 ? step * 2 : Math.max(firstStep, Math.ceil((missing * seen * 1.25) / found)));
}

const windowName = ({ name, sort }: PageRequest): string => JSON.stringify([name, sort]);

/** Nothing but time is asked for, in the order of time: the index alone gives the rows. */
function isPlain(scope: Scope, sort: AuditSort): boolean {
  return scope.query.isOnlyTime && (sort.by === 'time' || (sort.by === 'id' && scope.query.sinceUs === null && scope.query.untilUs === null));
}

/** The order of the database: no value first when ascending, numbers by size, texts by their UTF-8 bytes; ties newest first. */
export function compareKeys(sort: AuditSort, a: SortKey, b: SortKey): number {
  const sign = sort.direction === 'asc' ? 1 : -1;
  if (sort.by === 'id') return sign * (a.id - b.id);
  const inTime = a.createdAtUs - b.createdAtUs || a.id - b.id;
  if (sort.by === 'time') return sign * inTime;
  return sign * compareValues(a.value, b.value) || -inTime;
}

function compareValues(a: SortKey['value'], b: SortKey['value']): number {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? -1 : 1;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));
}
