// SQL of the console's own retention: its rule, the rows that are due by it, their removal with everything that hangs on them, and the files that were written.
import type { OwnPolicy } from '#shared/domain/retention-own.ts';
import { sql } from '../../db/sql.ts';
import type { ReadDb, Row, Sql, WriteDb } from '../../db/sql.ts';

const number = (value: Row[string] | undefined): number | null => (value === null || value === undefined ? null : Number(value));

/** The rule in force; null in every part while none was set. */
export function currentPolicy(db: ReadDb): OwnPolicy {
  return db.get(sql`SELECT row_days, export_days, report_days FROM own_policy ORDER BY seq DESC LIMIT 1`, (row) => ({ rowDays: number(row['row_days']), exportDays: number(row['export_days']), reportDays: number(row['report_days']) }))
    ?? { rowDays: null, exportDays: null, reportDays: null };
}

export function insertPolicy(db: WriteDb, { rowDays, exportDays, reportDays }: OwnPolicy, atUs: number): void {
  db.run(sql`INSERT INTO own_policy (row_days, export_days, report_days, at) VALUES (${rowDays}, ${exportDays}, ${reportDays}, ${atUs})`);
}

export interface Place { readonly dep: number; readonly deploymentId: string; readonly name: string }

/** Every deployment, as its rows name it. */
export function places(db: ReadDb): Place[] {
  return db.all(sql`SELECT num, id, name FROM deployment WHERE removing_at IS NULL ORDER BY num`, (row) => ({ dep: Number(row['num']), deploymentId: String(row['id']), name: String(row['name']) }));
}

export function countRows(db: ReadDb, dep: number): number {
  return db.get(sql`SELECT total(events) AS n FROM audit_hour WHERE dep = ${dep}`, (row) => Number(row['n'])) ?? 0;
}

/** Queries of the holds that stand for a deployment. */
export function standingQueries(db: ReadDb, deploymentId: string): string[] {
  return db.all(sql`SELECT h.query FROM hold h LEFT JOIN hold_end x ON x.hold_id = h.id WHERE h.deployment_id = ${deploymentId} AND x.hold_id IS NULL ORDER BY h.id`, (row) => String(row['query']));
}

/** In the vault for a hold that stands. */
const inVault = sql`EXISTS (SELECT 1 FROM vault_row v JOIN hold_member m ON m.num = v.num LEFT JOIN hold_end x ON x.hold_id = m.hold_id WHERE v.dep = e.dep AND v.event_id = e.id AND x.hold_id IS NULL)`;

export interface DueRow { readonly seq: number; readonly id: number; readonly createdAtUs: number; readonly bytes: number; readonly isHeld: boolean }

export interface DuePage {
  /** Rows older than this. */
  readonly cutoffUs: number;
  /** Only rows that had arrived by then. */
  readonly throughSeq: number;
  readonly after: Pick<DueRow, 'id' | 'createdAtUs'> | null;
  /** What holds of `audit_event e` for rows under a hold that the vault may not have yet. */
  readonly underHold: Sql;
  readonly limit: number;
}

/** Due rows, oldest first. `bytes`: their texts and their stored payload. */
export function dueRows(db: ReadDb, dep: number, { cutoffUs, throughSeq, after, underHold, limit }: DuePage): DueRow[] {
  const key = after === null ? sql`` : sql` AND e.created_at >= ${after.createdAtUs} AND (e.created_at, e.id) > (${after.createdAtUs}, ${after.id})`;
  return db.all(sql`SELECT e.seq, e.id, e.created_at, (${inVault} OR ${underHold}) AS held,
      octet_length(e.created_raw) + octet_length(e.route) + octet_length(e.method) + octet_length(e.event_type) + coalesce(octet_length(e.org), 0) + coalesce(octet_length(e.actor_sub), 0)
      + coalesce(octet_length(e.actor_email), 0) + coalesce(octet_length(e.resource_id), 0) + coalesce(octet_length(p.body), 0) AS bytes
    FROM audit_event e LEFT JOIN audit_payload p ON p.seq = e.seq
    WHERE e.dep = ${dep} AND e.created_at < ${cutoffUs} AND +e.seq <= ${throughSeq}${key} ORDER BY e.created_at, e.id LIMIT ${limit}`,
  (row) => ({ seq: Number(row['seq']), id: Number(row['id']), createdAtUs: Number(row['created_at']), bytes: Number(row['bytes']), isHeld: row['held'] === 1 }));
}

/** Opens the way for the rows of one deployment; only inside the transaction that closes it again. */
export function openTheWay(db: WriteDb, dep: number): void {
  db.run(sql`INSERT INTO own_purge_open (dep) VALUES (${dep})`);
}

export function closeTheWay(db: WriteDb, dep: number): void {
  db.run(sql`DELETE FROM own_purge_open WHERE dep = ${dep}`);
}

/**
 * Removes rows with their payloads, their words in the text index, their part of the counts and the notes of late payloads. The way must be open.
 * @returns how many rows went
 */
export function removeRows(db: WriteDb, dep: number, seqs: readonly number[]): number {
  const those = sql`json_each(${JSON.stringify(seqs)}) j CROSS JOIN`;
  // The index keeps no text: it must be given the same words while the rows still say them.
  db.run(sql`INSERT INTO audit_text (audit_text, rowid, route, actor, other, payload) SELECT 'delete', d.seq, d.route, d.actor, d.other, d.payload FROM ${those} audit_text_doc d ON d.seq = j.value`);
  db.run(sql`INSERT INTO audit_hour (dep, hour, events, errors) SELECT ${dep}, e.created_at / 3600000000 - (e.created_at % 3600000000 < 0), -count(*), -sum(e.status_code >= 400) FROM ${those} audit_event e ON e.seq = j.value GROUP BY 2
    ON CONFLICT DO UPDATE SET events = events + excluded.events, errors = errors + excluded.errors`);
  db.run(sql`INSERT INTO audit_tally (dep, facet, value, n) SELECT ${dep}, t.facet, t.value, -count(*) FROM ${those} audit_tally_of t ON t.seq = j.value GROUP BY 2, 3
    ON CONFLICT DO UPDATE SET n = n + excluded.n`);
  // A value of no row that is left is data of rows that went.
  db.run(sql`DELETE FROM audit_tally WHERE dep = ${dep} AND n <= 0 AND (facet, value) IN (SELECT t.facet, t.value FROM ${those} audit_tally_of t ON t.seq = j.value)`);
  db.run(sql`DELETE FROM audit_hour WHERE dep = ${dep} AND events <= 0 AND hour IN (SELECT e.created_at / 3600000000 - (e.created_at % 3600000000 < 0) FROM ${those} audit_event e ON e.seq = j.value)`);
  // Ages are a reckoning over rows: they are counted anew when somebody asks for them.
  for (const table of [sql`age_hour`, sql`age_mark`]) db.run(sql`DELETE FROM ${table} WHERE dep = ${dep}`);
  db.run(sql`DELETE FROM audit_payload_late WHERE dep = ${dep} AND seq IN (SELECT value FROM json_each(${JSON.stringify(seqs)}))`);
  const { changes } = db.run(sql`DELETE FROM audit_event WHERE seq IN (SELECT value FROM json_each(${JSON.stringify(seqs)})) AND +dep = ${dep}`);
  db.run(sql`DELETE FROM audit_payload WHERE seq IN (SELECT value FROM json_each(${JSON.stringify(seqs)}))`);
  return changes;
}

/** Rows of the vault that are past a time and under no hold that stands any more. */
const released = (dep: number, cutoffUs: number): Sql => sql`FROM vault_row v WHERE v.dep = ${dep} AND v.created_at < ${cutoffUs}
  AND NOT EXISTS (SELECT 1 FROM hold_member m LEFT JOIN hold_end x ON x.hold_id = m.hold_id WHERE m.num = v.num AND x.hold_id IS NULL)`;

export function countReleased(db: ReadDb, dep: number, cutoffUs: number): number {
  return db.get(sql`SELECT count(*) AS n ${released(dep, cutoffUs)}`, (row) => Number(row['n'])) ?? 0;
}

/** Takes such rows out of the vault with their payloads. @returns how many went */
export function removeReleased(db: WriteDb, dep: number, { cutoffUs, limit }: { readonly cutoffUs: number; readonly limit: number }): number {
  const nums = db.all(sql`SELECT v.num ${released(dep, cutoffUs)} LIMIT ${limit}`, (row) => Number(row['num']));
  for (const table of [sql`vault_payload`, sql`hold_member`, sql`vault_row`]) db.run(sql`DELETE FROM ${table} WHERE num IN (SELECT value FROM json_each(${JSON.stringify(nums)}))`);
  return nums.length;
}

export type WrittenKind = 'export' | 'report';
export interface WrittenRow { readonly seq: number; readonly kind: WrittenKind; readonly path: string; readonly sha256: string; readonly bytes: number; readonly atUs: number }

export interface NewWritten extends Omit<WrittenRow, 'seq'> { readonly deploymentId: string | null }

/** What stood under the name before is not there any more: one entry for a path. */
export function insertWritten(db: WriteDb, file: NewWritten): void {
  db.run(sql`UPDATE written_file SET removed_at = ${file.atUs} WHERE path = ${file.path} AND removed_at IS NULL`);
  db.run(sql`INSERT INTO written_file (deployment_id, kind, path, sha256, bytes, at) VALUES (${file.deploymentId}, ${file.kind}, ${file.path}, ${file.sha256}, ${file.bytes}, ${file.atUs})`);
}

export function noteRemoved(db: WriteDb, seq: number, atUs: number): void {
  db.run(sql`UPDATE written_file SET removed_at = ${atUs} WHERE seq = ${seq}`);
}

/** Files of a kind that were written before a time and are not known to be gone, oldest first. */
export function writtenBefore(db: ReadDb, kind: WrittenKind, beforeUs: number): WrittenRow[] {
  return db.all(sql`SELECT * FROM written_file WHERE kind = ${kind} AND at < ${beforeUs} AND removed_at IS NULL ORDER BY seq`, (row) => ({
    seq: Number(row['seq']), kind: String(row['kind']) as WrittenKind, path: String(row['path']), sha256: String(row['sha256']), bytes: Number(row['bytes']), atUs: Number(row['at']),
  }));
}
