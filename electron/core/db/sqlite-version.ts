// Which SQLite serves the cache, for the About page and doctor.
import { sql } from './sql.ts';
import type { ReadDb } from './sql.ts';

/** The version of SQLite itself, for example 3.53.4. */
export function sqliteVersion(db: ReadDb): string | null {
  return db.get(sql`SELECT sqlite_version() AS version`, (row) => String(row['version']));
}
