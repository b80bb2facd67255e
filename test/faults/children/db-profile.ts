// What the database tests and their children share: a private folder, a raw test key, a quiet log and rows that can be checked.
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '#core/db/open.ts';
import type { Database, OpenOptions } from '#core/db/open.ts';
import { sql } from '#core/db/sql.ts';
import type { ReadDb, WriteDb } from '#core/db/sql.ts';
import type { Clock, Log } from '#core/ports.ts';
import { Secret } from '#core/secret.ts';
import { AppError } from '#shared/errors.ts';

export const clock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

export const quietLog: Log = { info: () => undefined, error: () => undefined };

export const isLong = process.env['HOLDFAST_TEST_LONG'] === '1';
export const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? '20261122');

/** Numbers from 0 to below `limit` that a seed repeats (mulberry32). */
export function randomFrom(start: number): (limit: number) => number {
  let state = start >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
}

export interface Scratch {
  readonly dir: string;
  readonly path: string;
  readonly keyHex: string;
  readonly key: Secret<Buffer>;
  remove(): void;
}

/** A new profile folder with a random key of its own. */
export function makeScratch(): Scratch {
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-db-'));
  const keyHex = randomBytes(32).toString('hex');
  return {
    dir,
    path: join(dir, 'cache.db'),
    keyHex,
    key: keyOf(keyHex),
    remove: () => {
      chmodSync(dir, 0o700);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

export function keyOf(hex: string): Secret<Buffer> {
  return new Secret(Buffer.from(hex, 'hex'));
}

export function open(scratch: Pick<Scratch, 'path' | 'key'>, more: Partial<OpenOptions> = {}): Database {
  return openDatabase({ path: scratch.path, key: scratch.key, mode: 'write', log: quietLog, clock, ...more });
}

/** The writing half of a database that was opened for writing. */
export function writer(database: Database): WriteDb {
  if (!database.write) throw new Error('this database was opened for reading');
  return database.write;
}

/** The code of the AppError that `run` throws; 'none' when it throws nothing. Any other error goes on. */
export function codeThrownBy(run: () => unknown): string {
  try {
    run();
    return 'none';
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}

/** What the payload of event `id` must be; long enough for four events to fill a page. */
export function payloadOf(id: number): string {
  return `${id}:`.padEnd(900, String(id));
}

export function addDeployment(db: WriteDb): void {
  db.run(sql`INSERT INTO deployment (num, id, name, url, kind, environment, read_only, created_at) VALUES (1, 'd', 'test', 'http://127.0.0.1', 'navi', 'development', 1, 0) ON CONFLICT DO NOTHING`);
}

/** One transaction over two tables, so that half of one would show. */
export function commitEvent(db: WriteDb, id: number): void {
  db.transaction(() => {
    db.run(sql`INSERT INTO audit_event (seq, dep, id, created_at, created_raw, route, method, event_type, status_code, batch, state, payload_batch) VALUES (${id}, 1, ${id}, ${id}, 'raw', '/r', 'GET', 'e', 200, 1, 'plain', 1)`);
    db.run(sql`INSERT INTO audit_payload (seq, body) VALUES (${id}, ${payloadOf(id)})`);
  });
}

/** Events 1 to n, each with its payload, or an Error that says what is wrong. */
export function countEvents(db: ReadDb): number {
  const events = db.all(sql`SELECT id FROM audit_event ORDER BY id`, (row) => Number(row['id']));
  const payloads = db.all(sql`SELECT seq, body FROM audit_payload ORDER BY seq`, (row) => [Number(row['seq']), String(row['body'])] as const);
  events.forEach((id, index) => {
    if (id !== index + 1) throw new Error(`event ${index + 1} is missing`);
  });
  if (payloads.length !== events.length) throw new Error(`${events.length} events but ${payloads.length} payloads: a transaction was half applied`);
  payloads.forEach(([id, body], index) => {
    if (id !== index + 1 || body !== payloadOf(id)) throw new Error(`payload ${index + 1} was changed`);
  });
  return events.length;
}

/** A closed database with `count` events. */
export function fill(scratch: Scratch, count: number): void {
  const database = open(scratch);
  const db = writer(database);
  db.transaction(() => {
    addDeployment(db);
    for (let id = 1; id <= count; id += 1) commitEvent(db, id);
  });
  database.close();
}
