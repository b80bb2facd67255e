// Opens one encrypted SQLite connection and proves its settings; it refuses to go on when one of them does not hold.
import { createHmac } from 'node:crypto';
import type { Secret } from '#core/secret.ts';
import { AppError } from '#shared/errors.ts';
import { loadSqlite } from './native.ts';
import type { RawDatabase } from './native.ts';

/** Bytes of a page, and of the encrypted file's smallest possible size. */
export const PAGE_BYTES = 4096;
const KEY_BYTES = 32;
const SALT_BYTES = 16;
const BUSY_TIMEOUT_MS = 5000;

/** What is set on every connection and read back. Numbers as SQLite reports them: synchronous 2 = FULL, temp_store 2 = memory. */
export const CONNECTION_SETTINGS: Readonly<Record<string, number>> = {
  synchronous: 2,
  foreign_keys: 1,
  trusted_schema: 0,
  cell_size_check: 1,
  secure_delete: 1,
  temp_store: 2,
  // Without this, INSERT OR REPLACE deletes a row and no delete trigger sees it: insert-only tables would not be.
  recursive_triggers: 1,
  busy_timeout: BUSY_TIMEOUT_MS,
  ...(process.platform === 'darwin' ? { checkpoint_fullfsync: 1, fullfsync: 1 } : {}),
};

/**
 * The 16 bytes that stand readable at the start of a cache made with this key. The cipher takes a raw key as it is and needs no salt, so its
 * place holds a fingerprint instead: it tells another key from a damaged first page, and says nothing about the key.
 */
export function keyFingerprint(key: Secret<Buffer>): Buffer {
  return createHmac('sha256', key.reveal()).update('holdfast cache key fingerprint, version 1').digest().subarray(0, SALT_BYTES);
}

function applyKey(raw: RawDatabase, key: Secret<Buffer>): void {
  if (key.reveal().length !== KEY_BYTES) throw new Error(`a database key has ${KEY_BYTES} bytes`);
  raw.pragma("cipher = 'chacha20'");
  // As bytes, not as SQL text: the statement would keep the key, and the bytes can be wiped.
  const form = Buffer.from(`x'${key.reveal().toString('hex')}${keyFingerprint(key).toString('hex')}'`, 'latin1');
  try {
    if (raw.key(form) !== 0) throw new Error('the cipher did not take the key');
  } finally {
    form.fill(0);
  }
}

function proveSettings(raw: RawDatabase, expected: Readonly<Record<string, number | string>>): void {
  for (const [name, value] of Object.entries(expected)) {
    const found = raw.pragma(name, { simple: true });
    if (found !== value) {
      throw new AppError('database_unavailable', {
        message: `The database did not accept the setting ${name} = ${value} (it reports ${String(found)}). It was not used.`,
        hint: 'Install this version of Holdfast again: its database library is not the one that it was tested with.',
      });
    }
  }
}

export interface ConnectOptions {
  readonly path: string;
  readonly key: Secret<Buffer>;
  /** `create` also makes the file; `write` and `read` refuse a file that is not there. */
  readonly mode: 'create' | 'write' | 'read';
}

/**
 * Opens a connection with the key and every setting of CONNECTION_SETTINGS, each read back; writers also use the write-ahead log.
 * @throws SQLite's own error (SQLITE_NOTADB for a wrong key or a damaged first page), or AppError when a setting does not hold.
 */
export function connect({ path, key, mode }: ConnectOptions): RawDatabase {
  const Sqlite = loadSqlite();
  const raw = new Sqlite(path, { readonly: mode === 'read', fileMustExist: mode !== 'create', timeout: BUSY_TIMEOUT_MS });
  try {
    applyKey(raw, key);
    // The first read: fails here, before anything is set, when the key does not fit.
    raw.pragma('schema_version');
    for (const [name, value] of Object.entries(CONNECTION_SETTINGS)) raw.pragma(`${name} = ${value}`);
    if (mode !== 'read') raw.pragma('journal_mode = wal');
    proveSettings(raw, { cipher: 'chacha20', page_size: PAGE_BYTES, ...CONNECTION_SETTINGS, ...(mode === 'read' ? {} : { journal_mode: 'wal' }) });
    return raw;
  } catch (error) {
    raw.close();
    throw error;
  }
}
