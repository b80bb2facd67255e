// SQL of opening many payloads: which rows a selection means, their bodies for a thread, counts for the checks, and and what a killed process may have left: plaintext files, and ledger entries without their second one.
import type { AuditEvent } from '#shared/domain/audit-event.ts';
import { sql } from '../../db/sql.ts';
import type { ReadDb, Row, Sql, WriteDb } from '../../db/sql.ts';
import { toEvent } from '../queries.ts';

const text = (value: Row[string] | undefined): string | null => (value === null || value === undefined ? null : String(value));
const depOf = (deploymentId: string): Sql => sql`(SELECT num FROM deployment WHERE id = ${deploymentId})`;

export const ofIds = (ids: readonly number[]): Sql => sql`e.id IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`;

export interface SelectedRow { readonly seq: number; readonly id: number; readonly state: string | null; readonly keyId: string | null }

/** Rows that fulfil a condition over `audit_event e`, newest first. */
export function selectRows(db: ReadDb, deploymentId: string, condition: Sql): IterableIterator<SelectedRow> {
  return db.iterate(sql`SELECT e.seq, e.id, e.state, e.key_id FROM audit_event e WHERE e.dep = ${depOf(deploymentId)} AND (${condition}) ORDER BY e.created_at DESC, e.id DESC`,
    (row) => ({ seq: Number(row['seq']), id: Number(row['id']), state: text(row['state']), keyId: text(row['key_id']) }));
}

export function bodyOf(db: ReadDb, seq: number): string | null {
  return db.get(sql`SELECT body FROM audit_payload WHERE seq = ${seq}`, (row) => String(row['body']));
}

/** Bytes of some bodies, without reading them. */
export function bodyBytes(db: ReadDb, seqs: readonly number[]): number {
  return db.get(sql`SELECT total(octet_length(body)) AS n FROM audit_payload WHERE seq IN (SELECT value FROM json_each(${JSON.stringify(seqs)}))`, (row) => Number(row['n'])) ?? 0;
}

/** How many of these rows, from the first on, have bodies of at most `most` bytes together; at least one. A row that is gone counts nothing. */
export function rowsWithin(db: ReadDb, seqs: readonly number[], most: number): number {
  const sizes = db.all(sql`SELECT coalesce(octet_length(p.body), 0) AS n FROM json_each(${JSON.stringify(seqs)}) j LEFT JOIN audit_payload p ON p.seq = j.value ORDER BY j.key`, (row) => Number(row['n']));
  let bytes = 0;
  const over = sizes.findIndex((size) => (bytes += size) > most);
  return over === -1 ? seqs.length : Math.max(1, over);
}

/** The stored payloads of these rows, in their order; null for one that is gone. One statement for all: each by itself costs twice as much. */
export function bodiesOf(db: ReadDb, seqs: readonly number[]): readonly (string | null)[] {
  return db.all(sql`SELECT p.body FROM json_each(${JSON.stringify(seqs)}) j LEFT JOIN audit_payload p ON p.seq = j.value ORDER BY j.key`, (row) => text(row['body']));
}

/** Rows by number, in the order of the numbers given. */
export function eventsBySeq(db: ReadDb, seqs: readonly number[]): readonly (AuditEvent | null)[] {
  const found = new Map(db.all(sql`SELECT * FROM audit_event WHERE seq IN (SELECT value FROM json_each(${JSON.stringify(seqs)}))`, (row) => [Number(row['seq']), toEvent(row, () => 'not-synced')] as const));
  return seqs.map((seq) => found.get(seq) ?? null);
}

export interface PayloadGroup {
  readonly state: string; readonly keyId: string | null; readonly rows: number;
  /** The batch that brought the first of them. */
  readonly firstBatch: number;
  readonly oldestUs: number;
  /** Of these, with a time in the token that differs from created_at by more than the tolerance; with no time kept. */
  readonly farApart: number;
  readonly withoutTime: number;
}

/** Everything that has a payload, in one pass over the rows. @param toleranceUs microseconds */
export function payloadGroups(db: ReadDb, deploymentId: string, toleranceUs: number): PayloadGroup[] {
  return db.all(sql`SELECT state, key_id, count(*) AS n, min(payload_batch) AS batch, min(created_at) AS oldest, total(abs(created_at - sealed_at * 1000000) > ${toleranceUs}) AS apart, total(sealed_at IS NULL) AS without
    FROM audit_event WHERE dep = ${depOf(deploymentId)} AND state IS NOT NULL GROUP BY state, key_id`,
    (row) => ({ state: String(row['state']), keyId: text(row['key_id']), rows: Number(row['n']), firstBatch: Number(row['batch']), oldestUs: Number(row['oldest']), farApart: Number(row['apart']), withoutTime: Number(row['without']) }));
}

/** The newest ids that fulfil a condition over `audit_event e`. */
export function newestIds(db: ReadDb, deploymentId: string, { condition, limit }: { readonly condition: Sql; readonly limit: number }): number[] {
  return db.all(sql`SELECT e.id FROM audit_event e WHERE e.dep = ${depOf(deploymentId)} AND (${condition}) ORDER BY e.created_at DESC, e.id DESC LIMIT ${limit}`, (row) => Number(row['id']));
}

export const farApart = (toleranceUs: number): Sql => sql`e.state = 'encrypted' AND abs(e.created_at - e.sealed_at * 1000000) > ${toleranceUs}`;
export const inState = (state: 'failed' | 'malformed'): Sql => sql`e.state = ${state}`;
export const underKeys = (keyIds: readonly string[]): Sql => sql`e.state = 'encrypted' AND e.key_id IN (SELECT value FROM json_each(${JSON.stringify(keyIds)}))`;

/** Encrypted rows that were kept before the time in the token was: id, created_at and body, newest first. */
export function withoutSealedAt(db: ReadDb, deploymentId: string, limit: number): IterableIterator<{ readonly id: number; readonly createdAtUs: number; readonly body: string }> {
  return db.iterate(sql`SELECT e.id, e.created_at, p.body FROM audit_event e JOIN audit_payload p ON p.seq = e.seq WHERE e.dep = ${depOf(deploymentId)} AND e.state = 'encrypted' AND e.sealed_at IS NULL
    ORDER BY e.created_at DESC, e.id DESC LIMIT ${limit}`, (row) => ({ id: Number(row['id']), createdAtUs: Number(row['created_at']), body: String(row['body']) }));
}

/** Plain rows written at or after a time, without the records that dialect A keeps of its own decryptions: those are plain by design. */
export function plainSince(db: ReadDb, deploymentId: string, { sinceUs, examples }: { readonly sinceUs: number; readonly examples: number }): { readonly rows: number; readonly examples: number[] } {
  const condition = sql`e.state = 'plain' AND e.created_at >= ${sinceUs} AND NOT (e.event_type = 'audit.decrypt' AND EXISTS (SELECT 1 FROM audit_payload p WHERE p.seq = e.seq AND json_valid(p.body)
    AND json_type(p.body, '$.audit_id') = 'integer' AND json_type(p.body, '$.encrypted') = 'true' AND (SELECT count(*) FROM json_each(p.body)) = 3))`;
  const rows = db.get(sql`SELECT count(*) AS n FROM audit_event e WHERE e.dep = ${depOf(deploymentId)} AND (${condition})`, (row) => Number(row['n'])) ?? 0;
  return { rows, examples: rows === 0 ? [] : newestIds(db, deploymentId, { condition, limit: examples }) };
}

/** What the last sync brought: its first batch, and whether encrypted rows were held before it. Null when there was no sync. */
export function lastArrival(db: ReadDb, deploymentId: string): { readonly firstBatch: number | null } | null {
  const startedAt = db.get(sql`SELECT started_at FROM audit_sync WHERE deployment_id = ${deploymentId} ORDER BY seq DESC LIMIT 1`, (row) => Number(row['started_at']));
  if (startedAt === null) return null;
  return { firstBatch: db.get(sql`SELECT min(id) AS id FROM audit_batch WHERE dep = ${depOf(deploymentId)} AND at >= ${startedAt}`, (row) => (row['id'] === null ? null : Number(row['id']))) };
}

export function ringKeyIds(db: ReadDb, deploymentId: string): string[] {
  return db.all(sql`SELECT key_id FROM audit_key WHERE deployment_id = ${deploymentId}`, (row) => String(row['key_id']));
}

/** Notes that a file in the clear is being written, so that what a killed process leaves of it is found at the next start. */
export function insertDraft(db: WriteDb, path: string, atUs: number): void {
  db.run(sql`INSERT INTO audit_plaintext_draft (path, at) VALUES (${path}, ${atUs}) ON CONFLICT DO NOTHING`);
}

export function deleteDraft(db: WriteDb, path: string): void {
  db.run(sql`DELETE FROM audit_plaintext_draft WHERE path = ${path}`);
}

export function listDrafts(db: ReadDb): string[] {
  return db.all(sql`SELECT path FROM audit_plaintext_draft ORDER BY at`, (row) => String(row['path']));
}

export interface BulkEntry { readonly seq: number; readonly action: string; readonly deployment: string | null; readonly subject: string; readonly reason: string | null; readonly outcome: string }

/** The ledger's entries about many payloads, oldest first. */
export function bulkEntries(db: ReadDb): BulkEntry[] {
  return db.all(sql`SELECT seq, action, deployment, subject, reason, outcome FROM ledger WHERE action IN ('audit.bulk.decrypt', 'audit.bulk.decrypt.ended', 'audit.bulk.export', 'audit.bulk.export.ended') ORDER BY seq`,
    (row) => ({ seq: Number(row['seq']), action: String(row['action']), deployment: text(row['deployment']), subject: String(row['subject']), reason: text(row['reason']), outcome: String(row['outcome']) }));
}
