// SQL of legal holds and their vault: who holds what, how far the cache was looked through, and the rows that are kept. The vault is only added to.
import { sql } from '../../db/sql.ts';
import type { ReadDb, Row, Sql, WriteDb } from '../../db/sql.ts';

export interface HoldRow {
  readonly id: string; readonly deploymentId: string; readonly caseId: string; readonly owner: string; readonly reason: string; readonly reviewOn: string; readonly query: string;
  readonly createdAtUs: number; readonly released: { readonly atUs: number; readonly reason: string } | null;
}

/** How far the cache was looked through for a hold. */
export interface Mark { readonly seq: number; readonly late: number }
export const NO_MARK: Mark = { seq: 0, late: 0 };

function toHold(row: Row): HoldRow {
  return {
    id: String(row['id']), deploymentId: String(row['deployment_id']), caseId: String(row['case_id']), owner: String(row['owner']), reason: String(row['reason']), reviewOn: String(row['review_on']), query: String(row['query']),
    createdAtUs: Number(row['created_at']), released: row['end_at'] === null ? null : { atUs: Number(row['end_at']), reason: String(row['end_reason']) },
  };
}

const holds = sql`SELECT h.*, x.at AS end_at, x.reason AS end_reason FROM hold h LEFT JOIN hold_end x ON x.hold_id = h.id`;

/** Standing ones first, the newest first. */
export function listHolds(db: ReadDb, deploymentId: string): HoldRow[] {
  return db.all(sql`${holds} WHERE h.deployment_id = ${deploymentId} ORDER BY x.hold_id IS NOT NULL, h.created_at DESC, h.id`, toHold);
}

/** Holds of a deployment, by its number, that stand. */
export function standingHoldsOf(db: ReadDb, dep: number): HoldRow[] {
  return db.all(sql`${holds} WHERE h.deployment_id = (SELECT id FROM deployment WHERE num = ${dep}) AND x.hold_id IS NULL ORDER BY h.case_id, h.id`, toHold);
}

export function findHold(db: ReadDb, id: string): HoldRow | null {
  return db.get(sql`${holds} WHERE h.id = ${id}`, toHold);
}

export function insertHold(db: WriteDb, { id, deploymentId, caseId, owner, reason, reviewOn, query, createdAtUs }: Omit<HoldRow, 'released'>): void {
  db.run(sql`INSERT INTO hold (id, deployment_id, case_id, owner, reason, review_on, query, created_at) VALUES (${id}, ${deploymentId}, ${caseId}, ${owner}, ${reason}, ${reviewOn}, ${query}, ${createdAtUs})`);
}

export function insertHoldEnd(db: WriteDb, holdId: string, { reason, atUs }: { readonly reason: string; readonly atUs: number }): void {
  db.run(sql`INSERT INTO hold_end (hold_id, reason, at) VALUES (${holdId}, ${reason}, ${atUs})`);
}

export function isStanding(db: ReadDb, holdId: string): boolean {
  return db.get(sql`SELECT 1 FROM hold h LEFT JOIN hold_end x ON x.hold_id = h.id WHERE h.id = ${holdId} AND x.hold_id IS NULL`, () => true) ?? false;
}

export function markOf(db: ReadDb, holdId: string): Mark {
  return db.get(sql`SELECT seq, late FROM hold_mark WHERE hold_id = ${holdId}`, (row) => ({ seq: Number(row['seq']), late: Number(row['late']) })) ?? NO_MARK;
}

export function saveMark(db: WriteDb, holdId: string, { seq, late }: Mark): void {
  db.run(sql`INSERT INTO hold_mark (hold_id, seq, late) VALUES (${holdId}, ${seq}, ${late}) ON CONFLICT DO UPDATE SET seq = excluded.seq, late = excluded.late`);
}

/** The highest number of a row in the cache, and of a late payload, whichever deployment they are of. */
export function newestArrivals(db: ReadDb): Mark {
  return db.get(sql`SELECT (SELECT max(seq) FROM audit_event) AS seq, (SELECT max(num) FROM audit_payload_late) AS late`, (row) => ({ seq: Number(row['seq'] ?? 0), late: Number(row['late'] ?? 0) })) ?? NO_MARK;
}

/** Numbers of rows in a stretch that fulfil a condition over `audit_event e`, ascending, at most `limit`. */
export function matchingSeqs(db: ReadDb, dep: number, { after, through, limit, condition }: { readonly after: number; readonly through: number; readonly limit: number; readonly condition: Sql }): number[] {
  return db.all(sql`SELECT e.seq FROM audit_event e WHERE e.seq > ${after} AND e.seq <= ${through} AND +e.dep = ${dep} AND (${condition}) ORDER BY e.seq LIMIT ${limit}`, (row) => Number(row['seq']));
}

/** Rows whose payload came late, in the order of arrival. */
export function lateRows(db: ReadDb, dep: number, { after, limit }: { readonly after: number; readonly limit: number }): { readonly num: number; readonly seq: number }[] {
  return db.all(sql`SELECT num, seq FROM audit_payload_late WHERE dep = ${dep} AND num > ${after} ORDER BY num LIMIT ${limit}`, (row) => ({ num: Number(row['num']), seq: Number(row['seq']) }));
}

/** Of these rows, those that fulfil a condition. */
export function matchingOf(db: ReadDb, dep: number, { seqs, condition }: { readonly seqs: readonly number[]; readonly condition: Sql }): number[] {
  if (seqs.length === 0) return [];
  return db.all(sql`SELECT e.seq FROM json_each(${JSON.stringify(seqs)}) j CROSS JOIN audit_event e ON e.seq = j.value WHERE e.dep = ${dep} AND (${condition}) ORDER BY e.seq`, (row) => Number(row['seq']));
}

/** Of these rows, those that the vault has for a hold, with their number there. */
export function membersOf(db: ReadDb, holdId: string, { dep, seqs }: { readonly dep: number; readonly seqs: readonly number[] }): { readonly seq: number; readonly num: number }[] {
  if (seqs.length === 0) return [];
  return db.all(sql`SELECT e.seq, v.num FROM json_each(${JSON.stringify(seqs)}) j CROSS JOIN audit_event e ON e.seq = j.value JOIN vault_row v ON v.dep = e.dep AND v.event_id = e.id JOIN hold_member m ON m.hold_id = ${holdId} AND m.num = v.num
    WHERE e.dep = ${dep}`, (row) => ({ seq: Number(row['seq']), num: Number(row['num']) }));
}

/** A cached row with where it came from, as it goes into the vault. */
export interface CachedRow { readonly eventId: number; readonly createdAtUs: number; readonly address: string | null; readonly columns: Readonly<Record<string, string | number | null>> }

const text = (row: Row, name: string): string | null => (row[name] === null || row[name] === undefined ? null : String(row[name]));

export function cachedRow(db: ReadDb, seq: number): CachedRow | null {
  return db.get(sql`SELECT e.*, b.address, b.source, b.at FROM audit_event e JOIN audit_batch b ON b.id = e.batch WHERE e.seq = ${seq}`, (row) => ({
    eventId: Number(row['id']), createdAtUs: Number(row['created_at']), address: text(row, 'address'),
    columns: {
      id: Number(row['id']), createdAtUs: Number(row['created_at']), createdAtRaw: text(row, 'created_raw'), route: text(row, 'route'), method: text(row, 'method'), eventType: text(row, 'event_type'),
      org: text(row, 'org'), actorSub: text(row, 'actor_sub'), actorEmail: text(row, 'actor_email'), resourceId: text(row, 'resource_id'), statusCode: Number(row['status_code']),
      address: text(row, 'address'), source: text(row, 'source'), firstSeenUs: Number(row['at']),
    },
  }));
}

export function cachedPayload(db: ReadDb, seq: number): string | null {
  return db.get(sql`SELECT body FROM audit_payload WHERE seq = ${seq}`, (row) => String(row['body']));
}

export interface VaultRow { readonly dep: number; readonly eventId: number; readonly createdAtUs: number; readonly body: string; readonly digest: string; readonly address: string | null; readonly keptAtUs: number }

/** Keeps a row; one that is kept already stays as it is. @returns its number in the vault */
export function keepRow(db: WriteDb, row: VaultRow): number {
  db.run(sql`INSERT INTO vault_row (dep, event_id, created_at, body, digest, address, kept_at) VALUES (${row.dep}, ${row.eventId}, ${row.createdAtUs}, ${row.body}, ${row.digest}, ${row.address}, ${row.keptAtUs}) ON CONFLICT DO NOTHING`);
  const num = vaultNumber(db, row.dep, row.eventId);
  if (num === null) throw new Error('a row that was put into the vault is not there');
  return num;
}

export function vaultNumber(db: ReadDb, dep: number, eventId: number): number | null {
  return db.get(sql`SELECT num FROM vault_row WHERE dep = ${dep} AND event_id = ${eventId}`, (row) => Number(row['num']));
}

export function hasVaultPayload(db: ReadDb, num: number): boolean {
  return db.get(sql`SELECT 1 FROM vault_payload WHERE num = ${num}`, () => true) ?? false;
}

export function keepPayload(db: WriteDb, num: number, payload: { readonly body: string; readonly digest: string; readonly keptAtUs: number }): void {
  db.run(sql`INSERT INTO vault_payload (num, body, digest, kept_at) VALUES (${num}, ${payload.body}, ${payload.digest}, ${payload.keptAtUs}) ON CONFLICT DO NOTHING`);
}

export function addMember(db: WriteDb, holdId: string, { num, createdAtUs }: { readonly num: number; readonly createdAtUs: number }): void {
  db.run(sql`INSERT INTO hold_member (hold_id, num, created_at) VALUES (${holdId}, ${num}, ${createdAtUs}) ON CONFLICT DO NOTHING`);
}

export interface MemberCounts { readonly rows: number; readonly withoutPayload: number; readonly oldestUs: number | null }

export function memberCounts(db: ReadDb, holdId: string): MemberCounts {
  return db.get(sql`SELECT count(*) AS n, (SELECT count(*) FROM hold_member m JOIN vault_payload p ON p.num = m.num WHERE m.hold_id = ${holdId}) AS paid, min(created_at) AS oldest FROM hold_member WHERE hold_id = ${holdId}`,
    (row) => ({ rows: Number(row['n']), withoutPayload: Number(row['n']) - Number(row['paid']), oldestUs: row['oldest'] === null ? null : Number(row['oldest']) })) ?? { rows: 0, withoutPayload: 0, oldestUs: null };
}

/** Rows in the vault for a hold with a time of `fromUs` (inclusive) to `toUs` (exclusive). */
export function membersBetween(db: ReadDb, holdId: string, { fromUs, toUs }: { readonly fromUs: number; readonly toUs: number }): number {
  return db.get(sql`SELECT count(*) AS n FROM hold_member WHERE hold_id = ${holdId} AND created_at >= ${fromUs} AND created_at < ${toUs}`, (row) => Number(row['n'])) ?? 0;
}

/** Ids and times of what the vault has for a hold, within a stretch as above; `ids`: only of these. */
export function* memberPlaces(db: ReadDb, holdId: string, { fromUs, toUs }: { readonly fromUs: number; readonly toUs: number }): Generator<{ readonly id: number; readonly createdAtUs: number }> {
  yield* db.iterate(sql`SELECT v.event_id, m.created_at FROM hold_member m JOIN vault_row v ON v.num = m.num WHERE m.hold_id = ${holdId} AND m.created_at >= ${fromUs} AND m.created_at < ${toUs}`,
    (row) => ({ id: Number(row['event_id']), createdAtUs: Number(row['created_at']) }));
}

/** Times of rows in the vault for any of these holds, each row once, counted by stretches of `stepUs` from `fromUs`. */
export function membersByStep(db: ReadDb, holdIds: readonly string[], { fromUs, toUs, stepUs }: { readonly fromUs: number; readonly toUs: number; readonly stepUs: number }): { readonly step: number; readonly rows: number }[] {
  return db.all(sql`SELECT (created_at - ${BigInt(fromUs)}) / ${BigInt(stepUs)} AS step, count(DISTINCT num) AS n FROM hold_member WHERE hold_id IN (SELECT value FROM json_each(${JSON.stringify(holdIds)})) AND created_at >= ${fromUs} AND created_at < ${toUs} GROUP BY 1`,
    (row) => ({ step: Number(row['step']), rows: Number(row['n']) }));
}

export interface Place { readonly seq: number; readonly id: number; readonly createdAtUs: number; readonly hasPayload: boolean }

/** Rows in a stretch of numbers that fulfil a condition. */
export function placesIn(db: ReadDb, dep: number, { after, through, condition }: { readonly after: number; readonly through: number; readonly condition: Sql }): Place[] {
  return db.all(sql`SELECT e.seq, e.id, e.created_at, e.state FROM audit_event e WHERE e.seq > ${after} AND e.seq <= ${through} AND +e.dep = ${dep} AND (${condition}) ORDER BY e.seq`, toPlace);
}

export function placesOf(db: ReadDb, seqs: readonly number[]): Place[] {
  return db.all(sql`SELECT e.seq, e.id, e.created_at, e.state FROM json_each(${JSON.stringify(seqs)}) j CROSS JOIN audit_event e ON e.seq = j.value ORDER BY e.seq`, toPlace);
}

function toPlace(row: Row): Place {
  return { seq: Number(row['seq']), id: Number(row['id']), createdAtUs: Number(row['created_at']), hasPayload: row['state'] !== null };
}

export interface Summed { readonly rows: number; readonly withoutPayload: number; readonly oldestUs: number | null; readonly newestUs: number | null }

/** What a condition finds in a stretch of numbers. */
export function sumsIn(db: ReadDb, dep: number, { after, through, condition }: { readonly after: number; readonly through: number; readonly condition: Sql }): Summed {
  return db.get(sql`SELECT count(*) AS n, total(e.state IS NULL) AS bare, min(e.created_at) AS oldest, max(e.created_at) AS newest FROM audit_event e WHERE e.seq > ${after} AND e.seq <= ${through} AND +e.dep = ${dep} AND (${condition})`,
    (row) => ({ rows: Number(row['n']), withoutPayload: Number(row['bare']), oldestUs: row['oldest'] === null ? null : Number(row['oldest']), newestUs: row['newest'] === null ? null : Number(row['newest']) }))
    ?? { rows: 0, withoutPayload: 0, oldestUs: null, newestUs: null };
}

/** Holds that stand and have this row in the vault. */
export function holdsOfRow(db: ReadDb, dep: number, eventId: number): { readonly holdId: string; readonly caseId: string }[] {
  return db.all(sql`SELECT h.id, h.case_id FROM vault_row v JOIN hold_member m ON m.num = v.num JOIN hold h ON h.id = m.hold_id LEFT JOIN hold_end x ON x.hold_id = h.id WHERE v.dep = ${dep} AND v.event_id = ${eventId} AND x.hold_id IS NULL ORDER BY h.case_id`,
    (row) => ({ holdId: String(row['id']), caseId: String(row['case_id']) }));
}

export function seqOf(db: ReadDb, dep: number, eventId: number): number | null {
  return db.get(sql`SELECT seq FROM audit_event WHERE dep = ${dep} AND id = ${eventId}`, (row) => Number(row['seq']));
}

/** What the vault keeps, for checking it, in the order in which it came. */
export function vaultAfter(db: ReadDb, dep: number, { after, limit }: { readonly after: number; readonly limit: number }): { readonly num: number; readonly eventId: number; readonly body: string; readonly digest: string; readonly payload: { readonly body: string; readonly digest: string } | null }[] {
  return db.all(sql`SELECT v.num, v.event_id, v.body, v.digest, p.body AS pbody, p.digest AS pdigest FROM vault_row v LEFT JOIN vault_payload p ON p.num = v.num WHERE v.num > ${after} AND v.dep = ${dep} ORDER BY v.num LIMIT ${limit}`, (row) => ({
    num: Number(row['num']), eventId: Number(row['event_id']), body: String(row['body']), digest: String(row['digest']), payload: row['pbody'] === null ? null : { body: String(row['pbody']), digest: String(row['pdigest']) },
  }));
}
