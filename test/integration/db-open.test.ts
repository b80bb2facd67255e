import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CONNECTION_SETTINGS } from '#core/db/connection.ts';
import { makePrivateFolder } from '#core/db/files.ts';
import { loadSqlite } from '#core/db/native.ts';
import { Sql, sql } from '#core/db/sql.ts';
import { Secret } from '#core/secret.ts';
import { addDeployment, codeThrownBy, commitEvent, countEvents, fill, makeScratch, open, writer } from '../faults/children/db-profile.ts';
import type { Scratch } from '../faults/children/db-profile.ts';

let scratch: Scratch;
beforeEach(() => {
  scratch = makeScratch();
});
afterEach(() => scratch.remove());

/** Shannon entropy in bits per byte. */
function entropyOf(bytes: Buffer): number {
  const counts = new Map<number, number>();
  for (const byte of bytes) counts.set(byte, (counts.get(byte) ?? 0) + 1);
  return [...counts.values()].reduce((sum, count) => sum - (count / bytes.length) * Math.log2(count / bytes.length), 0);
}

describe('the cache on disk', () => {
  it('R36: every setting holds on the connection in use', () => {
    const database = open(scratch);
    const expected: Record<string, string | number> = { ...CONNECTION_SETTINGS, journal_mode: 'wal', cipher: 'chacha20' };
    for (const [name, value] of Object.entries(expected)) {
      expect(writer(database).get(new Sql(`PRAGMA ${name}`, []), (row) => Object.values(row)[0]), name).toBe(value);
    }
    // Stated apart from the product's own table, so that a line lost there is noticed here.
    expect(CONNECTION_SETTINGS).toMatchObject({ synchronous: 2, foreign_keys: 1, trusted_schema: 0, cell_size_check: 1, secure_delete: 1, temp_store: 2, recursive_triggers: 1, busy_timeout: 5000 });
    expect(CONNECTION_SETTINGS['checkpoint_fullfsync']).toBe(process.platform === 'darwin' ? 1 : undefined);
    database.close();
  });

  it('R30: folder 0700, files 0600 with log and index, also when they were wider', () => {
    fill(scratch, 3);
    chmodSync(scratch.dir, 0o755);
    chmodSync(scratch.path, 0o644);
    const database = open(scratch);
    commitEvent(writer(database), 4);
    expect(statSync(scratch.dir).mode & 0o777).toBe(0o700);
    expect(readdirSync(scratch.dir).sort()).toEqual(['cache.db', 'cache.db-shm', 'cache.db-wal']);
    for (const name of readdirSync(scratch.dir)) expect(statSync(join(scratch.dir, name)).mode & 0o777, name).toBe(0o600);
    database.close();
  });

  it('R30: a folder that others share is refused, not taken over', () => {
    const shared = join(scratch.dir, 'shared');
    mkdirSync(shared);
    chmodSync(shared, 0o1777);
    expect(codeThrownBy(() => open({ path: join(shared, 'cache.db'), key: scratch.key }))).toBe('profile_unwritable');
    expect(statSync(shared).mode & 0o7777).toBe(0o1777);
    expect(readdirSync(shared)).toEqual([]);
    makePrivateFolder(join(scratch.dir, 'new', 'deep'));
    expect(statSync(join(scratch.dir, 'new', 'deep')).mode & 0o777).toBe(0o700);
  });

  it('R29: neither database nor log look like SQLite or hold readable text, and both are as even as noise', () => {
    const database = open(scratch);
    const db = writer(database);
    addDeployment(db);
    for (let id = 1; id <= 100; id += 1) commitEvent(db, id);
    const log = readFileSync(`${scratch.path}-wal`);
    database.close();
    const main = readFileSync(scratch.path);
    for (const bytes of [main, log]) {
      expect(bytes.length).toBeGreaterThan(100_000);
      for (const text of ['SQLite format 3', 'CREATE TABLE', 'audit_event', '100:100100']) expect(bytes.includes(text), text).toBe(false);
    }
    expect(entropyOf(main)).toBeGreaterThan(7.9);
    // Each frame of the log has 24 open bytes in front of its page.
    expect(entropyOf(log)).toBeGreaterThan(7.9);
    const Sqlite = loadSqlite();
    const plain = new Sqlite(scratch.path, { readonly: true, timeout: 0 });
    expect(() => plain.pragma('schema_version')).toThrow('not a database');
    plain.close();
  });

  it('R29: a wrong key is a typed error in both modes and changes nothing; the right one still opens', () => {
    fill(scratch, 3);
    const before = readFileSync(scratch.path);
    const wrong = { path: scratch.path, key: new Secret(randomBytes(32)) };
    for (const mode of ['read', 'write'] as const) expect(codeThrownBy(() => open(wrong, { mode }))).toBe('database_wrong_key');
    expect(readFileSync(scratch.path).equals(before)).toBe(true);
    const database = open(scratch);
    expect(countEvents(database.read)).toBe(3);
    database.close();
    expect(() => open({ path: scratch.path, key: new Secret(randomBytes(16)) })).toThrow('32 bytes');
  });
});

describe('the two modes', () => {
  it('reading makes no database', () => {
    expect(codeThrownBy(() => open(scratch, { mode: 'read' }))).toBe('database_unavailable');
    expect(readdirSync(scratch.dir)).toEqual([]);
  });

  it('reading works beside a writer, sees its commits and has no way to write', () => {
    const writing = open(scratch);
    const reading = open(scratch, { mode: 'read' });
    expect(reading.write).toBeNull();
    const db = writer(writing);
    addDeployment(db);
    commitEvent(db, 1);
    expect(countEvents(reading.read)).toBe(1);
    writing.close();
    expect(countEvents(reading.read)).toBe(1);
    reading.close();
    reading.close();
  });

  it('R44: a whole database is reported as such, with the time; a cancelled check says so', async () => {
    fill(scratch, 50);
    const database = open(scratch, { clock: { now: () => 1_700_000_000_000, monotonicMs: () => 0, after: () => () => undefined } });
    expect(database.verifiedAt).toBeNull();
    await expect(database.checkIntegrity(AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
    expect(await database.checkIntegrity()).toBe('ok');
    expect(database.verifiedAt).toBe(1_700_000_000_000);
    expect(database.bytes()).toBe(statSync(scratch.path).size + statSync(`${scratch.path}-wal`).size);
    database.close();
    expect(existsSync(`${scratch.path}-wal`), 'closing carries the log over').toBe(false);
  });

  it('an old Node is told what to run before the library could crash it', () => {
    const versions = process.versions;
    Object.defineProperty(process, 'versions', { value: { ...versions, napi: '9' }, configurable: true });
    try {
      expect(codeThrownBy(() => open(scratch))).toBe('setup_needed');
    } finally {
      Object.defineProperty(process, 'versions', { value: versions, configurable: true });
    }
  });
});

describe('insert-only tables', () => {
  const LEDGER = sql`INSERT INTO ledger (seq, at, actor, action, subject, outcome, prev_digest, digest) VALUES (1, 0, 'a', 'audit.decrypt', 's', 'ok', 'p', 'd')`;
  const EVIDENCE = sql`INSERT INTO evidence (seq, deployment_id, address, document, source, observed_at, value) VALUES (1, 'd', 'http://127.0.0.1', 'status', 'GET /', 0, '{}')`;
  const SNAPSHOT = sql`INSERT INTO posture_snapshot (id, deployment_id, at, baseline_id, baseline_version, baseline_digest, counts, checks) VALUES (1, 'd', 0, 'b', '1.0.0', 'x', '{}', '[]')`;
  const tables = ['ledger', 'audit_event', 'audit_payload', 'evidence', 'posture_snapshot'] as const;
  const touch = { ledger: 'outcome', audit_event: 'route', audit_payload: 'body', evidence: 'value', posture_snapshot: 'checks' } as const;

  function seeded(): ReturnType<typeof open> {
    const database = open(scratch);
    const db = writer(database);
    addDeployment(db);
    commitEvent(db, 1);
    db.run(LEDGER);
    db.run(EVIDENCE);
    db.run(SNAPSHOT);
    return database;
  }

  for (const table of tables) {
    it(`${table}: no change, no deletion, no replacement`, () => {
      const database = seeded();
      const db = writer(database);
      const before = db.all(new Sql(`SELECT * FROM ${table}`, []), (row) => ({ ...row }));
      expect(before).toHaveLength(1);
      expect(() => db.run(new Sql(`UPDATE ${table} SET ${touch[table]} = 'changed'`, []))).toThrow('insert-only');
      expect(() => db.run(new Sql(`DELETE FROM ${table}`, []))).toThrow('insert-only');
      expect(() => db.run(new Sql(`INSERT OR REPLACE INTO ${table} SELECT * FROM ${table}`, []))).toThrow('insert-only');
      expect(db.all(new Sql(`SELECT * FROM ${table}`, []), (row) => ({ ...row }))).toEqual(before);
      database.close();
    });
  }

  it('a deployment that is being removed may take its rows along, the ledger never', () => {
    const database = seeded();
    const db = writer(database);
    db.transaction(() => {
      db.run(sql`UPDATE deployment SET removing_at = 1 WHERE id = 'd'`);
      expect(db.run(sql`DELETE FROM audit_payload WHERE seq IN (SELECT seq FROM audit_event WHERE dep = 1)`).changes).toBe(1);
      expect(db.run(sql`DELETE FROM audit_event WHERE dep = 1`).changes).toBe(1);
      expect(db.run(sql`DELETE FROM posture_snapshot WHERE deployment_id = 'd'`).changes).toBe(1);
      expect(db.run(sql`DELETE FROM evidence WHERE deployment_id = 'd'`).changes).toBe(1);
      expect(() => db.run(sql`DELETE FROM ledger`)).toThrow('insert-only');
      db.run(sql`DELETE FROM deployment WHERE id = 'd'`);
    });
    expect(countEvents(db)).toBe(0);
    expect(db.get(sql`SELECT count(*) AS n FROM ledger`, (row) => row['n'])).toBe(1);
    database.close();
  });
});
