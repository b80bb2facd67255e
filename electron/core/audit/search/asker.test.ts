// Who answers a search: stale questions end, dead threads are replaced once, a lock ends everything, and nobody pays for another's cancelling.
import { expect, it, vi } from 'vitest';
import { AppError } from '#shared/errors.ts';
import { keptLog } from '../../../../test/support/ports.ts';
import type { Session } from '../../session.ts';
import type { Thread } from '../../workers/thread.ts';
import { createAsker } from './asker.ts';
import type { SearchCalls } from './runner.ts';

interface FakeCall { readonly name: string; readonly input: unknown; readonly signal: AbortSignal; answer(value: unknown): void; fail(error: unknown): void }

function setUp(): { asker: ReturnType<typeof createAsker>; threads: { calls: FakeCall[]; die(): void; ended: boolean }[]; lock: () => void; log: ReturnType<typeof keptLog> } {
  const threads: { calls: FakeCall[]; die(): void; ended: boolean }[] = [];
  const log = keptLog();
  let locked = false;
  let onClosing: () => void = () => undefined;
  const session = {
    read() {
      if (locked) throw new AppError('profile_locked', { message: 'Locked.', hint: 'Unlock.' });
      return {};
    },
    database: () => ({ forThread: () => ({ path: '/none', key: new Uint8Array(32) }) }),
    onClosing(run: () => void) {
      onClosing = run;
      return () => undefined;
    },
  } as unknown as Session;
  const start = (): Thread<SearchCalls> => {
    const calls: FakeCall[] = [];
    let alive = true;
    const state = { calls, ended: false, die() { alive = false; for (const call of calls.splice(0)) call.fail(new Error('exit code 1')); } };
    threads.push(state);
    return {
      call: (name, input, { signal } = {}) => new Promise((resolve, reject) => { calls.push({ name, input, signal: signal ?? new AbortController().signal, answer: resolve as (value: unknown) => void, fail: reject }); }),
      async end() {
        alive = false;
        state.ended = true;
        for (const call of calls.splice(0)) call.fail(new AppError('cancelled', { message: 'Ended.', hint: 'Again.' }));
      },
      isAlive: () => alive,
    };
  };
  return { asker: createAsker({ session, inThread: true, log, start }), threads, log, lock() { locked = true; onClosing(); } };
}

const question = { dep: 1, query: '', anchor: null, nowUs: 0 };
const never = new AbortController().signal;
const about = (subject: string, signal = never): { deploymentId: string; subject: string; signal: AbortSignal } => ({ deploymentId: 'd_1', subject, signal });
const code = async (answer: Promise<unknown>): Promise<string> => answer.then(() => 'an answer', (error: unknown) => (error instanceof AppError ? error.code : String(error)));
const counts = { matching: 1, total: 2 };

it('two subjects may be asked about at once; a third ends the oldest. Pages of one search stand beside each other', async () => {
  const { asker, threads } = setUp();
  const first = asker.ask('count', question, about('a'));
  const beside = asker.ask('count', question, about('a'));
  const [one, two] = threads[0]?.calls ?? [];
  expect([one?.signal.aborted, two?.signal.aborted]).toEqual([false, false]);
  const other = asker.ask('count', question, { ...about('b'), deploymentId: 'd_2' });
  expect(one?.signal.aborted).toBe(false);
  const newer = asker.ask('count', question, about('b'));
  expect([one?.signal.aborted, two?.signal.aborted], 'the view, and a part of it').toEqual([false, false]);
  const newest = asker.ask('count', question, about('c'));
  expect([one?.signal.aborted, two?.signal.aborted]).toEqual([true, true]);
  one?.fail(new AppError('cancelled', { message: 'x', hint: 'y' }));
  two?.fail(new AppError('cancelled', { message: 'x', hint: 'y' }));
  expect([await code(first), await code(beside)]).toEqual(['cancelled', 'cancelled']);
  for (const call of threads[0]?.calls.slice(2) ?? []) call.answer(counts);
  expect([await other, await newer, await newest]).toEqual([counts, counts, counts]);
});

it('pages do not wait in the thread of the counts', () => {
  const { asker, threads } = setUp();
  void code(asker.ask('count', question, about('a')));
  void code(asker.ask('complete', { dep: 1, field: 'org', prefix: '' }, about('a')));
  expect(threads.map((thread) => thread.calls.map((call) => call.name))).toEqual([['count'], ['complete']]);
});

it('a thread that dies is started again once; then the error has a code and a way out', async () => {
  const { asker, threads, log } = setUp();
  const answer = asker.ask('count', question, about('a'));
  threads[0]?.die();
  await vi.waitFor(() => expect(threads[1]?.calls).toHaveLength(1));
  threads[1]?.calls[0]?.answer(counts);
  expect(await answer).toEqual(counts);
  const hopeless = asker.ask('count', question, about('a'));
  threads[1]?.die();
  await vi.waitFor(() => expect(threads[2]?.calls).toHaveLength(1));
  threads[2]?.die();
  expect(await code(hopeless)).toBe('internal');
  expect(log.lines.filter((line) => line.includes('a search thread died'))).toHaveLength(3);
  const later = asker.ask('count', question, about('a'));
  threads[3]?.calls[0]?.answer(counts);
  expect(await later).toEqual(counts);
});

it('R62: an abort that the thread does not notice leaves it behind; others that waited there are asked again', async () => {
  vi.useFakeTimers();
  try {
    const { asker, threads } = setUp();
    const mine = new AbortController();
    const stuck = code(asker.ask('count', question, about('a', mine.signal)));
    const waiting = asker.ask('facets', { ...question, limit: 8, whole: false }, about('a'));
    mine.abort();
    await vi.advanceTimersByTimeAsync(250);
    expect(await stuck).toBe('cancelled');
    expect(threads[0]?.ended).toBe(true);
    expect(threads[1]?.calls.map((call) => call.name)).toEqual(['facets']);
    threads[1]?.calls[0]?.answer({});
    expect(await waiting).toEqual({});
  } finally {
    vi.useRealTimers();
  }
});

it('a lock ends the threads, and what waited says that the profile is locked', async () => {
  const { asker, threads, lock } = setUp();
  const answer = code(asker.ask('count', question, about('a')));
  lock();
  expect(threads[0]?.ended).toBe(true);
  expect(await answer).toBe('profile_locked');
  expect(threads).toHaveLength(1);
});

it('what the search itself says is passed on as it is', async () => {
  const { asker, threads } = setUp();
  const answer = code(asker.ask('count', question, about('a')));
  threads[0]?.calls[0]?.fail(new AppError('database_corrupt', { message: 'x', hint: 'y' }));
  expect(await answer).toBe('database_corrupt');
  expect(threads).toHaveLength(1);
});
