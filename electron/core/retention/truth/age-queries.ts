// SQL of rows by age: counts and bytes by hour and batch, kept as far as they were counted, and exact counts of the hour that a cutoff cuts through.
import { sql } from '../../db/sql.ts';
import type { ReadDb, Row, WriteDb } from '../../db/sql.ts';

export const HOUR_US = 3_600_000_000;

/** How far rows are counted, as the mark of a hold. */
export interface AgeMark { readonly seq: number; readonly late: number }
/** Rows of one hour (since the epoch) that came with one batch. `bytes`: their texts and their stored payloads, as UTF-8. */
export interface AgeGroup { readonly hour: number; readonly batch: number; readonly rows: number; readonly bytes: number }

const hourOf = sql`e.created_at / 3600000000 - (e.created_at % 3600000000 < 0)`;
const rowBytes = sql`octet_length(e.created_raw) + octet_length(e.route) + octet_length(e.method) + octet_length(e.event_type) + coalesce(octet_length(e.org), 0) + coalesce(octet_length(e.actor_sub), 0)
  + coalesce(octet_length(e.actor_email), 0) + coalesce(octet_length(e.resource_id), 0)`;
const toGroup = (row: Row): AgeGroup => ({ hour: Number(row['hour']), batch: Number(row['batch']), rows: Number(row['n']), bytes: Number(row['bytes']) });

export function ageMark(db: ReadDb, dep: number): AgeMark {
  return db.get(sql`SELECT seq, late FROM age_mark WHERE dep = ${dep}`, (row) => ({ seq: Number(row['seq']), late: Number(row['late']) })) ?? { seq: 0, late: 0 };
}

export function ageGroups(db: ReadDb, dep: number): AgeGroup[] {
  return db.all(sql`SELECT hour, batch, rows AS n, bytes FROM age_hour WHERE dep = ${dep} ORDER BY hour, batch`, toGroup);
}

export function addAges(db: WriteDb, dep: number, { groups, mark }: { readonly groups: readonly AgeGroup[]; readonly mark: AgeMark }): void {
  for (const { hour, batch, rows, bytes } of groups) {
    db.run(sql`INSERT INTO age_hour (dep, hour, batch, rows, bytes) VALUES (${dep}, ${hour}, ${batch}, ${rows}, ${bytes}) ON CONFLICT DO UPDATE SET rows = rows + excluded.rows, bytes = bytes + excluded.bytes`);
  }
  db.run(sql`INSERT INTO age_mark (dep, seq, late) VALUES (${dep}, ${mark.seq}, ${mark.late}) ON CONFLICT DO UPDATE SET seq = excluded.seq, late = excluded.late`);
}

/** Rows in a stretch of numbers, with the payloads that they have by now. */
export function groupsBetween(db: ReadDb, dep: number, { after, through }: { readonly after: number; readonly through: number }): AgeGroup[] {
  return db.all(sql`SELECT ${hourOf} AS hour, e.batch, count(*) AS n, sum(${rowBytes} + coalesce(octet_length(p.body), 0)) AS bytes FROM audit_event e LEFT JOIN audit_payload p ON p.seq = e.seq
    WHERE e.seq > ${after} AND e.seq <= ${through} AND +e.dep = ${dep} GROUP BY 1, 2`, toGroup);
}

/** What payloads that came late add to rows that were counted without them (those up to `throughSeq`), and how far it got. */
export function lateBytes(db: ReadDb, dep: number, { after, limit, throughSeq }: { readonly after: number; readonly limit: number; readonly throughSeq: number }): { readonly groups: readonly AgeGroup[]; readonly last: number | null } {
  const last = db.get(sql`SELECT max(num) AS num FROM (SELECT num FROM audit_payload_late WHERE dep = ${dep} AND num > ${after} ORDER BY num LIMIT ${limit})`, (row) => (row['num'] === null ? null : Number(row['num'])));
  if (last === null) return { groups: [], last };
  return {
    last,
    groups: db.all(sql`SELECT ${hourOf} AS hour, e.batch, 0 AS n, sum(octet_length(p.body)) AS bytes FROM audit_payload_late l JOIN audit_event e ON e.seq = l.seq JOIN audit_payload p ON p.seq = e.seq
      WHERE l.dep = ${dep} AND l.num > ${after} AND l.num <= ${last} AND e.seq <= ${throughSeq} GROUP BY 1, 2`, toGroup),
  };
}

/** The highest number of a row, whichever deployment it is of. */
export function newestRow(db: ReadDb): number {
  return db.get(sql`SELECT max(seq) AS seq FROM audit_event`, (row) => Number(row['seq'] ?? 0)) ?? 0;
}

export interface Amount { readonly rows: number; readonly bytes: number }

/** Rows of a stretch of time by batch, exact; `fromUs` inclusive, `toUs` exclusive. Meant for a part of one hour. */
export function exactBetween(db: ReadDb, dep: number, { fromUs, toUs }: { readonly fromUs: number; readonly toUs: number }): AgeGroup[] {
  return db.all(sql`SELECT 0 AS hour, e.batch, count(*) AS n, sum(${rowBytes} + coalesce(octet_length(p.body), 0)) AS bytes FROM audit_event e LEFT JOIN audit_payload p ON p.seq = e.seq
    WHERE e.dep = ${dep} AND e.created_at >= ${fromUs} AND e.created_at < ${toUs} GROUP BY e.batch`, toGroup);
}

export interface BatchOrigin { readonly id: number; readonly atUs: number; readonly source: string }

/** Batches that an address gave in a sync. */
export function batchesOf(db: ReadDb, { dep, address }: { readonly dep: number; readonly address: string }): BatchOrigin[] {
  return db.all(sql`SELECT id, at, source FROM audit_batch WHERE dep = ${dep} AND kind = 'sync' AND address = ${address}`, (row) => ({ id: Number(row['id']), atUs: Number(row['at']), source: String(row['source']) }));
}

export function timeEnds(db: ReadDb, dep: number): { readonly oldestUs: number; readonly newestUs: number } | null {
  const oldestUs = db.get(sql`SELECT created_at FROM audit_event WHERE dep = ${dep} ORDER BY created_at LIMIT 1`, (row) => Number(row['created_at']));
  const newestUs = db.get(sql`SELECT created_at FROM audit_event WHERE dep = ${dep} ORDER BY created_at DESC LIMIT 1`, (row) => Number(row['created_at']));
  return oldestUs === null || newestUs === null ? null : { oldestUs, newestUs };
}

/** Of these event ids, those that the vault keeps for a hold that stands. */
export function inStandingVault(db: ReadDb, dep: number, ids: readonly number[]): Set<number> {
  return new Set(db.all(sql`SELECT DISTINCT v.event_id FROM json_each(${JSON.stringify(ids)}) j CROSS JOIN vault_row v ON v.dep = ${dep} AND v.event_id = j.value JOIN hold_member m ON m.num = v.num LEFT JOIN hold_end x ON x.hold_id = m.hold_id WHERE x.hold_id IS NULL`, (row) => Number(row['event_id'])));
}
