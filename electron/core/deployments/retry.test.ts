// Keeps retries polite and bounded (R51, R52): only passing failures, within the budget, never a refused token, as long as the server asks up to a cap, and an end at once when asked.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError, ERROR_CODES, type ErrorCode } from '#shared/errors.ts';
import type { Clock } from '../ports.ts';
import { createRetryBudget, withRetry } from './retry.ts';
import type { RetryBudget } from './retry.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 1);
/** For what is not about the budget. */
const unbounded: RetryBudget = { first: () => undefined, take: () => true };

/** A clock that jumps: each wait is over at once, and is remembered. */
function jumpingClock(): Clock & { readonly waits: number[] } {
  const waits: number[] = [];
  return {
    waits, now: () => 0, monotonicMs: () => 0,
    after(delayMs, run) {
      waits.push(delayMs);
      let live = true;
      queueMicrotask(() => { if (live) run(); });
      return () => { live = false; };
    },
  };
}

const failure = (code: ErrorCode, facts: Record<string, number | null> = {}): AppError => new AppError(code, { message: 'm', hint: 'h', facts });

async function attempts(error: unknown, maxAttempts?: number): Promise<{ runs: number; waits: readonly number[]; ended: unknown }> {
  const clock = jumpingClock();
  let runs = 0;
  const ended = await withRetry(async () => { runs += 1; throw error; }, { clock, budget: unbounded, random: () => 0.5, ...(maxAttempts === undefined ? {} : { maxAttempts }) }).catch((thrown: unknown) => thrown);
  return { runs, waits: clock.waits, ended };
}

describe('withRetry', () => {
  it.each(['rate_limited', 'server_unavailable', 'connection_reset'] as const)('R51: %s is tried five times, and the last failure is given', async (code) => {
    const error = failure(code);
    const { runs, ended } = await attempts(error);
    expect(runs).toBe(5);
    expect(ended).toBe(error);
  });

  it('R52: every other code, 401 and 403 among them, ends at the first try', async () => {
    for (const code of ERROR_CODES) {
      if (['rate_limited', 'server_unavailable', 'connection_reset'].includes(code)) continue;
      expect([code, (await attempts(failure(code))).runs]).toEqual([code, 1]);
    }
    expect((await attempts(new Error('a bug'))).runs).toBe(1);
  });

  it('R51: Retry-After is honoured, and capped at 120 s', async () => {
    expect((await attempts(failure('rate_limited', { retryAfterSeconds: 7 }))).waits).toEqual([7000, 7000, 7000, 7000]);
    expect((await attempts(failure('rate_limited', { retryAfterSeconds: 1e9 }))).waits).toEqual([120_000, 120_000, 120_000, 120_000]);
    expect((await attempts(failure('rate_limited', { retryAfterSeconds: null }))).waits).toEqual([250, 500, 1000, 2000]);
  });

  it('R51: full jitter lies between nothing and a bound that doubles up to 30 s', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.double({ min: 0, max: 0.999999, noNaN: true }), { minLength: 12, maxLength: 12 }), async (randoms) => {
      const clock = jumpingClock();
      const left = [...randoms];
      await withRetry(async () => { throw failure('connection_reset'); }, { clock, budget: unbounded, random: () => left.shift() ?? 0, maxAttempts: 13 }).catch(() => undefined);
      expect(clock.waits).toHaveLength(12);
      clock.waits.forEach((waitMs, index) => {
        expect(waitMs).toBeGreaterThanOrEqual(0);
        expect(waitMs).toBeLessThan(Math.min(30_000, 500 * 2 ** index));
      });
    }), { numRuns: 200, seed });
  });

  it('gives the first success, and says before each wait how long it is', async () => {
    const clock = jumpingClock();
    const told: [number, number][] = [];
    const value = await withRetry(async (attempt) => {
      if (attempt < 3) throw failure('server_unavailable', { retryAfterSeconds: attempt });
      return `attempt ${attempt}`;
    }, { clock, budget: unbounded, onWait: (waitMs, attempt) => told.push([waitMs, attempt]) });
    expect(value).toBe('attempt 3');
    expect(told).toEqual([[1000, 1], [2000, 2]]);
  });

  it('R51: ends at once when it is cancelled while waiting, and never runs again', async () => {
    const controller = new AbortController();
    const cancelled: boolean[] = [];
    const clock: Clock = { now: () => 0, monotonicMs: () => 0, after: () => () => { cancelled.push(true); } };
    let runs = 0;
    const pending = withRetry(async () => { runs += 1; throw failure('rate_limited', { retryAfterSeconds: 100 }); }, { clock, budget: unbounded, signal: controller.signal, onWait: () => queueMicrotask(() => controller.abort()) });
    await expect(pending).rejects.toMatchObject({ code: 'cancelled' });
    expect([runs, cancelled]).toEqual([1, [true]]);
    await expect(withRetry(async () => { runs += 1; }, { clock, budget: unbounded, signal: controller.signal })).rejects.toMatchObject({ code: 'cancelled' });
    expect(runs).toBe(1);
  });
});

/** A clock that stands still until it is told to go on. */
function manualClock(): Clock & { go(ms: number): void } {
  let ms = 0;
  return { now: () => ms, monotonicMs: () => ms, after: () => () => undefined, go(more) { ms += more; } };
}

describe('the retry budget', () => {
  it('R51: one request of an action without history may use all of its five runs, and the next gets no repetition', async () => {
    const budget = createRetryBudget(manualClock());
    const run = async (): Promise<number> => {
      let runs = 0;
      await withRetry(async () => { runs += 1; throw failure('server_unavailable'); }, { clock: jumpingClock(), budget }).catch(() => undefined);
      return runs;
    };
    expect([await run(), await run(), await run()]).toEqual([5, 1, 1]);
  });

  it('R51: when nothing is left, the failure is given at once, without a wait', async () => {
    const clock = jumpingClock();
    const error = failure('rate_limited', { retryAfterSeconds: 60 });
    await expect(withRetry(async () => { throw error; }, { clock, budget: { first: () => undefined, take: () => false } })).rejects.toBe(error);
    expect(clock.waits).toEqual([]);
  });

  it('R51: what does not pass takes nothing out of the budget', async () => {
    let taken = 0;
    const budget: RetryBudget = { first: () => undefined, take: () => { taken += 1; return true; } };
    for (const code of ['unauthorized', 'forbidden', 'server_error'] as const) await withRetry(async () => { throw failure(code); }, { clock: jumpingClock(), budget }).catch(() => undefined);
    expect(taken).toBe(0);
  });

  it('R51: over a storm of 503, repetitions are 10 % of first requests', async () => {
    const clock = manualClock();
    const budget = createRetryBudget(clock);
    let runs = 0;
    const wait: Clock = { ...clock, after: (_delayMs, run) => { queueMicrotask(run); return () => undefined; } };
    for (let index = 0; index < 1000; index += 1) {
      clock.go(10);
      await withRetry(async () => { runs += 1; throw failure('server_unavailable'); }, { clock: wait, budget }).catch(() => undefined);
    }
    expect(runs).toBe(1100);
  });

  it('R51: grants exactly what a recount of the last 60 s allows, whatever comes when', () => {
    const step = fc.oneof({ weight: 8, arbitrary: fc.constant('first' as const) }, { weight: 4, arbitrary: fc.constant('take' as const) }, { weight: 1, arbitrary: fc.oneof(fc.integer({ min: 1, max: 90_000 }), fc.constantFrom(20_000, 30_000, 60_000)) });
    let granted = 0;
    let refused = 0;
    fc.assert(fc.property(fc.array(step, { maxLength: 300, size: 'max' }), (steps) => {
      const clock = manualClock();
      const budget = createRetryBudget(clock);
      const firsts: number[] = [];
      const retries: number[] = [];
      const recent = (times: readonly number[]): number => times.filter((at) => clock.monotonicMs() - at < 60_000).length;
      for (const one of steps) {
        if (typeof one === 'number') clock.go(one);
        else if (one === 'first') {
          budget.first();
          firsts.push(clock.monotonicMs());
        } else {
          const allowed = recent(retries) + 1 <= Math.max(4, recent(firsts) / 10);
          expect(budget.take()).toBe(allowed);
          if (allowed) retries.push(clock.monotonicMs());
          if (allowed) granted += 1; else refused += 1;
        }
      }
    }), { numRuns: 1000, seed });
    expect(granted).toBeGreaterThan(1000);
    expect(refused).toBeGreaterThan(1000);
  });
});
