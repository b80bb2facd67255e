// SQL of purge plans: which cached rows are older than a time and what is known of each, the plans themselves, and approvals that were given.
import { FILE_ID_FLOOR } from '#shared/domain/audit-event.ts';
import { sql } from '../../db/sql.ts';
import type { ReadDb, Row, WriteDb } from '../../db/sql.ts';
import type { RowTraces } from './belief.ts';

/** A deployment, by its number, at one of its addresses. */
export interface Place { readonly dep: number; readonly deploymentId: string; readonly address: string }

export interface CachedRow extends RowTraces {
  readonly id: number;
  readonly eventType: string;
  readonly org: string | null;
  readonly actor: string | null;
  /** Texts of the row and its stored payload, as UTF-8. */
  readonly bytes: number;
  /** Its payload is held. */
  readonly hasPayload: boolean;
  /** Which way it came first. */
  readonly origin: 'here' | 'elsewhere' | 'file';
}

const orNull = (value: Row[string] | undefined): number | null => (value === null || value === undefined ? null : Number(value));
const textOrNull = (value: Row[string] | undefined): string | null => (value === null || value === undefined ? null : String(value));

/** The newest look at event `id`, and when a sync missed it. */
const looks = ({ dep, address }: Place, id: ReturnType<typeof sql>) => sql`
  LEFT JOIN presence p ON p.seq = (SELECT q.seq FROM presence q WHERE q.dep = ${dep} AND q.event_id = ${id} AND q.address = ${address} ORDER BY q.seq DESC LIMIT 1)`;
const vanished = (dep: number) => sql`(SELECT max(f.found_at) FROM audit_finding f WHERE f.dep = ${dep} AND f.event_id = e.id AND f.kind = 'vanished') AS vanished_at`;

function tracesOf(row: Row, address: string): RowTraces {
  const isHere = row['came_address'] === address;
  return {
    createdAtUs: Number(row['created_at']), cameUs: isHere ? Number(row['came_at']) : null, vanishedUs: isHere ? orNull(row['vanished_at']) : null,
    look: row['looked_at'] === null ? null : { isThere: row['is_there'] === 1, atUs: Number(row['looked_at']) },
  };
}

/** Rows of the server's own older than a time, oldest first, after a place. `throughSeq`: only those that had arrived by then. */
export function rowsBefore(db: ReadDb, place: Place, page: { readonly beforeUs: number; readonly throughSeq: number; readonly after: { readonly createdAtUs: number; readonly id: number } | null; readonly limit: number }): CachedRow[] {
  const { beforeUs, throughSeq, after, limit } = page;
  const key = after === null ? sql`` : sql` AND (e.created_at, e.id) > (${after.createdAtUs}, ${after.id})`;
  return db.all(sql`SELECT e.id, e.created_at, e.event_type, e.state, e.org, coalesce(e.actor_email, e.actor_sub) AS actor, b.at AS came_at, b.address AS came_address, p.is_there, p.at AS looked_at, ${vanished(place.dep)},
      octet_length(e.created_raw) + octet_length(e.route) + octet_length(e.method) + octet_length(e.event_type) + coalesce(octet_length(e.org), 0) + coalesce(octet_length(e.actor_sub), 0)
        + coalesce(octet_length(e.actor_email), 0) + coalesce(octet_length(e.resource_id), 0) + coalesce((SELECT octet_length(y.body) FROM audit_payload y WHERE y.seq = e.seq), 0) AS bytes
    FROM audit_event e JOIN audit_batch b ON b.id = e.batch ${looks(place, sql`e.id`)}
    WHERE e.dep = ${place.dep} AND e.created_at < ${beforeUs} AND e.created_at >= ${after?.createdAtUs ?? Number.MIN_SAFE_INTEGER} AND e.id < ${FILE_ID_FLOOR} AND e.seq <= ${throughSeq}${key} ORDER BY e.created_at, e.id LIMIT ${limit}`,
  (row) => ({
    ...tracesOf(row, place.address), id: Number(row['id']), eventType: String(row['event_type']), org: textOrNull(row['org']), actor: textOrNull(row['actor']), bytes: Number(row['bytes']), hasPayload: row['state'] !== null,
    origin: row['came_address'] === null ? 'file' : row['came_address'] === place.address ? 'here' : 'elsewhere',
  }));
}

/** What is known of single rows, in the cache or else in the vault. */
export function tracesOfIds(db: ReadDb, place: Place, ids: readonly number[]): (RowTraces & { readonly id: number })[] {
  const of = (row: Row): RowTraces & { readonly id: number } => ({ ...tracesOf(row, place.address), id: Number(row['id']) });
  const list = JSON.stringify(ids);
  const cached = db.all(sql`SELECT e.id, e.created_at, b.at AS came_at, b.address AS came_address, p.is_there, p.at AS looked_at, ${vanished(place.dep)}
    FROM json_each(${list}) j CROSS JOIN audit_event e ON e.dep = ${place.dep} AND e.id = j.value JOIN audit_batch b ON b.id = e.batch ${looks(place, sql`e.id`)}`, of);
  const seen = new Set(cached.map(({ id }) => id));
  const kept = db.all(sql`SELECT v.event_id AS id, v.created_at, v.kept_at AS came_at, v.address AS came_address, p.is_there, p.at AS looked_at, NULL AS vanished_at
    FROM json_each(${list}) j CROSS JOIN vault_row v ON v.dep = ${place.dep} AND v.event_id = j.value ${looks(place, sql`v.event_id`)}`, of);
  return [...cached, ...kept.filter(({ id }) => !seen.has(id))];
}

/** Rows with ids that were made here from the content of a file: no row of the server. */
export function countFileRows(db: ReadDb, dep: number, beforeUs: number): number {
  return db.get(sql`SELECT count(*) AS n FROM audit_event WHERE dep = ${dep} AND id >= ${FILE_ID_FLOOR} AND created_at < ${beforeUs}`, (row) => Number(row['n'])) ?? 0;
}

/** The highest number of a row, whichever deployment it is of: with the same one, nothing has come. */
export function highestArrival(db: ReadDb): number {
  return db.get(sql`SELECT max(seq) AS seq FROM audit_event`, (row) => Number(row['seq'] ?? 0)) ?? 0;
}

export function endRowOf(db: ReadDb, dep: number, id: number): { readonly id: number; readonly createdAtUs: number; readonly route: string; readonly eventType: string } | null {
  return db.get(sql`SELECT id, created_at, route, event_type FROM audit_event WHERE dep = ${dep} AND id = ${id}`, (row) => ({ id: Number(row['id']), createdAtUs: Number(row['created_at']), route: String(row['route']), eventType: String(row['event_type']) }));
}

/** Purges from here that are known to have happened at an address, each between the time it was sent and the time that is known of. `cutoff`: as the plan has it. */
export function donePurges(db: ReadDb, { deploymentId, address }: Place): { readonly runId: string; readonly sentUs: number; readonly atUs: number; readonly serverCutoffUs: number | null; readonly cutoff: string }[] {
  return db.all(sql`SELECT r.id, r.started_at, s.at, s.server_cutoff, p.body ->> '$.preview.cutoff' AS cutoff FROM purge_run r JOIN purge_step s ON s.seq = (SELECT max(seq) FROM purge_step WHERE run_id = r.id) JOIN purge_plan p ON p.id = r.plan_id
    WHERE r.deployment_id = ${deploymentId} AND r.address = ${address} AND s.state IN ('answered', 'found-done')`, (row) => ({ runId: String(row['id']), sentUs: Number(row['started_at']), atUs: Number(row['at']), serverCutoffUs: orNull(row['server_cutoff']), cutoff: String(row['cutoff']) }));
}

export interface PlanRow { readonly id: string; readonly deploymentId: string; readonly body: string; readonly hasEnded: boolean; /** The plan that took its place. */ readonly replacedBy: string | null }
export interface PlanToKeep { readonly id: string; readonly deploymentId: string; readonly madeAtUs: number; readonly digest: string; readonly body: string; readonly rowIds: Buffer; readonly alsoDueIds: Buffer }

export function insertPlan(db: WriteDb, { id, deploymentId, madeAtUs, digest, body, rowIds, alsoDueIds }: PlanToKeep): void {
  db.run(sql`INSERT INTO purge_plan (id, deployment_id, made_at, digest, body, row_ids, also_due_ids) VALUES (${id}, ${deploymentId}, ${madeAtUs}, ${digest}, ${body}, ${rowIds}, ${alsoDueIds})`);
}

const plans = sql`SELECT p.id, p.deployment_id, p.body, (EXISTS (SELECT 1 FROM purge_plan_end x WHERE x.plan_id = p.id) OR EXISTS (SELECT 1 FROM purge_run r WHERE r.plan_id = p.id)) AS ended,
  (SELECT x.replaced_by FROM purge_plan_end x WHERE x.plan_id = p.id) AS replaced_by FROM purge_plan p`;
const toPlan = (row: Row): PlanRow => ({ id: String(row['id']), deploymentId: String(row['deployment_id']), body: String(row['body']), hasEnded: row['ended'] === 1, replacedBy: textOrNull(row['replaced_by']) });

export function findPlan(db: ReadDb, id: string): PlanRow | null {
  return db.get(sql`${plans} WHERE p.id = ${id}`, toPlan);
}

/** Newest first. */
export function plansOf(db: ReadDb, deploymentId: string, limit: number): PlanRow[] {
  return db.all(sql`${plans} WHERE p.deployment_id = ${deploymentId} ORDER BY p.made_at DESC, p.rowid DESC LIMIT ${limit}`, toPlan);
}

export function rowsOfPlan(db: ReadDb, id: string): { readonly rowIds: Buffer; readonly alsoDueIds: Buffer } | null {
  return db.get(sql`SELECT row_ids, also_due_ids FROM purge_plan WHERE id = ${id}`, (row) => ({ rowIds: row['row_ids'] as Buffer, alsoDueIds: row['also_due_ids'] as Buffer }));
}

export function endPlan(db: WriteDb, id: string, atUs: number): void {
  db.run(sql`INSERT INTO purge_plan_end (plan_id, at) VALUES (${id}, ${atUs}) ON CONFLICT DO NOTHING`);
}

/** A deployment has one plan: a newer one takes the place of every other that has not ended. */
export function replacePlans(db: WriteDb, deploymentId: string, { by, atUs }: { readonly by: string; readonly atUs: number }): void {
  db.run(sql`INSERT INTO purge_plan_end (plan_id, at, replaced_by) SELECT p.id, ${atUs}, ${by} FROM purge_plan p WHERE p.deployment_id = ${deploymentId} AND p.id <> ${by}
    AND NOT EXISTS (SELECT 1 FROM purge_plan_end x WHERE x.plan_id = p.id) AND NOT EXISTS (SELECT 1 FROM purge_run r WHERE r.plan_id = p.id)`);
}

export function keepApproval(db: WriteDb, { planDigest, body, atUs }: { readonly planDigest: string; readonly body: string; readonly atUs: number }): void {
  db.run(sql`INSERT INTO given_approval (plan_digest, at, body) VALUES (${planDigest}, ${atUs}, ${body}) ON CONFLICT DO UPDATE SET at = excluded.at, body = excluded.body`);
}

export function givenApproval(db: ReadDb, planDigest: string): string | null {
  return db.get(sql`SELECT body FROM given_approval WHERE plan_digest = ${planDigest}`, (row) => String(row['body']));
}
