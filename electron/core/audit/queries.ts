// SQL of the audit cache: rows and payloads go in once and are never changed; lists page by key, newest first.
import type { AuditEvent, AuditEventDetail, AuditFilter, AuditGap, PayloadState } from '#shared/domain/audit-event.ts';
import { statusRange } from '#shared/domain/audit-event.ts';
import type { PayloadCounts } from '#shared/domain/security-checks.ts';
import { formatInstantUs } from '#shared/domain/time.ts';
import { joinSql, sql } from '../db/sql.ts';
import type { ReadDb, Row, Sql, WriteDb } from '../db/sql.ts';

export interface NewEvent {
  readonly id: number; readonly createdAtUs: number; readonly createdAtRaw: string; readonly route: string; readonly method: string; readonly eventType: string;
  readonly org: string | null; readonly actorSub: string | null; readonly actorEmail: string | null; readonly resourceId: string | null; readonly statusCode: number;
}
/** A deployment at one of its addresses: what one answered says nothing of another. */
export interface At { readonly deploymentId: string; readonly address: string }

export interface NewPayload { readonly eventId: number; readonly state: 'plain' | 'encrypted' | 'failed' | 'malformed'; readonly body: string; readonly keyId: string | null }
/** Where and when a row or payload was seen; `address` is the one that was asked. */
export interface Seen extends At { readonly atUs: number; readonly source: string }

const text = (value: Row[string] | undefined): string | null => (value === null || value === undefined ? null : String(value));

/** What it means that a row has no payload here, given its org; the caller knows from the deployment's capabilities. */
export type AbsentPayload = (org: string | null) => 'not-offered' | 'not-synced';

function toEvent(row: Row, absent: AbsentPayload): AuditEvent {
  return {
    id: Number(row['id']), createdAt: formatInstantUs(Number(row['created_at'])), createdAtRaw: String(row['created_raw']),
    route: String(row['route']), method: String(row['method']), eventType: String(row['event_type']), org: text(row['org']),
    actorSub: text(row['actor_sub']), actorEmail: text(row['actor_email']), resourceId: text(row['resource_id']), statusCode: Number(row['status_code']),
    payloadState: row['state'] === null || row['state'] === undefined ? absent(text(row['org'])) : String(row['state']) as PayloadState, keyId: text(row['key_id']),
  };
}

/** Inserts a row once. `changed` tells that it is held with other content; the first version stays. */
export function insertEvent(db: WriteDb, event: NewEvent, seen: Seen): 'added' | 'held' | 'changed' {
  const { changes } = db.run(sql`INSERT INTO audit_event (deployment_id, address, id, created_at, created_raw, route, method, event_type, org, actor_sub, actor_email, resource_id, status_code, first_seen_at, source)
    VALUES (${seen.deploymentId}, ${seen.address}, ${event.id}, ${event.createdAtUs}, ${event.createdAtRaw}, ${event.route}, ${event.method}, ${event.eventType}, ${event.org}, ${event.actorSub}, ${event.actorEmail}, ${event.resourceId}, ${event.statusCode}, ${seen.atUs}, ${seen.source})
    ON CONFLICT DO NOTHING`);
  if (changes === 1) return 'added';
  const same = db.get(sql`SELECT 1 FROM audit_event WHERE deployment_id = ${seen.deploymentId} AND id = ${event.id} AND created_at = ${event.createdAtUs} AND route = ${event.route} AND method = ${event.method}
    AND event_type = ${event.eventType} AND org IS ${event.org} AND actor_sub IS ${event.actorSub} AND actor_email IS ${event.actorEmail} AND resource_id IS ${event.resourceId} AND status_code = ${event.statusCode}`, () => true);
  return same === true ? 'held' : 'changed';
}

export function insertPayload(db: WriteDb, payload: NewPayload, seen: Seen): 'added' | 'held' | 'changed' {
  const { changes } = db.run(sql`INSERT INTO audit_payload (deployment_id, address, event_id, state, key_id, body, observed_at, source)
    VALUES (${seen.deploymentId}, ${seen.address}, ${payload.eventId}, ${payload.state}, ${payload.keyId}, ${payload.body}, ${seen.atUs}, ${seen.source}) ON CONFLICT DO NOTHING`);
  if (changes === 1) return 'added';
  const same = db.get(sql`SELECT 1 FROM audit_payload WHERE deployment_id = ${seen.deploymentId} AND event_id = ${payload.eventId} AND body = ${payload.body}`, () => true);
  return same === true ? 'held' : 'changed';
}

const ESCAPED = /[\\%_]/g;
const contains = (needle: string): string => `%${needle.replace(ESCAPED, '\\$&')}%`;

/** Word for rows without an organisation in the org filter. */
export const NO_ORG = '(none)';

export interface Range { readonly sinceUs: number | null; readonly untilUs: number | null }

/** Which rows: of one deployment, through a filter, within a stretch of time. */
export interface Matching { readonly deploymentId: string; readonly filter: AuditFilter; readonly range: Range }

function conditions({ deploymentId, filter, range }: Matching): Sql {
  const parts: Sql[] = [sql`e.deployment_id = ${deploymentId}`];
  if (range.sinceUs !== null) parts.push(sql`e.created_at >= ${range.sinceUs}`);
  if (range.untilUs !== null) parts.push(sql`e.created_at <= ${range.untilUs}`);
  if (filter.method !== undefined) parts.push(sql`e.method = ${filter.method.toUpperCase()}`);
  if (filter.org !== undefined) parts.push(filter.org === NO_ORG ? sql`e.org IS NULL` : sql`e.org = ${filter.org}`);
  if (filter.actor !== undefined) parts.push(sql`(e.actor_sub = ${filter.actor} COLLATE NOCASE OR e.actor_email = ${filter.actor} COLLATE NOCASE)`);
  if (filter.status !== undefined) {
    const { min, max } = statusRange(filter.status);
    parts.push(sql`e.status_code BETWEEN ${min} AND ${max}`);
  }
  if (filter.text !== undefined && filter.text.trim() !== '') {
    const needle = contains(filter.text.trim());
    parts.push(sql`(e.route LIKE ${needle} ESCAPE '\\' OR e.event_type LIKE ${needle} ESCAPE '\\' OR e.actor_sub LIKE ${needle} ESCAPE '\\' OR e.actor_email LIKE ${needle} ESCAPE '\\'
      OR e.org LIKE ${needle} ESCAPE '\\' OR e.resource_id LIKE ${needle} ESCAPE '\\' OR (p.state = 'plain' AND p.body LIKE ${needle} ESCAPE '\\'))`);
  }
  return joinSql(parts, sql` AND `);
}

const FROM = sql`FROM audit_event e LEFT JOIN audit_payload p ON p.deployment_id = e.deployment_id AND p.event_id = e.id`;

export interface ListQuery extends Matching {
  readonly limit: number;
  readonly after: { readonly createdAtUs: number; readonly id: number } | null;
  readonly absent: AbsentPayload;
}

/** One page, newest first, ties by id, after a key. */
export function listEvents(db: ReadDb, { limit, after, absent, ...matching }: ListQuery): { readonly event: AuditEvent; readonly createdAtUs: number }[] {
  const from = after === null ? sql`` : sql` AND (e.created_at, e.id) < (${after.createdAtUs}, ${after.id})`;
  return db.all(
    sql`SELECT e.*, p.state, p.key_id ${FROM} WHERE ${conditions(matching)}${from} ORDER BY e.created_at DESC, e.id DESC LIMIT ${limit}`,
    (row) => ({ event: toEvent(row, absent), createdAtUs: Number(row['created_at']) }),
  );
}

export function countMatching(db: ReadDb, matching: Matching): number {
  return db.get(sql`SELECT count(*) AS n ${FROM} WHERE ${conditions(matching)}`, (row) => Number(row['n'])) ?? 0;
}

export function getEvent(db: ReadDb, { deploymentId, id }: { readonly deploymentId: string; readonly id: number }, absent: AbsentPayload): Omit<AuditEventDetail, 'sealedAt'> | null {
  return db.get(sql`SELECT e.*, p.state, p.key_id, p.body, p.observed_at ${FROM} WHERE e.deployment_id = ${deploymentId} AND e.id = ${id}`, (row) => ({
    ...toEvent(row, absent), payload: text(row['body']), payloadObservedAt: row['observed_at'] === null ? null : formatInstantUs(Number(row['observed_at'])),
    firstSeenAt: formatInstantUs(Number(row['first_seen_at'])), source: String(row['source']),
  }));
}

export interface Counts { readonly events: number; readonly encrypted: number; readonly plain: number; readonly absentByOrg: readonly { readonly org: string | null; readonly rows: number }[]; readonly oldestUs: number | null; readonly newestUs: number | null }

export function countEvents(db: ReadDb, deploymentId: string): Counts {
  const rows = db.get(sql`SELECT count(*) AS n, min(created_at) AS oldest, max(created_at) AS newest FROM audit_event WHERE deployment_id = ${deploymentId}`, (row) => ({
    events: Number(row['n']), oldestUs: row['oldest'] === null ? null : Number(row['oldest']), newestUs: row['newest'] === null ? null : Number(row['newest']),
  })) ?? { events: 0, oldestUs: null, newestUs: null };
  const states = new Map(db.all(sql`SELECT state, count(*) AS n FROM audit_payload WHERE deployment_id = ${deploymentId} GROUP BY state`, (row) => [String(row['state']), Number(row['n'])] as const));
  const absentByOrg = db.all(sql`SELECT e.org AS org, count(*) AS n ${FROM} WHERE e.deployment_id = ${deploymentId} AND p.event_id IS NULL GROUP BY e.org`, (row) => ({ org: text(row['org']), rows: Number(row['n']) }));
  return { ...rows, encrypted: states.get('encrypted') ?? 0, plain: states.get('plain') ?? 0, absentByOrg };
}

/** How the newest rows are stored whose payload this address gave, at most `limit` of them; null when it gave none. */
export function newestPayloadStates(db: ReadDb, { deploymentId, address }: At, limit: number): PayloadCounts | null {
  // A row was not written after it was seen, whatever time it carries: a clock that is ahead must not make it new.
  const counts = db.get(sql`SELECT count(*) AS n, total(state = 'encrypted') AS encrypted, total(state = 'plain') AS plain, total(state = 'failed') AS failed, total(state = 'malformed') AS malformed,
    max(min(created_at, observed_at)) AS newest, max(observed_at) AS observed FROM
    (SELECT p.state, p.observed_at, e.created_at FROM audit_event e JOIN audit_payload p ON p.deployment_id = e.deployment_id AND p.event_id = e.id
     WHERE p.deployment_id = ${deploymentId} AND p.address = ${address} ORDER BY e.created_at DESC, e.id DESC LIMIT ${limit})`,
    (row) => ({
      rows: Number(row['n']), encrypted: Number(row['encrypted']), plain: Number(row['plain']), failed: Number(row['failed']), malformed: Number(row['malformed']),
      newestRowUs: Number(row['newest']), observedAtUs: Number(row['observed']),
    }));
  return counts === null || counts.rows === 0 ? null : counts;
}

const FACET_LIMIT = 200;

export type FacetColumn = 'method' | 'actor' | 'org';
const FACETS: Readonly<Record<FacetColumn, Sql>> = { method: sql`method`, actor: sql`coalesce(actor_email, actor_sub)`, org: sql`coalesce(org, ${NO_ORG})` };

/** The most frequent values of a column, at most 200. */
export function facet(db: ReadDb, deploymentId: string, column: FacetColumn): { readonly value: string; readonly count: number }[] {
  return db.all(sql`SELECT ${FACETS[column]} AS value, count(*) AS n FROM audit_event WHERE deployment_id = ${deploymentId} GROUP BY 1 HAVING value IS NOT NULL ORDER BY n DESC, value LIMIT ${FACET_LIMIT}`,
    (row) => ({ value: String(row['value']), count: Number(row['n']) }));
}

/** Ids of rows that this address gave and whose payload was never obtained, newest first. */
export function idsWithoutPayload(db: ReadDb, { deploymentId, address }: At): number[] {
  return db.all(sql`SELECT e.id ${FROM} WHERE e.deployment_id = ${deploymentId} AND e.address = ${address} AND p.event_id IS NULL ORDER BY e.created_at DESC, e.id DESC`, (row) => Number(row['id']));
}

export function distinctValues(db: ReadDb, deploymentId: string, column: 'org' | 'actor_sub'): string[] {
  const name = column === 'org' ? sql`org` : sql`actor_sub`;
  return db.all(sql`SELECT DISTINCT ${name} AS value FROM audit_event WHERE deployment_id = ${deploymentId} AND ${name} IS NOT NULL ORDER BY 1`, (row) => String(row['value']));
}

/** The address that gave a row first. */
export function addressOf(db: ReadDb, deploymentId: string, id: number): string | null {
  return db.get(sql`SELECT address FROM audit_event WHERE deployment_id = ${deploymentId} AND id = ${id}`, (row) => String(row['address']));
}

/** Rows of one organisation that this address gave without a payload. */
export function countWithoutPayload(db: ReadDb, { deploymentId, address }: At, org: string): number {
  return db.get(sql`SELECT count(*) AS n ${FROM} WHERE e.deployment_id = ${deploymentId} AND e.address = ${address} AND e.org = ${org} AND p.event_id IS NULL`, (row) => Number(row['n'])) ?? 0;
}

export interface SyncRow { readonly startedAtUs: number; readonly endedAtUs: number; readonly outcome: string; readonly added: number; readonly complete: boolean; readonly gaps: readonly AuditGap[] }

export function insertSync(db: WriteDb, { deploymentId, address }: At, row: SyncRow): void {
  db.run(sql`INSERT INTO audit_sync (deployment_id, address, started_at, ended_at, outcome, added, complete, gaps)
    VALUES (${deploymentId}, ${address}, ${row.startedAtUs}, ${row.endedAtUs}, ${row.outcome}, ${row.added}, ${row.complete ? 1 : 0}, ${JSON.stringify(row.gaps)})`);
}

export function latestSync(db: ReadDb, { deploymentId, address }: At): SyncRow | null {
  return db.get(sql`SELECT * FROM audit_sync WHERE deployment_id = ${deploymentId} AND address = ${address} ORDER BY seq DESC LIMIT 1`, (row) => ({
    startedAtUs: Number(row['started_at']), endedAtUs: Number(row['ended_at']), outcome: String(row['outcome']), added: Number(row['added']),
    complete: row['complete'] === 1, gaps: JSON.parse(String(row['gaps'])) as AuditGap[],
  }));
}

export interface KeyRow { readonly keyId: string; readonly fingerprint: string; readonly addedAtUs: number; readonly rows: number }

export function listKeys(db: ReadDb, deploymentId: string): KeyRow[] {
  return db.all(sql`SELECT k.key_id, k.fingerprint, k.added_at, (SELECT count(*) FROM audit_payload p WHERE p.deployment_id = k.deployment_id AND p.state = 'encrypted' AND p.key_id = k.key_id) AS n
    FROM audit_key k WHERE k.deployment_id = ${deploymentId} ORDER BY k.added_at DESC, k.key_id`,
    (row) => ({ keyId: String(row['key_id']), fingerprint: String(row['fingerprint']), addedAtUs: Number(row['added_at']), rows: Number(row['n']) }));
}

/** Key ids that rows name and the ring does not hold; null stands for rows that name none. */
export function keyIdsWithoutKey(db: ReadDb, deploymentId: string): { readonly keyId: string | null; readonly rows: number }[] {
  return db.all(sql`SELECT p.key_id, count(*) AS n FROM audit_payload p LEFT JOIN audit_key k ON k.deployment_id = p.deployment_id AND k.key_id = p.key_id
    WHERE p.deployment_id = ${deploymentId} AND p.state = 'encrypted' AND k.key_id IS NULL GROUP BY p.key_id ORDER BY n DESC`,
    (row) => ({ keyId: text(row['key_id']), rows: Number(row['n']) }));
}

export function insertKey(db: WriteDb, deploymentId: string, key: { readonly keyId: string; readonly fingerprint: string; readonly addedAtUs: number }): void {
  db.run(sql`INSERT INTO audit_key (deployment_id, key_id, fingerprint, added_at) VALUES (${deploymentId}, ${key.keyId}, ${key.fingerprint}, ${key.addedAtUs})`);
}

export function deleteKey(db: WriteDb, deploymentId: string, keyId: string): boolean {
  return db.run(sql`DELETE FROM audit_key WHERE deployment_id = ${deploymentId} AND key_id = ${keyId}`).changes === 1;
}
