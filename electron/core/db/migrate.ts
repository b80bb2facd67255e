// Brings a database up to this version's schema, one transaction per numbered file; it refuses a newer database and changed history.
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Clock, Log } from '#core/ports.ts';
import type { Secret } from '#core/secret.ts';
import { AppError } from '#shared/errors.ts';
import { connect } from './connection.ts';
import type { RawDatabase } from './native.ts';
import { flushFile, flushFolder, makePrivateFiles } from './files.ts';

const FILE_NAME = /^(\d{4})-[a-z0-9-]+\.sql$/;
/** What would end the transaction that every migration runs in. */
const ENDS_TRANSACTION = /^\s*(COMMIT|ROLLBACK|SAVEPOINT|RELEASE|END\s+TRANSACTION)\b/im;

/** Where the product's migrations lie: beside this module, or beside the bundle that it became part of. */
export const MIGRATIONS = new URL('./migrations/', import.meta.url);

export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the text, hex. */
  readonly digest: string;
}

/** Reads the numbered .sql files of a folder; they must run 1, 2, 3… without a gap. */
export function loadMigrations(folder: URL): readonly Migration[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.sql')).sort();
  return names.map((name, index) => {
    const version = Number(FILE_NAME.exec(name)?.[1]);
    if (version !== index + 1) throw new Error(`migration ${name} is not number ${index + 1}`);
    // A checkout on Windows may change the line ends; that is the same migration.
    const sql = readFileSync(new URL(name, folder), 'utf8').replaceAll('\r\n', '\n');
    if (ENDS_TRANSACTION.test(sql)) throw new Error(`migration ${name} would end its own transaction`);
    return { version, name, sql, digest: createHash('sha256').update(sql).digest('hex') };
  });
}

/** The schema version of an open database; 0 for one that has none. */
export function schemaVersion(raw: RawDatabase): number {
  return Number(raw.pragma('user_version', { simple: true }));
}

/** Refuses a database that a newer version has changed. @throws AppError database_newer. */
export function refuseNewer(raw: RawDatabase, migrations: readonly Migration[]): void {
  const found = schemaVersion(raw);
  if (found <= migrations.length) return;
  throw new AppError('database_newer', {
    message: `A newer version of Holdfast made this cache (schema ${found}; this version knows ${migrations.length}). Nothing was changed.`,
    hint: 'Use that newer version, or give this one a profile folder of its own with --profile.',
    facts: { found, known: migrations.length },
  });
}

function refuseChangedHistory(raw: RawDatabase, migrations: readonly Migration[]): void {
  const applied = schemaVersion(raw);
  if (applied === 0) return;
  const digests = new Map(raw.prepare('SELECT version, digest FROM schema_migration').raw().all() as [number, string][]);
  for (const { version, name, digest } of migrations.slice(0, applied)) {
    if (digests.get(version) === digest) continue;
    throw new AppError('database_unavailable', {
      message: `This cache was made with another form of ${name}. Nothing was changed.`,
      hint: 'Use the version of Holdfast that made it, or move the cache aside (the file is kept) and fetch the data again.',
    });
  }
}

/** A copy that opens with the key, holds the same schema version and passes SQLite's check, under its final name only then. */
function backUp(raw: RawDatabase, options: MigrateOptions, version: number): string {
  const target = `${options.path}.before-${version}`;
  const draft = `${target}.draft`;
  rmSync(draft, { force: true });
  try {
    raw.prepare('VACUUM INTO ?').run(draft);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
  makePrivateFiles(draft);
  const copy = connect({ path: draft, key: options.key, mode: 'read' });
  try {
    const verdict = copy.pragma('integrity_check(1)', { simple: true });
    if (verdict !== 'ok' || schemaVersion(copy) !== schemaVersion(raw)) {
      throw new AppError('database_unavailable', {
        message: 'The backup before an update of the cache could not be read back. The cache was not changed.',
        hint: 'Check the disk that holds the profile, then start again.',
      });
    }
  } finally {
    copy.close();
  }
  flushFile(draft);
  renameSync(draft, target);
  flushFolder(dirname(target));
  return basename(target);
}

function apply(raw: RawDatabase, migration: Migration, clock: Clock): void {
  raw
    .transaction(() => {
      raw.exec('CREATE TABLE IF NOT EXISTS schema_migration (version INTEGER PRIMARY KEY, name TEXT NOT NULL, digest TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT');
      raw.exec(migration.sql);
      if ((raw.pragma('foreign_key_check') as unknown[]).length > 0) throw new Error(`${migration.name} breaks a foreign key`);
      // Microseconds since the epoch, as in every table.
      raw.prepare('INSERT INTO schema_migration (version, name, digest, applied_at) VALUES (?, ?, ?, ?)').run(migration.version, migration.name, migration.digest, Math.round(clock.now()) * 1000);
      raw.pragma(`user_version = ${migration.version}`);
    })
    .immediate();
}

export interface MigrateOptions {
  readonly path: string;
  readonly key: Secret<Buffer>;
  readonly migrations: readonly Migration[];
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Applies what is missing. A database that already holds data is first copied to `<name>.before-<version>` (VACUUM INTO: the library's own
 * backup fails on encrypted files), and the copy opened and checked. Killed at any point, the next start goes on from the last whole migration.
 * @returns the number of migrations applied.
 * @throws AppError database_newer or database_unavailable, SQLite's own errors, or Error for a migration that is wrong.
 */
export function migrate(raw: RawDatabase, options: MigrateOptions): number {
  refuseNewer(raw, options.migrations);
  refuseChangedHistory(raw, options.migrations);
  const from = schemaVersion(raw);
  const pending = options.migrations.slice(from);
  const [first] = pending;
  if (!first) return 0;
  const backup = from === 0 ? null : backUp(raw, options, first.version);
  for (const migration of pending) apply(raw, migration, options.clock);
  options.log.info('the cache was brought up to date', { from, to: options.migrations.length, backup });
  return pending.length;
}
