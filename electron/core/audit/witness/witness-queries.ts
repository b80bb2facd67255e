// SQL of the witness: rows to hash, leaf blocks, checkpoints and findings. Everything here only grows.
import type { AuditCheckpoint, AuditFinding, FindingKind } from '#shared/domain/audit-witness.ts';
import { formatInstantUs, parseInstantUs } from '#shared/domain/time.ts';
import { sql } from '../../db/sql.ts';
import type { ReadDb, Row, WriteDb } from '../../db/sql.ts';
import type { LeafBlock } from './leaf-block.ts';
import type { WitnessRow } from './leaf-data.ts';

const text = (value: Row[string] | undefined): string | null => (value === null || value === undefined ? null : String(value));
const number = (value: Row[string] | undefined): number | null => (value === null || value === undefined ? null : Number(value));

function toWitnessRow(row: Row): WitnessRow {
  return {
    seq: Number(row['seq']), id: Number(row['id']), createdAtUs: Number(row['created_at']), createdRaw: String(row['created_raw']), route: String(row['route']), method: String(row['method']),
    eventType: String(row['event_type']), org: text(row['org']), actorSub: text(row['actor_sub']), actorEmail: text(row['actor_email']), resourceId: text(row['resource_id']), statusCode: Number(row['status_code']),
    batch: Number(row['batch']), state: text(row['state']), keyId: text(row['key_id']), sealedAt: number(row['sealed_at']), payloadBatch: number(row['payload_batch']), body: text(row['body']), isLarge: row['large'] === 1,
  };
}

/** A longer body is read alone: a slice of rows must not hold a hundred of 16 MiB. */
const LARGE_BYTES = 16_384;

const COLUMNS = sql`e.seq, e.id, e.created_at, e.created_raw, e.route, e.method, e.event_type, e.org, e.actor_sub, e.actor_email, e.resource_id, e.status_code, e.batch, e.state, e.key_id, e.sealed_at, e.payload_batch,
  CASE WHEN octet_length(p.body) <= ${LARGE_BYTES} THEN p.body END AS body, octet_length(p.body) > ${LARGE_BYTES} AS large`;

/** The row with its body, however long that is. */
export function withBody(db: ReadDb, row: WitnessRow): WitnessRow {
  if (!row.isLarge) return row;
  return { ...row, body: db.get(sql`SELECT body FROM audit_payload WHERE seq = ${row.seq}`, (found) => text(found['body'])), isLarge: false };
}

/** Rows of a deployment in a stretch of seq, in order, the upper end included. The plus keeps SQLite from going through an index of all its rows. */
export function rowsBetween(db: ReadDb, dep: number, stretch: { readonly after: number; readonly through: number }): WitnessRow[] {
  return db.all(sql`SELECT ${COLUMNS} FROM audit_event e LEFT JOIN audit_payload p ON p.seq = e.seq WHERE e.seq > ${stretch.after} AND e.seq <= ${stretch.through} AND +e.dep = ${dep} ORDER BY e.seq`, toWitnessRow);
}

export function rowsBySeq(db: ReadDb, dep: number, seqs: readonly number[]): WitnessRow[] {
  return db.all(sql`SELECT ${COLUMNS} FROM json_each(${JSON.stringify(seqs)}) j CROSS JOIN audit_event e ON e.seq = j.value LEFT JOIN audit_payload p ON p.seq = e.seq WHERE +e.dep = ${dep}`, toWitnessRow);
}

export function rowsById(db: ReadDb, dep: number, ids: readonly number[]): WitnessRow[] {
  return db.all(sql`SELECT ${COLUMNS} FROM json_each(${JSON.stringify(ids)}) j CROSS JOIN audit_event e ON e.dep = ${dep} AND e.id = j.value LEFT JOIN audit_payload p ON p.seq = e.seq`, toWitnessRow);
}

/** Ids and seqs in order of id: read from the index alone. */
export function placesAfter(db: ReadDb, dep: number, page: { readonly afterId: number; readonly limit: number }): { readonly id: number; readonly seq: number }[] {
  return db.all(sql`SELECT id, seq FROM audit_event WHERE dep = ${dep} AND id > ${page.afterId} ORDER BY id LIMIT ${page.limit}`, (row) => ({ id: Number(row['id']), seq: Number(row['seq']) }));
}

/** The lowest seq above `above` among the next rows by id, and where to go on; `lastId` is null at the end. */
export function lowestSeqAfter(db: ReadDb, dep: number, page: { readonly afterId: number; readonly above: number; readonly limit: number }): { readonly seq: number | null; readonly lastId: number | null } {
  return db.get(
    sql`SELECT max(id) AS last, min(CASE WHEN seq > ${page.above} THEN seq END) AS seq FROM (SELECT id, seq FROM audit_event WHERE dep = ${dep} AND id > ${page.afterId} ORDER BY id LIMIT ${page.limit})`,
    (row) => ({ seq: number(row['seq']), lastId: number(row['last']) }),
  ) ?? { seq: null, lastId: null };
}

export interface LatePayload { readonly num: number; readonly row: WitnessRow }

/** Payloads that came after their row, in order of arrival. */
export function latesAfter(db: ReadDb, dep: number, page: { readonly after: number; readonly through: number; readonly limit: number }): LatePayload[] {
  return db.all(
    sql`SELECT l.num, ${COLUMNS} FROM audit_payload_late l CROSS JOIN audit_event e ON e.seq = l.seq LEFT JOIN audit_payload p ON p.seq = e.seq
      WHERE l.dep = ${dep} AND l.num > ${page.after} AND l.num <= ${page.through} ORDER BY l.num LIMIT ${page.limit}`,
    (row) => ({ num: Number(row['num']), row: toWitnessRow(row) }),
  );
}

export function lateSeqsAfter(db: ReadDb, dep: number, page: { readonly after: number; readonly limit: number }): { readonly num: number; readonly seq: number }[] {
  return db.all(sql`SELECT num, seq FROM audit_payload_late WHERE dep = ${dep} AND num > ${page.after} ORDER BY num LIMIT ${page.limit}`, (row) => ({ num: Number(row['num']), seq: Number(row['seq']) }));
}

/** How far the cache goes now: the highest seq of all rows, and the highest num of a late payload of this deployment. */
export function highestOf(db: ReadDb, dep: number): { readonly seq: number; readonly late: number } {
  return {
    seq: db.get(sql`SELECT max(seq) AS n FROM audit_event`, (row) => Number(row['n'])) ?? 0,
    late: db.get(sql`SELECT max(num) AS n FROM audit_payload_late WHERE dep = ${dep}`, (row) => Number(row['n'])) ?? 0,
  };
}

/** Rows by the counts that are kept with them: an estimate for progress, never for a verdict. */
export function roughRows(db: ReadDb, dep: number): number {
  return db.get(sql`SELECT total(events) AS n FROM audit_hour WHERE dep = ${dep}`, (row) => Number(row['n'])) ?? 0;
}

/** JSON text that says where a batch of this deployment came from; 'null' when there is none. */
export function batchProvenance(db: ReadDb, dep: number, batch: number): string {
  return db.get(sql`SELECT kind, address, source, at, import_id FROM audit_batch WHERE id = ${batch} AND dep = ${dep}`, (row) => JSON.stringify([batch, row['kind'], row['address'], row['source'], Number(row['at']), row['import_id']])) ?? 'null';
}

function toBlock(row: Row): LeafBlock {
  return {
    first: Number(row['first']), leaves: Number(row['leaves']), refs: row['refs'] as Buffer, hashes: row['hashes'] as Buffer, hints: row['hints'] as Buffer, frontier: row['frontier'] as Buffer,
    lastSeq: Number(row['last_seq']), lastLate: Number(row['last_late']),
  };
}

export function lastBlock(db: ReadDb, dep: number): LeafBlock | null {
  return db.get(sql`SELECT * FROM audit_leaf_block WHERE dep = ${dep} ORDER BY first DESC LIMIT 1`, toBlock);
}

/** The first block that begins at `first` or later. */
export function blockFrom(db: ReadDb, dep: number, first: number): LeafBlock | null {
  return db.get(sql`SELECT * FROM audit_leaf_block WHERE dep = ${dep} AND first >= ${first} ORDER BY first LIMIT 1`, toBlock);
}

/** The block after which the log has exactly `size` leaves. */
export function blockEndingAt(db: ReadDb, dep: number, size: number): LeafBlock | null {
  return db.get(sql`SELECT * FROM audit_leaf_block WHERE dep = ${dep} AND first < ${size} AND first + leaves = ${size} ORDER BY first DESC LIMIT 1`, toBlock);
}

export function insertBlock(db: WriteDb, dep: number, block: LeafBlock): void {
  db.run(sql`INSERT INTO audit_leaf_block (dep, first, leaves, refs, hashes, hints, frontier, last_seq, last_late)
    VALUES (${dep}, ${block.first}, ${block.leaves}, ${block.refs}, ${block.hashes}, ${block.hints}, ${block.frontier}, ${block.lastSeq}, ${block.lastLate})`);
}

export interface StoredCheckpoint extends AuditCheckpoint { readonly number: number }

function toCheckpoint(row: Row): StoredCheckpoint {
  return { number: Number(row['number']), size: Number(row['size']), root: String(row['root']), at: formatInstantUs(Number(row['at'])), note: String(row['note']) };
}

export function lastCheckpoint(db: ReadDb, dep: number): StoredCheckpoint | null {
  return db.get(sql`SELECT * FROM audit_checkpoint WHERE dep = ${dep} ORDER BY number DESC LIMIT 1`, toCheckpoint);
}

export function checkpointsAfter(db: ReadDb, dep: number, page: { readonly after: number; readonly limit: number }): StoredCheckpoint[] {
  return db.all(sql`SELECT * FROM audit_checkpoint WHERE dep = ${dep} AND number > ${page.after} ORDER BY number LIMIT ${page.limit}`, toCheckpoint);
}

export function newestCheckpoints(db: ReadDb, dep: number, limit: number): StoredCheckpoint[] {
  return db.all(sql`SELECT * FROM audit_checkpoint WHERE dep = ${dep} ORDER BY number DESC LIMIT ${limit}`, toCheckpoint);
}

export function countCheckpoints(db: ReadDb, dep: number): number {
  return db.get(sql`SELECT count(*) AS n FROM audit_checkpoint WHERE dep = ${dep}`, (row) => Number(row['n'])) ?? 0;
}

/** Whether any deployment of this profile has a checkpoint. */
export function hasCheckpoints(db: ReadDb): boolean {
  return db.get(sql`SELECT 1 FROM audit_checkpoint LIMIT 1`, () => true) === true;
}

export function insertCheckpoint(db: WriteDb, dep: number, checkpoint: StoredCheckpoint): void {
  db.run(sql`INSERT INTO audit_checkpoint (dep, number, size, root, at, note) VALUES (${dep}, ${checkpoint.number}, ${checkpoint.size}, ${checkpoint.root}, ${parseInstantUs(checkpoint.at)}, ${checkpoint.note})`);
}

/** What the ledger says of the keys that were made, oldest first. */
export function recordedKeys(db: ReadDb): { readonly seq: number; readonly subject: string; readonly outcome: string }[] {
  return db.all(sql`SELECT seq, subject, outcome FROM ledger WHERE action = 'audit.witness.key.made' ORDER BY seq`, (row) => ({ seq: Number(row['seq']), subject: String(row['subject']), outcome: String(row['outcome']) }));
}

export function toFinding(row: Row): AuditFinding {
  const createdAtUs = number(row['created_at']);
  return {
    seq: Number(row['seq']), kind: String(row['kind']) as FindingKind, eventId: Number(row['event_id']), createdAt: createdAtUs === null ? null : formatInstantUs(createdAtUs),
    foundAt: formatInstantUs(Number(row['found_at'])), message: String(row['message']), held: text(row['held']), found: text(row['found']),
  };
}

/** Newest first, of one event when `eventId` is given, below `before` when that is. */
export function listFindings(db: ReadDb, dep: number, page: { readonly before: number | null; readonly eventId: number | null; readonly limit: number }): AuditFinding[] {
  const ofEvent = page.eventId === null ? sql`` : sql` AND event_id = ${page.eventId}`;
  return db.all(sql`SELECT * FROM audit_finding WHERE dep = ${dep}${ofEvent} AND seq < ${page.before ?? Number.MAX_SAFE_INTEGER} ORDER BY seq DESC LIMIT ${page.limit}`, toFinding);
}

export function countFindings(db: ReadDb, dep: number, eventId: number | null): number {
  const ofEvent = eventId === null ? sql`` : sql` AND event_id = ${eventId}`;
  return db.get(sql`SELECT count(*) AS n FROM audit_finding WHERE dep = ${dep}${ofEvent}`, (row) => Number(row['n'])) ?? 0;
}
