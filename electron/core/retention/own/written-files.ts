// Files that this console wrote and that its own rule may take: noted when they are written, and removed only while they are byte for byte what was written.
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, open, unlink } from 'node:fs/promises';
import type { OwnPreview } from '#shared/domain/retention-own.ts';
import { formatInstantUs } from '#shared/domain/time.ts';
import { AppError } from '#shared/errors.ts';
import type { NoteWrittenFile } from '../../files/service.ts';
import type { Clock, Log } from '../../ports.ts';
import type { Session } from '../../session.ts';
import { insertWritten } from './own-queries.ts';
import type { WrittenRow } from './own-queries.ts';

const BLOCK = 1_048_576;
/** As long as an export waits for the right to note its file. */
const WAIT_MS = 10_000;

export type FileState = OwnPreview['files'][number]['state'];

/** Notes a file before it gets its name. Its failure is in the log and stops nothing: the file is then not among those that the own rule takes. */
export function createFileNotes({ session, clock, log }: { readonly session: Session; readonly clock: Clock; readonly log: Log }): NoteWrittenFile {
  return async ({ deploymentId, kind, path, sha256, bytes }) => {
    // A profile that is open for reading only, or empty, keeps no notes.
    if (session.access() !== 'write' || session.isEmptyLook()) return;
    try {
      await session.whenWritable({ maxMs: WAIT_MS });
      const db = session.write();
      db.transaction(() => insertWritten(db, { deploymentId, kind, path, sha256, bytes, atUs: clock.now() * 1000 }));
    } catch (error) {
      log.error('a written file could not be noted', { kind, code: error instanceof AppError ? error.code : 'internal' });
    }
  };
}

/** due: it is what was written. changed: something else stands under its name, also a link or a folder, or it cannot be read. gone: nothing does. */
export async function stateOfFile(file: Pick<WrittenRow, 'path' | 'sha256' | 'bytes'>, signal: AbortSignal): Promise<FileState> {
  return (await look(file, signal)).state;
}

interface Looked { readonly state: FileState; readonly ino: number; readonly dev: number }

async function look({ path, sha256, bytes }: Pick<WrittenRow, 'path' | 'sha256' | 'bytes'>, signal: AbortSignal): Promise<Looked> {
  const other: Looked = { state: 'changed', ino: 0, dev: 0 };
  try {
    const facts = await lstat(path);
    if (!facts.isFile() || facts.size !== bytes) return other;
    const handle = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    try {
      const { ino, dev } = await handle.stat();
      const hash = createHash('sha256');
      const block = Buffer.alloc(BLOCK);
      for (;;) {
        signal.throwIfAborted();
        const { bytesRead } = await handle.read(block, 0, BLOCK);
        if (bytesRead === 0) break;
        hash.update(block.subarray(0, bytesRead));
      }
      return hash.digest('hex') === sha256 ? { state: 'due', ino, dev } : other;
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (signal.aborted) throw error;
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? { ...other, state: 'gone' } : other;
  }
}

/** Removes a file that is still what was written. @returns removed, or why it was left */
export async function removeFile(file: WrittenRow, signal: AbortSignal): Promise<'removed' | 'changed' | 'gone'> {
  const { state, ino, dev } = await look(file, signal);
  if (state !== 'due') return state;
  try {
    // What was read must be what goes: a file that took its name since is not.
    const facts = await lstat(file.path);
    if (facts.ino !== ino || facts.dev !== dev) return 'changed';
    await unlink(file.path);
    return 'removed';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'gone' : 'changed';
  }
}

export const shownFile = ({ path, kind, atUs, bytes }: WrittenRow, state: FileState): OwnPreview['files'][number] => ({ path, kind, writtenAt: formatInstantUs(atUs), bytes, state });
