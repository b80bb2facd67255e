// The program ends well whatever its threads are at: one that is torn off inside the database, or while it loads it, would take the program with it.
import { Worker } from 'node:worker_threads';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { startThread, threadsEnded } from '#core/workers/thread.ts';
import type { CheckCalls } from '#core/workers/check-cache.ts';
import { addDeployment, numbers, openWitnessProfile, store } from '../support/audit-witness-profile.ts';
import { temporaryFolder } from '../support/ports.ts';
import { startChild } from './children/db-processes.ts';
import { isLong } from './children/db-profile.ts';

const CYCLES = isLong ? 200 : 40;
const folder = temporaryFolder('thread-end');
afterAll(() => folder.remove());

describe('a window that is closed right after it was opened', () => {
  it(`${CYCLES} times: the process ends by itself, without an abort`, { timeout: 60_000 + CYCLES * 3000 }, async () => {
    const child = startChild('open-close-child', [`${folder.path}/profile`, String(CYCLES)]);
    expect(await child.ended).toBe('0');
    expect(child.lines.filter((line) => line !== '')).toHaveLength(CYCLES);
  });
});

describe('a thread that is told to end', () => {
  it('rejects its calls at once, ends what it is in the midst of, and only then counts as ended', async () => {
    const profile = await openWitnessProfile(`${folder.path}/busy`);
    addDeployment(profile.session);
    store(profile.session, numbers(1, 3000));
    const database = profile.session.database();
    if (database === null) throw new Error('no database');
    const tornOff = vi.spyOn(Worker.prototype, 'terminate');
    const threads = [0, 5, 20, 60, 120, 200, 300].map(async (ms) => {
      const thread = startThread<CheckCalls>('check-cache', database.forThread());
      const asked = thread.call('check', null).then(() => 'ok', (error: unknown) => (error as { code?: string }).code);
      await new Promise((resolve) => { setTimeout(resolve, ms); });
      const ending = thread.end();
      expect(thread.isAlive()).toBe(false);
      const said = await asked;
      expect(thread.end()).toBe(ending);
      await ending;
      return said;
    });
    const said = await Promise.all(threads);
    expect(said.every((code) => code === 'cancelled' || code === 'ok')).toBe(true);
    await threadsEnded();
    expect(tornOff).not.toHaveBeenCalled();
    tornOff.mockRestore();
    await profile.close();
  });
});
