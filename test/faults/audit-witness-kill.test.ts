// kill -9 while leaves are added, a checkpoint is written or its head remembered: the next run goes on, and the log verifies every time.
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/ports.ts';
import { addDeployment, DEPLOYMENT, never, openWitnessProfile } from '../support/audit-witness-profile.ts';
import { startChild } from './children/db-processes.ts';
import { isLong, randomFrom, seed } from './children/db-profile.ts';

const KILLS = isLong ? 100 : 20;
const folder = temporaryFolder('witness-kill');
const profileDir = join(folder.path, 'profile');
afterAll(() => folder.remove());

describe('kill -9 while witnessing', () => {
  it(`${KILLS} times: nothing that was signed is lost, a verification never cries tampering, and the next run makes it intact`, { timeout: 60_000 + KILLS * 20_000 }, async () => {
    const first = await openWitnessProfile(profileDir);
    addDeployment(first.session);
    await first.close();
    const random = randomFrom(seed);
    let from = 1;
    let signed = 0;
    let unsigned = 0;
    for (let round = 0; round < KILLS; round += 1) {
      const child = startChild('audit-witness-writer', [profileDir, String(from)]);
      // open, then stored and signed in turn: killed somewhere behind the first, second … step.
      await child.printed(2 + random(5));
      await new Promise((resolve) => { setTimeout(resolve, random(40)); });
      child.process.kill('SIGKILL');
      expect(await child.ended).toBe('SIGKILL');
      expect(child.lines.filter((line) => line.startsWith('problem'))).toEqual([]);
      const acknowledged = Math.max(signed, ...child.lines.filter((line) => line.startsWith('signed')).map((line) => Number(line.split(' ')[1])));

      const { session, witness, ledger, close } = await openWitnessProfile(profileDir);
      const found = await witness.verify(DEPLOYMENT, never);
      expect(['intact', 'unsigned-tail', 'empty'], `seed ${seed}, round ${round}: ${found.message}`).toContain(found.verdict);
      expect(found.checkpoint?.size ?? 0).toBeGreaterThanOrEqual(acknowledged);
      if (found.verdict !== 'intact') unsigned += 1;
      expect((await witness.afterSync(DEPLOYMENT)).problem).toBeNull();
      const after = await witness.verify(DEPLOYMENT, never);
      expect(after, `seed ${seed}, round ${round}`).toMatchObject({ verdict: 'intact', problemCount: 0 });
      expect(after.message).toContain('remembers the last one');
      expect(['intact', 'intact-head-behind']).toContain((await ledger.verify()).verdict);
      expect(ledger.list(null, 1000).entries.filter(({ action }) => action === 'audit.witness.key.made')).toHaveLength(1);
      signed = after.leaves;
      from = Math.max(from, ...witness.checkpoints(DEPLOYMENT, 1).checkpoints.map(({ size }) => size)) + 10_000;
      expect(session.state()).toBe('open');
      await close();
    }
    // Otherwise the kills came too late to mean anything.
    expect(unsigned).toBeGreaterThan(KILLS / 10);
  });
});
