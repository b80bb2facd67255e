// SQL of the search beside its conditions: keys to sort and go on by, counts over slices, the roll-ups by hour and value, and saved views.
import type { AuditSort, FacetField, SavedView } from '#shared/domain/audit-search.ts';
import type { AuditEvent } from '#shared/domain/audit-event.ts';
import { formatInstantUs } from '#shared/domain/time.ts';
import { sql } from '../../db/sql.ts';
import type { ReadDb, Row, Sql, WriteDb } from '../../db/sql.ts';
import { toEvent } from '../queries.ts';
import type { AbsentPayload } from '../queries.ts';
import type { Place, Scope, Slice } from './scan-queries.ts';

/** Where a row stands in a sort; ties of `value` are newest first. */
export interface SortKey extends Place {
  readonly seq: number;
  /** Of the column; null for no value, and where time or id is the order. */
  readonly value: string | number | null;
}

const COLUMNS: Readonly<Record<AuditSort['by'], Sql>> = {
  time: sql`NULL`, id: sql`NULL`, method: sql`e.method`, route: sql`e.route`, actor: sql`coalesce(e.actor_email, e.actor_sub)`, org: sql`e.org`, status: sql`e.status_code`, event: sql`e.event_type`, resource: sql`e.resource_id`, payload: sql`e.state`,
};

function orderBy({ by, direction }: AuditSort): Sql {
  const down = direction === 'desc';
  if (by === 'id') return down ? sql`e.id DESC` : sql`e.id ASC`;
  if (by === 'time') return down ? sql`e.created_at DESC, e.id DESC` : sql`e.created_at ASC, e.id ASC`;
  return sql`${COLUMNS[by]} ${down ? sql`DESC` : sql`ASC`}, e.created_at DESC, e.id DESC`;
}

/** Rows behind a key. No value comes before all values: first when ascending, last when descending. */
function behind({ by, direction }: AuditSort, key: SortKey): Sql {
  const down = direction === 'desc';
  if (by === 'id') return down ? sql`e.id < ${key.id}` : sql`e.id > ${key.id}`;
  if (by === 'time' && !down) return sql`(e.created_at, e.id) > (${key.createdAtUs}, ${key.id})`;
  const tie = sql`(e.created_at, e.id) < (${key.createdAtUs}, ${key.id})`;
  if (by === 'time') return tie;
  const column = COLUMNS[by];
  const further = down ? (key.value === null ? sql`0` : sql`${column} < ${key.value} OR ${column} IS NULL`) : (key.value === null ? sql`${column} IS NOT NULL` : sql`(${column} IS NOT NULL AND ${column} > ${key.value})`);
  return sql`(${further} OR (${column} IS ${key.value} AND ${tie}))`;
}

/** Rows up to a key, with its own: the exact opposite, as `behind` is never NULL. */
function before(sort: AuditSort, key: SortKey): Sql {
  return sql`NOT (${behind(sort, key)})`;
}

function toKey(row: Row): SortKey {
  const value = row['k'];
  return { seq: Number(row['seq']), createdAtUs: Number(row['created_at']), id: Number(row['id']), value: typeof value === 'string' || typeof value === 'number' ? value : null };
}

/** The key of a row that is held; null when it is not there any more. */
export function keyOf(db: ReadDb, { dep, seq }: { readonly dep: number; readonly seq: number }, sort: AuditSort): SortKey | null {
  return db.get(sql`SELECT e.seq, e.created_at, e.id, ${COLUMNS[sort.by]} AS k FROM audit_event e WHERE e.seq = ${seq} AND e.dep = ${dep}`, toKey);
}

/** How often each value of a column stands in a slice. */
export function valuesIn(db: ReadDb, slice: Slice, by: AuditSort['by']): { readonly value: SortKey['value']; readonly n: number }[] {
  return db.all(sql`SELECT ${COLUMNS[by]} AS k, count(*) AS n ${slice} GROUP BY 1`, (row) => ({ value: typeof row['k'] === 'string' || typeof row['k'] === 'number' ? row['k'] : null, n: Number(row['n']) }));
}

/** The same search among the rows with one value of a column. */
export function withValue(scope: Scope, by: AuditSort['by'], value: SortKey['value']): Scope {
  const { query } = scope;
  const and = (condition: Sql): Sql => sql`${condition} AND ${COLUMNS[by]} IS ${value}`;
  return { ...scope, query: { ...query, isOnlyTime: false, isOnlyText: false, condition: (within) => and(query.condition(within)), conditionBesideText: (within) => and(query.conditionBesideText(within)) } };
}

export interface FoundRow { readonly key: SortKey; readonly event: AuditEvent }

/** Rows of a slice in order. */
export function rowsIn(db: ReadDb, slice: Slice, want: { readonly sort: AuditSort; readonly after: SortKey | null; readonly limit: number; readonly offset: number; readonly absent: AbsentPayload }): FoundRow[] {
  const { sort, after, limit, offset, absent } = want;
  return db.all(sql`SELECT e.*, ${COLUMNS[sort.by]} AS k ${slice}${after === null ? sql`` : sql` AND ${behind(sort, after)}`} ORDER BY ${orderBy(sort)} LIMIT ${limit} OFFSET ${offset}`,
    (row) => ({ key: toKey(row), event: toEvent(row, absent) }));
}

/** Keys of a slice in order, behind one key and not behind another. */
export function keysIn(db: ReadDb, slice: Slice, want: { readonly sort: AuditSort; readonly after: SortKey | null; readonly last: SortKey | null; readonly limit: number }): SortKey[] {
  const { sort, after, last, limit } = want;
  return db.all(sql`SELECT e.seq, e.created_at, e.id, ${COLUMNS[sort.by]} AS k ${slice}${after === null ? sql`` : sql` AND ${behind(sort, after)}`}${last === null ? sql`` : sql` AND ${before(sort, last)}`} ORDER BY ${orderBy(sort)} LIMIT ${limit}`, toKey);
}

export function eventBySeq(db: ReadDb, seq: number, absent: AbsentPayload): AuditEvent | null {
  return db.get(sql`SELECT * FROM audit_event WHERE seq = ${seq}`, (row) => toEvent(row, absent));
}

/** Rows that the text index finds up to the anchor, in all deployments. */
export function countText(db: ReadDb, text: string, anchor: number): number {
  return db.get(sql`SELECT count(*) AS n FROM audit_text WHERE audit_text MATCH ${text} AND rowid <= ${BigInt(anchor)}`, (row) => Number(row['n'])) ?? 0;
}

/** True when no other deployment has rows. */
export function isAlone(db: ReadDb, dep: number): boolean {
  return db.get(sql`SELECT 1 FROM audit_hour WHERE dep <> ${dep} LIMIT 1`, () => true) === null;
}

export function countIn(db: ReadDb, slice: Slice): number {
  return db.get(sql`SELECT count(*) AS n ${slice}`, (row) => Number(row['n'])) ?? 0;
}

/** Events and those of them with a status of 400 or more, by step of time since the epoch. */
export interface StepCount { readonly step: number; readonly events: number; readonly errors: number }
const toStep = (row: Row): StepCount => ({ step: Number(row['step']), events: Number(row['events']), errors: Number(row['errors']) });

/** Counts of a slice by steps of `stepUs` microseconds. */
export function stepsIn(db: ReadDb, slice: Slice, stepUs: number): StepCount[] {
  const step = BigInt(stepUs);
  return db.all(sql`SELECT e.created_at / ${step} - (e.created_at % ${step} < 0) AS step, count(*) AS events, sum(e.status_code >= 400) AS errors ${slice} GROUP BY 1`, toStep);
}

/** The same from the roll-up of whole hours, `stepHours` hours a step. */
export function stepsOfHours(db: ReadDb, dep: number, want: { readonly fromHour: number | null; readonly toHour: number | null; readonly stepHours: number }): StepCount[] {
  const step = BigInt(want.stepHours);
  const from = want.fromHour === null ? sql`` : sql` AND hour >= ${want.fromHour}`;
  const to = want.toHour === null ? sql`` : sql` AND hour <= ${want.toHour}`;
  return db.all(sql`SELECT hour / ${step} - (hour % ${step} < 0) AS step, sum(events) AS events, sum(errors) AS errors FROM audit_hour WHERE dep = ${dep}${from}${to} GROUP BY 1`, toStep);
}

/** First and last time in the cache, microseconds; null without rows. */
export function timeEnds(db: ReadDb, dep: number): { readonly oldestUs: number; readonly newestUs: number } | null {
  return db.get(sql`SELECT (SELECT min(created_at) FROM audit_event WHERE dep = ${dep}) AS oldest, (SELECT max(created_at) FROM audit_event WHERE dep = ${dep}) AS newest`,
    (row) => (row['oldest'] === null ? null : { oldestUs: Number(row['oldest']), newestUs: Number(row['newest']) }));
}

/** All rows of a deployment, from the roll-up. */
export function totalOf(db: ReadDb, dep: number): number {
  return db.get(sql`SELECT total(events) AS n FROM audit_hour WHERE dep = ${dep}`, (row) => Number(row['n'])) ?? 0;
}

/** Changes with every write, by this connection or another. */
export function contentVersion(db: ReadDb): string {
  return db.get(sql`SELECT data_version AS others, total_changes() AS own FROM pragma_data_version`, (row) => `${String(row['others'])}.${String(row['own'])}`) ?? '';
}

/** The newest row number of all deployments. */
export function newestSeq(db: ReadDb): number {
  return db.get(sql`SELECT max(seq) AS seq FROM audit_event`, (row) => Number(row['seq'])) ?? 0;
}

export interface ValueCount { readonly value: string | null; readonly n: number }
const toValue = (row: Row): ValueCount => ({ value: row['value'] === '-' ? null : String(row['value']).slice(1), n: Number(row['n']) });

/** The most frequent values from the roll-up. */
export function talliesOf(db: ReadDb, dep: number, want: { readonly facet: FacetField; readonly limit: number }): ValueCount[] {
  return db.all(sql`SELECT value, n FROM audit_tally WHERE dep = ${dep} AND facet = ${want.facet} AND n > 0 ORDER BY n DESC, value LIMIT ${want.limit}`, toValue);
}

/** What parts a value: a component begins behind one of these. */
const SEPARATORS = ['/', '.', '@', '|', '-', '_', ':', ' '] as const;

/** True in SQL when a value begins with the prefix, or one of its components does; A to Z without regard to case. */
function beginsWith(column: Sql, prefix: string): Sql {
  const parts = SEPARATORS.map((separator) => sql`instr(lower(${column}), ${separator} || lower(${prefix})) > 0`);
  const inside = parts.reduce((all, part) => sql`${all} OR ${part}`);
  return sql`(substr(${column}, 1, ${[...prefix].length}) = ${prefix} COLLATE NOCASE OR ${inside})`;
}

/** The most frequent values that fit a prefix, from the roll-up. */
export function talliesLike(db: ReadDb, dep: number, want: { readonly facet: FacetField; readonly prefix: string; readonly limit: number }): ValueCount[] {
  return db.all(sql`SELECT value, n FROM audit_tally WHERE dep = ${dep} AND facet = ${want.facet} AND n > 0 AND value <> '-' AND ${beginsWith(sql`substr(value, 2)`, want.prefix)} ORDER BY n DESC, value LIMIT ${want.limit}`, toValue);
}

/** The most frequent routes among the newest rows that fit a prefix. */
export function routesLike(db: ReadDb, dep: number, want: { readonly prefix: string; readonly rows: number; readonly limit: number }): ValueCount[] {
  return db.all(sql`SELECT '=' || route AS value, count(*) AS n FROM (SELECT e.route FROM audit_event e INDEXED BY audit_event_time WHERE e.dep = ${dep} ORDER BY e.created_at DESC, e.id DESC LIMIT ${want.rows})
    WHERE ${beginsWith(sql`route`, want.prefix)} GROUP BY route ORDER BY n DESC, route LIMIT ${want.limit}`, toValue);
}

/** Rows of a slice with equal values of every facet but the route, counted together. */
export interface FacetGroup { readonly method: string; readonly status: string; readonly org: string | null; readonly actor: string | null; readonly event: string; readonly payload: string | null; readonly key: string | null; readonly n: number }
const text = (value: Row[string] | undefined): string | null => (value === null || value === undefined ? null : String(value));

export function facetGroupsIn(db: ReadDb, slice: Slice): FacetGroup[] {
  return db.all(sql`SELECT e.method AS method, e.status_code AS status, e.org AS org, coalesce(e.actor_email, e.actor_sub) AS actor, e.event_type AS event, e.state AS payload, e.key_id AS kid, count(*) AS n ${slice} GROUP BY 1, 2, 3, 4, 5, 6, 7`, (row) => ({
    method: String(row['method']), status: String(row['status']), org: text(row['org']), actor: text(row['actor']), event: String(row['event']), payload: text(row['payload']), key: text(row['kid']), n: Number(row['n']),
  }));
}

export function routeCountsIn(db: ReadDb, slice: Slice): ValueCount[] {
  return db.all(sql`SELECT '=' || e.route AS value, count(*) AS n ${slice} GROUP BY e.route`, toValue);
}

function toView(row: Row): SavedView {
  return {
    id: Number(row['id']), name: String(row['name']), query: String(row['query']), sort: JSON.parse(String(row['sort'])) as SavedView['sort'],
    columns: JSON.parse(String(row['columns'])) as SavedView['columns'], savedAt: formatInstantUs(Number(row['saved_at'])),
  };
}

export function listViews(db: ReadDb): SavedView[] {
  return db.all(sql`SELECT * FROM audit_view ORDER BY name, id`, toView);
}

/** Keeps a view; one of the same name is replaced and keeps its id. */
export function saveView(db: WriteDb, view: Omit<SavedView, 'id' | 'savedAt'>, savedAtUs: number): SavedView {
  db.run(sql`INSERT INTO audit_view (name, query, sort, columns, saved_at) VALUES (${view.name}, ${view.query}, ${JSON.stringify(view.sort)}, ${JSON.stringify(view.columns)}, ${savedAtUs})
    ON CONFLICT (name) DO UPDATE SET name = excluded.name, query = excluded.query, sort = excluded.sort, columns = excluded.columns, saved_at = excluded.saved_at`);
  const saved = db.get(sql`SELECT * FROM audit_view WHERE name = ${view.name}`, toView);
  if (saved === null) throw new Error('a view that was saved is not there');
  return saved;
}

export function removeView(db: WriteDb, id: number): boolean {
  return db.run(sql`DELETE FROM audit_view WHERE id = ${id}`).changes === 1;
}
