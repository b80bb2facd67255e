// SQL of what this workstation let go by its own rule: the packets with their seals, and the rows that each took.
import { sql } from '../../db/sql.ts';
import type { ReadDb, Row, WriteDb } from '../../db/sql.ts';

export interface LetGoRow {
  readonly seq: number;
  readonly id: number;
  readonly createdAtUs: number;
  readonly batch: number;
  /** The number of its late payload; null without one. */
  readonly late: number | null;
}

export interface LetGoPacket {
  readonly id: number;
  readonly atUs: number;
  readonly rows: number;
  readonly newestUs: number;
  readonly lastSeq: number;
  readonly lastLate: number;
  readonly ledgerEntry: number;
  readonly digest: string;
  readonly seal: string;
}

const toRow = (row: Row): LetGoRow => ({ seq: Number(row['seq']), id: Number(row['id']), createdAtUs: Number(row['created_at']), batch: Number(row['batch']), late: row['late'] === null ? null : Number(row['late']) });

const toPacket = (row: Row): LetGoPacket => ({
  id: Number(row['id']), atUs: Number(row['at']), rows: Number(row['rows']), newestUs: Number(row['newest']), lastSeq: Number(row['last_seq']), lastLate: Number(row['last_late']),
  ledgerEntry: Number(row['ledger_entry']), digest: String(row['digest']), seal: String(row['seal']),
});

export function hasLetGo(db: ReadDb, dep: number): boolean {
  return db.get(sql`SELECT 1 FROM let_go_packet WHERE dep = ${dep} LIMIT 1`, () => true) === true;
}

/** Rows with the number of their packet, by the seq that they had. */
export function letGoBySeq(db: ReadDb, dep: number, seqs: readonly number[]): { readonly row: LetGoRow; readonly packet: number }[] {
  return db.all(sql`SELECT g.* FROM json_each(${JSON.stringify(seqs)}) j CROSS JOIN audit_let_go g ON g.seq = j.value WHERE +g.dep = ${dep}`, (row) => ({ row: toRow(row), packet: Number(row['packet']) }));
}

export function letGoById(db: ReadDb, dep: number, ids: readonly number[]): { readonly row: LetGoRow; readonly packet: number }[] {
  return db.all(sql`SELECT g.* FROM json_each(${JSON.stringify(ids)}) j CROSS JOIN audit_let_go g ON g.dep = ${dep} AND g.id = j.value`, (row) => ({ row: toRow(row), packet: Number(row['packet']) }));
}

/** Whether a row of this id and time was let go: another row may have taken the id since. */
export function wasLetGo(db: ReadDb, dep: number, { id, createdAtUs }: { readonly id: number; readonly createdAtUs: number }): boolean {
  return db.get(sql`SELECT 1 FROM audit_let_go WHERE dep = ${dep} AND id = ${id} AND created_at = ${createdAtUs} LIMIT 1`, () => true) === true;
}

export function findPacket(db: ReadDb, dep: number, id: number): LetGoPacket | null {
  return db.get(sql`SELECT * FROM let_go_packet WHERE id = ${id} AND dep = ${dep}`, toPacket);
}

export function rowsOfPacket(db: ReadDb, packet: number): LetGoRow[] {
  return db.all(sql`SELECT * FROM audit_let_go WHERE packet = ${packet} ORDER BY seq`, toRow);
}

/** What of a deployment was let go so far: how many rows, and the newest time among them; null when none were. */
export function letGoUpTo(db: ReadDb, dep: number): { readonly rows: number; readonly newestUs: number; readonly atUs: number } | null {
  return db.get(sql`SELECT total(rows) AS n, max(newest) AS newest, max(at) AS at FROM let_go_packet WHERE dep = ${dep}`, (row) => (row['newest'] === null ? null : { rows: Number(row['n']), newestUs: Number(row['newest']), atUs: Number(row['at']) }));
}

export function nextPacketId(db: ReadDb): number {
  return db.get(sql`SELECT coalesce(max(id), 0) + 1 AS id FROM let_go_packet`, (row) => Number(row['id'])) ?? 1;
}

export function insertPacket(db: WriteDb, dep: number, packet: LetGoPacket): void {
  db.run(sql`INSERT INTO let_go_packet (id, dep, at, rows, newest, last_seq, last_late, ledger_entry, digest, seal)
    VALUES (${packet.id}, ${dep}, ${packet.atUs}, ${packet.rows}, ${packet.newestUs}, ${packet.lastSeq}, ${packet.lastLate}, ${packet.ledgerEntry}, ${packet.digest}, ${packet.seal})`);
}

/** Notes the rows of a packet, by their seqs, while they are still there. */
export function noteLetGo(db: WriteDb, { dep, packet, seqs }: { readonly dep: number; readonly packet: number; readonly seqs: readonly number[] }): void {
  db.run(sql`INSERT INTO audit_let_go (seq, dep, id, created_at, batch, late, packet)
    SELECT e.seq, e.dep, e.id, e.created_at, e.batch, (SELECT max(l.num) FROM audit_payload_late l WHERE l.dep = ${dep} AND l.seq = e.seq), ${packet}
    FROM json_each(${JSON.stringify(seqs)}) j CROSS JOIN audit_event e ON e.seq = j.value WHERE +e.dep = ${dep}`);
}
