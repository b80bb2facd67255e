// SQL of evidence: bytes by their digest, or the key of the file that holds them. Rows are added and never changed.
import { sql } from '../../db/sql.ts';
import type { ReadDb, WriteDb } from '../../db/sql.ts';

export interface StoredEvidence { readonly bytes: number; /** Up to 1 MiB; null: in a file. */ readonly body: Buffer | null; readonly key: Buffer | null }

const blob = (value: unknown): Buffer | null => (Buffer.isBuffer(value) ? value : null);

/** Where bytes lie, without the bytes. */
export function placeOfEvidence(db: ReadDb, digest: string): Pick<StoredEvidence, 'bytes' | 'key'> | null {
  return db.get(sql`SELECT bytes, key FROM run_evidence WHERE digest = ${digest}`, (row) => ({ bytes: Number(row['bytes']), key: blob(row['key']) }));
}

export function findEvidence(db: ReadDb, digest: string): StoredEvidence | null {
  return db.get(sql`SELECT bytes, body, key FROM run_evidence WHERE digest = ${digest}`, (row) => ({ bytes: Number(row['bytes']), body: blob(row['body']), key: blob(row['key']) }));
}

/** Keys of all files. */
export function evidenceKeys(db: ReadDb): Buffer[] {
  return db.all(sql`SELECT key FROM run_evidence WHERE key IS NOT NULL`, (row) => blob(row['key'])).filter((key) => key !== null);
}

export function insertEvidence(db: WriteDb, { digest, bytes, body, key, nowUs }: StoredEvidence & { readonly digest: string; readonly nowUs: number }): void {
  db.run(sql`INSERT INTO run_evidence (digest, bytes, body, key, kept_at) VALUES (${digest}, ${bytes}, ${body}, ${key}, ${nowUs}) ON CONFLICT (digest) DO NOTHING`);
}
