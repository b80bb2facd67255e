// The one way into the cached audit log, for syncs and imports: a row is stored once, its first version stays, and index and counts follow.
import { AppError } from '#shared/errors.ts';
import type { ReadDb, WriteDb } from '../db/sql.ts';
import type { NaviPayload } from '../deployments/service.ts';
import { keepable } from './open-payload.ts';
import { isSameJson } from './same-json.ts';
import { createRowCounts } from './store-counts.ts';
import { addHours, addValues, bodyOf, compareHeld, countValues, deleteBatch, findHeld, highestSeq, indexText, insertBatch, insertEvent, insertLatePayload, insertPayloads, MANY, manyEvents, numberOf, seqsFrom, unindexText } from './store-queries.ts';
import type { EventColumns, PayloadColumns, RowToInsert } from './store-queries.ts';
import { hasLetGo, wasLetGo } from './witness/let-go-queries.ts';

export type PayloadToStore = NaviPayload;
/** A payload with `sealedAtSeconds` was judged by `keepable` where it was read. */
export interface RowToStore extends EventColumns { readonly payload?: PayloadToStore | PayloadColumns | undefined }

/** Where rows come from, once for all of them. */
export interface StoreBatch {
  readonly deploymentId: string;
  readonly kind: 'sync' | 'import';
  /** The address that gives them; null for a file. */
  readonly address: string | null;
  /** In words: a route, or a file's name. */
  readonly source: string;
  readonly atUs: number;
  readonly importId?: number;
}

/** changed: held with other content; the first version stays. */
export type Kept = 'added' | 'held' | 'changed';
/** let-go: this workstation let it go by its own rule, and a sync brings it again: it is not stored. */
/** `seq` is the number of the row that is held now; 0 when none is. */
export interface RowOutcome { readonly row: Kept | 'let-go'; readonly payload: Kept | 'none'; readonly seq: number }
const LET_GO: RowOutcome = { row: 'let-go', payload: 'none', seq: 0 };

export interface RowStore {
  readonly dep: number;
  add(row: RowToStore): RowOutcome;
  /** As `add` for each, in this order, and much faster for rows that are new. */
  addMany(rows: readonly RowToStore[]): RowOutcome[];
  /** A payload for a row that is held. @returns missing when no such row is */
  addPayload(eventId: number, payload: PayloadToStore): Kept | 'missing';
  /** Brings the text index up to date, for the rows whose pages are still at hand; the counts only when many wait. */
  index(): void;
  /** Brings text index and counts up to date. Call it before the transaction ends; calling it in between is fine. */
  flush(): void;
}

/** Values that are counted in memory before the counts are written. */
const COUNTS_HELD = 10_000;

const judged = (payload: PayloadToStore | PayloadColumns): PayloadColumns => ('sealedAtSeconds' in payload ? payload : keepable(payload));

/** The number under which rows of a deployment are kept. @throws AppError deployment_not_found */
export function deploymentNumber(db: ReadDb, deploymentId: string): number {
  const found = numberOf(db, deploymentId);
  if (found === null) throw new AppError('deployment_not_found', { message: 'There is no such deployment.', hint: 'See the list of deployments.' });
  return found;
}

/** Opens the way in for one batch, for one transaction, which the caller has opened: another writer may add rows as soon as it ends. */
export function openRowStore(db: WriteDb, given: StoreBatch): RowStore {
  const dep = deploymentNumber(db, given.deploymentId);
  let batch: number | null = null;
  let used = false;
  const batchId = (): number => (batch ??= insertBatch(db, { dep, kind: given.kind, address: given.address, source: given.source, atUs: given.atUs, importId: given.importId ?? null }));
  let lastSeq = highestSeq(db);
  let indexedTo = lastSeq;
  let countedTo = lastSeq;
  const counts = createRowCounts();
  let many: ReturnType<typeof manyEvents> | null = null;
  // An import is somebody's wish to have the rows back.
  const keepsOut = given.kind === 'sync' && hasLetGo(db, dep);

  function indexRows(): void {
    if (lastSeq === indexedTo) return;
    indexText(db, indexedTo + 1, lastSeq);
    indexedTo = lastSeq;
  }

  function writeCounts(): void {
    if (lastSeq === countedTo) return;
    const { hours, facets } = counts.take();
    addHours(db, dep, hours);
    addValues(db, dep, facets);
    countedTo = lastSeq;
  }

  function addLate(seq: number, payload: PayloadToStore | PayloadColumns): void {
    // A row that waits for index or counts comes into them with its payload.
    const isIndexed = seq <= indexedTo;
    const isCounted = seq <= countedTo;
    const columns = judged(payload);
    if (isCounted) countValues(db, seq, -1);
    if (isIndexed && columns.state === 'plain') unindexText(db, seq, seq);
    used = true;
    insertLatePayload(db, columns, { seq, dep, batch: batchId() });
    if (isIndexed && columns.state === 'plain') indexText(db, seq, seq);
    if (isCounted) countValues(db, seq, 1);
    else counts.addLate(columns);
  }

  function keepPayload(held: { readonly seq: number; readonly hasPayload: boolean }, payload: PayloadToStore | PayloadColumns): Kept {
    if (held.hasPayload) return isSameJson(bodyOf(db, held.seq) ?? '', payload.body) ? 'held' : 'changed';
    addLate(held.seq, payload);
    return 'added';
  }

  /** For a row whose id is held. */
  function compare(row: RowToStore): RowOutcome {
    const held = compareHeld(db, dep, row);
    if (held === null) throw new Error('a row was refused although none is held under its id');
    // The payload of another version would not be the held row's own.
    if (!held.isSame) return { row: 'changed', payload: 'none', seq: held.seq };
    return { row: 'held', payload: row.payload === undefined ? 'none' : keepPayload(held, row.payload), seq: held.seq };
  }

  function added({ event, payload }: RowToInsert, seq: number): RowOutcome {
    counts.add(event, payload);
    lastSeq = seq;
    used = true;
    return { row: 'added', payload: payload === null ? 'none' : 'added', seq };
  }

  function add(row: RowToStore): RowOutcome {
    const seq = lastSeq + 1;
    const payload = row.payload === undefined ? null : judged(row.payload);
    if (keepsOut && wasLetGo(db, dep, row) && findHeld(db, dep, row.id) === null) return LET_GO;
    return insertEvent(db, { event: row, payload }, { seq, dep, batch: batchId() }) ? added({ event: row, payload }, seq) : compare(row);
  }

  /** Exactly MANY rows. */
  function addChunk(rows: readonly RowToStore[]): RowOutcome[] {
    const first = lastSeq + 1;
    const given = rows.map((event): RowToInsert => ({ event, payload: event.payload === undefined ? null : judged(event.payload) }));
    many ??= manyEvents(db, { dep, batch: batchId() });
    const inserted = many(given, first) === given.length ? null : seqsFrom(db, first);
    const isIn = (index: number): boolean => inserted === null || inserted.has(first + index);
    insertPayloads(db, given.flatMap(({ payload }, index) => (payload !== null && isIn(index) ? [{ seq: first + index, body: payload.body }] : [])));
    const outcomes = given.map((row, index) => (isIn(index) ? added(row, first + index) : null));
    // Only now: what a row is compared with may be an earlier one of these.
    return outcomes.map((outcome, index) => outcome ?? compare(rows[index] as RowToStore));
  }

  return {
    dep,
    add,
    addMany(rows) {
      const outcomes: RowOutcome[] = [];
      let at = 0;
      for (; !keepsOut && at + MANY <= rows.length; at += MANY) outcomes.push(...addChunk(rows.slice(at, at + MANY)));
      for (const row of rows.slice(at)) outcomes.push(add(row));
      return outcomes;
    },
    addPayload(eventId, payload) {
      const held = findHeld(db, dep, eventId);
      return held === null ? 'missing' : keepPayload(held, payload);
    },
    index() {
      indexRows();
      if (counts.size() >= COUNTS_HELD) writeCounts();
    },
    flush() {
      // A batch that added nothing leaves nothing.
      if (batch !== null && !used) {
        deleteBatch(db, batch);
        batch = null;
      }
      indexRows();
      writeCounts();
    },
  };
}
