import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Sql, sql } from '#core/db/sql.ts';
import { AppError } from '#shared/errors.ts';
import { addDeployment, codeThrownBy, commitEvent, countEvents, isLong, makeScratch, open, randomFrom, seed, writer } from './children/db-profile.ts';
import type { Scratch } from './children/db-profile.ts';

const TRIALS = isLong ? 100 : 20;
const DISK_BYTES = 3 * 1024 * 1024;
const BLOCK = 4096;

let scratch: Scratch;
beforeEach(() => {
  scratch = makeScratch();
});
afterEach(() => scratch.remove());

/** Pages of 4 KiB of a database that holds nothing. */
function pagesOfNew(): number {
  const empty = makeScratch();
  try {
    const database = open(empty);
    const pages = database.read.get(sql`SELECT page_count AS n FROM pragma_page_count()`, (row) => Number(row['n'])) ?? 0;
    database.close();
    return pages;
  } finally {
    empty.remove();
  }
}

/** Commits until the database says no; `room` pages beyond what a new one has. @returns the last event acknowledged and the error's code. */
function fillUp(place: Pick<Scratch, 'path' | 'key'>, room: number | null): { acknowledged: number; code: string } {
  let acknowledged = 0;
  const code = codeThrownBy(() => {
    const database = open(place);
    try {
      const db = writer(database);
      if (room !== null) db.get(new Sql(`PRAGMA max_page_count = ${pagesOfNew() + room}`, []), () => null);
      addDeployment(db);
      for (let id = countEvents(db) + 1; ; id += 1) {
        commitEvent(db, id);
        acknowledged = id;
      }
    } finally {
      database.close();
    }
  });
  return { acknowledged, code };
}

describe('a full disk', () => {
  it('R43: a database at its largest size refuses with disk_full, keeps every commit and goes on once there is room', () => {
    const { acknowledged, code } = fillUp(scratch, 24);
    expect(code).toBe('disk_full');
    expect(acknowledged).toBeGreaterThan(20);
    const database = open(scratch);
    expect(countEvents(database.read)).toBe(acknowledged);
    commitEvent(writer(database), acknowledged + 1);
    expect(countEvents(database.read)).toBe(acknowledged + 1);
    database.close();
  });

  it('R43: a transaction that does not fit is undone as a whole, and the connection can go on', () => {
    const database = open(scratch);
    const db = writer(database);
    addDeployment(db);
    commitEvent(db, 1);
    const pages = db.get(sql`SELECT page_count AS n FROM pragma_page_count()`, (row) => Number(row['n'])) ?? 0;
    db.get(new Sql(`PRAGMA max_page_count = ${pages + 4}`, []), () => null);
    const tooMuch = (): void =>
      db.transaction(() => {
        for (let id = 2; id < 200; id += 1) commitEvent(db, id);
      });
    expect(tooMuch).toThrow(AppError);
    expect(codeThrownBy(tooMuch)).toBe('disk_full');
    expect(countEvents(db)).toBe(1);
    commitEvent(db, 2);
    expect(countEvents(db)).toBe(2);
    database.close();
  });

  const disk = ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs'];
  const mayMount = process.getuid?.() === 0 && spawnSync('sh', ['-c', `d=$(mktemp -d) && mount ${disk.join(' ')} "$d" && umount "$d" && rmdir "$d"`]).status === 0;

  it.skipIf(!mayMount)(`R43: ${TRIALS} times a real file system without space left${mayMount ? '' : ': skipped, this user may not mount'}`, { timeout: 30_000 + TRIALS * 1000 }, () => {
    const folder = join(scratch.dir, 'disk');
    mkdirSync(folder);
    expect(spawnSync('mount', [...disk, folder]).status).toBe(0);
    const place = { path: join(folder, 'profile', 'cache.db'), key: scratch.key };
    const ballast = join(folder, 'ballast');
    const random = randomFrom(seed);
    const takeAllBut = (blocks: number): void => {
      const free = statfsSync(folder).bavail;
      writeFileSync(ballast, Buffer.alloc(Math.max(free - blocks, 0) * BLOCK));
    };
    try {
      let kept = 0;
      let atStart = 0;
      for (let trial = 0; trial < TRIALS; trial += 1) {
        takeAllBut(random(60));
        const { acknowledged, code } = fillUp(place, null);
        expect(code, `seed ${seed}, trial ${trial}`).toBe('disk_full');
        atStart += acknowledged === 0 ? 1 : 0;
        kept = Math.max(kept, acknowledged);
        rmSync(ballast);
        const database = open(place);
        expect(countEvents(database.read), `seed ${seed}, trial ${trial}`).toBe(kept);
        database.close();
      }
      // Both kinds came up: no room even to open, and room for some commits.
      expect(atStart).toBeGreaterThan(0);
      expect(kept).toBeGreaterThan(0);
      expect(readdirSync(join(folder, 'profile')).filter((name) => name.includes('corrupt'))).toEqual([]);
    } finally {
      spawnSync('umount', [folder]);
    }
  });

  it.skipIf(!mayMount)(`R43: with no, a few or just enough free blocks a new database is made whole or not at all${mayMount ? '' : ': skipped, this user may not mount'}`, { timeout: 60_000 }, () => {
    const folder = join(scratch.dir, 'disk');
    mkdirSync(folder);
    expect(spawnSync('mount', [...disk, folder]).status).toBe(0);
    try {
      const place = { path: join(folder, 'profile', 'cache.db'), key: scratch.key };
      mkdirSync(join(folder, 'profile'));
      const codes = new Map<string, number>();
      // The file, its log beside it, and a few of the file system's own.
      const enough = 2 * pagesOfNew() + 50;
      for (let blocks = 0; blocks <= enough; blocks += enough > 200 ? 2 : 1) {
        writeFileSync(join(folder, 'ballast'), Buffer.alloc((statfsSync(folder).bavail - blocks) * BLOCK));
        const code = codeThrownBy(() => open(place).close());
        codes.set(code, (codes.get(code) ?? 0) + 1);
        if (code !== 'none') {
          expect(code, `${blocks} blocks free`).toBe('disk_full');
          expect(existsSync(place.path), `${blocks} blocks free`).toBe(false);
        }
        rmSync(join(folder, 'ballast'));
        const database = open(place);
        expect(countEvents(database.read)).toBe(0);
        database.close();
        for (const name of readdirSync(join(folder, 'profile'))) rmSync(join(folder, 'profile', name));
      }
      expect([...codes.keys()].sort()).toEqual(['disk_full', 'none']);
    } finally {
      spawnSync('umount', [folder]);
    }
  });
});
