// SQL of purges: each is a row that never changes and a list of steps, the last of which counts; and what the ledger says of them.
import { FILE_ID_FLOOR } from '#shared/domain/audit-event.ts';
import type { PurgeRun } from '#shared/domain/retention-plan.ts';
import { sql } from '../../db/sql.ts';
import type { ReadDb, Row, WriteDb } from '../../db/sql.ts';

export type StepState = PurgeRun['state'];
export interface Step { readonly state: StepState; readonly atUs: number; readonly deleted: number | null; readonly serverCutoffUs: number | null; readonly message: string; readonly ledgerEntry: number | null }
export interface RunRow { readonly id: string; readonly deploymentId: string; readonly planId: string; readonly address: string; readonly days: number; readonly approval: string | null; readonly startedAtUs: number }

const orNull = (value: Row[string] | undefined): number | null => (value === null || value === undefined ? null : Number(value));
const toRun = (row: Row): RunRow => ({
  id: String(row['id']), deploymentId: String(row['deployment_id']), planId: String(row['plan_id']), address: String(row['address']), days: Number(row['days']), approval: row['approval'] === null ? null : String(row['approval']), startedAtUs: Number(row['started_at']),
});

/** Newest first. */
export function runsOf(db: ReadDb, deploymentId: string, limit: number): RunRow[] {
  return db.all(sql`SELECT * FROM purge_run WHERE deployment_id = ${deploymentId} ORDER BY started_at DESC, id DESC LIMIT ${limit}`, toRun);
}

export function findRun(db: ReadDb, id: string): RunRow | null {
  return db.get(sql`SELECT * FROM purge_run WHERE id = ${id}`, toRun);
}

/** Oldest first. */
export function stepsOf(db: ReadDb, runId: string): Step[] {
  return db.all(sql`SELECT * FROM purge_step WHERE run_id = ${runId} ORDER BY seq`, (row) => ({
    state: String(row['state']) as StepState, atUs: Number(row['at']), deleted: orNull(row['deleted']), serverCutoffUs: orNull(row['server_cutoff']), message: String(row['message']), ledgerEntry: orNull(row['ledger_entry']),
  }));
}

/** Purges of a deployment of which nobody knows whether they happened. */
export function unsettledRuns(db: ReadDb, deploymentId: string): string[] {
  return db.all(sql`SELECT r.id FROM purge_run r JOIN purge_step s ON s.seq = (SELECT max(seq) FROM purge_step WHERE run_id = r.id) WHERE r.deployment_id = ${deploymentId} AND s.state IN ('requested', 'unknown') ORDER BY r.started_at`, (row) => String(row['id']));
}

export function insertRun(db: WriteDb, { id, deploymentId, planId, address, days, approval, startedAtUs }: RunRow): void {
  db.run(sql`INSERT INTO purge_run (id, deployment_id, plan_id, address, days, approval, started_at) VALUES (${id}, ${deploymentId}, ${planId}, ${address}, ${days}, ${approval}, ${startedAtUs})`);
}

export function insertStep(db: WriteDb, runId: string, { state, atUs, deleted, serverCutoffUs, message, ledgerEntry }: Step): void {
  db.run(sql`INSERT INTO purge_step (run_id, state, at, deleted, server_cutoff, message, ledger_entry) VALUES (${runId}, ${state}, ${atUs}, ${deleted}, ${serverCutoffUs}, ${message}, ${ledgerEntry})`);
}

/** Whether a row older than a time came after others had been counted. */
export function cameSince(db: ReadDb, dep: number, { throughSeq, beforeUs }: { readonly throughSeq: number; readonly beforeUs: number }): boolean {
  return db.get(sql`SELECT 1 FROM audit_event WHERE seq > ${throughSeq} AND +dep = ${dep} AND created_at < ${beforeUs} LIMIT 1`, () => true) ?? false;
}

/** Rows of the server's own from a time on, oldest first. */
export function rowsFrom(db: ReadDb, dep: number, { fromUs, limit }: { readonly fromUs: number; readonly limit: number }): { readonly id: number; readonly createdAtUs: number }[] {
  return db.all(sql`SELECT id, created_at FROM audit_event WHERE dep = ${dep} AND created_at >= ${fromUs} AND id < ${FILE_ID_FLOOR} ORDER BY created_at, id LIMIT ${limit}`, (row) => ({ id: Number(row['id']), createdAtUs: Number(row['created_at']) }));
}

/** Times of cached rows by id; what the cache no longer has is left out. */
export function timesOf(db: ReadDb, dep: number, ids: readonly number[]): Map<number, number> {
  return new Map(db.all(sql`SELECT e.id, e.created_at FROM json_each(${JSON.stringify(ids)}) j CROSS JOIN audit_event e ON e.dep = ${dep} AND e.id = j.value`, (row) => [Number(row['id']), Number(row['created_at'])] as const));
}

export interface PurgeEntry { readonly seq: number; readonly deployment: string | null; readonly runId: string }

/** Purges that the ledger says were asked for, and of whose end it says nothing. What a removed deployment left is not told apart from what never was, and left out. */
export function openEntries(db: ReadDb): PurgeEntry[] {
  return db.all(sql`SELECT seq, deployment, substr(subject, 1, 18) AS run FROM ledger l WHERE action = 'retention.purge.requested'
      AND NOT EXISTS (SELECT 1 FROM ledger e WHERE e.seq > l.seq AND ((e.action IN ('retention.purge.ended', 'retention.purge.settled') AND substr(e.subject, 1, 18) = substr(l.subject, 1, 18)) OR e.action = 'deployment.removed'))
    ORDER BY seq`, (row) => ({ seq: Number(row['seq']), deployment: row['deployment'] === null ? null : String(row['deployment']), runId: String(row['run']) }));
}
