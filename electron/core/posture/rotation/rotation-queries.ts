// SQL of rotations: their entries and seals. Rows are never changed.
import { rotationEntry } from '#shared/domain/rotation.ts';
import type { RotationEntry, RotationRecord } from '#shared/domain/rotation.ts';
import { sql } from '../../db/sql.ts';
import type { ReadDb, WriteDb } from '../../db/sql.ts';

export type Seal = RotationRecord['seal'];

/** Ids of all rotations of a deployment, newest first. */
export function rotationIds(db: ReadDb, deploymentId: string): readonly string[] {
  return db.all(sql`SELECT id FROM rotation WHERE deployment_id = ${deploymentId} ORDER BY number DESC`, (row) => String(row['id']));
}

/** Null for an entry that cannot be read: the chain then does not fit, and the verification says where. */
export function entriesOf(db: ReadDb, rotationId: string, { after = 0, limit = -1 }: { readonly after?: number; readonly limit?: number } = {}): readonly (RotationEntry | null)[] {
  return db.all(sql`SELECT body FROM rotation_entry WHERE rotation_id = ${rotationId} AND seq > ${after} ORDER BY seq LIMIT ${limit}`, (row) => readEntry(String(row['body'])));
}

function readEntry(text: string): RotationEntry | null {
  try {
    return rotationEntry.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

export function sealOf(db: ReadDb, rotationId: string): Seal {
  return db.get(sql`SELECT public_key, note FROM rotation_seal WHERE rotation_id = ${rotationId}`, (row) => ({ publicKey: String(row['public_key']), note: String(row['note']) }));
}

export function insertRotation(db: WriteDb, rotation: { readonly id: string; readonly deploymentId: string }): void {
  db.run(sql`INSERT INTO rotation (id, deployment_id, number) SELECT ${rotation.id}, ${rotation.deploymentId}, 1 + coalesce(max(number), 0) FROM rotation`);
}

export function insertEntry(db: WriteDb, rotationId: string, entry: RotationEntry): void {
  db.run(sql`INSERT INTO rotation_entry (rotation_id, seq, body) VALUES (${rotationId}, ${entry.seq}, ${JSON.stringify(entry)})`);
}

export function insertSeal(db: WriteDb, rotationId: string, seal: { readonly outcome: 'finished' | 'abandoned'; readonly endedAtUs: number; readonly publicKey: string; readonly note: string }): void {
  db.run(sql`INSERT INTO rotation_seal (rotation_id, outcome, ended_at, public_key, note) VALUES (${rotationId}, ${seal.outcome}, ${seal.endedAtUs}, ${seal.publicKey}, ${seal.note})`);
}

/** When a rotation of this deployment was last finished, in microseconds; null when none was. */
export function lastRotatedAtUs(db: ReadDb, deploymentId: string): number | null {
  return db.get(sql`SELECT max(s.ended_at) AS at FROM rotation_seal s JOIN rotation r ON r.id = s.rotation_id WHERE r.deployment_id = ${deploymentId} AND s.outcome = 'finished'`, (row) => (row['at'] === null ? null : Number(row['at'])));
}
