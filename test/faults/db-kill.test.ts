import { afterEach, describe, expect, it } from 'vitest';
import { startChild } from './children/db-processes.ts';
import { countEvents, isLong, makeScratch, open, randomFrom, seed } from './children/db-profile.ts';
import type { Scratch } from './children/db-profile.ts';

const KILLS = isLong ? 100 : 20;
const START_LIMIT_MS = 3000;

let scratch: Scratch;
afterEach(() => scratch.remove());

describe('a writer that is killed', () => {
  it(`R38, R44: ${KILLS} times kill -9: no acknowledged commit is lost, none is half applied, the next start is checked and works`, { timeout: 30_000 + KILLS * 3000 }, async () => {
    scratch = makeScratch();
    const random = randomFrom(seed);
    let kept = 0;
    let checkedStarts = 0;
    for (let round = 0; round < KILLS; round += 1) {
      const child = startChild('db-writer', [scratch.path, scratch.keyHex]);
      await child.printed(1 + random(200));
      child.process.kill('SIGKILL');
      expect(await child.ended).toBe('SIGKILL');
      const acknowledged = Number(child.lines.at(-1));

      const startedAt = performance.now();
      const database = open(scratch);
      expect(performance.now() - startedAt, 'the next start').toBeLessThan(START_LIMIT_MS);
      checkedStarts += database.verifiedAt === null ? 0 : 1;
      const found = countEvents(database.read);
      expect(found, `seed ${seed}, round ${round}`).toBeGreaterThanOrEqual(acknowledged);
      // At most the one commit that was under way may be there without having been acknowledged.
      expect(found).toBeLessThanOrEqual(acknowledged + 1);
      database.close();
      kept = found;
    }
    expect(checkedStarts).toBe(KILLS);
    expect(kept).toBeGreaterThanOrEqual(KILLS);
  });

  it('R44: after a clean end nothing needs checking', () => {
    scratch = makeScratch();
    open(scratch).close();
    const database = open(scratch);
    expect(database.verifiedAt).toBeNull();
    database.close();
  });
});
