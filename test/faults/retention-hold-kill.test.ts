// kill -9 while held rows are preserved: nothing half done, nothing lost, and the next run brings the vault to where it belongs.
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { sql } from '#core/db/sql.ts';
import { heldAmong } from '#core/retention/holds/membership.ts';
import { temporaryFolder } from '../support/ports.ts';
import { benchPayload, benchRow, HELD, openRetentionBench } from '../support/retention-bench.ts';
import { startChild } from './children/db-processes.ts';
import { isLong, randomFrom, seed } from './children/db-profile.ts';

const KILLS = isLong ? 100 : 12;
const ROWS = 6000;
/** A profile serves so many rounds: every one of them looks through all that came before. */
const ROUNDS_OF_ONE = 6;
const folder = temporaryFolder('hold-kill');
afterAll(() => folder.remove());

describe('kill -9 while rows are preserved', () => {
  it(`${KILLS} times: whole steps are in the vault or none, every row is held all the time, and the ledger has each hold`, { timeout: 60_000 + KILLS * 30_000 }, async () => {
    const random = randomFrom(seed);
    const shift = random(7);
    let profileDir = '';
    let last = 0;
    let half = 0;
    for (let round = 0; round < KILLS || (half === 0 && round < 3 * KILLS); round += 1) {
      if (round % ROUNDS_OF_ONE === 0) {
        profileDir = join(folder.path, `profile-${round}`);
        last = 0;
      }
      let bench = await openRetentionBench(profileDir);
      const first = last + 1;
      last += ROWS;
      bench.store(Array.from({ length: ROWS }, (_, index) => ({ ...benchRow(first + index), ...(index % 2 === 0 ? { payload: benchPayload(first + index) } : {}) })));
      bench.payloads([first + 1, first + 3, first + 7]);
      const held = Array.from({ length: last }, (_, index) => index + 1).filter((id) => benchRow(id).statusCode === 200);
      const before = bench.vaultIds().size;
      await bench.close();

      const child = startChild('retention-hold-child', [profileDir, round % 3 === 0 ? 'add' : 'go on', `C ${round}`]);
      // Behind its opening, the entry of the ledger, or one of its steps; where no hold stands it has nothing to do, and ends.
      await child.printed(1 + (shift + round) % 7).catch(() => undefined);
      await new Promise((resolve) => { setTimeout(resolve, random(30)); });
      child.process.kill('SIGKILL');
      expect(['SIGKILL', '0']).toContain(await child.ended);

      bench = await openRetentionBench(profileDir);
      const db = bench.session.read();
      const holds = await bench.holds.list(HELD);
      const kept = bench.vaultIds().size;
      if (kept > before && kept < held.length) half += 1;
      if (holds.length > 0) expect([...heldAmong(db, bench.dep()).ids].toSorted((a, b) => a - b), `seed ${seed}, round ${round}`).toEqual(held);
      // A row of the vault without a hold, or a payload of the cache that its row in the vault lacks below the mark, would be half a step.
      expect(db.get(sql`SELECT (SELECT count(*) FROM vault_row v WHERE NOT EXISTS (SELECT 1 FROM hold_member m WHERE m.num = v.num)) + (SELECT count(*) FROM hold_member m JOIN hold_mark k ON k.hold_id = m.hold_id JOIN vault_row v ON v.num = m.num JOIN audit_event e ON e.dep = v.dep AND e.id = v.event_id WHERE e.seq > k.seq) AS n`, (row) => row['n'])).toBe(0);
      expect((await bench.holds.checkVault(HELD)).damaged).toEqual([]);
      const entries = new Set(bench.ledger.list(null, 1000).entries.filter(({ action }) => action === 'retention.hold.added').map(({ subject }) => subject));
      for (const { caseId } of holds) expect(entries.has(caseId)).toBe(true);
      expect(['intact', 'intact-head-behind']).toContain((await bench.ledger.verify()).verdict);

      expect((await bench.holds.preserveAfterSync(HELD)).problem).toBeNull();
      for (const { counts } of await bench.holds.list(HELD)) expect(counts).toMatchObject({ rows: held.length, preserved: held.length });
      expect(db.get(sql`SELECT count(*) AS n FROM vault_row v JOIN audit_event e ON e.dep = v.dep AND e.id = v.event_id LEFT JOIN vault_payload p ON p.num = v.num WHERE e.state IS NOT NULL AND p.num IS NULL`, (row) => row['n'])).toBe(0);
      await bench.close();
    }
    // Otherwise all kills came too early or too late to mean anything.
    expect(half).toBeGreaterThan(0);
  });
});
