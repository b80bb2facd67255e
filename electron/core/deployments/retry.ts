// Runs a request that may safely be repeated again after passing failures, waiting as the server asks and within a budget; refuses to repeat anything else.
import { AppError } from '#shared/errors.ts';
import type { Clock } from '../ports.ts';
import { cancelledError } from './http-errors.ts';
import { pause } from './pause.ts';

/** Bounds repetitions over all requests to one address, so that patience never becomes a flood. */
export interface RetryBudget {
  /** Notes a request that is sent for the first time. */
  first(): void;
  /** Takes one repetition; false when none may be sent now. It counts from the moment it is granted, before the wait. */
  take(): boolean;
}

export interface RetryOptions {
  readonly clock: Clock;
  readonly budget: RetryBudget;
  readonly signal?: AbortSignal | undefined;
  /** Gives a number from 0 up to but not including 1. */
  readonly random?: () => number;
  /** Runs in all, the first included. */
  readonly maxAttempts?: number;
  /** Told before each wait. */
  readonly onWait?: (waitMs: number, attempt: number) => void;
}

const BASE_MS = 500;
const CAP_MS = 30_000;
/** A server that asks for a longer wait is asked again after this one. */
const RETRY_AFTER_CAP_MS = 120_000;

/** Repetitions are at most a tenth of the first requests within this window … */
const BUDGET_WINDOW_MS = 60_000;
const FIRSTS_PER_RETRY = 10;
/** … or this many where that is less: what one request may use up (5 runs), so that an action of few requests can be patient too. */
const RETRY_FLOOR = 4;

/** Failures that pass. 401 and 403 are not among them: repeating a refused token locks accounts and proves nothing. */
const PASSING: ReadonlySet<string> = new Set(['rate_limited', 'server_unavailable', 'connection_reset']);

/** The retry budget (10 %, R51) of one address: in each window of 60 s at most max(4, first requests / 10) repetitions are granted. */
export function createRetryBudget(clock: Clock): RetryBudget {
  const firsts: number[] = [];
  const retries: number[] = [];
  const dropOld = (times: number[]): void => {
    const edge = clock.monotonicMs() - BUDGET_WINDOW_MS;
    while (times[0] !== undefined && times[0] <= edge) times.shift();
  };
  return {
    first() {
      dropOld(firsts);
      firsts.push(clock.monotonicMs());
    },
    take() {
      dropOld(firsts);
      dropOld(retries);
      if (retries.length >= Math.max(RETRY_FLOOR, Math.floor(firsts.length / FIRSTS_PER_RETRY))) return false;
      retries.push(clock.monotonicMs());
      return true;
    },
  };
}

/**
 * Runs an idempotent request up to maxAttempts times, as far as the budget gives. Waits what Retry-After asks for (at most 120 s), else a random time up
 * to 0.5 s, 1 s, 2 s … 30 s (full jitter, so that many consoles do not come back at once). What is not idempotent is not run through this; the budget of an
 * action (see breaker.ts) refuses it too.
 * @throws what the last run threw; AppError cancelled as soon as the signal says so
 */
export async function withRetry<T>(run: (attempt: number) => Promise<T>, options: RetryOptions): Promise<T> {
  const { clock, budget, signal, random = Math.random, maxAttempts = 5, onWait } = options;
  budget.first();
  for (let attempt = 1; ; attempt += 1) {
    if (signal?.aborted === true) throw cancelledError();
    try {
      return await run(attempt);
    } catch (error) {
      if (!(error instanceof AppError) || !PASSING.has(error.code) || attempt >= maxAttempts || !budget.take()) throw error;
      const asked = error.facts['retryAfterSeconds'];
      const waitMs = typeof asked === 'number' && asked >= 0 ? Math.min(asked * 1000, RETRY_AFTER_CAP_MS) : Math.floor(random() * Math.min(CAP_MS, BASE_MS * 2 ** (attempt - 1)));
      onWait?.(waitMs, attempt);
      await pause(clock, waitMs, signal);
    }
  }
}
