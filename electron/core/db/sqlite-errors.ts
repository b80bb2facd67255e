// Turns what SQLite and the file system report into the product's errors; it refuses to guess at anything else and hands it back as it came.
import { AppError } from '#shared/errors.ts';
import type { ErrorCode } from '#shared/errors.ts';

/** What was under way: it decides what can be said about the data that was kept. */
export type Doing = 'opening' | 'reading' | 'writing';

const KEPT: Readonly<Record<Doing, string>> = {
  opening: 'Nothing was changed.',
  reading: 'Nothing was changed.',
  writing: 'This change was not made; everything saved before it is kept.',
};

interface Words {
  readonly code: ErrorCode;
  readonly what: string;
  readonly hint: string;
}

const DISK_FULL: Words = { code: 'disk_full', what: 'The disk that holds the profile is full.', hint: 'Free some space on that disk, then try again.' };
const CORRUPT: Words = {
  code: 'database_corrupt',
  what: 'A part of the cache is damaged and was not used.',
  hint: 'Move the cache aside (the file is kept) and fetch the data again from the deployments, or put back a backup.',
};
const READ_ONLY: Words = {
  code: 'database_read_only',
  what: 'The cache is read-only here.',
  hint: 'Everything cached can still be read. To make changes, allow writing to the profile folder and its files.',
};
const NO_RIGHT: Words = { code: 'profile_unwritable', what: 'This user may not use the profile folder.', hint: 'Make this user the owner of the profile folder, or choose another folder with --profile.' };
const BUSY: Words = { code: 'database_unavailable', what: 'Another program is using the cache and did not let go of it in time.', hint: 'Wait for the other program to finish, then try again.' };
const UNAVAILABLE: Words = { code: 'database_unavailable', what: 'The operating system could not read or write the cache.', hint: 'Check that the disk is connected and healthy and that memory is not short, then try again.' };

/** First match wins; a code stands for itself and its extended codes. Source: https://www.sqlite.org/rescode.html */
const SQLITE_CODES: readonly (readonly [string, Words])[] = [
  ['SQLITE_FULL', DISK_FULL],
  // The shared index of the write-ahead log grows by writing zeros: this fails where the disk has no block left.
  ['SQLITE_IOERR_SHMSIZE', DISK_FULL],
  ['SQLITE_IOERR_CORRUPTFS', CORRUPT],
  ['SQLITE_IOERR_DATA', CORRUPT],
  ['SQLITE_CORRUPT', CORRUPT],
  ['SQLITE_NOTADB', CORRUPT],
  ['SQLITE_READONLY', READ_ONLY],
  ['SQLITE_PERM', NO_RIGHT],
  ['SQLITE_BUSY', BUSY],
  ['SQLITE_LOCKED', BUSY],
  ['SQLITE_PROTOCOL', BUSY],
  ['SQLITE_CANTOPEN', UNAVAILABLE],
  ['SQLITE_IOERR', UNAVAILABLE],
  ['SQLITE_NOMEM', UNAVAILABLE],
  ['SQLITE_NOLFS', UNAVAILABLE],
];

const OS_CODES: ReadonlyMap<string, Words> = new Map([
  ['ENOSPC', DISK_FULL],
  ['EDQUOT', DISK_FULL],
  ['EROFS', READ_ONLY],
  ['EACCES', NO_RIGHT],
  ['EPERM', NO_RIGHT],
  ['EIO', UNAVAILABLE],
  ['EMFILE', UNAVAILABLE],
  ['ENFILE', UNAVAILABLE],
  ['ENOENT', UNAVAILABLE],
  ['ENOTDIR', UNAVAILABLE],
  ['EISDIR', UNAVAILABLE],
]);

function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

/** The SQLite result code of an error (for example SQLITE_NOTADB), or null when it did not come from SQLite. */
export function sqliteCode(error: unknown): string | null {
  const code = codeOf(error);
  return code?.startsWith('SQLITE_') ? code : null;
}

/** True when a statement was refused by a UNIQUE or PRIMARY KEY rule: a service turns this into its own words. */
export function isUniqueViolation(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY';
}

/**
 * Translates an expected failure of the database or its file system into an AppError: disk_full, database_corrupt, database_read_only,
 * profile_unwritable or database_unavailable. Anything else (a constraint, a bug in a query, an AppError) comes back unchanged.
 */
export function translateDatabaseError(error: unknown, doing: Doing): unknown {
  const code = codeOf(error);
  if (code === null || error instanceof AppError) return error;
  const words = SQLITE_CODES.find(([start]) => code === start || code.startsWith(`${start}_`))?.[1] ?? OS_CODES.get(code);
  if (!words) return error;
  return new AppError(words.code, { message: `${words.what} ${KEPT[doing]}`, hint: words.hint, cause: error, facts: { reported: code } });
}
