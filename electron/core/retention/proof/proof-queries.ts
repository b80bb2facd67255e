// SQL of certificates, and of the cached rows that should still be at a deployment.
import { FILE_ID_FLOOR } from '#shared/domain/audit-event.ts';
import { sql } from '../../db/sql.ts';
import type { ReadDb, WriteDb } from '../../db/sql.ts';
import type { Place } from '../plans/plan-queries.ts';

export interface CertificateRow { readonly id: string; readonly deploymentId: string; readonly runId: string | null; readonly issuedAtUs: number; readonly body: string }

export function insertCertificate(db: WriteDb, { id, deploymentId, runId, issuedAtUs, body }: CertificateRow): void {
  db.run(sql`INSERT INTO certificate (id, deployment_id, run_id, issued_at, body) VALUES (${id}, ${deploymentId}, ${runId}, ${issuedAtUs}, ${body})`);
}

export function findCertificate(db: ReadDb, id: string): string | null {
  return db.get(sql`SELECT body FROM certificate WHERE id = ${id}`, (row) => String(row['body']));
}

export interface CertificateHead { readonly id: string; readonly issuedAtUs: number; readonly outcome: string; readonly days: number | null; readonly runId: string | null }

/** Newest first. `days`: of the purge, or of the policy. */
export function certificatesOf(db: ReadDb, deploymentId: string, limit: number): CertificateHead[] {
  return db.all(sql`SELECT id, issued_at, run_id, body ->> '$.outcome' AS outcome, coalesce(body ->> '$.purge.plan.preview.days', body ->> '$.policy.days') AS days FROM certificate WHERE deployment_id = ${deploymentId} ORDER BY issued_at DESC, id LIMIT ${limit}`,
    (row) => ({ id: String(row['id']), issuedAtUs: Number(row['issued_at']), outcome: String(row['outcome']), days: row['days'] === null ? null : Number(row['days']), runId: row['run_id'] === null ? null : String(row['run_id']) }));
}

export interface KeptRow { readonly id: number; readonly createdAtUs: number; /** When it was last missed; null: never. */ readonly missedUs: number | null }

/** Rows that syncs of this address brought, from a time on, after a place. */
export function broughtFrom(db: ReadDb, { dep, address }: Place, { fromUs, after, limit }: { readonly fromUs: number; readonly after: { readonly id: number; readonly createdAtUs: number } | null; readonly limit: number }): KeptRow[] {
  const key = after === null ? sql`` : sql` AND (e.created_at, e.id) > (${after.createdAtUs}, ${after.id})`;
  return db.all(sql`SELECT e.id, e.created_at, (SELECT max(t) FROM (SELECT max(f.found_at) AS t FROM audit_finding f WHERE f.dep = ${dep} AND f.event_id = e.id AND f.kind = 'vanished'
      UNION ALL SELECT p.at FROM presence p WHERE p.seq = (SELECT q.seq FROM presence q WHERE q.dep = ${dep} AND q.event_id = e.id AND q.address = ${address} ORDER BY q.seq DESC LIMIT 1) AND p.is_there = 0)) AS missed
    FROM audit_event e JOIN audit_batch b ON b.id = e.batch AND b.kind = 'sync' AND b.address = ${address}
    WHERE e.dep = ${dep} AND e.created_at >= ${after?.createdAtUs ?? fromUs} AND e.id < ${FILE_ID_FLOOR}${key} ORDER BY e.created_at, e.id LIMIT ${limit}`,
  (row) => ({ id: Number(row['id']), createdAtUs: Number(row['created_at']), missedUs: row['missed'] === null ? null : Number(row['missed']) }));
}
