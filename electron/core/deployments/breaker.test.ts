// Keeps the breaker honest (R51): against a model, against a loopback server that counts what reaches it, and through the whole core.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { CallInput, CallName, CallOutput } from '#shared/contract.ts';
import { AppError, ERROR_CODES, type ErrorCode } from '#shared/errors.ts';
import type { WireError } from '#shared/errors.ts';
import { keptLog, systemClock, temporaryFolder, testPorts } from '../../../test/support/ports.ts';
import { createApp } from '../app.ts';
import type { Clock } from '../ports.ts';
import { answerError } from './adapters/navi/answer-errors.ts';
import { createNaviClient } from './adapters/navi/client.ts';
import { createBreaker, seenFailure } from './breaker.ts';
import type { Action, Breaker } from './breaker.ts';
import { createHttpClient } from './http.ts';
import type { HttpAnswer, HttpClient, HttpMethod } from './http.ts';
import { withRetry } from './retry.ts';
import { parseTarget } from './target.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 1);
const COUNTED: readonly ErrorCode[] = ['dns_failed', 'connection_refused', 'connection_reset', 'network_unreachable', 'network_timeout', 'server_unavailable', 'rate_limiter_down'];
const START = Date.UTC(2026, 10, 22, 12);

const cleanups: (() => unknown)[] = [];
afterEach(async () => { for (const clean of cleanups.splice(0).reverse()) await clean(); });

interface ManualClock extends Clock { go(ms: number): void }
/** Stands still until it is told to go on; a wait is over at once and moves it on. */
function manualClock(): ManualClock {
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

const target = parseTarget({ url: 'http://127.0.0.1:9', caPem: null, pin: null, readOnly: false });
const answer = (status: number): HttpAnswer => ({ status, headers: {}, body: Buffer.from('{}'), receivedAt: START, durationMs: 1, requestLine: 'GET /x', tls: null, serverDate: null });
const failureIn = (given: HttpAnswer): AppError | null => (given.status >= 500 ? answerError(given) : null);
const failure = (code: ErrorCode): AppError => new AppError(code, { message: `It failed with ${code}.`, hint: 'h' });

/** A way that gives what each test puts there, and counts what is sent over it. */
function way(clock: Clock = manualClock()) {
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
const outcome = (pending: Promise<HttpAnswer>): Promise<unknown> => pending.then((given) => given.status, (error: unknown) => error);
const wasAsked = (given: unknown): boolean => !(given instanceof AppError && given.facts['notAsked'] === true);

describe('what opens it', () => {
  it('R51: each failure of the way, five times in a row; no other code ever', async () => {
    for (const code of ERROR_CODES) {
      const one = way();
      one.fails(failure(code));
      const action = one.start();
      for (let count = 0; count < 8; count += 1) await outcome(action.ask());
      expect([code, one.sent.length, one.breaker.state()]).toEqual(COUNTED.includes(code) ? [code, 5, 'open'] : [code, 8, 'closed']);
    }
  });

  it.each([502, 503, 504])('R51: the answer %i, five times in a row', async (status) => {
    const one = way();
    one.answers(status);
    const action = one.start();
    expect(await Promise.all([1, 2, 3, 4].map(() => outcome(action.ask())))).toEqual([status, status, status, status]);
    expect(one.breaker.state()).toBe('closed');
    expect(await outcome(action.ask())).toBe(status);
    expect(one.breaker.state()).toBe('open');
    expect(await outcome(action.ask())).toMatchObject({ code: 'server_unavailable', facts: { notAsked: true } });
    expect(one.sent).toHaveLength(5);
  });

  it.each([200, 401, 403, 404, 422, 429, 500])('R51: the answer %i does not, and begins the count anew', async (status) => {
    const one = way();
    const action = one.start();
    for (let round = 0; round < 3; round += 1) {
      one.fails(failure('connection_reset'));
      for (let count = 0; count < 4; count += 1) await outcome(action.ask());
      one.answers(status);
      expect(await outcome(action.ask())).toBe(status);
    }
    expect([one.breaker.state(), one.sent.length]).toEqual(['closed', 15]);
  });

  it('R51: a cancelled request, a bug and a failed TLS check neither count nor close it', async () => {
    for (const error of [failure('cancelled'), failure('tls_expired'), new Error('a bug')]) {
      const one = way();
      const action = one.start();
      one.fails(failure('network_timeout'));
      for (let count = 0; count < 4; count += 1) await outcome(action.ask());
      one.fails(error);
      expect(await outcome(action.ask())).toBe(error);
      expect(one.breaker.state()).toBe('closed');
      one.fails(failure('network_timeout'));
      await outcome(action.ask());
      expect(one.breaker.state()).toBe('open');
    }
  });
});

describe('while it is open', () => {
  async function opened(clock: ManualClock = manualClock()) {
    const one = way(clock);
    one.fails(failure('connection_refused'));
    const action = one.start();
    for (let count = 0; count < 5; count += 1) await outcome(action.ask());
    return { ...one, action, clock };
  }

  it('R51: says in words what was not done and until when, with the code of the last failure', async () => {
    const { action, clock } = await opened();
    clock.go(4_000);
    const error = await outcome(action.ask());
    if (!(error instanceof AppError)) throw new Error('no AppError came');
    expect(error.code).toBe('connection_refused');
    expect(error.message).toBe('The deployment was not asked again and is left alone until 12:00:30 UTC, after 5 failures in a row. The last one: It failed with connection_refused.');
    expect(error.hint).toBe('Test, Refresh or Sync asks again at once. h');
    expect(seenFailure(error)).toMatchObject({ code: 'connection_refused', message: 'It failed with connection_refused.' });
  });

  it('R51: every action of the admin gets one trial, so nobody is locked out', async () => {
    const { start, sent, breaker, answers } = await opened();
    for (let count = 0; count < 3; count += 1) {
      const action = start();
      expect([wasAsked(await outcome(action.ask())), wasAsked(await outcome(action.ask())), action.retries.take()]).toEqual([true, false, false]);
    }
    expect(sent).toHaveLength(8);
    answers(200);
    const action = start();
    expect([await outcome(action.ask()), breaker.state(), await outcome(action.ask())]).toEqual([200, 'closed', 200]);
  });

  it('R51: after 30 s one request at a time goes out: a failure opens it again, an answer closes it', async () => {
    const { action, sent, breaker, clock, waitsFor, answers } = await opened();
    clock.go(29_999);
    expect([breaker.state(), wasAsked(await outcome(action.ask()))]).toEqual(['open', false]);
    clock.go(1);
    expect(breaker.state()).toBe('half-open');
    const trial = Promise.withResolvers<HttpAnswer>();
    waitsFor(trial.promise);
    const first = outcome(action.ask());
    expect(await outcome(action.ask())).toMatchObject({ message: expect.stringContaining('another request is trying whether it is back') });
    expect(action.retries.take()).toBe(false);
    trial.reject(failure('network_timeout'));
    expect(await first).toMatchObject({ code: 'network_timeout', facts: {} });
    expect([breaker.state(), wasAsked(await outcome(action.ask()))]).toEqual(['open', false]);
    clock.go(30_000);
    answers(401);
    expect([await outcome(action.ask()), breaker.state(), sent.length]).toEqual([401, 'closed', 7]);
  });

  it('R51: a trial that was cancelled leaves room for the next one', async () => {
    const { action, fails, clock, breaker } = await opened();
    clock.go(30_000);
    fails(failure('cancelled'));
    expect(await outcome(action.ask())).toMatchObject({ code: 'cancelled' });
    expect([breaker.state(), wasAsked(await outcome(action.ask()))]).toEqual(['half-open', true]);
  });

  it('R51: a patient request whose trial fails ends with that failure, without a wait', async () => {
    const { start, fails, sent, clock } = await opened();
    const error = failure('server_unavailable');
    fails(error);
    const action = start();
    const waits: number[] = [];
    await expect(withRetry(() => action.ask(), { clock, budget: action.retries, onWait: (waitMs) => waits.push(waitMs) })).rejects.toBe(error);
    expect([sent.length, waits]).toEqual([6, []]);
  });
});

describe('repetitions of an action', () => {
  it('R51: none once it has sent what may not be sent twice: decrypting on the server is a POST', async () => {
    const one = way();
    one.answers(503);
    const writing = one.start();
    const client = createNaviClient({ http: writing.guard(one.http, failureIn), target, token: null, clock: manualClock() });
    await expect(withRetry(() => client.decrypt(7, 'INC-42'), { clock: manualClock(), budget: writing.retries })).rejects.toMatchObject({ code: 'server_unavailable' });
    expect(one.sent).toEqual(['POST']);
    expect(one.start().retries.take()).toBe(true);
  });

  it.each([401, 403])('R52: none after %i, which counts for nothing in the breaker either', async (status) => {
    const one = way();
    one.answers(status);
    const action = one.start();
    const client = createNaviClient({ http: action.guard(one.http, failureIn), target, token: null, clock: manualClock() });
    for (let count = 0; count < 6; count += 1) await expect(withRetry(() => client.securityStatus(), { clock: manualClock(), budget: action.retries })).rejects.toMatchObject({ code: status === 401 ? 'unauthorized' : 'forbidden' });
    expect([one.sent.length, one.breaker.state()]).toEqual([6, 'closed']);
  });
});

/** The breaker as a newcomer would draw it: two states and a time. */
interface Model {
  state: 'closed' | 'open';
  inARow: number;
  nowMs: number;
  openedAtMs: number;
  /** Requests under way. */
  readonly flying: { readonly isTrial: boolean }[];
  readonly actions: { hasAsked: boolean }[];
}
interface Real {
  readonly breaker: Breaker;
  readonly clock: ManualClock;
  readonly actions: { ask(): Promise<HttpAnswer> }[];
  readonly flying: { readonly end: PromiseWithResolvers<HttpAnswer>; readonly seen: Promise<unknown> }[];
  readonly way: ReturnType<typeof way>;
}
type Command = fc.AsyncCommand<Model, Real>;
const tally = { sent: 0, refused: 0, opened: 0, closed: 0, trials: 0 };

const halfOpen = (model: Model): boolean => model.state === 'open' && model.nowMs - model.openedAtMs >= 30_000;
const agree = (model: Model, { breaker }: Real): void => {
  expect(breaker.state()).toBe(model.state === 'closed' ? 'closed' : halfOpen(model) ? 'half-open' : 'open');
};

/** Sends one request, of a new action or of one that is under way, and leaves it flying. */
const ask = (pick: number | null): Command => ({
  toString: () => (pick === null ? 'a new action asks' : `action ${pick} asks again`),
  check: (model) => pick === null || model.actions.length > 0,
  async run(model, real) {
    if (pick === null) {
      model.actions.push({ hasAsked: false });
      real.actions.push(real.way.start());
    }
    const index = pick === null ? model.actions.length - 1 : pick % model.actions.length;
    const [mine, theirs] = [model.actions[index], real.actions[index]];
    if (mine === undefined || theirs === undefined) throw new Error('the model lost an action');
    const goes = !mine.hasAsked || model.state === 'closed' || (halfOpen(model) && !model.flying.some((one) => one.isTrial));
    const before = real.way.sent.length;
    const end = Promise.withResolvers<HttpAnswer>();
    real.way.waitsFor(end.promise);
    const seen = outcome(theirs.ask());
    await Promise.resolve();
    if (goes) {
      mine.hasAsked = true;
      model.flying.push({ isTrial: model.state === 'open' });
      real.flying.push({ end, seen });
      tally.sent += 1;
      if (model.state === 'open') tally.trials += 1;
    } else {
      expect(wasAsked(await seen)).toBe(false);
      tally.refused += 1;
    }
    expect(real.way.sent.length - before).toBe(goes ? 1 : 0);
    agree(model, real);
  },
});

type Ending = 'answer' | 'unavailable' | 'reset' | 'cancelled';
/** Ends one of the requests that are flying. */
const land = (pick: number, ending: Ending): Command => ({
  toString: () => `request ${pick} ends: ${ending}`,
  check: (model) => model.flying.length > 0,
  async run(model, real) {
    const index = pick % model.flying.length;
    model.flying.splice(index, 1);
    const [one] = real.flying.splice(index, 1);
    if (one === undefined) throw new Error('the model has a request more');
    const { end, seen } = one;
    if (ending === 'answer') end.resolve(answer(403));
    else if (ending === 'unavailable') end.resolve(answer(503));
    else end.reject(failure(ending === 'reset' ? 'connection_reset' : 'cancelled'));
    const given = await seen;
    expect(given instanceof AppError ? given.code : given).toBe({ answer: 403, unavailable: 503, reset: 'connection_reset', cancelled: 'cancelled' }[ending]);
    if (ending === 'answer') {
      if (model.state === 'open') tally.closed += 1;
      model.state = 'closed';
      model.inARow = 0;
    } else if (ending !== 'cancelled') {
      model.inARow += 1;
      if (model.state === 'open' || model.inARow === 5) {
        if (model.state === 'closed') tally.opened += 1;
        model.state = 'open';
        model.openedAtMs = model.nowMs;
      }
    }
    agree(model, real);
  },
});

const pass = (ms: number): Command => ({
  toString: () => `${ms} ms pass`,
  check: () => true,
  async run(model, real) {
    model.nowMs += ms;
    real.clock.go(ms);
    agree(model, real);
  },
});

it('R51: the breaker does what its model does, whatever succeeds, fails, passes and is asked for in whatever order', async () => {
  const pick = fc.nat(20);
  const endings = fc.constantFrom<Ending[]>('unavailable', 'reset', 'unavailable', 'reset', 'unavailable', 'reset', 'unavailable', 'answer', 'cancelled');
  const commands = fc.commands([
    fc.constant(ask(null)), pick.map((index) => ask(index)), pick.map((index) => ask(index)),
    fc.tuple(pick, endings).map(([index, ending]) => land(index, ending)), fc.tuple(pick, endings).map(([index, ending]) => land(index, ending)), fc.tuple(pick, endings).map(([index, ending]) => land(index, ending)),
    fc.constantFrom(1, 10_000, 29_999, 30_000, 45_000).map(pass),
  ], { maxCommands: 80, size: 'max' });
  await fc.assert(fc.asyncProperty(commands, async (list) => {
    await fc.asyncModelRun((): { model: Model; real: Real } => {
      const clock = manualClock();
      const made = way(clock);
      return { model: { state: 'closed', inARow: 0, nowMs: 0, openedAtMs: 0, flying: [], actions: [] }, real: { breaker: made.breaker, clock, actions: [], flying: [], way: made } };
    }, list);
  }), { numRuns: 1000, seed });
  // The runs went where it matters.
  for (const count of Object.values(tally)) expect(count).toBeGreaterThan(200);
});

/** A server on this machine that gives one status to everything and counts what comes. */
async function serve(status: number): Promise<{ readonly url: string; readonly requests: string[]; status: number }> {
  const state = { url: '', requests: [] as string[], status };
  const server = createServer((request, response) => {
    state.requests.push(`${request.method} ${request.url}`);
    response.writeHead(state.status, { 'content-type': 'application/json', 'retry-after': '0' });
    response.end(state.status === 200 ? '[]' : '{"detail":"upstream temporarily unavailable"}');
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  cleanups.push(() => new Promise((resolve) => { server.close(resolve); server.closeAllConnections(); }));
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return state;
}

describe('over a real line', () => {
  it('R51: a storm of 503 that now and then lets one through: the server sees at most 10 % more than was first asked', async () => {
    const server = await serve(503);
    const http = createHttpClient({ clock: systemClock, log: keptLog() });
    cleanups.push(() => http.close());
    const clock = manualClock();
    const action = createBreaker(clock).startAction();
    const guarded = action.guard(http, failureIn);
    const own = parseTarget({ url: server.url, caPem: null, pin: null, readOnly: true });
    const firsts = 400;
    let failed = 0;
    for (let index = 0; index < firsts; index += 1) {
      // Three failures, then an answer: never five in a row, so the breaker stays closed and the budget alone holds.
      await withRetry(async () => {
        server.status = server.requests.length % 4 === 3 ? 200 : 503;
        const given = await guarded.request(own, { method: 'GET', path: '/x' });
        if (given.status !== 200) throw answerError(given);
      }, { clock, budget: action.retries }).catch(() => { failed += 1; });
    }
    expect(server.requests).toHaveLength(firsts + firsts / 10);
    expect(failed).toBeGreaterThan(firsts / 2);
  });

  it('R51: against a server that only answers 503, thousands of requests of one job cost five', async () => {
    const server = await serve(503);
    const http = createHttpClient({ clock: systemClock, log: keptLog() });
    cleanups.push(() => http.close());
    const guarded = createBreaker(manualClock()).startAction().guard(http, failureIn);
    const own = parseTarget({ url: server.url, caPem: null, pin: null, readOnly: true });
    for (let index = 0; index < 3000; index += 1) await outcome(guarded.request(own, { method: 'GET', path: `/x/${index}` }));
    expect(server.requests).toHaveLength(5);
  });

  it('R51: through the whole core: each Sync asks once while the breaker is open, and the first answer ends it', async () => {
    const server = await serve(503);
    const folder = temporaryFolder('breaker');
    cleanups.push(folder.remove);
    const app = await createApp(testPorts(`${folder.path}/profile`), { version: 'test', secrets: { store: 'keychain', passphrase: null } });
    cleanups.push(() => app.close());
    const value = async <N extends CallName>(name: N, input: CallInput<N>): Promise<CallOutput<N>> => {
      const given = await app.dispatch(name, input);
      if (!given.ok) throw new Error(given.error.message);
      return given.value;
    };
    const error = async <N extends CallName>(name: N, input: CallInput<N>): Promise<WireError> => {
      const given = await app.dispatch(name, input);
      if (given.ok) throw new Error(`${name} succeeded`);
      return given.error;
    };
    const { id } = await value('deployment.add', { name: 'acme', url: server.url, kind: 'navi' });
    await value('deployment.test', { id });
    // A probe asks for each route once and shows what it saw; its 503s opened the breaker.
    expect(new Set(server.requests).size).toBe(server.requests.length);
    const seen = async (work: () => Promise<unknown>): Promise<string[]> => {
      const before = server.requests.length;
      await work();
      return server.requests.slice(before);
    };
    for (let count = 0; count < 3; count += 1) {
      // Its failure is the one that was seen, given without waiting for a repetition that would not be sent.
      expect(await seen(async () => expect(await error('audit.sync', { deploymentId: id })).toMatchObject({ code: 'server_unavailable', message: expect.not.stringContaining('not asked again') }))).toHaveLength(1);
    }
    const { reachability } = await value('deployment.get', { id });
    expect(reachability).toMatchObject({ state: 'refused', errorCode: 'server_unavailable' });
    expect(JSON.stringify(reachability)).not.toContain('not asked');
    // Of an action with several requests only the first is sent.
    expect(await seen(() => value('deployment.test', { id }))).toEqual(['GET /openapi.json']);
    // Another deployment at the same address shares the breaker.
    const other = await value('deployment.add', { name: 'acme again', url: server.url, kind: 'navi' });
    expect(await seen(() => value('deployment.test', { id: other.id }))).toHaveLength(1);
    server.status = 200;
    expect((await seen(() => value('audit.sync', { deploymentId: id }))).length).toBeGreaterThan(0);
  });
});
