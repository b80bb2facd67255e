// kill -9 while a run is being recorded: nothing that was acknowledged is lost, and a call that adds several events adds all of them or none.
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { historyOf } from '#shared/domain/runbook-history.ts';
import { checkEvent } from '#core/runbooks/runs/events.ts';
import { temporaryFolder } from '../support/ports.ts';
import { importPack, openRunbookProfile, START_INPUT } from '../support/runbook-profile.ts';
import { startChild } from './children/db-processes.ts';
import { isLong, randomFrom, seed } from './children/db-profile.ts';

const KILLS = isLong ? 100 : 10;
const folder = temporaryFolder('runbook-kill');
const profileDir = join(folder.path, 'profile');
afterAll(() => folder.remove());

describe('kill -9 while recording', () => {
  it(`${KILLS} times: every acknowledged event is there, signed, and the run goes on`, { timeout: 60_000 + KILLS * 20_000 }, async () => {
    const first = await openRunbookProfile(profileDir);
    await importPack(first, folder.path);
    const { runId } = await first.runs.start(START_INPUT);
    await first.close();
    const random = randomFrom(seed);
    const acknowledged = new Set<string>();
    let before = 0;
    for (let round = 0; round < KILLS; round += 1) {
      const child = startChild('runbook-recorder', [profileDir, runId]);
      await child.printed(2 + random(6));
      await new Promise((resolve) => { setTimeout(resolve, random(30)); });
      child.process.kill('SIGKILL');
      expect(await child.ended).toBe('SIGKILL');
      for (const line of child.lines) if (line.startsWith('kept ')) for (const digest of line.slice(5).split(' ')) acknowledged.add(digest);

      const profile = await openRunbookProfile(profileDir);
      const { events, state } = profile.store.load(runId);
      const here = new Set(events.map(({ digest }) => digest));
      expect([...acknowledged].filter((digest) => !here.has(digest)), `seed ${seed}, round ${round}`).toEqual([]);
      expect(events.filter((event) => 'reason' in checkEvent(event, runId))).toEqual([]);
      expect(state).toMatchObject({ missing: [], waiting: 0 });
      expect(state.heads).toHaveLength(1);
      // A decision and the tick that it brings are one act.
      expect(events.filter(({ body }) => body.kind === 'step' && body.step === 'choose')).toHaveLength(events.filter(({ body }) => body.kind === 'decision').length);
      expect(historyOf(events).events).toHaveLength(events.length);
      expect(events.length).toBeGreaterThan(before);
      before = events.length;
      await profile.runs.entry({ runId, text: `round ${round}`, occurredAt: null });
      expect(['intact', 'intact-head-behind', 'head-adopted']).toContain((await profile.ledger.verify()).verdict);
      await profile.close();
    }
  });
});
