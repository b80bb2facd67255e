// Leaves an address in peace after repeated failures on the way to it (R51); refuses further requests of the same work meanwhile, never the first one of an action.
import { AppError, type ErrorCode } from '#shared/errors.ts';
import type { Clock } from '../ports.ts';
import type { HttpAnswer, HttpClient, HttpMethod } from './http.ts';
import { createRetryBudget, type RetryBudget } from './retry.ts';

/** As many as one patient request may use up, so that the breaker never cuts short the retries of a request that began while it was closed. */
const FAILURES_IN_A_ROW = 5;
const OPEN_MS = 30_000;

/**
 * Failures of the way. What a deployment answers (401, 403, 404, 422, 429, 500) shows that the way works. A failed TLS check and an answer that cannot be
 * read show neither: they are not counted, and they close nothing.
 */
const OF_THE_WAY: ReadonlySet<ErrorCode> = new Set(['dns_failed', 'connection_refused', 'connection_reset', 'network_unreachable', 'network_timeout', 'server_unavailable', 'rate_limiter_down']);
/** Methods that may be sent twice (RFC 9110, section 9.2.2); a POST may not. */
const REPEATABLE: ReadonlySet<HttpMethod> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** closed: everything goes. open: only the first request of an action goes. half-open: so does one request at a time, to see whether the way is back. */
export type BreakerState = 'closed' | 'open' | 'half-open';

/** What one action of the admin (Test, Refresh, Sync, opening a payload) may send. */
export interface Action {
  /** The client, with every request of this action going past the breaker. `failureIn` gives the failure that an answer stands for, null for none. */
  guard(http: HttpClient, failureIn: (answer: HttpAnswer) => AppError | null): HttpClient;
  /** Gives nothing while the breaker lets nothing pass, and nothing more once the action has sent what may not be sent twice. */
  readonly retries: RetryBudget;
}

/** The breaker and the retry budget of one address, shared by everything that is sent there. */
export interface Breaker {
  state(): BreakerState;
  /** Someone asked for this: its first request always goes out, so nobody is locked out. */
  startAction(): Action;
}

export function createBreaker(clock: Clock): Breaker {
  const budget = createRetryBudget(clock);
  let failures = 0;
  let last: { readonly error: AppError; readonly atMs: number } | null = null;
  /** Requests under way that went out while the breaker was not closed. */
  let trials = 0;

  const openForMs = (): number => (last === null || failures < FAILURES_IN_A_ROW ? 0 : last.atMs + OPEN_MS - clock.monotonicMs());
  const state = (): BreakerState => (failures < FAILURES_IN_A_ROW ? 'closed' : openForMs() > 0 ? 'open' : 'half-open');
  const admits = (): boolean => state() === 'closed' || (state() === 'half-open' && trials === 0);

  function countFailure(error: AppError): boolean {
    if (!OF_THE_WAY.has(error.code)) return false;
    failures += 1;
    last = { error, atMs: clock.monotonicMs() };
    return true;
  }

  function close(): void {
    failures = 0;
    last = null;
  }

  /** Carries the code of the last failure, which is its cause. */
  function notAsked({ error }: { readonly error: AppError }): AppError {
    const openMs = openForMs();
    const why = openMs > 0 ? `The deployment was not asked again and is left alone until ${new Date(clock.now() + openMs).toISOString().slice(11, 19)} UTC` : 'The deployment was not asked again: another request is trying whether it is back';
    return new AppError(error.code, {
      message: `${why}, after ${failures} failures in a row. The last one: ${error.message}`, hint: `Test, Refresh or Sync asks again at once. ${error.hint}`, cause: error, facts: { notAsked: true },
    });
  }

  async function send(run: () => Promise<HttpAnswer>, failureIn: (answer: HttpAnswer) => AppError | null): Promise<HttpAnswer> {
    const isTrial = state() !== 'closed';
    if (isTrial) trials += 1;
    try {
      const answer = await run();
      const failure = failureIn(answer);
      if (failure === null || !countFailure(failure)) close();
      return answer;
    } catch (error) {
      if (error instanceof AppError) countFailure(error);
      throw error;
    } finally {
      if (isTrial) trials -= 1;
    }
  }

  return {
    state,
    startAction() {
      let isFirst = true;
      let isRepeatable = true;
      return {
        guard: (http, failureIn) => ({
          ...http,
          async request(target, wanted) {
            if (!isFirst && last !== null && !admits()) throw notAsked(last);
            isFirst = false;
            isRepeatable &&= REPEATABLE.has(wanted.method);
            return send(() => http.request(target, wanted), failureIn);
          },
        }),
        retries: { first: () => budget.first(), take: () => isRepeatable && admits() && budget.take() },
      };
    },
  };
}

/** The failure that was seen: for a request that was not sent, the one because of which it was not. */
export function seenFailure(error: AppError): AppError {
  return error.facts['notAsked'] === true && error.cause instanceof AppError ? error.cause : error;
}
