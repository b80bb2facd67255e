// Which rows are under legal holds: what the vault has for them, and what in the cache matches and was not preserved yet. It never reads a hold as smaller than its query.
import { parseQuery } from '#shared/domain/audit-query.ts';
import type { QueryNode } from '#shared/domain/audit-query-tree.ts';
import { AppError } from '#shared/errors.ts';
import { compileQuery } from '../../audit/search/compile-queries.ts';
import type { CompiledQuery } from '../../audit/search/compile-queries.ts';
import { joinSql, sql } from '../../db/sql.ts';
import type { ReadDb, Sql } from '../../db/sql.ts';
import { findHold, holdsOfRow, lateRows, markOf, matchingOf, memberPlaces, membersOf, newestArrivals, placesIn, placesOf, seqOf, standingHoldsOf } from './hold-queries.ts';
import type { HoldRow, Place } from './hold-queries.ts';

/** Rows of one look at the text index and the table. */
const WINDOW = 20_000;
const LATE_AT_ONCE = 2000;

function relativeTime(node: QueryNode): QueryNode | null {
  if (node.kind === 'time') return 'agoUs' in node.at ? node : null;
  if (node.kind === 'not') return relativeTime(node.item);
  if (!('items' in node)) return null;
  for (const item of node.items) {
    const found = relativeTime(item);
    if (found !== null) return found;
  }
  return null;
}

/** Reads a hold's query. @throws AppError invalid_query, with the column: not a query, or a time in it that counts back from now */
export function readHoldQuery(text: string): CompiledQuery {
  const parsed = parseQuery(text);
  if (!parsed.ok) throw new AppError('invalid_query', { message: `Column ${parsed.error.column}: ${parsed.error.message}`, hint: parsed.error.hint });
  const relative = relativeTime(parsed.ast);
  if (relative !== null) {
    throw new AppError('invalid_query', {
      message: `Column ${relative.from + 1}: this time counts back from now, so rows would slip out of the hold. Nothing was changed.`, hint: 'Give a date, for example since:2026-01-31.',
    });
  }
  // Without relative times the present has no part in it.
  return compileQuery(parsed.ast, 0);
}

/** What holds of `audit_event e` for the rows that a hold's query matches; for one of the holds when there are several. */
export function holdCondition(holds: readonly Pick<HoldRow, 'query'>[]): Sql {
  return holds.length === 0 ? sql`0` : joinSql(holds.map(({ query }) => sql`(${readHoldQuery(query).condition(null)})`), sql` OR `);
}

/** Cached rows that a hold matches and the vault does not have for it yet, in pieces; between two pieces others may write. */
export function* unpreserved(db: ReadDb, dep: number, hold: Pick<HoldRow, 'id' | 'query'>): Generator<readonly Place[]> {
  const query = readHoldQuery(hold.query);
  const mark = markOf(db, hold.id);
  const end = newestArrivals(db);
  const missing = (places: readonly Place[]): Place[] => {
    const kept = new Set(membersOf(db, hold.id, { dep, seqs: places.map(({ seq }) => seq) }).map(({ seq }) => seq));
    return places.filter(({ seq }) => !kept.has(seq));
  };
  for (let after = mark.late; after < end.late;) {
    const late = lateRows(db, dep, { after, limit: LATE_AT_ONCE });
    after = late.at(-1)?.num ?? end.late;
    const seqs = late.map(({ seq }) => seq).filter((seq) => seq <= mark.seq);
    yield missing(placesOf(db, matchingOf(db, dep, { seqs, condition: query.condition(null) })));
  }
  for (let after = mark.seq; after < end.seq; after += WINDOW) {
    const through = Math.min(after + WINDOW, end.seq);
    yield missing(placesIn(db, dep, { after, through, condition: query.condition({ low: after + 1, high: through }) }));
  }
}

export interface Stretch { /** Inclusive; left out: from the beginning. */ readonly fromUs?: number; /** Exclusive; left out: to the end. */ readonly toUs?: number }

export interface HeldAmong {
  /** Rows under any standing hold, each once. */
  readonly ids: ReadonlySet<number>;
  /** By hold; a row under two is counted with both. Holds without any are left out. */
  readonly byHold: readonly { readonly holdId: string; readonly caseId: string; readonly rows: number }[];
}

const inside = ({ fromUs = Number.NEGATIVE_INFINITY, toUs = Number.POSITIVE_INFINITY }: Stretch, us: number): boolean => us >= fromUs && us < toUs;

/**
 * Rows of a stretch of time that are under holds that stand: in the vault, whether or not the cache still has them, or matched in the cache and not preserved yet.
 * `ids`: only rows with one of these ids. Reads in one go, so that it can decide inside a transaction.
 */
export function heldAmong(db: ReadDb, dep: number, { ids: among, ...stretch }: Stretch & { readonly ids?: ReadonlySet<number> } = {}): HeldAmong {
  const ids = new Set<number>();
  const byHold: { holdId: string; caseId: string; rows: number }[] = [];
  const bounds = { fromUs: stretch.fromUs ?? Number.MIN_SAFE_INTEGER, toUs: stretch.toUs ?? Number.MAX_SAFE_INTEGER };
  for (const hold of standingHoldsOf(db, dep)) {
    const own = new Set<number>();
    for (const { id } of memberPlaces(db, hold.id, bounds)) if (among?.has(id) !== false) own.add(id);
    for (const places of unpreserved(db, dep, hold)) for (const { id, createdAtUs } of places) if (inside(stretch, createdAtUs) && among?.has(id) !== false) own.add(id);
    if (own.size > 0) byHold.push({ holdId: hold.id, caseId: hold.caseId, rows: own.size });
    for (const id of own) ids.add(id);
  }
  return { ids, byHold };
}

/** The cases of standing holds that a row is under. */
export function casesOf(db: ReadDb, dep: number, eventId: number): readonly { readonly holdId: string; readonly caseId: string }[] {
  const kept = holdsOfRow(db, dep, eventId);
  const seq = seqOf(db, dep, eventId);
  const others = standingHoldsOf(db, dep).filter(({ id }) => !kept.some(({ holdId }) => holdId === id));
  const matching = seq === null ? [] : others.filter(({ query }) => matchingOf(db, dep, { seqs: [seq], condition: readHoldQuery(query).condition({ low: seq, high: seq }) }).length > 0);
  return [...kept, ...matching.map(({ id, caseId }) => ({ holdId: id, caseId }))];
}

export function isHeld(db: ReadDb, dep: number, eventId: number): boolean {
  return casesOf(db, dep, eventId).length > 0;
}

export function hasActiveHolds(db: ReadDb, dep: number): boolean {
  return standingHoldsOf(db, dep).length > 0;
}

/** @throws AppError hold_not_found */
export function requireHold(db: ReadDb, deploymentId: string, holdId: string): HoldRow {
  const found = findHold(db, holdId);
  if (found === null || found.deploymentId !== deploymentId) throw new AppError('hold_not_found', { message: 'There is no such hold for this deployment. Nothing was changed.', hint: 'See its list of holds.' });
  return found;
}
