// R51: the breaker over a real line: a loopback server counts what reaches it, from one client and through the whole core.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { CallInput, CallName, CallOutput } from '#shared/contract.ts';
import type { WireError } from '#shared/errors.ts';
import { failureIn, manualClock, outcome } from '../support/breaker-way.ts';
import { keptLog, systemClock, temporaryFolder, testPorts } from '../support/ports.ts';
import { createApp } from '#core/app.ts';
import { answerError } from '#core/deployments/adapters/navi/answer-errors.ts';
import { createBreaker } from '#core/deployments/breaker.ts';
import { createHttpClient } from '#core/deployments/http.ts';
import { withRetry } from '#core/deployments/retry.ts';
import { parseTarget } from '#core/deployments/target.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => { for (const clean of cleanups.splice(0).reverse()) await clean(); });

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
    const { id } = await value('deployment.add', { name: 'acme', url: server.url, kind: 'navi', environment: 'production' });
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
    // A look at a deployment in production asks for the status alone; what is remembered of the deployment is the failure that was seen.
    const looked = await seen(() => value('security.scan', { deploymentId: id }));
    expect(looked).toEqual(['GET /api/admin/security/status']);
    const { reachability } = await value('deployment.get', { id });
    expect(reachability).toMatchObject({ state: 'refused', errorCode: 'server_unavailable' });
    expect(JSON.stringify(reachability)).not.toContain('not asked');
    // Another deployment at the same address shares the breaker.
    const other = await value('deployment.add', { name: 'acme again', url: server.url, kind: 'navi', environment: 'production' });
    expect(await seen(() => value('security.scan', { deploymentId: other.id }))).toHaveLength(1);
    server.status = 200;
    expect((await seen(() => value('audit.sync', { deploymentId: id }))).length).toBeGreaterThan(0);
  });
});
