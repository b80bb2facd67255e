// Checks a whole database without holding up the process for longer than one table takes; it changes nothing.
import { setImmediate } from 'node:timers/promises';
import { AppError } from '#shared/errors.ts';
import type { RawDatabase } from './native.ts';
import { sqliteCode } from './sqlite-errors.ts';

/** Problems reported per table; a damaged table would repeat itself. */
const MAX_PROBLEMS = 20;

function tablesOf(raw: RawDatabase): string[] {
  const names = raw.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 ORDER BY name").pluck().all() as string[];
  return ['sqlite_schema', ...names];
}

function checkTable(raw: RawDatabase, table: string): string[] {
  const problems = (raw.pragma(`integrity_check('${table.replaceAll("'", "''")}')`) as { integrity_check: string }[]).map((row) => row.integrity_check).filter((text) => text !== 'ok');
  const orphans = raw.pragma(`foreign_key_check('${table.replaceAll("'", "''")}')`) as unknown[];
  return [...problems, ...(orphans.length > 0 ? [`${orphans.length} rows point to a row that is not there`] : [])].slice(0, MAX_PROBLEMS);
}

/**
 * SQLite's own check of every table, index and foreign key; each page read is also checked against its tag by the cipher.
 * @returns 'ok', or one sentence per problem.
 * @throws AppError cancelled between two tables; SQLite's error when the file cannot be read at all.
 */
export async function checkEveryTable(raw: RawDatabase, signal?: { readonly aborted: boolean }): Promise<'ok' | string[]> {
  const problems: string[] = [];
  const check = (table: string): void => {
    try {
      problems.push(...checkTable(raw, table).map((text) => `${table}: ${text}`));
    } catch (error) {
      if (!sqliteCode(error)?.startsWith('SQLITE_CORRUPT')) throw error;
      problems.push(`${table}: a page does not pass its check`);
    }
  };
  let tables: string[] = [];
  try {
    tables = tablesOf(raw);
  } catch (error) {
    if (!sqliteCode(error)?.startsWith('SQLITE_CORRUPT')) throw error;
    return ['sqlite_schema: a page does not pass its check'];
  }
  for (const table of tables) {
    await setImmediate();
    if (signal?.aborted === true) throw new AppError('cancelled', { message: 'The check of the cache was cancelled. Nothing was changed.', hint: 'Start it again when there is time.' });
    check(table);
  }
  return problems.length === 0 ? 'ok' : problems;
}
