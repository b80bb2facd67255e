// SQL of evidence that lies in the cache itself: bytes by their digest, never changed.
import { sql } from '../../db/sql.ts';
import type { ReadDb, WriteDb } from '../../db/sql.ts';

export function hasEvidence(db: ReadDb, digest: string): boolean {
  return db.get(sql`SELECT 1 AS one FROM run_evidence WHERE digest = ${digest}`, () => true) ?? false;
}

/** Null when it is not here, or not as a row. */
export function evidenceBody(db: ReadDb, digest: string): Buffer | null {
  return db.get(sql`SELECT body FROM run_evidence WHERE digest = ${digest}`, (row) => (Buffer.isBuffer(row['body']) ? row['body'] : null));
}

export function insertEvidence(db: WriteDb, { digest, bytes, nowUs }: { readonly digest: string; readonly bytes: Buffer; readonly nowUs: number }): void {
  db.run(sql`INSERT INTO run_evidence (digest, bytes, body, key, kept_at) VALUES (${digest}, ${bytes.length}, ${bytes}, NULL, ${nowUs}) ON CONFLICT (digest) DO NOTHING`);
}
