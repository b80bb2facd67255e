// SQL of the ledger: append and read. The table refuses updates and deletes.
import type { LedgerAction, LedgerEntry } from '#shared/domain/ledger.ts';
import { formatInstantUs, parseInstantUs } from '#shared/domain/time.ts';
import { sql } from '../db/sql.ts';
import type { ReadDb, Row, WriteDb } from '../db/sql.ts';

function toEntry(row: Row): LedgerEntry {
  return {
    seq: Number(row['seq']), at: formatInstantUs(Number(row['at'])), actor: String(row['actor']),
    deployment: row['deployment'] === null ? null : String(row['deployment']), action: String(row['action']) as LedgerAction,
    subject: String(row['subject']), reason: row['reason'] === null ? null : String(row['reason']), outcome: String(row['outcome']),
    prevDigest: String(row['prev_digest']), digest: String(row['digest']),
  };
}

export function lastEntry(db: ReadDb): LedgerEntry | null {
  return db.get(sql`SELECT * FROM ledger ORDER BY seq DESC LIMIT 1`, toEntry);
}

export function countEntries(db: ReadDb): number {
  return db.get(sql`SELECT count(*) AS n FROM ledger`, (row) => Number(row['n'])) ?? 0;
}

/** Newest first, at most `limit`, only entries numbered below `before` when that is given. */
export function listEntries(db: ReadDb, before: number | null, limit: number): LedgerEntry[] {
  return db.all(sql`SELECT * FROM ledger WHERE seq < ${before ?? Number.MAX_SAFE_INTEGER} ORDER BY seq DESC LIMIT ${limit}`, toEntry);
}

export function allEntries(db: ReadDb): IterableIterator<LedgerEntry> {
  return db.iterate(sql`SELECT * FROM ledger ORDER BY seq`, toEntry);
}

export function insertEntry(db: WriteDb, entry: LedgerEntry): void {
  db.run(sql`INSERT INTO ledger (seq, at, actor, deployment, action, subject, reason, outcome, prev_digest, digest)
    VALUES (${entry.seq}, ${parseInstantUs(entry.at)}, ${entry.actor}, ${entry.deployment}, ${entry.action}, ${entry.subject}, ${entry.reason}, ${entry.outcome}, ${entry.prevDigest}, ${entry.digest})`);
}
