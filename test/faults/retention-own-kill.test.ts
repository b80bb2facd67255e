// kill -9 while this workstation lets rows go: whole packets are gone or none, the witness stands intact, and the next purge takes the rest.
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { sql } from '#core/db/sql.ts';
import { addDeployment, DEPLOYMENT, never, numbers, store, storeLate } from '../support/audit-witness-profile.ts';
import { temporaryFolder } from '../support/ports.ts';
import { countsOf, idsHeld, openOwnBench } from '../support/retention-own.ts';
import { startChild } from './children/db-processes.ts';
import { isLong, randomFrom, seed } from './children/db-profile.ts';

const KILLS = isLong ? 100 : 12;
const ROWS = 5000;
const folder = temporaryFolder('own-kill');
const profileDir = join(folder.path, 'profile');
afterAll(() => folder.remove());

describe('kill -9 while rows are let go', () => {
  it(`${KILLS} times: no half row, no row beyond the rule, no lost ledger entry, and the log verifies`, { timeout: 60_000 + KILLS * 30_000 }, async () => {
    const random = randomFrom(seed);
    let bench = await openOwnBench(profileDir);
    addDeployment(bench.session);
    let last = 0;
    let half = 0;
    for (let round = 0; round < KILLS || (half === 0 && round < 3 * KILLS); round += 1) {
      const first = last + 1;
      last += ROWS;
      store(bench.session, numbers(first, last));
      storeLate(bench.session, [first + (3 - (first % 3)) % 3]);
      await bench.witness.afterSync(DEPLOYMENT);
      const before = idsHeld(bench.session);
      const entries = bench.ledger.list(null, 1).total;
      await bench.close();

      const below = last - 500;
      const child = startChild('retention-own-child', [profileDir, String(below)]);
      // Somewhere behind its opening, its first, second, third packet, or while the space is given back.
      await child.printed(1 + random(6));
      child.process.kill('SIGKILL');
      await child.ended;

      bench = await openOwnBench(profileDir);
      const { session, witness, ledger } = bench;
      const left = idsHeld(session);
      const gone = before.filter((id) => !left.includes(id));
      if (gone.length > 0 && gone.length < before.filter((id) => id < below).length) half += 1;
      expect(gone.every((id) => id < below), `seed ${seed}, round ${round}`).toBe(true);
      const { kept, counted } = countsOf(session);
      expect(kept).toEqual(counted);
      expect(session.read().get(sql`SELECT (SELECT count(*) FROM own_purge_open) + (SELECT count(*) FROM audit_payload p WHERE NOT EXISTS (SELECT 1 FROM audit_event e WHERE e.seq = p.seq)) AS n`, (row) => row['n'])).toBe(0);
      expect(session.read().get(sql`SELECT (SELECT total(rows) FROM let_go_packet) = (SELECT count(*) FROM audit_let_go) AS n`, (row) => row['n'])).toBe(1);
      // What went has its entry, which was on disk before.
      if (gone.length > 0) expect(ledger.list(null, 1000).total).toBeGreaterThan(entries);
      expect(['intact', 'intact-head-behind']).toContain((await ledger.verify()).verdict);
      expect(await witness.verify(DEPLOYMENT, never), `seed ${seed}, round ${round}`).toMatchObject({ problemCount: 0, verdict: 'intact' });
      expect(await bench.purgeBelow(below)).toMatchObject({ rowsRemoved: before.filter((id) => id < below).length - gone.length });
      expect(idsHeld(session)).toEqual(numbers(below, last));
    }
    await bench.close();
    // Otherwise the kills came too early or too late to mean anything.
    expect(half).toBeGreaterThan(0);
  });
});
