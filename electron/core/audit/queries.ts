// SQL of the audit log beside storing and searching: one row, counts, what has no payload yet, syncs and the key ring.
import type { AuditEvent, AuditEventDetail, AuditGap, PayloadState } from '#shared/domain/audit-event.ts';
import { formatInstantMs, formatInstantUs } from '#shared/domain/time.ts';
import { sql } from '../db/sql.ts';
import type { ReadDb, Row, WriteDb } from '../db/sql.ts';

/** A deployment at one of its addresses: what one answered says nothing of another. */
export interface At { readonly deploymentId: string; readonly address: string }

const text = (value: Row[string] | undefined): string | null => (value === null || value === undefined ? null : String(value));

/** What it means that a row has no payload here, given its org; the caller knows from the deployment's capabilities. */
export type AbsentPayload = (org: string | null) => 'not-offered' | 'not-synced';

/** Maps a row of audit_event. */
export function toEvent(row: Row, absent: AbsentPayload): AuditEvent {
  return {
    id: Number(row['id']), createdAt: formatInstantUs(Number(row['created_at'])), createdAtRaw: String(row['created_raw']),
    route: String(row['route']), method: String(row['method']), eventType: String(row['event_type']), org: text(row['org']),
    actorSub: text(row['actor_sub']), actorEmail: text(row['actor_email']), resourceId: text(row['resource_id']), statusCode: Number(row['status_code']),
    payloadState: row['state'] === null || row['state'] === undefined ? absent(text(row['org'])) : String(row['state']) as PayloadState, keyId: text(row['key_id']),
  };
}

const numberOf = (deploymentId: string) => sql`(SELECT num FROM deployment WHERE id = ${deploymentId})`;

export function getEvent(db: ReadDb, { deploymentId, id }: { readonly deploymentId: string; readonly id: number }, absent: AbsentPayload): Omit<AuditEventDetail, 'findings'> | null {
  return db.get(sql`SELECT e.*, p.body, b.at AS first_seen_at, b.source, pb.at AS observed_at FROM audit_event e LEFT JOIN audit_payload p ON p.seq = e.seq JOIN audit_batch b ON b.id = e.batch
    LEFT JOIN audit_batch pb ON pb.id = e.payload_batch WHERE e.dep = ${numberOf(deploymentId)} AND e.id = ${id}`, (row) => ({
    ...toEvent(row, absent), payload: text(row['body']), payloadObservedAt: row['observed_at'] === null ? null : formatInstantUs(Number(row['observed_at'])),
    firstSeenAt: formatInstantUs(Number(row['first_seen_at'])), source: String(row['source']), sealedAt: row['sealed_at'] === null ? null : formatInstantMs(Number(row['sealed_at']) * 1000),
  }));
}

export interface Counts { readonly events: number; readonly encrypted: number; readonly plain: number; readonly absentByOrg: readonly { readonly org: string | null; readonly rows: number }[]; readonly oldestUs: number | null; readonly newestUs: number | null }

export function countEvents(db: ReadDb, deploymentId: string): Counts {
  const dep = numberOf(deploymentId);
  const ends = db.get(sql`SELECT (SELECT min(created_at) FROM audit_event WHERE dep = ${dep}) AS oldest, (SELECT max(created_at) FROM audit_event WHERE dep = ${dep}) AS newest`, (row) => ({
    oldestUs: row['oldest'] === null ? null : Number(row['oldest']), newestUs: row['newest'] === null ? null : Number(row['newest']),
  })) ?? { oldestUs: null, newestUs: null };
  const states = new Map(db.all(sql`SELECT value, n FROM audit_tally WHERE dep = ${dep} AND facet = 'payload'`, (row) => [String(row['value']), Number(row['n'])] as const));
  const events = [...states.values()].reduce((sum, n) => sum + n, 0);
  // Only where rows without a payload exist is it worth a scan.
  const absentByOrg = (states.get('-') ?? 0) === 0 ? [] : db.all(sql`SELECT org, count(*) AS n FROM audit_event WHERE dep = ${dep} AND state IS NULL GROUP BY org`, (row) => ({ org: text(row['org']), rows: Number(row['n']) }));
  return { ...ends, events, encrypted: states.get('=encrypted') ?? 0, plain: states.get('=plain') ?? 0, absentByOrg };
}

/** Of the newest rows whose payload this address gave, at most `limit` of them; `rows` is the sum of the four states. */
export interface NewestPayloads {
  readonly rows: number; readonly encrypted: number; readonly plain: number; readonly failed: number; readonly malformed: number;
  /** Plain ones written after one that is encrypted. */
  readonly plainAfterEncrypted: number;
  readonly keyIds: readonly string[];
  /** When the newest of them was written, and when the last of them was read, in microseconds since the epoch. */
  readonly newestRowUs: number; readonly observedAtUs: number;
}

/** Null when it gave none. */
export function newestPayloadStates(db: ReadDb, { deploymentId, address }: At, limit: number): NewestPayloads | null {
  // A row was not written after it was seen, whatever time it carries: a clock that is ahead must not make it new.
  const newest = sql`(SELECT e.state, e.key_id, b.at AS observed_at, e.created_at FROM audit_event e JOIN audit_batch b ON b.id = e.payload_batch
     WHERE e.dep = ${numberOf(deploymentId)} AND b.address = ${address} ORDER BY e.created_at DESC, e.id DESC LIMIT ${limit})`;
  const counts = db.get(sql`WITH newest AS MATERIALIZED ${newest} SELECT count(*) AS n, total(state = 'encrypted') AS encrypted, total(state = 'plain') AS plain, total(state = 'failed') AS failed, total(state = 'malformed') AS malformed,
    total(state = 'plain' AND created_at > (SELECT min(created_at) FROM newest WHERE state = 'encrypted')) AS plain_after, max(min(created_at, observed_at)) AS newest, max(observed_at) AS observed FROM newest`,
  (row) => ({
    rows: Number(row['n']), encrypted: Number(row['encrypted']), plain: Number(row['plain']), failed: Number(row['failed']), malformed: Number(row['malformed']), plainAfterEncrypted: Number(row['plain_after'] ?? 0),
    newestRowUs: Number(row['newest']), observedAtUs: Number(row['observed']),
  }));
  if (counts === null || counts.rows === 0) return null;
  return { ...counts, keyIds: db.all(sql`SELECT DISTINCT key_id FROM ${newest} WHERE state = 'encrypted' AND key_id IS NOT NULL ORDER BY key_id`, (row) => String(row['key_id'])) };
}

/** Ids of rows that this address gave and whose payload was never obtained, newest first. */
export function idsWithoutPayload(db: ReadDb, { deploymentId, address }: At): number[] {
  return db.all(sql`SELECT e.id FROM audit_event e JOIN audit_batch b ON b.id = e.batch WHERE e.dep = ${numberOf(deploymentId)} AND b.address = ${address} AND e.state IS NULL ORDER BY e.created_at DESC, e.id DESC`, (row) => Number(row['id']));
}

/** The address that gave a row first; null for a row of a file, and for none. */
export function addressOf(db: ReadDb, deploymentId: string, id: number): string | null {
  return db.get(sql`SELECT b.address FROM audit_event e JOIN audit_batch b ON b.id = e.batch WHERE e.dep = ${numberOf(deploymentId)} AND e.id = ${id}`, (row) => text(row['address']));
}

/** Whether something was found that lets another row stand under this number at the server: it differed there, or was missing. */
export function isOtherNow(db: ReadDb, dep: number, id: number): boolean {
  return db.get(sql`SELECT 1 FROM audit_finding WHERE dep = ${dep} AND event_id = ${id} AND kind IN ('changed', 'vanished') LIMIT 1`, () => true) ?? false;
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
  return db.all(sql`SELECT k.key_id, k.fingerprint, k.added_at, coalesce((SELECT t.n FROM audit_tally t JOIN deployment d ON d.num = t.dep WHERE d.id = k.deployment_id AND t.facet = 'key' AND t.value = '=' || k.key_id), 0) AS n
    FROM audit_key k WHERE k.deployment_id = ${deploymentId} ORDER BY k.added_at DESC, k.key_id`,
    (row) => ({ keyId: String(row['key_id']), fingerprint: String(row['fingerprint']), addedAtUs: Number(row['added_at']), rows: Number(row['n']) }));
}

/** Key ids that rows name and the ring does not hold; null stands for rows that name none. */
export function keyIdsWithoutKey(db: ReadDb, deploymentId: string): { readonly keyId: string | null; readonly rows: number }[] {
  return db.all(sql`SELECT CASE WHEN t.value = '-' THEN NULL ELSE substr(t.value, 2) END AS key_id, t.n FROM audit_tally t JOIN deployment d ON d.num = t.dep
    LEFT JOIN audit_key k ON k.deployment_id = d.id AND '=' || k.key_id = t.value
    WHERE d.id = ${deploymentId} AND t.facet = 'key' AND t.n > 0 AND k.key_id IS NULL ORDER BY t.n DESC`,
    (row) => ({ keyId: text(row['key_id']), rows: Number(row['n']) }));
}

export function insertKey(db: WriteDb, deploymentId: string, key: { readonly keyId: string; readonly fingerprint: string; readonly addedAtUs: number }): void {
  db.run(sql`INSERT INTO audit_key (deployment_id, key_id, fingerprint, added_at) VALUES (${deploymentId}, ${key.keyId}, ${key.fingerprint}, ${key.addedAtUs})`);
}

export function deleteKey(db: WriteDb, deploymentId: string, keyId: string): boolean {
  return db.run(sql`DELETE FROM audit_key WHERE deployment_id = ${deploymentId} AND key_id = ${keyId}`).changes === 1;
}
