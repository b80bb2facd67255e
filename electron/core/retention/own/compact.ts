// Gives the space of what was removed back to the disk, and takes away copies of the cache that were made before an update: what was let go must not lie in them.
import { readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { AppError } from '#shared/errors.ts';
import { fileFacts } from '../../db/files.ts';
import type { Session } from '../../session.ts';
import { startThread } from '../../workers/thread.ts';
import type { CompactCalls } from '../../workers/compact-cache.ts';

export interface Compacted {
  /** Of the cache with its log and with copies of it, before and after. */
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  /** False: what was removed is overwritten, but the file keeps its size, because the cache is too large to be written anew in memory. */
  readonly isCompacted: boolean;
  readonly copiesRemoved: number;
}

export interface OldCopy { readonly name: string; readonly bytes: number }

/** Copies of the cache from before an update. */
export function oldCopies(path: string): OldCopy[] {
  const folder = dirname(path);
  const start = `${basename(path)}.before-`;
  return readdirSync(folder).filter((name) => name.startsWith(start) && /^\d+(?:\.draft)?$/.test(name.slice(start.length))).map((name) => ({ name, bytes: fileFacts(join(folder, name))?.size ?? 0 })).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Runs in a thread while nobody else writes. @throws AppError busy, disk_full, cancelled, profile_locked */
export async function compactCache(session: Session, signal?: AbortSignal): Promise<Compacted> {
  const database = session.database();
  if (database === null) throw new AppError('setup_needed', { message: 'There is no cache to compact.', hint: 'Add a deployment first.' });
  await session.whenWritable({ signal });
  const reserved = session.reserveWrites('The cache is being compacted.');
  const thread = startThread<CompactCalls>('compact-cache', database.forThread());
  const stop = session.onClosing(() => void thread.end());
  try {
    const copies = oldCopies(database.path);
    const bytesBefore = database.bytes() + copies.reduce((sum, { bytes }) => sum + bytes, 0);
    const { isCompacted } = await thread.call('compact', null, { signal });
    for (const { name } of copies) rmSync(join(dirname(database.path), name), { force: true });
    return { bytesBefore, bytesAfter: database.bytes(), isCompacted, copiesRemoved: copies.length };
  } finally {
    stop();
    await thread.end();
    reserved.release();
  }
}
