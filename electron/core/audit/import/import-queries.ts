// SQL of the imports: the one transaction of a load and its settings, the report, and the problems that go with it.
import type { ImportedFile, ImportProblem } from '#shared/domain/audit-import.ts';
import { importedFile } from '#shared/domain/audit-import.ts';
import type { RawDatabase, RawStatement } from '../../db/native.ts';
import { sql } from '../../db/sql.ts';
import type { ReadDb, WriteDb } from '../../db/sql.ts';
import type { EventColumns } from '../store-queries.ts';

const CACHE_KIB = 4_096;
/** What the text index gathers before it writes a segment, bytes; SQLite's own value is 1 MiB. */
const LOAD_HASH_BYTES = 16_777_216;
const USUAL_HASH_BYTES = 1_048_576;

export function beginLoad(raw: RawDatabase): void {
  raw.pragma(`cache_size = -${CACHE_KIB}`);
  // Carrying the log over at the commit would make a cancel wait for it.
  raw.pragma('wal_autocheckpoint = 0');
  raw.exec('BEGIN IMMEDIATE');
}

/** The settings lie in the index itself, so that they are part of the transaction: whoever reads it never sees them. */
export function gatherText(raw: RawDatabase): void {
  raw.exec(`INSERT INTO audit_text (audit_text, rank) VALUES ('automerge', 0); INSERT INTO audit_text (audit_text, rank) VALUES ('hashsize', ${LOAD_HASH_BYTES});`);
}

export function ungatherText(raw: RawDatabase): void {
  raw.exec(`INSERT INTO audit_text (audit_text, rank) VALUES ('automerge', 4); INSERT INTO audit_text (audit_text, rank) VALUES ('hashsize', ${USUAL_HASH_BYTES});`);
}

export function commitLoad(raw: RawDatabase): void {
  raw.exec('COMMIT');
}

export function rollBackLoad(raw: RawDatabase): void {
  if (raw.inTransaction) raw.exec('ROLLBACK');
}

/** Carries the log over into the file as far as nobody reads it, and shortens it where nobody does. */
export function carryOver(raw: RawDatabase): void {
  raw.pragma('wal_checkpoint(PASSIVE)');
  const patience = Number(raw.pragma('busy_timeout', { simple: true }));
  raw.pragma('busy_timeout = 0');
  raw.pragma('wal_checkpoint(TRUNCATE)');
  raw.pragma(`busy_timeout = ${patience}`);
}

/** Whether commits of this connection carry the log over: a load leaves so much of it that the next small commit would hold the main thread up. */
export function carryOverAtCommits(db: WriteDb, isOn: boolean): void {
  db.get(isOn ? sql`PRAGMA wal_autocheckpoint = 1000` : sql`PRAGMA wal_autocheckpoint = 0`, () => null);
}

/** Merges the segments that a load left, a step at a time. @returns false when there was nothing to do */
export function mergeText(raw: RawDatabase, pages: number): boolean {
  const before = changesOf(raw);
  raw.exec(`INSERT INTO audit_text (audit_text, rank) VALUES ('merge', ${pages})`);
  return changesOf(raw) - before >= 2;
}

function changesOf(raw: RawDatabase): number {
  return Number(raw.prepare('SELECT total_changes()').pluck().get());
}

export function nextImportId(db: ReadDb): number {
  return db.get(sql`SELECT coalesce(max(id), 0) + 1 AS id FROM audit_import`, (row) => Number(row['id'])) ?? 1;
}

export interface ImportRecord { readonly id: number; readonly dep: number; readonly atUs: number; readonly mode: 'all-or-nothing' | 'keep-good'; readonly files: readonly ImportedFile[]; readonly problemCount: number }

export function insertImport(db: WriteDb, record: ImportRecord): void {
  db.run(sql`INSERT INTO audit_import (id, dep, at, mode, files, problem_count) VALUES (${record.id}, ${record.dep}, ${record.atUs}, ${record.mode}, ${JSON.stringify(record.files)}, ${record.problemCount})`);
}

export function problemInserter(raw: RawDatabase): (importId: number, n: number, problem: ImportProblem) => void {
  const statement: RawStatement = raw.prepare('INSERT INTO audit_import_problem (import_id, n, file, line, outcome, reason, excerpt) VALUES (?, ?, ?, ?, ?, ?, ?)');
  return (importId, n, { file, line, outcome, reason, excerpt }) => { statement.run(importId, n, file, line, outcome, reason, excerpt); };
}

/** Newest first. */
export function listImports(db: ReadDb, dep: number): ImportRecord[] {
  return db.all(sql`SELECT id, dep, at, mode, files, problem_count FROM audit_import WHERE dep = ${dep} ORDER BY id DESC LIMIT 1000`, (row): ImportRecord => ({
    id: Number(row['id']), dep, atUs: Number(row['at']), mode: row['mode'] === 'keep-good' ? 'keep-good' : 'all-or-nothing',
    files: importedFile.array().parse(JSON.parse(String(row['files']))), problemCount: Number(row['problem_count']),
  }));
}

export function hasImport(db: ReadDb, id: number): boolean {
  return db.get(sql`SELECT 1 FROM audit_import WHERE id = ${id}`, () => true) === true;
}

/** Problems in the order of the files, from number `after` + 1 on. */
export function listProblems(db: ReadDb, importId: number, page: { readonly after: number; readonly limit: number }): ImportProblem[] {
  return db.all(sql`SELECT file, line, outcome, reason, excerpt FROM audit_import_problem WHERE import_id = ${importId} AND n > ${page.after} ORDER BY n LIMIT ${page.limit}`, (row): ImportProblem => ({
    file: Number(row['file']), line: Number(row['line']), outcome: row['outcome'] as ImportProblem['outcome'], reason: String(row['reason']), excerpt: row['excerpt'] === null ? null : String(row['excerpt']),
  }));
}

const COLUMNS = [['created_at', 'createdAtUs'], ['route', 'route'], ['method', 'method'], ['event_type', 'eventType'], ['org', 'org'], ['actor_sub', 'actorSub'], ['actor_email', 'actorEmail'], ['resource_id', 'resourceId'], ['status_code', 'statusCode']] as const;

/** Names of the columns in which a row differs from the one that is held under its id. */
export function differingColumns(db: ReadDb, dep: number, row: EventColumns): string[] {
  return db.get(sql`SELECT created_at, route, method, event_type, org, actor_sub, actor_email, resource_id, status_code FROM audit_event WHERE dep = ${dep} AND id = ${row.id}`,
    (held) => COLUMNS.flatMap(([column, name]) => (held[column] === row[name] ? [] : [column]))) ?? [];
}
