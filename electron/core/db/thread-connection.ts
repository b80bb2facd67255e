// A connection of a worker thread to the cache that the main thread has opened: same settings, no migration, no making of files.
import { Secret } from '../secret.ts';
import { connect } from './connection.ts';
import type { RawDatabase } from './native.ts';
import type { ThreadDatabase } from './open.ts';
import type { ReadDb, WriteDb } from './sql.ts';
import { translateDatabaseError } from './sqlite-errors.ts';
import { readDbOf, writeDbOf } from './statements.ts';

export interface ThreadConnection {
  readonly read: ReadDb;
  /** Null when opened for reading. */
  readonly write: WriteDb | null;
  /** For bulk work: prepared statements without the template. */
  readonly raw: RawDatabase;
  close(): void;
}

/**
 * Opens the cache for a thread and wipes the key that was handed over. At most one thread at a time may write, while the session's write gate is closed.
 * @throws AppError database_corrupt, database_unavailable …
 */
export function openThreadDatabase({ path, key, mode }: ThreadDatabase & { readonly mode: 'read' | 'write' }): ThreadConnection {
  const bytes = Buffer.from(key.buffer, key.byteOffset, key.byteLength);
  try {
    const raw = connect({ path, key: new Secret(bytes), mode });
    return { read: readDbOf(raw), write: mode === 'write' ? writeDbOf(raw) : null, raw, close: () => { raw.close(); } };
  } catch (error) {
    throw translateDatabaseError(error, 'opening');
  } finally {
    bytes.fill(0);
  }
}
