// SQL of people's keys: as they were met, and as they were judged. A judgement is never changed, a later one takes its place.
import { sql } from '../../db/sql.ts';
import type { ReadDb, WriteDb } from '../../db/sql.ts';

export interface StoredIdentity {
  readonly publicKey: string;
  /** As they call themselves. */
  readonly name: string | null;
  readonly firstSeenUs: number;
  /** The last judgement of this profile; null: none. */
  readonly judged: { readonly name: string; readonly isTrusted: boolean } | null;
  /** Runs with events of this key. */
  readonly runs: number;
}

const SELECT = sql`SELECT i.public_key, i.name, i.first_seen_at, t.name AS judged_name, t.is_trusted FROM identity i
  LEFT JOIN identity_trust t ON t.seq = (SELECT max(seq) FROM identity_trust WHERE public_key = i.public_key)`;

/** In the order in which they were met. */
export function identities(db: ReadDb): StoredIdentity[] {
  const runs = new Map(db.all(sql`SELECT author, count(DISTINCT run_id) AS n FROM run_event GROUP BY author`, (row) => [String(row['author']), Number(row['n'])]));
  return db.all(sql`${SELECT} ORDER BY i.first_seen_at, i.public_key`, (row) => ({
    publicKey: String(row['public_key']), name: row['name'] === null ? null : String(row['name']), firstSeenUs: Number(row['first_seen_at']), runs: runs.get(String(row['public_key'])) ?? 0,
    judged: row['is_trusted'] === null ? null : { name: String(row['judged_name']), isTrusted: row['is_trusted'] === 1 },
  }));
}

/** What is known of every key, without counting runs. */
export function judgements(db: ReadDb): Omit<StoredIdentity, 'runs'>[] {
  return db.all(SELECT, (row) => ({
    publicKey: String(row['public_key']), name: row['name'] === null ? null : String(row['name']), firstSeenUs: Number(row['first_seen_at']),
    judged: row['is_trusted'] === null ? null : { name: String(row['judged_name']), isTrusted: row['is_trusted'] === 1 },
  }));
}

/** Remembers a key at its first sight. */
export function meetIdentity(db: WriteDb, { publicKey, nowUs }: { readonly publicKey: string; readonly nowUs: number }): void {
  db.run(sql`INSERT INTO identity (public_key, name, first_seen_at) VALUES (${publicKey}, NULL, ${nowUs}) ON CONFLICT (public_key) DO NOTHING`);
}

export function nameIdentity(db: WriteDb, { publicKey, name }: { readonly publicKey: string; readonly name: string }): void {
  db.run(sql`UPDATE identity SET name = ${name} WHERE public_key = ${publicKey}`);
}

export function judgeIdentity(db: WriteDb, { publicKey, name, isTrusted, nowUs }: { readonly publicKey: string; readonly name: string; readonly isTrusted: boolean; readonly nowUs: number }): void {
  db.run(sql`INSERT INTO identity_trust (public_key, name, is_trusted, at) VALUES (${publicKey}, ${name}, ${isTrusted ? 1 : 0}, ${nowUs})`);
}

/** The folder that is watched; null: none. */
export function watchedFolder(db: ReadDb): string | null {
  return db.get(sql`SELECT path FROM run_folder WHERE id = 1`, (row) => (row['path'] === null ? null : String(row['path'])));
}

export function setWatchedFolder(db: WriteDb, path: string | null, nowUs: number): void {
  db.run(sql`INSERT INTO run_folder (id, path, set_at) VALUES (1, ${path}, ${nowUs}) ON CONFLICT (id) DO UPDATE SET path = excluded.path, set_at = excluded.set_at`);
}
