import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect } from '#core/db/connection.ts';
import { schemaVersion } from '#core/db/migrate.ts';
import { sql } from '#core/db/sql.ts';
import { startChild } from './children/db-processes.ts';
import { codeThrownBy, makeScratch, open, writer } from './children/db-profile.ts';
import type { Scratch } from './children/db-profile.ts';

const FIRST = ['CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT', "INSERT INTO note VALUES (1, 'first')", 'CREATE INDEX note_text ON note (text)'];
const SECOND = ['ALTER TABLE note ADD COLUMN at INTEGER NOT NULL DEFAULT 0', 'UPDATE note SET at = id * 10', 'CREATE TABLE tag (id INTEGER PRIMARY KEY, note INTEGER REFERENCES note (id)) STRICT', 'INSERT INTO tag SELECT id, id FROM note'];
const ROWS = 500;

let scratch: Scratch;
beforeEach(() => {
  scratch = makeScratch();
});
afterEach(() => scratch.remove());

/** A folder of migrations; `name` keeps several apart. */
function migrationsOf(name: string, files: readonly (readonly string[])[]): URL {
  const folder = join(scratch.dir, `migrations-${name}`);
  mkdirSync(folder, { recursive: true });
  files.forEach((statements, index) => writeFileSync(join(folder, `${String(index + 1).padStart(4, '0')}-step.sql`), `${statements.join(';\n')};\n`));
  return pathToFileURL(`${folder}/`);
}

/** `die()` in front of statement k; k = length means after the last one. */
function dyingAt(statements: readonly string[], k: number): string[] {
  return [...statements.slice(0, k), 'SELECT die()', ...statements.slice(k)];
}

function makeFirst(): void {
  const database = open(scratch, { migrations: migrationsOf('one', [FIRST]) });
  const db = writer(database);
  db.transaction(() => {
    for (let id = 2; id <= ROWS; id += 1) db.run(sql`INSERT INTO note VALUES (${id}, ${`note ${id}`})`);
  });
  database.close();
}

function hashOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

describe('a migration', () => {
  for (let k = 0; k <= FIRST.length; k += 1) {
    it(`R39: the first one killed before statement ${k + 1}: the next start makes the database whole`, async () => {
      const child = startChild('db-migrator', [`${scratch.path}.new`, scratch.keyHex, migrationsOf('dying', [dyingAt(FIRST, k)]).href]);
      expect(await child.ended).toBe('SIGKILL');
      const database = open(scratch, { migrations: migrationsOf('one', [FIRST]) });
      expect(database.read.all(sql`SELECT id, text FROM note`, (row) => ({ ...row }))).toEqual([{ id: 1, text: 'first' }]);
      expect(await database.checkIntegrity()).toBe('ok');
      database.close();
    });
  }

  for (let k = 0; k <= SECOND.length; k += 1) {
    it(`R39: the second one killed before statement ${k + 1}: nothing of it stays, and the next start finishes it`, async () => {
      makeFirst();
      const child = startChild('db-migrator', [scratch.path, scratch.keyHex, migrationsOf('dying', [FIRST, dyingAt(SECOND, k)]).href]);
      expect(await child.ended).toBe('SIGKILL');

      const before = open(scratch, { migrations: migrationsOf('one', [FIRST]) });
      expect(before.read.all(sql`SELECT name FROM pragma_table_info('note')`, (row) => row['name'])).toEqual(['id', 'text']);
      expect(before.read.get(sql`SELECT count(*) AS n FROM note`, (row) => row['n'])).toBe(ROWS);
      before.close();

      const after = open(scratch, { migrations: migrationsOf('two', [FIRST, SECOND]) });
      expect(after.read.get(sql`SELECT count(*) AS n, sum(at) AS total FROM note`, (row) => ({ ...row }))).toEqual({ n: ROWS, total: (10 * ROWS * (ROWS + 1)) / 2 });
      expect(after.read.get(sql`SELECT count(*) AS n FROM tag`, (row) => row['n'])).toBe(ROWS);
      expect(await after.checkIntegrity()).toBe('ok');
      after.close();
      expect(readdirSync(scratch.dir).filter((name) => name.startsWith('cache.db.'))).toEqual(['cache.db.before-2']);
    });
  }

  it('R39, R30: takes a backup first, which opens with the key, holds the old schema and is private', () => {
    makeFirst();
    open(scratch, { migrations: migrationsOf('two', [FIRST, SECOND]) }).close();
    const backup = `${scratch.path}.before-2`;
    expect(statSync(backup).mode & 0o777).toBe(0o600);
    expect(readFileSync(backup).includes('SQLite format 3')).toBe(false);
    const raw = connect({ path: backup, key: scratch.key, mode: 'read' });
    expect(schemaVersion(raw)).toBe(1);
    expect(raw.prepare('SELECT count(*) FROM note').pluck().get()).toBe(ROWS);
    raw.close();
    const restored = open({ path: backup, key: scratch.key }, { migrations: migrationsOf('one', [FIRST]) });
    expect(restored.read.get(sql`SELECT count(*) AS n FROM note`, (row) => row['n'])).toBe(ROWS);
    restored.close();
  });

  it('R39: one that fails leaves the database as it was', () => {
    makeFirst();
    expect(() => open(scratch, { migrations: migrationsOf('bad', [FIRST, [...SECOND, 'INSERT INTO nowhere VALUES (1)']]) })).toThrow('nowhere');
    expect(() => open(scratch, { migrations: migrationsOf('bad', [FIRST, ['COMMIT', ...SECOND]]) })).toThrow('own transaction');
    expect(() => open(scratch, { migrations: migrationsOf('bad', [FIRST, ['CREATE TABLE x (n REFERENCES note (id))', 'PRAGMA defer_foreign_keys = 1', 'INSERT INTO x VALUES (-1)']]) })).toThrow('foreign key');
    const database = open(scratch, { migrations: migrationsOf('one', [FIRST]) });
    expect(database.read.all(sql`SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`, (row) => row['name'])).toEqual(['note', 'schema_migration']);
    database.close();
  });

  it('R39: history that was changed after it was applied is refused, also when nothing is pending', () => {
    makeFirst();
    const changed = migrationsOf('changed', [[...FIRST, "INSERT INTO note VALUES (9, 'late')"]]);
    expect(codeThrownBy(() => open(scratch, { migrations: changed }))).toBe('database_unavailable');
  });

  it('R40: a newer database is refused in both modes and no byte of it changes, even with a log left behind by a killed writer', async () => {
    const two = migrationsOf('two', [FIRST, SECOND]);
    makeFirst();
    const child = startChild('db-migrator', [scratch.path, scratch.keyHex, migrationsOf('dying-third', [FIRST, SECOND, ['SELECT die()']]).href]);
    expect(await child.ended).toBe('SIGKILL');
    expect(statSync(`${scratch.path}-wal`).size).toBeGreaterThan(0);
    const before = [hashOf(scratch.path), hashOf(`${scratch.path}-wal`)];
    const one = migrationsOf('one', [FIRST]);
    for (const mode of ['write', 'read'] as const) {
      expect(codeThrownBy(() => open(scratch, { migrations: one, mode }))).toBe('database_newer');
      expect([hashOf(scratch.path), hashOf(`${scratch.path}-wal`)]).toEqual(before);
    }
    open(scratch, { migrations: two }).close();
  });

  it('R39: reading does not migrate', () => {
    makeFirst();
    const before = hashOf(scratch.path);
    expect(codeThrownBy(() => open(scratch, { mode: 'read', migrations: migrationsOf('two', [FIRST, SECOND]) }))).toBe('database_unavailable');
    expect(hashOf(scratch.path)).toBe(before);
  });
});
