// SQL of what is built on evidence: snapshots, reviews, exceptions, consents and imported baselines.
import { checkCounts, summariseCounts } from '#shared/domain/evidence.ts';
import type { CheckCounts, Exception } from '#shared/domain/evidence.ts';
import { PROBE_CONSENTS, snapshotCheck } from '#shared/domain/posture.ts';
import type { ProbeConsent, SnapshotCheck, SnapshotHead } from '#shared/domain/posture.ts';
import { formatInstantUs } from '#shared/domain/time.ts';
import { z } from '#shared/zod.ts';
import { sql } from '../db/sql.ts';
import type { ReadDb, Row, WriteDb } from '../db/sql.ts';

const storedChecks = z.array(snapshotCheck);

export interface NewSnapshot {
  readonly deploymentId: string; readonly atUs: number; readonly counts: CheckCounts; readonly checks: readonly SnapshotCheck[];
  readonly baseline: { readonly id: string; readonly version: string; readonly digest: string };
}

export function insertSnapshot(db: WriteDb, snapshot: NewSnapshot): number {
  const { deploymentId, atUs, baseline, counts, checks } = snapshot;
  db.run(sql`INSERT INTO posture_snapshot (deployment_id, at, baseline_id, baseline_version, baseline_digest, counts, checks)
    VALUES (${deploymentId}, ${atUs}, ${baseline.id}, ${baseline.version}, ${baseline.digest}, ${JSON.stringify(counts)}, ${JSON.stringify(checks)})`);
  return db.get(sql`SELECT last_insert_rowid() AS id`, (row) => Number(row['id'])) ?? 0;
}

function toHead(row: Row): SnapshotHead {
  const counts = checkCounts.parse(JSON.parse(String(row['counts'])));
  return {
    id: Number(row['id']), at: formatInstantUs(Number(row['at'])), counts, summary: summariseCounts(counts), isReviewed: row['reviewed'] === 1,
    baseline: { id: String(row['baseline_id']), version: String(row['baseline_version']), digest: String(row['baseline_digest']) },
  };
}

const HEAD = sql`SELECT s.id, s.at, s.baseline_id, s.baseline_version, s.baseline_digest, s.counts,
  s.id = (SELECT snapshot_id FROM posture_review r WHERE r.deployment_id = s.deployment_id ORDER BY r.seq DESC LIMIT 1) AS reviewed FROM posture_snapshot s`;

/** Newest first. */
export function listSnapshots(db: ReadDb, deploymentId: string, limit: number): SnapshotHead[] {
  return db.all(sql`${HEAD} WHERE s.deployment_id = ${deploymentId} ORDER BY s.id DESC LIMIT ${limit}`, toHead);
}

export function findSnapshot(db: ReadDb, deploymentId: string, id: number): { readonly head: SnapshotHead; readonly checks: readonly SnapshotCheck[] } | null {
  const head = db.get(sql`${HEAD} WHERE s.deployment_id = ${deploymentId} AND s.id = ${id}`, toHead);
  const checks = db.get(sql`SELECT checks FROM posture_snapshot WHERE deployment_id = ${deploymentId} AND id = ${id}`, (row) => storedChecks.parse(JSON.parse(String(row['checks']))));
  return head === null || checks === null ? null : { head, checks };
}

export interface CheckPoint { readonly snapshotId: number; readonly atUs: number; readonly state: SnapshotCheck['state']; readonly isAccepted: boolean }

/** One check in the newest snapshots that have it, oldest first. */
export function checkPoints(db: ReadDb, deploymentId: string, { checkId, limit }: { readonly checkId: string; readonly limit: number }): CheckPoint[] {
  return db.all(sql`SELECT s.id, s.at, json_extract(c.value, '$.state') AS state, json_extract(c.value, '$.isAccepted') AS accepted
    FROM (SELECT * FROM posture_snapshot WHERE deployment_id = ${deploymentId} ORDER BY id DESC LIMIT ${limit}) s, json_each(s.checks) c WHERE json_extract(c.value, '$.id') = ${checkId} ORDER BY s.id`,
  (row) => ({ snapshotId: Number(row['id']), atUs: Number(row['at']), state: snapshotCheck.shape.state.parse(row['state']), isAccepted: row['accepted'] === 1 }));
}

export function insertReview(db: WriteDb, deploymentId: string, review: { readonly snapshotId: number; readonly atUs: number }): void {
  db.run(sql`INSERT INTO posture_review (deployment_id, snapshot_id, at) VALUES (${deploymentId}, ${review.snapshotId}, ${review.atUs})`);
}

export function insertException(db: WriteDb, deploymentId: string, given: { readonly checkId: string; readonly owner: string; readonly reason: string; readonly until: string; readonly atUs: number }): void {
  db.run(sql`INSERT INTO posture_exception (deployment_id, check_id, owner, reason, until, created_at) VALUES (${deploymentId}, ${given.checkId}, ${given.owner}, ${given.reason}, ${given.until}, ${given.atUs})`);
}

/** The newest exception of each check that nobody ended. @param today YYYY-MM-DD in UTC */
export function standingExceptions(db: ReadDb, deploymentId: string, today: string): ReadonlyMap<string, Exception> {
  const found = db.all(sql`SELECT * FROM posture_exception e WHERE deployment_id = ${deploymentId} AND NOT EXISTS (SELECT 1 FROM posture_exception_end x WHERE x.exception_id = e.id) ORDER BY id`, (row): Exception => ({
    id: Number(row['id']), checkId: String(row['check_id']), owner: String(row['owner']), reason: String(row['reason']), until: String(row['until']), createdAt: formatInstantUs(Number(row['created_at'])), isExpired: String(row['until']) < today,
  }));
  return new Map(found.map((exception) => [exception.checkId, exception]));
}

/** Ends every standing exception of a check. @returns how many */
export function endExceptions(db: WriteDb, deploymentId: string, given: { readonly checkId: string; readonly reason: string; readonly atUs: number }): number {
  return db.run(sql`INSERT INTO posture_exception_end (exception_id, reason, at) SELECT id, ${given.reason}, ${given.atUs} FROM posture_exception e
    WHERE deployment_id = ${deploymentId} AND check_id = ${given.checkId} AND NOT EXISTS (SELECT 1 FROM posture_exception_end x WHERE x.exception_id = e.id)`).changes;
}

export interface Decided { readonly isAllowed: boolean; readonly atUs: number }

/** What was decided last about each consent; a consent nobody decided is not in it. */
export function decidedConsents(db: ReadDb, deploymentId: string): ReadonlyMap<ProbeConsent, Decided> {
  const rows = db.all(sql`SELECT consent, is_allowed, at FROM probe_consent WHERE deployment_id = ${deploymentId} ORDER BY seq`, (row) => ({ consent: String(row['consent']), isAllowed: row['is_allowed'] === 1, atUs: Number(row['at']) }));
  const found = new Map<ProbeConsent, Decided>();
  for (const { consent, ...decided } of rows) {
    const known = PROBE_CONSENTS.find((one) => one === consent);
    if (known !== undefined) found.set(known, decided);
  }
  return found;
}

export function insertConsent(db: WriteDb, deploymentId: string, given: { readonly consent: ProbeConsent; readonly isAllowed: boolean; readonly atUs: number }): void {
  db.run(sql`INSERT INTO probe_consent (deployment_id, consent, is_allowed, at) VALUES (${deploymentId}, ${given.consent}, ${given.isAllowed ? 1 : 0}, ${given.atUs})`);
}

export interface StoredBaseline { readonly digest: string; readonly id: string; readonly text: string; readonly importedAtUs: number }

export function importedBaselines(db: ReadDb): StoredBaseline[] {
  return db.all(sql`SELECT * FROM baseline ORDER BY id`, (row) => ({ digest: String(row['digest']), id: String(row['id']), text: String(row['text']), importedAtUs: Number(row['imported_at']) }));
}

/** In place of the one with the same id, when there is one. */
export function putBaseline(db: WriteDb, given: StoredBaseline): void {
  db.transaction(() => {
    db.run(sql`DELETE FROM baseline WHERE id = ${given.id}`);
    db.run(sql`INSERT INTO baseline (digest, id, text, imported_at) VALUES (${given.digest}, ${given.id}, ${given.text}, ${given.importedAtUs})`);
  });
}
