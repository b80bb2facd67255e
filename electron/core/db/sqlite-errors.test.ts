import { describe, expect, it } from 'vitest';
import { AppError } from '#shared/errors.ts';
import { translateDatabaseError } from './sqlite-errors.ts';

const failure = (code: string): Error => Object.assign(new Error('as reported'), { code });

describe('translating failures of the database', () => {
  const expected: readonly (readonly [string, string])[] = [
    ['SQLITE_FULL', 'disk_full'],
    ['SQLITE_IOERR_SHMSIZE', 'disk_full'],
    ['ENOSPC', 'disk_full'],
    ['EDQUOT', 'disk_full'],
    ['SQLITE_CORRUPT', 'database_corrupt'],
    ['SQLITE_CORRUPT_INDEX', 'database_corrupt'],
    ['SQLITE_NOTADB', 'database_corrupt'],
    ['SQLITE_READONLY', 'database_read_only'],
    ['SQLITE_READONLY_DIRECTORY', 'database_read_only'],
    ['EROFS', 'database_read_only'],
    ['EACCES', 'profile_unwritable'],
    ['SQLITE_BUSY_SNAPSHOT', 'database_unavailable'],
    ['SQLITE_CANTOPEN', 'database_unavailable'],
    ['SQLITE_IOERR_WRITE', 'database_unavailable'],
    ['EIO', 'database_unavailable'],
  ];
  for (const [reported, code] of expected) {
    it(`R41, R42, R43: ${reported} is ${code}, says what was kept and what to do, and names no path`, () => {
      const cause = failure(reported);
      for (const doing of ['opening', 'reading', 'writing'] as const) {
        const error = translateDatabaseError(cause, doing);
        if (!(error instanceof AppError)) throw new Error('not translated');
        expect(error.code).toBe(code);
        expect(error.message).toMatch(doing === 'writing' ? /everything saved before it is kept\.$/ : /Nothing was changed\.$/);
        expect(error.hint.length).toBeGreaterThan(20);
        expect(`${error.message}${error.hint}`).not.toContain('/');
        expect(error.cause).toBe(cause);
      }
    });
  }

  it('leaves everything else as it came', () => {
    for (const other of [failure('SQLITE_CONSTRAINT_TRIGGER'), failure('SQLITE_ERROR'), failure('SQLITE_FULLER'), new Error('a bug'), 'text', null, new AppError('cancelled', { message: 'm', hint: 'h' })]) {
      expect(translateDatabaseError(other, 'reading')).toBe(other);
    }
  });
});
