// R58: an import that is killed, or that finds no room, leaves the cache exactly as before or exactly as after: rows, payloads, text index and counts.
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, statfsSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createApp } from '#core/app.ts';
import type { App } from '#core/app.ts';
import { DATABASE_KEY_NAME } from '#core/credentials/names.ts';
import { openDatabase } from '#core/db/open.ts';
import { sql } from '#core/db/sql.ts';
import type { ReadDb } from '#core/db/sql.ts';
import { Secret } from '#core/secret.ts';
import { value } from '../support/calls.ts';
import { fileStore, keptLog, systemClock, temporaryFolder, testPorts } from '../support/ports.ts';
import { isLong, randomFrom, seed } from './children/db-profile.ts';

const KILLS = isLong ? 100 : 20;
const ROWS = 12_000;
const child = join(import.meta.dirname, 'children/audit-import-child.ts');
const folder = temporaryFolder('audit-import');
const profileDir = join(folder.path, 'profile');

const row = (id: number): string => JSON.stringify({
  id, route: `/api/plan/${id % 500}`, method: 'POST', event_type: 'http.request', org_key: id % 3 === 0 ? null : 'acme', actor_sub: `u${id % 20}`, actor_email: null, resource_id: null, status_code: id % 10 === 0 ? 403 : 200,
  created_at: new Date(1_790_000_000_000 + (id % 10_000_000) * 60_000).toISOString(), payload: { query_params: { trace: `t${id}`, filler: 'x'.repeat(200) } }, payload_encoding: 'json',
});
const fileOf = (name: string, first: number, count: number): string => {
  const path = join(folder.path, name);
  writeFileSync(path, Array.from({ length: count }, (_, index) => `${row(first + index)}\n`).join(''));
  return path;
};

async function open(): Promise<App> {
  return createApp(testPorts(profileDir, { host: 'cli' }), { version: 'test', secrets: { store: 'keychain', passphrase: null } });
}

/** Reads the cache behind the app's back, to compare what must agree. */
async function look<T>(use: (db: ReadDb) => T): Promise<T> {
  const text = await fileStore(`${profileDir}.keychain.json`).get(DATABASE_KEY_NAME);
  const key = Buffer.from((text ?? '').replace('raw:', ''), 'hex');
  const database = openDatabase({ path: join(profileDir, 'cache.db'), key: new Secret(key), mode: 'read', log: keptLog(), clock: systemClock });
  try {
    return use(database.read);
  } finally {
    database.close();
  }
}

/** How many rows there are, when rows, payloads, text index, hours and values all say the same; throws otherwise. */
function consistentRows(db: ReadDb): number {
  const count = (query: Parameters<ReadDb['get']>[0]): number => db.get(query, (found) => Number(found['n'])) ?? 0;
  const rows = count(sql`SELECT count(*) AS n FROM audit_event`);
  expect(count(sql`SELECT count(*) AS n FROM audit_payload`)).toBe(rows);
  expect(count(sql`SELECT count(*) AS n FROM audit_text WHERE audit_text MATCH 'route : plan'`)).toBe(rows);
  expect(count(sql`SELECT count(*) AS n FROM audit_text WHERE audit_text MATCH 'payload : filler'`)).toBe(rows);
  expect(count(sql`SELECT coalesce(sum(events), 0) AS n FROM audit_hour`)).toBe(rows);
  const values = (query: Parameters<ReadDb['all']>[0]): string[] => db.all(query, (found) => `${found['facet']} ${found['value']} ${found['n']}`);
  expect(values(sql`SELECT facet, value, n FROM audit_tally WHERE n <> 0 ORDER BY 1, 2`)).toEqual(values(sql`SELECT facet, value, count(*) AS n FROM audit_tally_of GROUP BY 1, 2 ORDER BY 1, 2`));
  return rows;
}

/** Runs the child and kills it `delayMs` after the line that `arm` recognises. Gives every line that it printed. */
function runAndKill(paths: readonly string[], arm: string, delayMs: number): Promise<string[]> {
  return linesOf(spawn(process.execPath, [child, profileDir, deploymentId, ...paths], { stdio: ['ignore', 'pipe', 'inherit'] }), { arm, delayMs });
}

function linesOf(running: ChildProcessByStdio<null, Readable, null>, { arm, delayMs }: { readonly arm: string | null; readonly delayMs: number }): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const lines: string[] = [];
    let timer: NodeJS.Timeout | null = null;
    createInterface({ input: running.stdout }).on('line', (line) => {
      lines.push(line);
      if (timer === null && line === arm) timer = setTimeout(() => running.kill('SIGKILL'), delayMs);
    }).on('close', () => {
      if (timer !== null) clearTimeout(timer);
      resolve(lines);
    });
    running.on('error', reject);
  });
}

let deploymentId = '';
beforeAll(async () => {
  const app = await open();
  deploymentId = (await value(app, 'deployment.add', { name: 'acme', url: 'https://navi.example.com', kind: 'navi' })).id;
  await app.close();
});
afterAll(() => folder.remove());

describe('an import that is killed', () => {
  it(`R58: ${KILLS} times kill -9: the cache is as before or as after, never between`, { timeout: 60_000 + KILLS * 20_000 }, async () => {
    const random = randomFrom(seed);
    let held = 0;
    let killed = 0;
    let whole = 0;
    let next = 1;
    for (let round = 0; round < KILLS; round += 1) {
      const paths = [fileOf('a.jsonl', next, ROWS / 2), fileOf('b.jsonl', next + ROWS / 2, ROWS / 2)];
      // Most kills fall into the writing and what follows it.
      const stage = (['open', 'Writing', 'Writing', 'Writing', 'Tidying'] as const)[random(5)] ?? 'Writing';
      const lines = await runAndKill(paths, stage, random(stage === 'Writing' ? 700 : 150));
      const acknowledged = lines.some((line) => line.startsWith('written'));
      if (!lines.some((line) => line.startsWith('peak'))) killed += 1;
      const found = await look((db) => consistentRows(db));
      expect([held, held + ROWS], `seed ${seed}, round ${round}`).toContain(found);
      if (acknowledged || lines.includes('Tidying')) expect(found).toBe(held + ROWS);
      if (found === held + ROWS) {
        whole += 1;
        next += ROWS;
      }
      held = found;
    }
    expect(killed).toBeGreaterThan(KILLS / 3);
    const app = await open();
    // What a kill undid can be imported afterwards, and the ledger has an entry for each that was acknowledged.
    const report = await value(app, 'audit.import', { deploymentId, paths: [fileOf('a.jsonl', next, ROWS / 2)] });
    expect(report.files[0]?.accepted).toBe(ROWS / 2);
    expect((await value(app, 'audit.importList', { deploymentId })).imports).toHaveLength(whole + 1);
    expect(['intact', 'intact-head-behind', 'head-adopted']).toContain((await value(app, 'ledger.verify', {})).verdict);
    await app.close();
  });
});

describe('memory', () => {
  const MB = isLong ? [15, 500] as const : [15, 75] as const;
  /**
   * The peak also counts what collector and allocator leave for later, which grows by some 40 MB over the first 100 MB of a file. Told to be thrifty,
   * they leave what the import holds: equal imports then peaked within 14 MB of each other, and one of 75 MB at most 12 MB above one of 15 MB.
   */
  const THRIFTY = { flags: ['--optimize-for-size', '--max-semi-space-size=1'], env: { MALLOC_ARENA_MAX: '1' } };
  const GROWTH_MB = 25;

  it(`R58: an import of ${MB[1]} MB takes no more of it than one of ${MB[0]} MB`, { timeout: isLong ? 1_800_000 : 240_000 }, async () => {
    const peaks: number[] = [];
    for (const bytes of MB.map((size) => size * 1_000_000)) {
      const path = join(folder.path, 'large.jsonl');
      const file = openSync(path, 'w');
      const perPiece = 5000;
      const firstId = 10_000_000 + peaks.length * 20_000_000;
      let id = firstId;
      for (let written = 0; written < bytes; id += perPiece) written += writeSync(file, Array.from({ length: perPiece }, (_, index) => `${row(id + index)}\n`).join(''));
      closeSync(file);
      const running = spawn(process.execPath, [...THRIFTY.flags, child, profileDir, deploymentId, path], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...THRIFTY.env } });
      const lines = await linesOf(running, { arm: null, delayMs: 0 });
      expect(lines, 'all rows are new, or nothing is proven').toContain(`written ${id - firstId}`);
      peaks.push(Number(lines.find((line) => line.startsWith('peak'))?.slice(5)));
      rmSync(path);
    }
    expect(peaks).toHaveLength(2);
    expect(Math.min(...peaks)).toBeGreaterThan(50);
    expect(peaks[1], `peaks in MB: ${peaks.join(', ')}`).toBeLessThan((peaks[0] ?? 0) + GROWTH_MB);
  });
});

const disk = ['-t', 'tmpfs', '-o', 'size=32m', 'tmpfs'];
const mayMount = process.getuid?.() === 0 && spawnSync('sh', ['-c', `d=$(mktemp -d) && mount ${disk.join(' ')} "$d" && umount "$d" && rmdir "$d"`]).status === 0;

it.skipIf(!mayMount)(`R43, R58: a disk without room refuses the import, and the cache is as it was${mayMount ? '' : ': skipped, this user may not mount'}`, { timeout: 120_000 }, async () => {
  const mount = join(folder.path, 'disk');
  mkdirSync(mount);
  expect(spawnSync('mount', [...disk, mount]).status).toBe(0);
  // However the test ends, also when it runs out of time: a later hook would find the folder busy.
  onTestFinished(() => unmount(mount));
  const log = keptLog();
  const app = await createApp(testPorts(join(mount, 'profile'), { host: 'cli', log, keychain: () => fileStore(join(folder.path, 'other-keychain.json')) }), { version: 'test', secrets: { store: 'keychain', passphrase: null } });
  try {
    const { id } = await value(app, 'deployment.add', { name: 'acme', url: 'https://navi.example.com', kind: 'navi' });
    await value(app, 'audit.import', { deploymentId: id, paths: [fileOf('small.jsonl', 1, 50)] });
    const ballast = join(mount, 'ballast');
    let held = 50;
    let refused = 0;
    for (const free of [60, 200, 500, 900, 1300, 1700, 2100]) {
      const { bavail, bsize } = statfsSync(mount);
      writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail - free) * bsize));
      const answer = await app.dispatch('audit.import', { deploymentId: id, paths: [fileOf('large.jsonl', held + 1000, 4000)] });
      rmSync(ballast);
      const { events } = await value(app, 'audit.summary', { deploymentId: id });
      if (!answer.ok) expect(answer.error.code, `${free} blocks free: ${log.lines.at(-1)}`).toBe('disk_full');
      // Only the ledger entry may be missing behind an import that is written, and then it is said so.
      const isWritten = answer.ok || answer.error.message.includes('is written and stays');
      expect(events, `${free} blocks free: ${answer.ok ? 'ok' : answer.error.message}`).toBe(isWritten ? held + 4000 : held);
      refused += isWritten ? 0 : 1;
      held = events;
    }
    expect(refused).toBeGreaterThan(0);
    expect((await value(app, 'audit.import', { deploymentId: id, paths: [fileOf('some.jsonl', 900_000, 100)] })).files[0]?.accepted).toBe(100);
  } finally {
    await app.close();
  }
});

/** Lazily, where something in it is still open: the file system goes with its last user. @throws where it stays mounted */
function unmount(mount: string): void {
  if (spawnSync('umount', [mount]).status === 0 || spawnSync('umount', ['-l', mount]).status === 0) return;
  throw new Error(`${mount} is still mounted`);
}
