// SQL that goes through the rows of a query in slices, each short enough to stop between two: by id, by the text index, by time, or in the order of arrival.
import { joinSql, sql } from '../../db/sql.ts';
import type { ReadDb, Sql } from '../../db/sql.ts';
import { inText } from './compile-queries.ts';
import type { CompiledQuery, SeqRange } from './compile-queries.ts';

/** What is searched: rows of one deployment that arrived up to the anchor. */
export interface Scope { readonly dep: number; readonly anchor: number; readonly query: CompiledQuery; readonly limits: Limits }

/** How rows are looked at along an index: by the words that the text index finds between them, or by their columns alone. */
export type Along = 'words' | 'columns';

/** FROM and WHERE of one stretch of the rows that match. */
export type Slice = Sql;

/**
 * ids: few ids are named. seqs: the text index found few rows, these. time: a small part of all rows lies in the range, along the index of time.
 * rows: in the order of arrival; `text` is what the text index finds them by, if it helps.
 */
export type Plan =
  | { readonly kind: 'ids'; readonly ids: readonly number[] }
  | { readonly kind: 'seqs'; readonly seqs: readonly number[] }
  | { readonly kind: 'time'; readonly along: Along }
  | { readonly kind: 'rows'; readonly text: string | null };

/** What decides between the ways to go; measured at a million rows, small in tests. */
export interface Limits {
  /** Up to so many hits of the text index, or named ids, are looked up at once: a few milliseconds. */
  readonly fewHits: number;
  readonly fewIds: number;
  /** Rows of one slice: some 10 to 80 ms. */
  readonly sliceRows: number;
  /** Below this share of all rows, going along time costs less than reading all of them. */
  readonly smallShare: number;
  /** Below this share of all rows, looking up each hit costs less than reading all of them. */
  readonly smallShareOfHits: number;
  /** Rows side by side in time lie within so many times their number in the order of arrival, or reading the text index along time is not worth it. */
  readonly dense: number;
  /** Rows looked at along an index before reading all of them is the better way; the first and the longest step on it. */
  readonly walkBudget: number;
  readonly firstStep: number;
  readonly longestStep: number;
  /** From this offset on it is worth to know how many rows each hour has. */
  readonly jumpFrom: number;
  /** Keys kept of a search that was read whole. */
  readonly windowRows: number;
}
export const LIMITS: Limits = { fewHits: 500, fewIds: 2000, sliceRows: 20_000, smallShare: 0.25, smallShareOfHits: 0.05, dense: 50, walkBudget: 20_000, firstStep: 1000, longestStep: 20_000, jumpFrom: 2000, windowRows: 4000 };

/** The plan for a query that few rows can match; null where many may. */
export function fewPlan(db: ReadDb, { query, limits }: Scope): Plan | null {
  const ids = fewIds(query, limits.fewIds);
  if (ids !== null) return { kind: 'ids', ids };
  if (query.narrowText === null) return null;
  const seqs = db.all(sql`SELECT rowid AS seq FROM audit_text WHERE audit_text MATCH ${query.narrowText} LIMIT ${limits.fewHits + 1}`, (row) => Number(row['seq']));
  return seqs.length <= limits.fewHits ? { kind: 'seqs', seqs } : null;
}

export function choosePlan(db: ReadDb, scope: Scope): Plan {
  const few = fewPlan(db, scope);
  if (few !== null) return few;
  const along = isSmallRange(db, scope) ? waysAlong(db, scope) : 'none';
  if (along !== 'none') return { kind: 'time', along };
  const { text, narrowText } = scope.query;
  const most = Math.floor(scope.anchor * scope.limits.smallShareOfHits);
  return { kind: 'rows', text: narrowText !== null && narrowText !== text && countHits(db, narrowText, most + 1) <= most ? narrowText : text };
}

function fewIds({ ids }: CompiledQuery, few: number): readonly number[] | null {
  if (ids === null) return null;
  const found = new Set<number>();
  for (const { min, max } of ids) {
    if (min === null || max === null || max - min >= few) return null;
    for (let id = min; id <= max; id += 1) found.add(id);
  }
  return found.size <= few ? [...found] : null;
}

/** Hits of an expression in all deployments, counted up to `limit`. */
function countHits(db: ReadDb, text: string, limit: number): number {
  return db.get(sql`SELECT count(*) AS n FROM (SELECT rowid FROM audit_text WHERE audit_text MATCH ${text} LIMIT ${limit})`, (row) => Number(row['n'])) ?? 0;
}

/** True when the hours that the query's range touches hold a small part of all rows. */
export function isSmallRange(db: ReadDb, { dep, anchor, query, limits }: Scope): boolean {
  const from = query.sinceUs === null ? sql`` : sql` AND hour >= ${Math.floor(query.sinceUs / HOUR_US)}`;
  const to = query.untilUs === null ? sql`` : sql` AND hour <= ${Math.floor(query.untilUs / HOUR_US)}`;
  const rows = db.get(sql`SELECT total(events) AS n FROM audit_hour WHERE dep = ${dep}${from}${to}`, (row) => Number(row['n'])) ?? 0;
  return rows < limits.smallShare * anchor;
}
const HOUR_US = 3600e6;

/** Where the text index is asked along an index, neighbours there must be neighbours in the order of arrival; none: the query needs the words, and they are not. */
export function waysAlong(db: ReadDb, scope: Scope): Along | 'none' {
  const { usesText, narrowText } = scope.query;
  if (!usesText && narrowText === null) return 'columns';
  const sample = seqsOf(db, sql`${timeRange(scope, { after: null, end: null }, 'desc')} ORDER BY e.created_at DESC, e.id DESC LIMIT 500`);
  if (sample === null || sample.high - sample.low < scope.limits.dense * sample.rows) return 'words';
  return usesText ? 'none' : 'columns';
}

function seqsOf(db: ReadDb, from: Sql): (SeqRange & { readonly rows: number }) | null {
  return db.get(sql`SELECT min(seq) AS low, max(seq) AS high, count(*) AS n FROM (SELECT e.seq AS seq ${from})`,
    (row) => (row['low'] === null ? null : { low: Number(row['low']), high: Number(row['high']), rows: Number(row['n']) }));
}

/** All slices of a plan, one after the other. What is found in them is disjoint, and together whole. */
export function* slicesOf(db: ReadDb, scope: Scope, plan: Plan): Iterable<Slice> {
  const { dep, anchor, query, limits } = scope;
  if (plan.kind === 'ids') {
    yield sql`FROM json_each(${JSON.stringify(plan.ids)}) j CROSS JOIN audit_event e INDEXED BY audit_event_id ON e.dep = ${dep} AND e.id = j.value WHERE e.seq <= ${anchor} AND ${query.condition(null)}`;
  } else if (plan.kind === 'seqs') {
    yield sql`FROM json_each(${JSON.stringify(plan.seqs)}) j CROSS JOIN audit_event e ON e.seq = j.value WHERE e.dep = ${dep} AND e.seq <= ${anchor} AND ${query.conditionBesideText(null)}`;
  } else if (plan.kind === 'time') {
    yield* timeSlices(db, scope, plan.along);
  } else {
    const step = plan.text === null ? limits.sliceRows : 3 * limits.sliceRows;
    for (let high = anchor; high > 0; high -= step) {
      const low = Math.max(1, high - step + 1);
      yield plan.text === null
        ? sql`FROM audit_event e NOT INDEXED WHERE e.seq BETWEEN ${low} AND ${high} AND e.dep = ${dep} AND ${query.condition({ low, high })}`
        : byText(scope, plan.text, { low, high });
    }
  }
}

function byText({ dep, query }: Scope, text: string, within: SeqRange): Slice {
  return sql`FROM audit_text CROSS JOIN audit_event e ON e.seq = audit_text.rowid WHERE audit_text MATCH ${text} AND audit_text.rowid BETWEEN ${BigInt(within.low)} AND ${BigInt(within.high)}
    AND e.dep = ${dep} AND ${query.conditionBesideText(within)}`;
}

/** A place along the index of time or of ids. */
export interface Place { readonly createdAtUs: number; readonly id: number }
/** Behind `after`, up to `end` with it; null is the beginning, or the end, of the query's range. */
export interface Stretch { readonly after: Place | null; readonly end: Place | null }

/** Rows of the deployment within a stretch of time, whatever the query says beside its bounds. */
function timeRange({ dep, query: { sinceUs, untilUs } }: Scope, { after, end }: Stretch, direction: 'asc' | 'desc'): Sql {
  const parts = [sql`e.dep = ${dep}`];
  if (direction === 'desc') {
    if (after !== null) parts.push(sql`(e.created_at, e.id) < (${after.createdAtUs}, ${after.id})`);
    else if (untilUs !== null) parts.push(sql`e.created_at <= ${untilUs}`);
    if (end !== null) parts.push(sql`(e.created_at, e.id) >= (${end.createdAtUs}, ${end.id})`);
    else if (sinceUs !== null) parts.push(sql`e.created_at >= ${sinceUs}`);
  } else {
    if (after !== null) parts.push(sql`(e.created_at, e.id) > (${after.createdAtUs}, ${after.id})`);
    else if (sinceUs !== null) parts.push(sql`e.created_at >= ${sinceUs}`);
    if (end !== null) parts.push(sql`(e.created_at, e.id) <= (${end.createdAtUs}, ${end.id})`);
    else if (untilUs !== null) parts.push(sql`e.created_at <= ${untilUs}`);
  }
  return sql`FROM audit_event e INDEXED BY audit_event_time WHERE ${joinSql(parts, sql` AND `)}`;
}

function idRange({ dep }: Scope, { after, end }: Stretch, direction: 'asc' | 'desc'): Sql {
  const parts = [sql`e.dep = ${dep}`];
  if (after !== null) parts.push(direction === 'desc' ? sql`e.id < ${after.id}` : sql`e.id > ${after.id}`);
  if (end !== null) parts.push(direction === 'desc' ? sql`e.id >= ${end.id}` : sql`e.id <= ${end.id}`);
  return sql`FROM audit_event e INDEXED BY audit_event_id WHERE ${joinSql(parts, sql` AND `)}`;
}

/** An index along which rows can be read in the order of a sort. */
export interface Walk { readonly by: 'time' | 'id'; readonly direction: 'asc' | 'desc' }

const rangeOf = (scope: Scope, walk: Walk, stretch: Stretch): Sql => (walk.by === 'time' ? timeRange(scope, stretch, walk.direction) : idRange(scope, stretch, walk.direction));

export function orderOf({ by, direction }: Walk): Sql {
  if (by === 'id') return direction === 'desc' ? sql`e.id DESC` : sql`e.id ASC`;
  return direction === 'desc' ? sql`e.created_at DESC, e.id DESC` : sql`e.created_at ASC, e.id ASC`;
}

/** The place `rows` rows further along the index; null when it ends before. */
export function placeAfter(db: ReadDb, scope: Scope, step: { readonly walk: Walk; readonly after: Place | null; readonly rows: number }): Place | null {
  return db.get(sql`SELECT e.created_at, e.id ${rangeOf(scope, step.walk, { after: step.after, end: null })} ORDER BY ${orderOf(step.walk)} LIMIT 1 OFFSET ${step.rows - 1}`,
    (row) => ({ createdAtUs: Number(row['created_at']), id: Number(row['id']) }));
}

/** The matching rows of a stretch along an index. */
export function sliceAlong(db: ReadDb, { query, ...scope }: Scope, along: { readonly walk: Walk; readonly stretch: Stretch; readonly way: Along }): Slice {
  const range = rangeOf({ query, ...scope }, along.walk, along.stretch);
  const within = along.way === 'words' ? seqsOf(db, range) ?? { low: 0, high: 0 } : null;
  // The number of a row stands in the index: what the text index does not find is passed over without reading the row.
  return query.narrowText === null || within === null
    ? sql`${range} AND e.seq <= ${scope.anchor} AND ${query.condition(within)}`
    : sql`${range} AND e.seq <= ${scope.anchor} AND ${inText(query.narrowText, within)} AND ${query.conditionBesideText(within)}`;
}

function* timeSlices(db: ReadDb, scope: Scope, way: Along): Iterable<Slice> {
  const walk: Walk = { by: 'time', direction: 'desc' };
  let after: Place | null = null;
  for (;;) {
    const end = placeAfter(db, scope, { walk, after, rows: scope.limits.sliceRows });
    yield sliceAlong(db, scope, { walk, stretch: { after, end }, way });
    if (end === null) return;
    after = end;
  }
}

/** Matching rows that arrived behind the anchor, in slices: what a roll-up counts too much. */
export function* slicesBehindAnchor(scope: Scope, newest: number): Iterable<Slice> {
  for (let low = scope.anchor + 1; low <= newest; low += scope.limits.sliceRows) {
    const high = Math.min(newest, low + scope.limits.sliceRows - 1);
    yield sql`FROM audit_event e NOT INDEXED WHERE e.seq BETWEEN ${low} AND ${high} AND e.dep = ${scope.dep} AND ${scope.query.condition({ low, high })}`;
  }
}

/** Matching rows between two times, both inclusive, in slices. */
export function slicesBetween(db: ReadDb, scope: Scope, range: { readonly sinceUs: number; readonly untilUs: number }): Iterable<Slice> {
  return timeSlices(db, { ...scope, query: { ...scope.query, ...range } }, 'columns');
}
