// A way to a deployment that gives what a test puts there, under a breaker and a clock that stands still until it is told to go on.
import { answerError } from '#core/deployments/adapters/navi/answer-errors.ts';
import { createBreaker } from '#core/deployments/breaker.ts';
import type { Action } from '#core/deployments/breaker.ts';
import type { HttpAnswer, HttpClient, HttpMethod } from '#core/deployments/http.ts';
import { parseTarget } from '#core/deployments/target.ts';
import type { Clock } from '#core/ports.ts';
import { AppError } from '#shared/errors.ts';
import type { ErrorCode } from '#shared/errors.ts';

const START = Date.UTC(2026, 10, 22, 12);

export interface ManualClock extends Clock { go(ms: number): void }
/** Stands still until it is told to go on; a wait is over at once and moves it on. */
export function manualClock(): ManualClock {
  let ms = 0;
  return {
    now: () => START + ms, monotonicMs: () => ms, go(more) { ms += more; },
    after(delayMs, run) {
      let live = true;
      queueMicrotask(() => {
        if (!live) return;
        ms += delayMs;
        run();
      });
      return () => { live = false; };
    },
  };
}

export const target = parseTarget({ url: 'http://127.0.0.1:9', caPem: null, pin: null, readOnly: false });
export const answer = (status: number): HttpAnswer => ({ status, headers: {}, body: Buffer.from('{}'), receivedAt: START, durationMs: 1, requestLine: 'GET /x', tls: null, serverDate: null });
export const failureIn = (given: HttpAnswer): AppError | null => (given.status >= 500 ? answerError(given) : null);
export const failure = (code: ErrorCode): AppError => new AppError(code, { message: `It failed with ${code}.`, hint: 'h' });

/** A way that gives what each test puts there, and counts what is sent over it. */
export function way(clock: Clock = manualClock()) {
  const sent: string[] = [];
  const state = { next: (): Promise<HttpAnswer> => Promise.resolve(answer(200)) };
  const http: HttpClient = {
    request: (_target, wanted) => { sent.push(wanted.method); return state.next(); },
    stats: () => ({ hostsReached: [], refused: 0, lastRequestAt: null }), close: () => Promise.resolve(),
  };
  const breaker = createBreaker(clock);
  const start = (): Action & { ask(method?: HttpMethod): Promise<HttpAnswer> } => {
    const action = breaker.startAction();
    const guarded = action.guard(http, failureIn);
    return { ...action, ask: (method = 'GET') => guarded.request(target, { method, path: '/x' }) };
  };
  return {
    sent, http, breaker, start,
    answers: (status: number): void => { state.next = () => Promise.resolve(answer(status)); },
    fails: (error: unknown): void => { state.next = () => Promise.reject(error); },
    waitsFor: (pending: Promise<HttpAnswer>): void => { state.next = () => pending; },
  };
}
export const outcome = (pending: Promise<HttpAnswer>): Promise<unknown> => pending.then((given) => given.status, (error: unknown) => error);
export const wasAsked = (given: unknown): boolean => !(given instanceof AppError && given.facts['notAsked'] === true);
