// SQL of single rows that were looked for at a deployment, and of held rows that were not there. What was seen is never changed.
import { sql } from '../../db/sql.ts';
import type { ReadDb, Sql, WriteDb } from '../../db/sql.ts';

/** One row that was looked for at one address; the answer came from its database. */
export interface Presence { readonly dep: number; readonly address: string; readonly eventId: number; readonly isThere: boolean; /** The request line. */ readonly source: string; readonly atUs: number }

/** Keeps what looking for single rows showed; inside a transaction of the caller when there are many. */
export function recordPresence(db: WriteDb, seen: readonly Presence[]): void {
  for (const { dep, address, eventId, isThere, source, atUs } of seen) {
    db.run(sql`INSERT INTO presence (dep, address, event_id, is_there, source, at) VALUES (${dep}, ${address}, ${eventId}, ${isThere ? 1 : 0}, ${source}, ${atUs})`);
  }
}

export interface VanishedRow { readonly holdId: string; readonly eventId: number; readonly createdAtUs: number; readonly atUs: number; readonly source: string }

/** A time at which an address was shown to have no row older than the cutoff. */
export interface NoneLeft { readonly address: string; readonly atUs: number; readonly cutoffUs: number; readonly source: string }

function vanished(dep: number, noneLeft: NoneLeft | null): Sql {
  const none = noneLeft === null ? sql`` : sql`
    UNION ALL SELECT v.event_id, v.address, ${noneLeft.atUs}, ${noneLeft.source} FROM vault_row v WHERE v.dep = ${dep} AND v.address = ${noneLeft.address} AND v.created_at < ${noneLeft.cutoffUs} AND v.kept_at <= ${noneLeft.atUs}`;
  const gone = sql`SELECT p.event_id, p.address, p.at, p.source FROM presence p WHERE p.dep = ${dep} AND p.is_there = 0
    UNION ALL SELECT f.event_id, b.address, f.found_at, 'comparison of a sync' FROM audit_finding f JOIN audit_event e ON e.dep = f.dep AND e.id = f.event_id JOIN audit_batch b ON b.id = e.batch WHERE f.dep = ${dep} AND f.kind = 'vanished'${none}`;
  return sql`FROM (${gone}) g JOIN vault_row v ON v.dep = ${dep} AND v.event_id = g.event_id AND v.address = g.address JOIN hold_member m ON m.num = v.num LEFT JOIN hold_end x ON x.hold_id = m.hold_id
    WHERE x.hold_id IS NULL AND NOT EXISTS (SELECT 1 FROM presence t WHERE t.dep = ${dep} AND t.event_id = g.event_id AND t.address = g.address AND t.is_there = 1 AND t.at > g.at)`;
}

/**
 * Rows that the vault keeps for holds that stand and that were gone when they were looked for last: by a look of their own, by a sync that compared, or
 * because the deployment had nothing left that is so old. A row that was seen again later is not among them, nor one that the address never gave.
 */
export function vanishedMembers(db: ReadDb, dep: number, noneLeft: NoneLeft | null): VanishedRow[] {
  return db.all(sql`SELECT m.hold_id, v.event_id, v.created_at, max(g.at) AS at, g.source ${vanished(dep, noneLeft)} GROUP BY m.hold_id, v.num ORDER BY m.hold_id, v.created_at, v.event_id`,
    (row) => ({ holdId: String(row['hold_id']), eventId: Number(row['event_id']), createdAtUs: Number(row['created_at']), atUs: Number(row['at']), source: String(row['source']) }));
}

/** How many of them each hold has; one without any is left out. */
export function countVanished(db: ReadDb, dep: number, noneLeft: NoneLeft | null): Map<string, number> {
  return new Map(db.all(sql`SELECT m.hold_id, count(DISTINCT v.num) AS n ${vanished(dep, noneLeft)} GROUP BY m.hold_id`, (row) => [String(row['hold_id']), Number(row['n'])] as const));
}
