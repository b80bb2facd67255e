// Opens the encrypted cache for one profile: makes it, examines it, brings it up to date; it refuses whatever it cannot use and leaves that untouched.
import { closeSync, copyFileSync, mkdtempSync, openSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { Clock, Log } from '#core/ports.ts';
import type { Secret } from '#core/secret.ts';
import { AppError } from '#shared/errors.ts';
import { connect } from './connection.ts';
import type { RawDatabase } from './native.ts';
import { connectToRead, examine, refuseImplausible } from './examine.ts';
import { databaseBytes, fileFacts, flushFolder, makePrivateFiles, makePrivateFolder, mayWrite, moveAside, refuseUnreadable } from './files.ts';
import { checkEveryTable } from './integrity.ts';
import { MIGRATIONS, loadMigrations, migrate, refuseNewer, schemaVersion } from './migrate.ts';
import type { Migration } from './migrate.ts';
import type { ReadDb, WriteDb } from './sql.ts';
import { sqliteCode, translateDatabaseError } from './sqlite-errors.ts';
import { readDbOf, writeDbOf } from './statements.ts';

export interface OpenOptions {
  readonly path: string;
  /** 32 random bytes. */
  readonly key: Secret<Buffer>;
  /** `write` makes and migrates the database, and wants the profile's lock held; `read` does neither. */
  readonly mode: 'write' | 'read';
  readonly log: Log;
  readonly clock: Clock;
  /** Where the migrations lie, when they are not the product's own. */
  readonly migrations?: URL;
}

/** The file that is read in fact (a copy, where the original cannot be read in its place) and its key, which the receiver wipes when it has opened it. */
export interface ThreadDatabase {
  readonly path: string;
  readonly key: Uint8Array;
}

export interface Database {
  readonly read: ReadDb;
  /** Null when opened for reading. */
  readonly write: WriteDb | null;
  readonly path: string;
  /** When every page was last found whole since opening; milliseconds since the epoch. */
  readonly verifiedAt: number | null;
  /** Checks everything; 'ok' or one sentence per problem. Cancelled between two tables. */
  checkIntegrity(signal?: AbortSignal): Promise<'ok' | string[]>;
  /** Takes over what a thread found by the same check. */
  noteVerdict(verdict: 'ok' | string[]): void;
  /** What a thread needs to open a connection of its own: the file and a copy of its key. @throws Error when closed */
  forThread(): ThreadDatabase;
  /** Bytes on disk, with the write-ahead log. */
  bytes(): number;
  /** Carries the write-ahead log over and lets go of the files. Calling it again does nothing. */
  close(): void;
}

interface Opened {
  readonly raw: RawDatabase;
  readonly verifiedAt: number | null;
  /** A private copy to remove at the end, when the original could not be read in its place. */
  readonly copyFolder: string | null;
}

function readOnlyHere(): AppError {
  return new AppError('database_read_only', {
    message: 'The cache cannot be written to here: the profile folder, its disk or its files are read-only. Nothing was changed.',
    hint: 'Everything cached can still be read. To make changes, allow writing to the profile folder and its files.',
  });
}

/** What a killed or failed start left of a database that never had a name: nobody was told that anything in it is saved. */
function dropDraft(draft: string): void {
  for (const end of ['', '-wal', '-shm']) rmSync(draft + end, { force: true });
}

/** The new database gets its name only when it is whole, so a database that is there was never half made. */
function create(options: OpenOptions, migrations: readonly Migration[]): void {
  const { path, key, clock, log } = options;
  const strays = moveAside(path, clock);
  if (strays.length > 0) log.error('a write-ahead log without its database was moved aside', { files: strays });
  const draft = `${path}.new`;
  dropDraft(draft);
  closeSync(openSync(draft, 'wx', 0o600));
  const raw = connect({ path: draft, key, mode: 'create' });
  try {
    migrate(raw, { path: draft, key, migrations, clock, log });
    // Closing would carry the log over too, but keeps silent where the disk has no room for that: the file would lack what the log holds.
    raw.pragma('wal_checkpoint(truncate)');
  } finally {
    raw.close();
  }
  if (fileFacts(`${draft}-wal`)) throw new Error('the log of a new database was not carried over');
  renameSync(draft, path);
  flushFolder(dirname(path));
}

function openForWriting(options: OpenOptions, migrations: readonly Migration[]): Opened {
  const { path, key, clock, log } = options;
  makePrivateFolder(dirname(path));
  refuseUnreadable(path);
  if (![dirname(path), path, `${path}-wal`, `${path}-shm`].every((name) => !fileFacts(name) || mayWrite(name))) throw readOnlyHere();
  if (!fileFacts(path)) create(options, migrations);
  makePrivateFiles(path);
  // The last connection to close carries the log over and removes it. One with content means that the last writer did not get that far.
  const unclean = (fileFacts(`${path}-wal`)?.size ?? 0) > 0;
  examine({ path, key, migrations, everyPage: unclean });
  if (unclean) log.info('the last session did not end cleanly; every page of the cache was checked');
  const raw = connect({ path, key, mode: 'write' });
  try {
    migrate(raw, { path, key, migrations, clock, log });
    makePrivateFiles(path);
  } catch (error) {
    raw.close();
    throw error;
  }
  return { raw, verifiedAt: unclean ? clock.now() : null, copyFolder: null };
}

function stateOf(path: string): string {
  return ['', '-wal'].map((end) => fileFacts(path + end)).map((facts) => (facts ? `${facts.size}:${facts.mtimeMs}` : 'none')).join(' ');
}

/**
 * Without the right to write beside it SQLite cannot open a database that uses a write-ahead log. Its encrypted bytes are then copied to a
 * private temporary folder and read there.
 */
function openCopy(path: string, key: Secret<Buffer>): Opened {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-read-'));
  try {
    const before = stateOf(path);
    for (const end of ['', '-wal']) {
      if (fileFacts(path + end)) copyFileSync(path + end, join(folder, basename(path) + end));
    }
    if (stateOf(path) !== before) {
      throw new AppError('database_unavailable', { message: 'The cache changed while it was being read. Nothing was changed by this.', hint: 'Try again when the program that writes to it has finished.' });
    }
    return { raw: connectToRead(join(folder, basename(path)), key), verifiedAt: null, copyFolder: folder };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

function openInPlaceOrCopy(path: string, key: Secret<Buffer>): Opened {
  try {
    return { raw: connectToRead(path, key), verifiedAt: null, copyFolder: null };
  } catch (error) {
    const code = sqliteCode(error) ?? '';
    if (mayWrite(dirname(path)) || !(code.startsWith('SQLITE_READONLY') || code.startsWith('SQLITE_CANTOPEN'))) throw error;
    return openCopy(path, key);
  }
}

function openForReading({ path, key }: OpenOptions, migrations: readonly Migration[]): Opened {
  if (!fileFacts(path)) {
    throw new AppError('database_unavailable', { message: 'There is no cache in this profile yet.', hint: 'Start Holdfast once with the right to write to the profile, and add a deployment.' });
  }
  refuseUnreadable(path);
  refuseImplausible(path);
  const opened = openInPlaceOrCopy(path, key);
  try {
    refuseNewer(opened.raw, migrations);
    if (schemaVersion(opened.raw) < migrations.length) {
      throw new AppError('database_unavailable', {
        message: 'An older version of Holdfast made this cache, and it cannot be brought up to date while it is opened for reading. Nothing was changed.',
        hint: 'Start Holdfast once with the right to write to the profile.',
      });
    }
    return opened;
  } catch (error) {
    release(opened);
    throw error;
  }
}

function release({ raw, copyFolder }: Opened): void {
  raw.close();
  if (copyFolder !== null) rmSync(copyFolder, { recursive: true, force: true });
}

function handleOf(options: OpenOptions, opened: Opened): Database {
  const { raw, copyFolder } = opened;
  let { verifiedAt } = opened;
  // The caller wipes its own; SQLite holds one as long as it is open.
  const key = Buffer.from(options.key.reveal());
  return {
    read: readDbOf(raw),
    write: options.mode === 'write' ? writeDbOf(raw) : null,
    path: options.path,
    get verifiedAt() {
      return verifiedAt;
    },
    async checkIntegrity(signal) {
      try {
        const verdict = await checkEveryTable(raw, signal);
        verifiedAt = verdict === 'ok' ? options.clock.now() : null;
        return verdict;
      } catch (error) {
        throw translateDatabaseError(error, 'reading');
      }
    },
    noteVerdict(verdict) {
      verifiedAt = verdict === 'ok' ? options.clock.now() : null;
    },
    forThread() {
      if (!raw.open) throw new Error('the database is closed');
      return { path: copyFolder === null ? options.path : join(copyFolder, basename(options.path)), key: Uint8Array.from(key) };
    },
    bytes: () => databaseBytes(options.path),
    close() {
      key.fill(0);
      if (raw.open) release(opened);
    },
  };
}

/**
 * Opens the cache of a profile.
 * In write mode a missing database is made, file modes are narrowed to 0600 (folder 0700), every page is checked when the last session did not
 * end cleanly, and missing migrations are applied after a backup. In read mode nothing is made or changed.
 * @throws AppError database_newer, database_wrong_key, database_corrupt, database_read_only, database_unavailable, disk_full, profile_unwritable
 * or setup_needed; a database that is refused stays as it was.
 */
export function openDatabase(options: OpenOptions): Database {
  const migrations = loadMigrations(options.migrations ?? MIGRATIONS);
  try {
    return handleOf(options, options.mode === 'write' ? openForWriting(options, migrations) : openForReading(options, migrations));
  } catch (error) {
    throw translateDatabaseError(error, 'opening');
  }
}
