// Keeps the breaker honest (R51): what opens it, what it lets through while it is open, and how often an action repeats itself.
import { describe, expect, it } from 'vitest';
import { AppError, ERROR_CODES, type ErrorCode } from '#shared/errors.ts';
import { failure, failureIn, manualClock, outcome, target, wasAsked, way } from '../../../test/support/breaker-way.ts';
import type { ManualClock } from '../../../test/support/breaker-way.ts';
import { createNaviClient } from './adapters/navi/client.ts';
import { seenFailure } from './breaker.ts';
import type { HttpAnswer } from './http.ts';
import { withRetry } from './retry.ts';

const COUNTED: readonly ErrorCode[] = ['dns_failed', 'connection_refused', 'connection_reset', 'network_unreachable', 'network_timeout', 'server_unavailable', 'rate_limiter_down'];

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
