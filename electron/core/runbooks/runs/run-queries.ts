// SQL of runs: their events and the texts that they pin. Nothing here is ever changed or removed.
import type { RunEvent } from '#shared/domain/runbook-run.ts';
import { sql } from '../../db/sql.ts';
import type { ReadDb, WriteDb } from '../../db/sql.ts';

export interface StoredRunbook { readonly digest: string; readonly id: string; readonly text: string; readonly importedAtUs: number | null }

const toRunbook = (row: Readonly<Record<string, unknown>>): StoredRunbook => ({ digest: String(row['digest']), id: String(row['id']), text: String(row['text']), importedAtUs: row['imported_at'] === null ? null : Number(row['imported_at']) });

/** Those that were imported, oldest first. */
export function importedRunbooks(db: ReadDb): StoredRunbook[] {
  return db.all(sql`SELECT digest, id, text, imported_at FROM runbook WHERE imported_at IS NOT NULL ORDER BY imported_at, digest`, toRunbook);
}

export function runbookText(db: ReadDb, digest: string): string | null {
  return db.get(sql`SELECT text FROM runbook WHERE digest = ${digest}`, (row) => String(row['text']));
}

/** Keeps a text; one that is kept already because a run pins it becomes an imported one when it is imported. */
export function keepRunbook(db: WriteDb, { digest, id, text, importedAtUs }: StoredRunbook, nowUs: number): void {
  db.run(sql`INSERT INTO runbook (digest, id, text, kept_at, imported_at) VALUES (${digest}, ${id}, ${text}, ${nowUs}, ${importedAtUs})
    ON CONFLICT (digest) DO UPDATE SET imported_at = coalesce(imported_at, excluded.imported_at)`);
}

/** The digest of the runbook that a run pins; null when there is no such run. */
export function packDigestOf(db: ReadDb, runId: string): string | null {
  return db.get(sql`SELECT pack_digest FROM run WHERE id = ${runId}`, (row) => String(row['pack_digest']));
}

/** Those that came last first. */
export function runIds(db: ReadDb, limit: number): string[] {
  return db.all(sql`SELECT id FROM run ORDER BY kept_at DESC, id LIMIT ${limit}`, (row) => String(row['id']));
}

export function insertRun(db: WriteDb, run: { readonly id: string; readonly packDigest: string; readonly nowUs: number }): void {
  db.run(sql`INSERT INTO run (id, pack_digest, kept_at) VALUES (${run.id}, ${run.packDigest}, ${run.nowUs})`);
}

export function countEvents(db: ReadDb, runId: string): number {
  return db.get(sql`SELECT count(*) AS n FROM run_event WHERE run_id = ${runId}`, (row) => Number(row['n'])) ?? 0;
}

/** They were checked when they came, and no row of them can be changed: they are read as they stand. */
export function eventsOfRun(db: ReadDb, runId: string): RunEvent[] {
  return db.all(sql`SELECT body FROM run_event WHERE run_id = ${runId}`, (row) => JSON.parse(String(row['body'])) as RunEvent);
}

/** @returns false when it was here */
export function insertEvent(db: WriteDb, { runId, event, nowUs }: { readonly runId: string; readonly event: RunEvent; readonly nowUs: number }): boolean {
  return db.run(sql`INSERT INTO run_event (digest, run_id, author, body, kept_at) VALUES (${event.digest}, ${runId}, ${event.author}, ${JSON.stringify(event)}, ${nowUs}) ON CONFLICT (digest) DO NOTHING`).changes > 0;
}
