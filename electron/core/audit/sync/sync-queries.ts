// SQL of the sync: the coverage map, its walks, what is held of a stretch for comparing, and the findings. Rows of the log are only read here.
import { FILE_ID_FLOOR } from '#shared/domain/audit-event.ts';
import type { FindingKind } from '#shared/domain/audit-witness.ts';
import { sql } from '../../db/sql.ts';
import type { ReadDb, Row, WriteDb } from '../../db/sql.ts';
import type { Range, Stretch } from './coverage.ts';

/** Whose stretches: a deployment (by number), one of its addresses, and what was asked for ('org:<key>', 'token:<fingerprint>' or 'all'). */
export interface ScopeKey { readonly dep: number; readonly address: string; readonly scope: string }

/** The scope of the list of all organisations. */
export const LIST_SCOPE = 'all';
/** Not a reading: stretches in which rows had gone under a rule of before, with the time up to which they were there. */
export const EXPIRED_SCOPE = 'expired';

const toStretch = (row: Row): Stretch => ({
  fromUs: Number(row['from_us']), toUs: Number(row['to_us']), state: row['state'] === 'gap' ? 'gap' : 'complete', reason: row['reason'] === null ? null : String(row['reason']),
  observedAtUs: Number(row['observed_at']), walk: Number(row['walk']),
});

/** The map of one scope, ascending. */
export function stretches(db: ReadDb, { dep, address, scope }: ScopeKey): Stretch[] {
  return db.all(sql`SELECT * FROM audit_coverage WHERE dep = ${dep} AND address = ${address} AND scope = ${scope} ORDER BY from_us`, toStretch);
}

/** The stretches of a scope that overlap or touch a range. */
export function stretchesAround(db: ReadDb, { dep, address, scope }: ScopeKey, { fromUs, toUs }: Range): Stretch[] {
  return db.all(sql`SELECT * FROM audit_coverage WHERE dep = ${dep} AND address = ${address} AND scope = ${scope} AND from_us <= ${Math.min(toUs + 1, Number.MAX_SAFE_INTEGER)} AND to_us >= ${Math.max(fromUs - 1, Number.MIN_SAFE_INTEGER)} ORDER BY from_us`, toStretch);
}

/** Puts these stretches in the place of those that overlap or touch a range. */
export function replaceAround(db: WriteDb, { dep, address, scope }: ScopeKey, { range, by }: { readonly range: Range; readonly by: readonly Stretch[] }): void {
  db.run(sql`DELETE FROM audit_coverage WHERE dep = ${dep} AND address = ${address} AND scope = ${scope} AND from_us <= ${Math.min(range.toUs + 1, Number.MAX_SAFE_INTEGER)} AND to_us >= ${Math.max(range.fromUs - 1, Number.MIN_SAFE_INTEGER)}`);
  for (const { fromUs, toUs, state, reason, observedAtUs, walk } of by) {
    db.run(sql`INSERT INTO audit_coverage (dep, address, scope, from_us, to_us, state, reason, observed_at, walk) VALUES (${dep}, ${address}, ${scope}, ${fromUs}, ${toUs}, ${state}, ${reason}, ${observedAtUs}, ${walk})`);
  }
}

export interface WalkRow { readonly id: number; readonly kind: 'full' | 'turn' | 'list' | 'tail'; readonly topUs: number | null }

export function insertWalk(db: WriteDb, { dep, address, scope }: ScopeKey, { kind, startedAtUs }: { readonly kind: WalkRow['kind']; readonly startedAtUs: number }): number {
  const id = db.get(sql`SELECT coalesce(max(id), 0) + 1 AS id FROM audit_walk`, (row) => Number(row['id'])) ?? 1;
  db.run(sql`INSERT INTO audit_walk (id, dep, address, scope, kind, started_at) VALUES (${id}, ${dep}, ${address}, ${scope}, ${kind}, ${startedAtUs})`);
  return id;
}

/** Notes how new the rows of a walk are; it never goes down. */
export function raiseTop(db: WriteDb, id: number, topUs: number): void {
  db.run(sql`UPDATE audit_walk SET top = ${topUs} WHERE id = ${id} AND (top IS NULL OR top < ${topUs})`);
}

export function endWalk(db: WriteDb, id: number, endedAtUs: number): void {
  db.run(sql`UPDATE audit_walk SET ended_at = ${endedAtUs} WHERE id = ${id}`);
}

/** The newest full walk of a scope when it has not come to its end. */
export function unfinishedWalk(db: ReadDb, { dep, address, scope }: ScopeKey): WalkRow | null {
  return db.get(sql`SELECT id, kind, top, ended_at FROM audit_walk WHERE dep = ${dep} AND address = ${address} AND scope = ${scope} AND kind = 'full' ORDER BY id DESC LIMIT 1`,
    (row) => (row['ended_at'] === null ? { id: Number(row['id']), kind: 'full' as const, topUs: row['top'] === null ? null : Number(row['top']) } : null));
}

/** What an address's map calls complete, by scope, with the newest time that the walk of each stretch knew of. */
export function confirmedStretches(db: ReadDb, { dep, address }: Pick<ScopeKey, 'dep' | 'address'>): Map<string, (Stretch & { readonly topUs: number | null })[]> {
  const confirmed = db.all(sql`SELECT c.*, w.top FROM audit_coverage c LEFT JOIN audit_walk w ON w.id = c.walk WHERE c.dep = ${dep} AND c.address = ${address} AND c.state = 'complete' AND c.reason IS NULL ORDER BY c.from_us`,
    (row) => ({ scope: String(row['scope']), stretch: { ...toStretch(row), topUs: row['top'] === null ? null : Number(row['top']) } }));
  return new Map([...Map.groupBy(confirmed, ({ scope }) => scope)].map(([scope, found]) => [scope, found.map(({ stretch }) => stretch)]));
}

/** The scope of the export that was read last at this address, since a time; null when none was. */
export function newestScope(db: ReadDb, { dep, address }: Pick<ScopeKey, 'dep' | 'address'>, sinceUs: number): string | null {
  return db.get(sql`SELECT scope FROM audit_walk WHERE dep = ${dep} AND address = ${address} AND kind IN ('full', 'turn') AND started_at >= ${sinceUs} ORDER BY id DESC LIMIT 1`, (row) => String(row['scope']));
}

export function countHeld(db: ReadDb, dep: number): number {
  return db.get(sql`SELECT coalesce(sum(events), 0) AS n FROM audit_hour WHERE dep = ${dep}`, (row) => Number(row['n'])) ?? 0;
}

/** So many of the newest rows speak for what an address has given: a cache that was imported whole is not searched through for the few that it has not. */
const LOOK_BACK = 10_000;

/** The newest time and the highest id of the server's own among what this address gave, rows of the future left out; null where none is. */
export function highestOf(db: ReadDb, { dep, address }: Pick<ScopeKey, 'dep' | 'address'>, nowUs: number): { readonly timeUs: number; readonly id: number } | null {
  const time = db.get(sql`SELECT max(e.created_at) AS t FROM (SELECT created_at, batch FROM audit_event WHERE dep = ${dep} AND created_at <= ${nowUs} ORDER BY created_at DESC LIMIT ${LOOK_BACK}) e
    JOIN audit_batch b ON b.id = e.batch AND b.kind = 'sync' AND b.address = ${address}`, (row) => (row['t'] === null ? null : Number(row['t'])));
  const id = db.get(sql`SELECT max(e.id) AS i FROM (SELECT id, batch, created_at FROM audit_event WHERE dep = ${dep} AND id < ${FILE_ID_FLOOR} ORDER BY id DESC LIMIT ${LOOK_BACK}) e
    JOIN audit_batch b ON b.id = e.batch AND b.kind = 'sync' AND b.address = ${address} WHERE e.created_at <= ${nowUs}`, (row) => (row['i'] === null ? null : Number(row['i'])));
  return time === null || id === null ? null : { timeUs: time, id };
}

export interface HeldPlace { readonly id: number; readonly createdAtUs: number }

/**
 * Rows of a stretch that this address gave, oldest first, after a key.
 * `org`: of one organisation. `source`: only those whose first version came from it. `upToSeq`: only those that had arrived by then.
 */
export function heldIn(db: ReadDb, { dep, address }: Pick<ScopeKey, 'dep' | 'address'>, query: { readonly range: Range; readonly org: string | null; readonly source: string | null; readonly upToSeq: number; readonly after: HeldPlace | null; readonly limit: number }): HeldPlace[] {
  const { range, org, source, upToSeq, after, limit } = query;
  const ofOrg = org === null ? sql`` : sql` AND e.org = ${org}`;
  const fromSource = source === null ? sql`` : sql` AND b.source = ${source}`;
  const key = after === null ? sql`` : sql` AND (e.created_at, e.id) > (${after.createdAtUs}, ${after.id})`;
  const from = after === null ? range.fromUs : after.createdAtUs;
  return db.all(sql`SELECT e.id, e.created_at FROM audit_event e JOIN audit_batch b ON b.id = e.batch
    WHERE e.dep = ${dep} AND e.created_at BETWEEN ${from} AND ${range.toUs} AND e.seq <= ${upToSeq}${ofOrg} AND b.kind = 'sync' AND b.address = ${address}${fromSource}${key} ORDER BY e.created_at, e.id LIMIT ${limit}`,
  (row) => ({ id: Number(row['id']), createdAtUs: Number(row['created_at']) }));
}

/** A held row as evidence: its content, its payload and which address gave each (null: a file). */
export interface HeldVersion {
  readonly columns: Readonly<Record<string, string | number | null>>;
  readonly payload: { readonly state: string; readonly keyId: string | null; readonly body: string; readonly address: string | null } | null;
  readonly createdAtUs: number;
  /** When it first came. */
  readonly firstSeenUs: number;
  readonly address: string | null;
}

export function heldVersion(db: ReadDb, dep: number, id: number): HeldVersion | null {
  return db.get(sql`SELECT e.*, b.at, b.address, p.body, pb.address AS payload_address FROM audit_event e JOIN audit_batch b ON b.id = e.batch LEFT JOIN audit_payload p ON p.seq = e.seq LEFT JOIN audit_batch pb ON pb.id = e.payload_batch
    WHERE e.dep = ${dep} AND e.id = ${id}`, (row) => {
    const text = (name: string): string | null => (row[name] === null || row[name] === undefined ? null : String(row[name]));
    return {
      columns: {
        id: Number(row['id']), createdAtUs: Number(row['created_at']), route: text('route'), method: text('method'), eventType: text('event_type'), org: text('org'),
        actorSub: text('actor_sub'), actorEmail: text('actor_email'), resourceId: text('resource_id'), statusCode: Number(row['status_code']),
      },
      payload: row['body'] === null || row['body'] === undefined ? null : { state: text('state') ?? '', keyId: text('key_id'), body: String(row['body']), address: text('payload_address') },
      createdAtUs: Number(row['created_at']), firstSeenUs: Number(row['at']), address: text('address'),
    };
  });
}

export interface NewFinding {
  readonly kind: FindingKind;
  readonly eventId: number;
  readonly createdAtUs: number | null;
  readonly message: string;
  readonly held: string | null;
  readonly found: string | null;
  readonly digest: string;
}

/** Notes a finding once. @returns false when it was noted before */
export function insertFinding(db: WriteDb, dep: number, finding: NewFinding & { readonly foundAtUs: number }): boolean {
  return db.run(sql`INSERT INTO audit_finding (dep, kind, event_id, created_at, found_at, message, held, found, digest)
    VALUES (${dep}, ${finding.kind}, ${finding.eventId}, ${finding.createdAtUs}, ${finding.foundAtUs}, ${finding.message}, ${finding.held}, ${finding.found}, ${finding.digest}) ON CONFLICT DO NOTHING`).changes === 1;
}

/** The security statuses that this address gave since a time, and the one before it, oldest first: what was said last holds until something else is. */
export function statusesSince(db: ReadDb, { deploymentId, address, sinceUs }: { readonly deploymentId: string; readonly address: string; readonly sinceUs: number }): { readonly body: string; readonly observedAtUs: number }[] {
  const theirs = sql`deployment_id = ${deploymentId} AND address = ${address} AND document = 'status' AND value IS NOT NULL`;
  return db.all(sql`SELECT value, observed_at FROM evidence WHERE ${theirs} AND seq >= coalesce((SELECT max(seq) FROM evidence WHERE ${theirs} AND observed_at < ${sinceUs}), 0) ORDER BY seq`,
    (row) => ({ body: String(row['value']), observedAtUs: Number(row['observed_at']) }));
}

/** When that part of an address's map was confirmed which was confirmed longest ago, left out what lies before a time; null when nothing of it was read. */
export function oldestConfirmation(db: ReadDb, { dep, address }: Pick<ScopeKey, 'dep' | 'address'>, sinceUs: number): number | null {
  return db.get(sql`SELECT min(observed_at) AS t FROM audit_coverage WHERE dep = ${dep} AND address = ${address} AND to_us >= ${sinceUs}`, (row) => (row['t'] === null ? null : Number(row['t'])));
}

/** True when a row older than this, and not older than `sinceUs`, is held from this address. */
export function holdsOlder(db: ReadDb, { dep, address }: Pick<ScopeKey, 'dep' | 'address'>, { sinceUs, beforeUs }: { readonly sinceUs: number; readonly beforeUs: number }): { readonly org: string | null; readonly actor: string | null } | null {
  return db.get(sql`SELECT e.org, e.actor_sub FROM audit_event e JOIN audit_batch b ON b.id = e.batch WHERE e.dep = ${dep} AND e.created_at >= ${sinceUs} AND e.created_at < ${beforeUs} AND b.kind = 'sync' AND b.address = ${address}
    ORDER BY e.created_at DESC LIMIT 1`, (row) => ({ org: row['org'] === null ? null : String(row['org']), actor: row['actor_sub'] === null ? null : String(row['actor_sub']) }));
}

/** The instants of a stretch at which rows are held without their payload, oldest first, at most `limit`; `org` null: of any organisation. Both ends inclusive. */
export function bareInstants(db: ReadDb, dep: number, { fromUs, toUs, org, limit }: { readonly fromUs: number; readonly toUs: number; readonly org: string | null; readonly limit: number }): { readonly us: number; readonly rows: number }[] {
  const whose = org === null ? sql`` : sql` AND org = ${org}`;
  return db.all(sql`SELECT created_at, count(*) AS n FROM audit_event WHERE dep = ${dep} AND state IS NULL${whose} AND created_at BETWEEN ${fromUs} AND ${toUs} GROUP BY created_at ORDER BY created_at LIMIT ${limit}`,
    (row) => ({ us: Number(row['created_at']), rows: Number(row['n']) }));
}

/** Ids of rows in the order in which they arrived, after a place in it. */
export function arrivedAfter(db: ReadDb, dep: number, { seq, limit }: { readonly seq: number; readonly limit: number }): { readonly seq: number; readonly id: number }[] {
  return db.all(sql`SELECT seq, id FROM audit_event WHERE seq > ${seq} AND dep = ${dep} ORDER BY seq LIMIT ${limit}`, (row) => ({ seq: Number(row['seq']), id: Number(row['id']) }));
}

/** Subjects of rows that arrived in a stretch. */
export function actorsBetween(db: ReadDb, dep: number, { from, to }: { readonly from: number; readonly to: number }): string[] {
  return db.all(sql`SELECT DISTINCT actor_sub FROM audit_event WHERE seq BETWEEN ${from} AND ${to} AND dep = ${dep} AND actor_sub IS NOT NULL`, (row) => String(row['actor_sub']));
}

export function withoutPayloadBetween(db: ReadDb, { dep, address }: Pick<ScopeKey, 'dep' | 'address'>, { from, to, org }: { readonly from: number; readonly to: number; readonly org: string }): number {
  return db.get(sql`SELECT count(*) AS n FROM audit_event e JOIN audit_batch b ON b.id = e.batch WHERE e.seq BETWEEN ${from} AND ${to} AND e.dep = ${dep} AND e.org = ${org} AND e.state IS NULL AND b.address = ${address}`, (row) => Number(row['n'])) ?? 0;
}

/** Organisations that rows of a deployment name. */
export function knownOrgs(db: ReadDb, dep: number): string[] {
  return db.all(sql`SELECT substr(value, 2) AS org FROM audit_tally WHERE dep = ${dep} AND facet = 'org' AND n > 0 AND value LIKE '=%' ORDER BY 1`, (row) => String(row['org']));
}

/** The oldest time held of a deployment. */
export function oldestHeld(db: ReadDb, dep: number): number | null {
  return db.get(sql`SELECT created_at FROM audit_event WHERE dep = ${dep} ORDER BY created_at LIMIT 1`, (row) => Number(row['created_at']));
}

export function lastArrival(db: ReadDb): number {
  return db.get(sql`SELECT max(seq) AS seq FROM audit_event`, (row) => Number(row['seq'])) ?? 0;
}
