// Looks at a database before anything may change it: says whether it can be used, and if not, why; it only ever reads.
import { closeSync, openSync, readSync } from 'node:fs';
import { AppError } from '#shared/errors.ts';
import type { Secret } from '#core/secret.ts';
import { PAGE_BYTES, connect, keyFingerprint } from './connection.ts';
import type { RawDatabase } from './native.ts';
import { fileFacts } from './files.ts';
import { refuseNewer } from './migrate.ts';
import type { Migration } from './migrate.ts';
import { sqliteCode } from './sqlite-errors.ts';
import { hasLostCommits } from './wal.ts';

const PLAIN_HEADER = Buffer.from('SQLite format 3\0', 'latin1');
/** Bytes 16 to 23 of every page-one header: page size 4096, then (18, 19) the journal version, the 32 bytes a page keeps for its tag, and three constants. */
const OPEN_HEADER = { pageSize: Buffer.from([0x10, 0x00]), reserve: Buffer.from([0x20, 0x40, 0x20, 0x20]) };

function damaged(what: string): AppError {
  return new AppError('database_corrupt', {
    message: `The cache is damaged: ${what}. It was not changed.`,
    hint: 'Move the cache aside (the file is kept) and fetch the data again from the deployments, or put back a backup.',
  });
}

/** Refuses what cannot be a cache at all. SQLite would take an empty file for a new database, and lose the write-ahead log beside it. */
export function refuseImplausible(path: string): void {
  const facts = fileFacts(path);
  if (!facts) return;
  if (!facts.isFile()) throw damaged('in its place stands something that is not a file');
  if (facts.size === 0) throw damaged('its file is empty');
  if (facts.size < PAGE_BYTES) throw damaged('its file is shorter than one page');
}

/** Only for a database that could not be opened: closing this handle would free the locks of another connection in this process. */
function readHeader(path: string): Buffer {
  const header = Buffer.alloc(24);
  const file = openSync(path, 'r');
  try {
    readSync(file, header, 0, header.length, 0);
  } finally {
    closeSync(file);
  }
  return header;
}

/** Why page one does not open: a wrong key or damage. They look alike to the cipher; the fingerprint in the header tells them apart. */
function whyUnreadable(path: string, key: Secret<Buffer>): AppError {
  const header = readHeader(path);
  if (header.subarray(0, 16).equals(PLAIN_HEADER)) return damaged('its file is a database without encryption, which this program did not write');
  if (header.subarray(0, 16).equals(keyFingerprint(key))) return damaged('its first page does not pass the check, although the key is the right one');
  if (!header.subarray(16, 18).equals(OPEN_HEADER.pageSize) || !header.subarray(20, 24).equals(OPEN_HEADER.reserve)) return damaged('its first page is not that of an encrypted cache');
  return new AppError('database_wrong_key', {
    message: 'The cache does not open with the key of this profile: it was made with another key, or the first bytes of its file are damaged. It was not changed.',
    hint: 'Put back the keychain entry or the vault that belongs to this profile. If the key is lost, the cache cannot be opened: move it aside (the file is kept) and fetch the data again.',
  });
}

/** A connection that can only read. @throws AppError database_wrong_key or database_corrupt, or SQLite's own error. */
export function connectToRead(path: string, key: Secret<Buffer>): RawDatabase {
  try {
    return connect({ path, key, mode: 'read' });
  } catch (error) {
    if (sqliteCode(error) === 'SQLITE_NOTADB') throw whyUnreadable(path, key);
    throw error;
  }
}

export interface ExamineOptions {
  readonly path: string;
  readonly key: Secret<Buffer>;
  readonly migrations: readonly Migration[];
  /** After a session that did not end: checks the log it left and reads every page (the time grows with the size). */
  readonly everyPage: boolean;
}

/**
 * Makes sure that a database can be used, over a connection that cannot write: not even the write-ahead log is carried over, so a newer or
 * damaged database stays as it was, byte for byte.
 * @throws AppError database_corrupt, database_wrong_key or database_newer, or SQLite's own error.
 */
export function examine(options: ExamineOptions): void {
  refuseImplausible(options.path);
  const raw = connectToRead(options.path, options.key);
  try {
    refuseNewer(raw, options.migrations);
    if (!options.everyPage) return;
    const [log] = raw.pragma('wal_checkpoint(NOOP)') as { readonly log: number }[];
    if (hasLostCommits(`${options.path}-wal`, Math.max(log?.log ?? 0, 0))) throw damaged('its write-ahead log is broken in the middle, so the last changes cannot be read');
    const verdict = raw.pragma('quick_check(1)', { simple: true });
    if (verdict !== 'ok') throw damaged('its pages do not fit together');
  } finally {
    raw.close();
  }
}
