// Keeps retries polite and bounded (R51, R52): only passing failures, never a refused token, as long as the server asks up to a cap, and an end at once when asked.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError, ERROR_CODES, type ErrorCode } from '#shared/errors.ts';
import type { Clock } from '../ports.ts';
import { withRetry } from './retry.ts';

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
  const ended = await withRetry(async () => { runs += 1; throw error; }, { clock, random: () => 0.5, ...(maxAttempts === undefined ? {} : { maxAttempts }) }).catch((thrown: unknown) => thrown);
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
      await withRetry(async () => { throw failure('connection_reset'); }, { clock, random: () => left.shift() ?? 0, maxAttempts: 13 }).catch(() => undefined);
      expect(clock.waits).toHaveLength(12);
      clock.waits.forEach((waitMs, index) => {
        expect(waitMs).toBeGreaterThanOrEqual(0);
        expect(waitMs).toBeLessThan(Math.min(30_000, 500 * 2 ** index));
      });
    }), { numRuns: 200 });
  });

  it('gives the first success, and says before each wait how long it is', async () => {
    const clock = jumpingClock();
    const told: [number, number][] = [];
    const value = await withRetry(async (attempt) => {
      if (attempt < 3) throw failure('server_unavailable', { retryAfterSeconds: attempt });
      return `attempt ${attempt}`;
    }, { clock, onWait: (waitMs, attempt) => told.push([waitMs, attempt]) });
    expect(value).toBe('attempt 3');
    expect(told).toEqual([[1000, 1], [2000, 2]]);
  });

  it('R51: ends at once when it is cancelled while waiting, and never runs again', async () => {
    const controller = new AbortController();
    const cancelled: boolean[] = [];
    const clock: Clock = { now: () => 0, monotonicMs: () => 0, after: () => () => { cancelled.push(true); } };
    let runs = 0;
    const pending = withRetry(async () => { runs += 1; throw failure('rate_limited', { retryAfterSeconds: 100 }); }, { clock, signal: controller.signal, onWait: () => queueMicrotask(() => controller.abort()) });
    await expect(pending).rejects.toMatchObject({ code: 'cancelled' });
    expect([runs, cancelled]).toEqual([1, [true]]);
    await expect(withRetry(async () => { runs += 1; }, { clock, signal: controller.signal })).rejects.toMatchObject({ code: 'cancelled' });
    expect(runs).toBe(1);
  });
});
