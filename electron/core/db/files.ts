// The cache's files on disk: their modes, their flushing and how damaged ones are moved aside; it never deletes data.
import { accessSync, chmodSync, closeSync, constants, existsSync, fsyncSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { AppError } from '#shared/errors.ts';
import type { Clock } from '#core/ports.ts';
import { translateDatabaseError } from './sqlite-errors.ts';

const SIDE_FILES = ['-wal', '-shm'] as const;
const OTHERS = 0o077;
const STICKY = 0o1000;

/** Facts about a file, or null when there is none. */
export function fileFacts(path: string): Stats | null {
  return statSync(path, { throwIfNoEntry: false }) ?? null;
}

/** Bytes in a database and its write-ahead log. */
export function databaseBytes(path: string): number {
  return (fileFacts(path)?.size ?? 0) + (fileFacts(`${path}-wal`)?.size ?? 0);
}

/** True when this user may change what is there; false also on a read-only file system. */
export function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Refuses a database that this user cannot even read. @throws Node's EACCES error. */
export function refuseUnreadable(path: string): void {
  accessSync(dirname(path), constants.R_OK | constants.X_OK);
  if (fileFacts(path)) accessSync(path, constants.R_OK);
}

/** Waits until a file's content is on disk. */
export function flushFile(path: string): void {
  const file = openSync(path, 'r+');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Waits until names made, renamed or removed in a folder are on disk. Windows has no such call: there the file system's journal does it. */
export function flushFolder(path: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/**
 * Makes a folder that only this user can enter (0700), or narrows one that is there. A shared folder (sticky, such as /tmp) is refused, not narrowed.
 * @throws AppError profile_unwritable, database_read_only or disk_full.
 */
export function makePrivateFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    if (process.platform === 'win32') return;
    const { mode } = statSync(path);
    if ((mode & OTHERS) === 0) return;
    if ((mode & STICKY) !== 0) {
      throw new AppError('profile_unwritable', { message: 'The profile folder is one that several users share. Nothing was written there.', hint: 'Choose a folder of your own with --profile.' });
    }
    // Narrow only: a folder that its owner made read-only stays so.
    chmodSync(path, mode & 0o700);
  } catch (error) {
    throw translateDatabaseError(error, 'opening');
  }
}

/** Narrows a database and its side files to their owner (0600). SQLite gives new side files the mode of the database itself. */
export function makePrivateFiles(path: string): void {
  if (process.platform === 'win32') return;
  for (const name of [path, ...SIDE_FILES.map((end) => path + end)]) {
    const facts = fileFacts(name);
    if (facts && (facts.mode & OTHERS) !== 0) chmodSync(name, facts.mode & 0o600);
  }
}

function freeStamp(path: string, clock: Clock): string {
  const time = new Date(clock.now()).toISOString().replace(/\.\d+Z$/, 'Z').replaceAll(/[-:]/g, '');
  for (let attempt = 1; ; attempt += 1) {
    const stamp = attempt === 1 ? time : `${time}-${attempt}`;
    if (['', ...SIDE_FILES].every((end) => !existsSync(`${path}.corrupt-${stamp}${end}`))) return stamp;
  }
}

/**
 * Renames a database and its side files to `<name>.corrupt-<UTC time>` (plus -wal, -shm), so that a new one can be made; nothing is deleted.
 * Call it only when no connection to the database is open.
 * @returns the new file names, without folders; empty when there was nothing to move.
 * @throws AppError database_read_only, profile_unwritable or database_unavailable.
 */
export function moveAside(path: string, clock: Clock): string[] {
  const stamp = freeStamp(path, clock);
  const moved: string[] = [];
  try {
    // The database goes first: were the log to go first and the process to die, the database would open without its last commits.
    for (const end of ['', ...SIDE_FILES]) {
      if (!fileFacts(path + end)) continue;
      const target = join(dirname(path), `${basename(path)}.corrupt-${stamp}${end}`);
      renameSync(path + end, target);
      moved.push(basename(target));
    }
    if (moved.length > 0) flushFolder(dirname(path));
  } catch (error) {
    throw translateDatabaseError(error, 'opening');
  }
  return moved;
}
