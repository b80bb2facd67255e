// SQL of what shows whether a deployment deletes: what its status said, when its database was shown to answer, and which rows it gave when.
import { LACKS_HELD } from '#shared/domain/audit-event.ts';
import { DAY_US } from '#shared/domain/retention.ts';
import { sql } from '../../db/sql.ts';
import type { ReadDb, Row } from '../../db/sql.ts';
import { readStatus } from './policy.ts';
import type { StatusSaid } from './policy.ts';

/** A deployment at one of its addresses. */
export interface At { readonly dep: number; readonly deploymentId: string; readonly address: string }

const STATUSES_MAX = 500;

function parsed(value: string | null): unknown {
  return value === null ? null : JSON.parse(value);
}

/** The newest answer of an address to one token; null without one. */
export function newestStatus(db: ReadDb, { deploymentId, address }: At, token: string | null): StatusSaid | null {
  return db.get(sql`SELECT source, observed_at, CASE WHEN json_valid(value) THEN value -> '$.audit_retention' END AS part FROM evidence
    WHERE deployment_id = ${deploymentId} AND document = 'status' AND address = ${address} AND token IS ${token} AND value IS NOT NULL ORDER BY seq DESC LIMIT 1`,
  (row) => readStatus(parsed(row['part'] === null ? null : String(row['part'])), { observedAtUs: Number(row['observed_at']), source: String(row['source']) }));
}

/** Answers of an address to whatever token, newest first: what it says of its log does not hang on who asks. */
export function statusesOf(db: ReadDb, { deploymentId, address }: At): StatusSaid[] {
  return db.all(sql`SELECT source, observed_at, CASE WHEN json_valid(value) THEN value -> '$.audit_retention' END AS part FROM evidence
    WHERE deployment_id = ${deploymentId} AND document = 'status' AND address = ${address} AND value IS NOT NULL ORDER BY seq DESC LIMIT ${STATUSES_MAX}`,
  (row) => readStatus(parsed(row['part'] === null ? null : String(row['part'])), { observedAtUs: Number(row['observed_at']), source: String(row['source']) }));
}

export interface DatabaseAnswer { readonly atUs: number; readonly source: string }

/** What a sync gave: its list, or its export. `beginsUs` is not later than the answer, `endsUs` not earlier. */
const listed = ({ dep, address }: At) => sql`
  SELECT started_at AS begins, ended_at AS ends, CASE WHEN scope = 'all' THEN 'GET /api/audit' ELSE 'GET /api/audit/export' END AS source FROM audit_walk WHERE dep = ${dep} AND address = ${address} AND ended_at IS NOT NULL AND kind <> 'tail'
  UNION ALL SELECT observed_at, observed_at, CASE WHEN scope = 'all' THEN 'GET /api/audit' ELSE 'GET /api/audit/export' END FROM audit_coverage WHERE dep = ${dep} AND address = ${address} AND scope <> 'expired'`;
/** Single rows that were looked for, and what the deployment says of its own database. */
const looked = ({ dep, deploymentId, address }: At) => sql`
  SELECT at AS begins, at AS ends, source FROM presence WHERE dep = ${dep} AND address = ${address}
  UNION ALL SELECT observed_at, observed_at, source FROM evidence WHERE deployment_id = ${deploymentId} AND document = 'health_ready' AND address = ${address} AND json_extract(value, '$.is_ready') = 1`;
const tested = ({ deploymentId, address }: At) => sql`
  SELECT capabilities_at AS begins, capabilities_at AS ends, 'GET /api/audit' AS source FROM deployment d WHERE id = ${deploymentId} AND url = ${address} AND capabilities_at IS NOT NULL
    AND EXISTS (SELECT 1 FROM json_each(d.capabilities) c WHERE c.value ->> '$.name' = 'audit-list' AND c.value ->> '$.state' = 'offered')`;

/** The last answer of the database at or before a time. */
export function lastAnswerBefore(db: ReadDb, at: At, us: number): DatabaseAnswer | null {
  return db.get(sql`SELECT ends, source FROM (${listed(at)} UNION ALL ${looked(at)} UNION ALL ${tested(at)}) WHERE ends <= ${us} ORDER BY ends DESC LIMIT 1`, (row) => ({ atUs: Number(row['ends']), source: String(row['source']) }));
}

/**
 * The first answer of the database that belongs to a status: `us` is when that was read, `atUs` when the answer had come for certain, because a reading that was taken
 * up again may have begun long before it. What was answered for a later sync or beside a later status proves that one, not this: the database may have
 * come back in between. So a list counts only in the sync that was under way, and nothing does after the next status was asked for, also where it failed.
 */
export function ownAnswerAfter(db: ReadDb, at: At, us: number): DatabaseAnswer | null {
  const { deploymentId, address } = at;
  return db.get(sql`SELECT ends, source FROM (
      SELECT a.* FROM (${listed(at)}) a WHERE EXISTS (SELECT 1 FROM audit_sync y WHERE y.deployment_id = ${deploymentId} AND y.address = ${address} AND y.outcome IN ('done', 'cancelled') AND y.started_at <= ${us} AND y.ended_at >= a.ends)
      UNION ALL SELECT a.* FROM (${looked(at)}) a WHERE NOT EXISTS (SELECT 1 FROM audit_sync y WHERE y.deployment_id = ${deploymentId} AND y.address = ${address} AND y.started_at > ${us} AND y.started_at <= a.ends)
    ) WHERE begins >= ${us} AND NOT EXISTS (SELECT 1 FROM evidence o WHERE o.deployment_id = ${deploymentId} AND o.document = 'status' AND o.address = ${address} AND o.observed_at > ${us} AND o.observed_at <= begins)
    ORDER BY ends LIMIT 1`, (row) => ({ atUs: Number(row['ends']), source: String(row['source']) }));
}

/** The number of the first row that came at a time or later; null when none did. Rows and batches are numbered in the order of arrival. */
export function firstSeqSince(db: ReadDb, us: number): number | null {
  const batch = db.get(sql`SELECT min(id) AS id FROM audit_batch WHERE at >= ${us}`, (row) => (row['id'] === null ? null : Number(row['id'])));
  if (batch === null) return null;
  let low = 1;
  let high = (db.get(sql`SELECT max(seq) AS seq FROM audit_event`, (row) => Number(row['seq'] ?? 0)) ?? 0) + 1;
  const last = high;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const found = db.get(sql`SELECT batch FROM audit_event WHERE seq >= ${middle} ORDER BY seq LIMIT 1`, (row) => Number(row['batch']));
    if (found === null || found >= batch) high = middle;
    else low = middle + 1;
  }
  return low >= last ? null : low;
}

/** How a sync that was under way in a stretch of time ended, when it failed. One that an admin cancelled did not. */
export function failedSync(db: ReadDb, { deploymentId, address }: At, { fromUs, toUs }: { readonly fromUs: number; readonly toUs: number }): string | null {
  return db.get(sql`SELECT outcome FROM audit_sync WHERE deployment_id = ${deploymentId} AND address = ${address} AND outcome NOT IN ('done', 'cancelled') AND ended_at >= ${fromUs} AND started_at <= ${toUs} ORDER BY seq DESC LIMIT 1`, (row) => String(row['outcome']));
}

/** Whether a stretch of time shows that the database of an address was away: a sync that failed in it, or its own word that it is not ready. */
export function databaseAway(db: ReadDb, at: At, { fromUs, toUs }: { readonly fromUs: number; readonly toUs: number }): boolean {
  const { deploymentId, address } = at;
  return failedSync(db, at, { fromUs, toUs }) !== null || db.get(sql`SELECT 1 FROM evidence WHERE deployment_id = ${deploymentId} AND document = 'health_ready' AND address = ${address}
    AND json_extract(value, '$.is_ready') = 0 AND observed_at BETWEEN ${fromUs} AND ${toUs} LIMIT 1`, () => true) === true;
}

/** A row older than a time that an address gave at `sinceUs` or later. */
export function gaveOlder(db: ReadDb, { dep, address }: At, { olderThanUs, sinceUs }: { readonly olderThanUs: number; readonly sinceUs: number }): { readonly id: number; readonly atUs: number } | null {
  const toGiven = (row: Row) => ({ id: Number(row['id']), atUs: Number(row['at']) });
  const again = db.get(sql`SELECT e.id, p.at FROM presence p JOIN audit_event e ON e.dep = p.dep AND e.id = p.event_id WHERE p.dep = ${dep} AND p.address = ${address} AND p.is_there = 1 AND p.at >= ${sinceUs} AND e.created_at < ${olderThanUs} LIMIT 1`, toGiven);
  if (again !== null) return again;
  const seq = firstSeqSince(db, sinceUs);
  if (seq === null) return null;
  return db.get(sql`SELECT e.id, b.at FROM audit_event e JOIN audit_batch b ON b.id = e.batch WHERE e.dep = ${dep} AND e.created_at < ${olderThanUs} AND e.seq >= ${seq} AND b.kind = 'sync' AND b.address = ${address} AND b.at >= ${sinceUs} LIMIT 1`, toGiven);
}

/** A purge that left this console. Without an answer it may take rows at any time within a day, whatever a look in between showed. */
export interface OwnPurge {
  readonly sentUs: number;
  /** By when it had its effect, if it ever did. */
  readonly overUs: number;
  readonly days: number;
  /** Up to which it deleted, as the answer says; null: no answer that counts came. */
  readonly serverCutoffUs: number | null;
  readonly isAnswered: boolean;
  /** A look found that it had not happened. */
  readonly isFoundNotDone: boolean;
}

/** Purges that may have taken rows at an address, newest first: all but those that are known to have been refused or never to have left. */
export function ownPurges(db: ReadDb, { deploymentId, address }: At): OwnPurge[] {
  return db.all(sql`SELECT r.started_at, r.days, s.at, s.state, s.server_cutoff FROM purge_run r JOIN purge_step s ON s.seq = (SELECT max(seq) FROM purge_step WHERE run_id = r.id)
    WHERE r.deployment_id = ${deploymentId} AND r.address = ${address} AND s.state <> 'refused' ORDER BY r.started_at DESC`, (row) => {
    const isAnswered = row['state'] === 'answered';
    const sentUs = Number(row['started_at']);
    return { sentUs, overUs: isAnswered ? Number(row['at']) : sentUs + DAY_US, days: Number(row['days']), serverCutoffUs: row['server_cutoff'] === null ? null : Number(row['server_cutoff']), isAnswered, isFoundNotDone: row['state'] === 'found-not-done' };
  });
}

export interface SingleLook { readonly eventId: number; readonly createdAtUs: number; readonly isThere: boolean; readonly atUs: number; readonly source: string; /** When a sync of this address brought it; null when none did. */ readonly firstSeenUs: number | null }

/** Single rows older than a time that were looked for at an address, the newest look at each. */
export function singleLooks(db: ReadDb, { dep, address }: At, olderThanUs: number): SingleLook[] {
  return db.all(sql`SELECT p.event_id, p.is_there, p.at, p.source, coalesce(e.created_at, v.created_at) AS created_at, b.at AS first_seen FROM presence p
    JOIN (SELECT max(seq) AS seq FROM presence WHERE dep = ${dep} AND address = ${address} GROUP BY event_id) newest ON newest.seq = p.seq
    LEFT JOIN audit_event e ON e.dep = p.dep AND e.id = p.event_id LEFT JOIN audit_batch b ON b.id = e.batch AND b.kind = 'sync' AND b.address = ${address} LEFT JOIN vault_row v ON v.dep = p.dep AND v.event_id = p.event_id
    WHERE coalesce(e.created_at, v.created_at) < ${olderThanUs} ORDER BY p.at DESC, p.event_id`,
  (row) => ({ eventId: Number(row['event_id']), createdAtUs: Number(row['created_at']), isThere: row['is_there'] === 1, atUs: Number(row['at']), source: String(row['source']), firstSeenUs: row['first_seen'] === null ? null : Number(row['first_seen']) }));
}

/** Whether a list that an address gave at `sinceUs` or later lacked rows that are held and were not due. */
export function lackedHeld(db: ReadDb, { dep, address }: At, sinceUs: number): boolean {
  return db.get(sql`SELECT 1 FROM audit_coverage WHERE dep = ${dep} AND address = ${address} AND scope = 'all' AND state = 'gap' AND observed_at >= ${sinceUs} AND reason LIKE ${`%${LACKS_HELD}`} LIMIT 1`, () => true) ?? false;
}

/** A row that an address gave once and that was gone when it was compared or looked for last; whether it was due is the caller's to say. */
export interface GoneRow { readonly eventId: number; readonly createdAtUs: number; readonly atUs: number }

export function goneRows(db: ReadDb, { dep, address }: At, { sinceUs }: { readonly sinceUs: number }): GoneRow[] {
  return db.all(sql`SELECT g.event_id, e.created_at, max(g.at) AS at FROM (
      SELECT event_id, at FROM presence WHERE dep = ${dep} AND address = ${address} AND is_there = 0 AND at >= ${sinceUs}
      UNION ALL SELECT event_id, found_at FROM audit_finding WHERE dep = ${dep} AND kind = 'vanished' AND found_at >= ${sinceUs}
    ) g JOIN audit_event e ON e.dep = ${dep} AND e.id = g.event_id JOIN audit_batch b ON b.id = e.batch AND b.kind = 'sync' AND b.address = ${address}
    WHERE NOT EXISTS (SELECT 1 FROM presence t WHERE t.dep = ${dep} AND t.address = ${address} AND t.event_id = g.event_id AND t.is_there = 1 AND t.at > g.at)
    GROUP BY g.event_id ORDER BY at DESC, g.event_id`, (row) => ({ eventId: Number(row['event_id']), createdAtUs: Number(row['created_at']), atUs: Number(row['at']) }));
}

/** True when an address's list of all organisations was read completely over a whole stretch, both ends inclusive. */
export function isReadWhole(db: ReadDb, { dep, address }: At, { fromUs, toUs }: { readonly fromUs: number; readonly toUs: number }): boolean {
  const parts = db.all(sql`SELECT from_us, to_us FROM audit_coverage WHERE dep = ${dep} AND address = ${address} AND scope = 'all' AND state = 'complete' AND reason IS NULL AND to_us >= ${fromUs} AND from_us <= ${toUs} ORDER BY from_us`,
    (row) => ({ from: Number(row['from_us']), to: Number(row['to_us']) }));
  let at = fromUs;
  for (const { from, to } of parts) {
    if (from > at) return false;
    at = Math.max(at, to + 1);
  }
  return at > toUs;
}
