// Long work: progress with rate and time left, one at a time, cancellation that reaches the work, and an end that is always told.
import { describe, expect, it } from 'vitest';
import type { AppEvent } from '#shared/contract.ts';
import { fakeClock, keptLog } from '../../../test/support/ports.ts';
import { createEmitter } from '../emitter.ts';
import { createJobs } from './jobs.ts';

function setUp() {
  const clock = fakeClock();
  const emitter = createEmitter(keptLog());
  const seen: AppEvent[] = [];
  emitter.listen((event) => seen.push(event));
  return { clock, jobs: createJobs(emitter, clock), seen };
}
const what = { call: 'audit.sync', deploymentId: 'd_1', signal: new AbortController().signal };

describe('jobs', () => {
  it('report done, total, rate and time left', async () => {
    const { clock, jobs, seen } = setUp();
    await jobs.run(what, async (job) => {
      for (let done = 0; done <= 400; done += 100) {
        job.report({ step: 'Reading', done, total: 400 });
        await clock.advance(1000);
      }
    });
    const last = seen.findLast((event) => event.name === 'job.progressed')?.payload;
    expect(last).toMatchObject({ step: 'Reading', done: 400, total: 400, rate: 100, etaSeconds: 0 });
    expect(seen.at(-1)).toMatchObject({ name: 'job.ended', payload: { outcome: 'done' } });
  });
  it('do not flood the window: many reports in one moment are one event', async () => {
    const { jobs, seen } = setUp();
    await jobs.run(what, async (job) => { for (let done = 0; done < 10_000; done += 1) job.report({ step: 'x', done, total: null }); });
    expect(seen.filter((event) => event.name === 'job.progressed').length).toBeLessThanOrEqual(2);
  });
  it('tell of another step at once, however soon it comes: what may still be cancelled hangs on it', async () => {
    const { jobs, seen } = setUp();
    await jobs.run(what, async (job) => { for (const step of ['Reading', 'Comparing', 'Asked']) job.report({ step, done: 0, total: null }); });
    expect(seen.flatMap((event) => (event.name === 'job.progressed' ? [(event.payload as { step: string }).step] : []))).toEqual(['Starting', 'Reading', 'Comparing', 'Asked']);
  });
  it('run once for the same subject, and again after the end', async () => {
    const { jobs } = setUp();
    let finish: () => void = () => undefined;
    const first = jobs.run(what, () => new Promise<void>((resolve) => { finish = resolve; }));
    await expect(jobs.run(what, async () => undefined)).rejects.toMatchObject({ code: 'busy' });
    await jobs.run({ ...what, deploymentId: 'd_2' }, async () => undefined);
    finish();
    await first;
    await jobs.run(what, async () => undefined);
    expect(jobs.list()).toEqual([]);
  });
  it('are cancelled by id, by the caller, and all at once; stopAll waits for the end', async () => {
    const { jobs, seen } = setUp();
    const untilAborted = (signal: AbortSignal): Promise<never> => new Promise((_, reject) => { signal.addEventListener('abort', () => reject(new Error('stopped'))); });
    const byId = jobs.run(what, (job) => untilAborted(job.signal));
    expect(jobs.cancel(jobs.list()[0]?.jobId ?? '')).toBe(true);
    await expect(byId).rejects.toThrow('stopped');
    const caller = new AbortController();
    const byCaller = jobs.run({ ...what, signal: caller.signal }, (job) => untilAborted(job.signal));
    caller.abort();
    await expect(byCaller).rejects.toThrow('stopped');
    const byAll = jobs.run(what, (job) => untilAborted(job.signal)).catch(() => 'stopped');
    await jobs.stopAll();
    expect(await byAll).toBe('stopped');
    expect(jobs.cancel('no such job')).toBe(false);
    expect(seen.filter((event) => event.name === 'job.ended').map((event) => (event.payload as { outcome: string }).outcome)).toEqual(['cancelled', 'cancelled', 'cancelled']);
  });
});
