import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, readdirSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { moveAside } from '#core/db/files.ts';
import { Secret } from '#core/secret.ts';
import { AppError } from '#shared/errors.ts';
import { startChild } from './children/db-processes.ts';
import { clock, codeThrownBy, countEvents, fill, isLong, makeScratch, open, randomFrom, seed } from './children/db-profile.ts';
import type { Scratch } from './children/db-profile.ts';

const FLIPS = isLong ? 1000 : 100;
const EVENTS = 120;
const PAGE = 4096;

let scratch: Scratch;
beforeEach(() => {
  scratch = makeScratch();
});
afterEach(() => scratch.remove());

function flip(bytes: Buffer, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}

function messageThrownBy(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof AppError) return error.message;
    throw error;
  }
  return 'none';
}

/** What comes of opening, reading all rows and checking everything: the error's code, 'found' by the check, or 'unnoticed'. */
async function verdictOf(place: Pick<Scratch, 'path' | 'key'>, events: number): Promise<string> {
  try {
    const database = open(place, { mode: 'read' });
    try {
      const count = countEvents(database.read);
      if (count !== events) throw new Error(`silently ${count} of ${events} events`);
      return (await database.checkIntegrity()) === 'ok' ? 'unnoticed' : 'found';
    } finally {
      database.close();
    }
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}

describe('a damaged database file', () => {
  it(`R41: ${FLIPS} single flipped bits: every one is noticed and none changes what is read`, { timeout: 60_000 + FLIPS * 100 }, async () => {
    fill(scratch, EVENTS);
    const whole = readFileSync(scratch.path);
    const random = randomFrom(seed);
    const verdicts = new Map<string, number>();
    const unnoticed: number[] = [];
    for (let round = 0; round < FLIPS; round += 1) {
      const bit = random(whole.length * 8);
      writeFileSync(scratch.path, flip(whole, bit));
      const verdict = await verdictOf(scratch, EVENTS);
      verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
      if (verdict === 'unnoticed') unnoticed.push(bit);
    }
    expect(unnoticed, `seed ${seed}`).toEqual([]);
    expect([...verdicts.keys()].every((name) => ['database_corrupt', 'database_wrong_key', 'found'].includes(name))).toBe(true);
    writeFileSync(scratch.path, whole);
    expect(await verdictOf(scratch, EVENTS), 'the undamaged file').toBe('unnoticed');
  });

  it('R41: every page overwritten, zeroed or swapped with another is noticed', async () => {
    fill(scratch, EVENTS);
    const whole = readFileSync(scratch.path);
    const random = randomFrom(seed);
    const pages = whole.length / PAGE;
    const kinds: ((bytes: Buffer, page: number) => void)[] = [
      (bytes, page) => bytes.fill(0, page * PAGE, (page + 1) * PAGE),
      (bytes, page) => randomBytes(PAGE).copy(bytes, page * PAGE),
      (bytes, page) => whole.copy(bytes, page * PAGE, ((page + 1) % pages) * PAGE, (((page + 1) % pages) + 1) * PAGE),
    ];
    for (const harm of kinds) {
      for (let round = 0; round < 10; round += 1) {
        const bytes = Buffer.from(whole);
        harm(bytes, random(pages));
        writeFileSync(scratch.path, bytes);
        expect(await verdictOf(scratch, EVENTS), `seed ${seed}`).not.toBe('unnoticed');
      }
    }
  });

  it('R41: a damaged first page is told from a wrong key', () => {
    fill(scratch, 5);
    const whole = readFileSync(scratch.path);
    writeFileSync(scratch.path, flip(whole, 100 * 8));
    expect(codeThrownBy(() => open(scratch))).toBe('database_corrupt');
    writeFileSync(scratch.path, whole);
    const otherKey = new Secret(randomBytes(32));
    expect(codeThrownBy(() => open({ path: scratch.path, key: otherKey }))).toBe('database_wrong_key');
    expect(messageThrownBy(() => open({ path: scratch.path, key: otherKey }))).toContain('another key, or the first bytes of its file are damaged');
    // Damage within the fingerprint itself cannot be told apart: the words name both.
    writeFileSync(scratch.path, flip(whole, 3));
    expect(codeThrownBy(() => open(scratch))).toBe('database_wrong_key');
    writeFileSync(scratch.path, whole);
    open(scratch).close();
  });

  const shapes: readonly (readonly [string, (path: string) => void])[] = [
    ['truncated in the middle of a page', (path) => truncateSync(path, 10 * PAGE + 77)],
    ['truncated between two pages', (path) => truncateSync(path, 10 * PAGE)],
    ['shorter than a page', (path) => truncateSync(path, 100)],
    ['empty', (path) => truncateSync(path, 0)],
    ['all zeros', (path) => writeFileSync(path, Buffer.alloc(20 * PAGE))],
    ['text', (path) => writeFileSync(path, 'hello '.repeat(2000))],
    ['an unencrypted SQLite header', (path) => writeFileSync(path, Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(2 * PAGE)]))],
    [
      'a folder instead of a file',
      (path) => {
        renameSync(path, `${path}.elsewhere`);
        mkdirSync(path);
      },
    ],
  ];
  for (const [name, harm] of shapes) {
    for (const mode of ['write', 'read'] as const) {
      it(`R41: ${name}, opened to ${mode}: database_corrupt, and the file stays as it was`, () => {
        fill(scratch, EVENTS);
        harm(scratch.path);
        const before = name.startsWith('a folder') ? null : readFileSync(scratch.path);
        expect(codeThrownBy(() => open(scratch, { mode }))).toBe('database_corrupt');
        if (before) expect(readFileSync(scratch.path).equals(before)).toBe(true);
      });
    }
  }

  it('R44: after a session that did not end, a damaged page is found at the start, before anything asks for it', async () => {
    fill(scratch, 300);
    const child = startChild('db-writer', [scratch.path, scratch.keyHex, '303']);
    expect(await child.ended).toBe('SIGKILL');
    const whole = readFileSync(scratch.path);
    // In the middle lie the payloads of old events, which no start reads by itself and the log does not replace.
    writeFileSync(scratch.path, flip(whole, Math.floor(whole.length / 2) * 8));
    expect(codeThrownBy(() => open(scratch))).toBe('database_corrupt');
    writeFileSync(scratch.path, whole);
    const database = open(scratch);
    expect(countEvents(database.read)).toBe(303);
    database.close();
  });

  it('R41: moved aside, never deleted; a new database takes its place', () => {
    fill(scratch, 5);
    const harmed = flip(readFileSync(scratch.path), 100 * 8);
    writeFileSync(scratch.path, harmed);
    writeFileSync(`${scratch.path}-wal`, 'a log');
    const at = Date.UTC(2026, 10, 22, 11, 40, 5);
    const fixed = { ...clock, now: () => at };
    expect(moveAside(scratch.path, fixed)).toEqual(['cache.db.corrupt-20261122T114005Z', 'cache.db.corrupt-20261122T114005Z-wal']);
    expect(readFileSync(`${scratch.path}.corrupt-20261122T114005Z`).equals(harmed)).toBe(true);
    expect(moveAside(scratch.path, fixed)).toEqual([]);
    fill(scratch, 3);
    expect(moveAside(scratch.path, fixed)).toEqual(['cache.db.corrupt-20261122T114005Z-2']);
    open(scratch).close();
    expect(readdirSync(scratch.dir).filter((name) => name.includes('.corrupt-'))).toHaveLength(3);
  });

  it('R41: a write-ahead log left without its database is kept, and not read into the new one', () => {
    writeFileSync(`${scratch.path}-wal`, randomBytes(5000));
    const database = open(scratch);
    expect(countEvents(database.read)).toBe(0);
    database.close();
    expect(readdirSync(scratch.dir).filter((name) => /\.corrupt-.*-wal$/.test(name))).toHaveLength(1);
  });
});

describe('a damaged write-ahead log', () => {
  it(`R41: ${FLIPS} single flipped bits: refused, or at most the very last commit is missing`, { timeout: 60_000 + FLIPS * 100 }, async () => {
    const commits = 20;
    const child = startChild('db-writer', [scratch.path, scratch.keyHex, String(commits)]);
    expect(await child.ended).toBe('SIGKILL');
    expect(child.lines).toHaveLength(commits);
    const kept = join(scratch.dir, 'kept');
    mkdirSync(kept);
    for (const name of ['cache.db', 'cache.db-wal']) copyFileSync(join(scratch.dir, name), join(kept, name));
    const log = readFileSync(join(kept, 'cache.db-wal'));
    const random = randomFrom(seed);
    let refused = 0;
    for (let round = 0; round < FLIPS; round += 1) {
      copyFileSync(join(kept, 'cache.db'), scratch.path);
      writeFileSync(`${scratch.path}-wal`, flip(log, random(log.length * 8)));
      writeFileSync(`${scratch.path}-shm`, '');
      const harmed = readFileSync(`${scratch.path}-wal`);
      let found = commits;
      const code = codeThrownBy(() => {
        const database = open(scratch);
        found = countEvents(database.read);
        database.close();
      });
      if (code === 'none') {
        expect(found, `seed ${seed}, round ${round}`).toBeGreaterThanOrEqual(commits - 1);
      } else {
        expect(code).toBe('database_corrupt');
        refused += 1;
        expect(readFileSync(`${scratch.path}-wal`).equals(harmed), 'the refused log stays as it was').toBe(true);
      }
    }
    expect(refused).toBeGreaterThan(FLIPS / 2);
  });

  it('R41: any flipped bit in the header of the log is refused, where SQLite would drop the whole log', { timeout: 60_000 }, async () => {
    const child = startChild('db-writer', [scratch.path, scratch.keyHex, '3']);
    await child.ended;
    const log = readFileSync(`${scratch.path}-wal`);
    for (let bit = 0; bit < 32 * 8; bit += 1) {
      writeFileSync(`${scratch.path}-wal`, flip(log, bit));
      expect(codeThrownBy(() => open(scratch)), `bit ${bit}`).toBe('database_corrupt');
    }
    writeFileSync(`${scratch.path}-wal`, log);
    const database = open(scratch);
    expect(countEvents(database.read)).toBe(3);
    database.close();
  });

  it('R41: a log that is cut off loses only what was cut, and whole transactions of it', async () => {
    const child = startChild('db-writer', [scratch.path, scratch.keyHex, '10']);
    await child.ended;
    truncateSync(`${scratch.path}-wal`, readFileSync(`${scratch.path}-wal`).length - 2000);
    const database = open(scratch);
    expect(countEvents(database.read)).toBe(9);
    database.close();
  });
});
