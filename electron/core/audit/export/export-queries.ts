// SQL that reads rows for exports: which rows in which order, and one row whole. It changes nothing.
import { sql } from '../../db/sql.ts';
import type { ReadDb, Row, Sql } from '../../db/sql.ts';
import type { ExportRow } from './export-row.ts';

const text = (value: Row[string] | undefined): string | null => (value === null || value === undefined ? null : String(value));

function toExportRow(row: Row): ExportRow {
  return {
    id: Number(row['id']), createdAtUs: Number(row['created_at']), createdAtRaw: String(row['created_raw']), method: String(row['method']), route: String(row['route']), eventType: String(row['event_type']),
    org: text(row['org']), actorSub: text(row['actor_sub']), actorEmail: text(row['actor_email']), resourceId: text(row['resource_id']), statusCode: Number(row['status_code']),
    state: text(row['state']), keyId: text(row['key_id']), sealedAtSeconds: row['sealed_at'] === null ? null : Number(row['sealed_at']), body: text(row['body']),
  };
}

const COLUMNS = sql`SELECT e.id, e.created_at, e.created_raw, e.method, e.route, e.event_type, e.org, e.actor_sub, e.actor_email, e.resource_id, e.status_code, e.state, e.key_id, e.sealed_at, p.body
  FROM audit_event e LEFT JOIN audit_payload p ON p.seq = e.seq`;

/** The seq of each row, oldest first and by id within one instant. `condition` is on `audit_event e`. */
export function eachSeq(db: ReadDb, dep: number, condition: Sql): IterableIterator<number> {
  return db.iterate(sql`SELECT e.seq FROM audit_event e WHERE e.dep = ${dep} AND (${condition}) ORDER BY e.created_at, e.id`, (row) => Number(row['seq']));
}

/** Null when the row is gone: its deployment was removed. */
export function rowBySeq(db: ReadDb, seq: number): ExportRow | null {
  return db.get(sql`${COLUMNS} WHERE e.seq = ${seq}`, toExportRow);
}

/** Null when no such row is held. */
export function rowById(db: ReadDb, dep: number, id: number): ExportRow | null {
  return db.get(sql`${COLUMNS} WHERE e.dep = ${dep} AND e.id = ${id}`, toExportRow);
}
