// SQL of the security status as it was read last at an address, as far as a purge needs it.
import { sql } from '../../db/sql.ts';
import type { ReadDb } from '../../db/sql.ts';

export interface StatusPart { readonly part: unknown; readonly observedAtUs: number; readonly source: string }

/** `audit_retention` of the newest status that was read, with whatever token; null where none was. */
export function statusPart(db: ReadDb, { deploymentId, address }: { readonly deploymentId: string; readonly address: string }): StatusPart | null {
  return db.get(sql`SELECT source, observed_at, CASE WHEN json_valid(value) THEN value -> '$.audit_retention' END AS part FROM evidence
    WHERE deployment_id = ${deploymentId} AND document = 'status' AND address = ${address} AND value IS NOT NULL ORDER BY seq DESC LIMIT 1`,
  (row) => ({ part: row['part'] === null ? null : JSON.parse(String(row['part'])) as unknown, observedAtUs: Number(row['observed_at']), source: String(row['source']) }));
}
