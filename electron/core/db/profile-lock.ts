// The lock that lets one process at a time write to a profile; it dies with its holder and stores nothing.
import { closeSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '#shared/errors.ts';
import { z } from '#shared/zod.ts';
import type { Ports } from '#core/ports.ts';
import { loadSqlite } from './native.ts';
import type { RawDatabase } from './native.ts';
import { HOLDER_FILE } from './profile-holder.ts';
import { fileFacts, makePrivateFiles, makePrivateFolder, mayWrite } from './files.ts';
import { sqliteCode, translateDatabaseError } from './sqlite-errors.ts';

const LOCK_FILE = 'profile.lock';

const profileHolder = z.strictObject({ pid: z.int().min(1), host: z.enum(['electron', 'chromium', 'cli'] satisfies Ports['host'][]) });

/** Who says to hold the lock. For people to read: only the lock itself decides. */
export type ProfileHolder = z.infer<typeof profileHolder>;

export interface ProfileLock {
  /** Lets the next process in. Calling it again does nothing. */
  release(): void;
}

/**
 * Takes the writer's lock of a profile, making its folder (0700) when it is not there. The lock is SQLite's own exclusive lock on an empty file,
 * so the operating system frees it when the process ends in whatever way. Nothing else in this process may open that file: on Linux and macOS
 * closing any other handle to it would free the lock.
 * @returns null while another process holds it.
 * @throws AppError profile_unwritable, database_unavailable or disk_full when the folder does not allow it.
 */
export function acquireProfileLock(profileDir: string, host: Ports['host']): ProfileLock | null {
  makePrivateFolder(profileDir);
  if (!mayWrite(profileDir)) {
    throw new AppError('profile_unwritable', {
      message: 'The profile folder cannot be written to. Nothing was changed.',
      hint: 'What is cached can still be read. To make changes, allow writing to the profile folder, or choose another one with --profile.',
    });
  }
  const path = join(profileDir, LOCK_FILE);
  const Sqlite = loadSqlite();
  let held: RawDatabase | null = null;
  try {
    // Only where the file is missing: opening and closing one that this process has locked would free the lock.
    if (!fileFacts(path)) closeSync(openSync(path, 'a', 0o600));
    held = new Sqlite(path, { timeout: 0 });
    held.pragma('journal_mode = memory');
    held.pragma('locking_mode = exclusive');
    held.exec('BEGIN EXCLUSIVE');
    makePrivateFiles(path);
    announce(profileDir, { pid: process.pid, host });
  } catch (error) {
    held?.close();
    if (sqliteCode(error)?.startsWith('SQLITE_BUSY')) return null;
    throw translateDatabaseError(error, 'opening');
  }
  const lock = held;
  return {
    release(): void {
      if (!lock.open) return;
      rmSync(join(profileDir, HOLDER_FILE), { force: true });
      lock.close();
    },
  };
}

function announce(profileDir: string, holder: ProfileHolder): void {
  const path = join(profileDir, HOLDER_FILE);
  const draft = `${path}.draft`;
  writeFileSync(draft, JSON.stringify(holder), { mode: 0o600 });
  renameSync(draft, path);
}

/** Who holds the lock according to the profile; null when nobody says so. A killed holder leaves its name behind. */
export function readProfileHolder(profileDir: string): ProfileHolder | null {
  try {
    return profileHolder.safeParse(JSON.parse(readFileSync(join(profileDir, HOLDER_FILE), 'utf8'))).data ?? null;
  } catch {
    return null;
  }
}
