// The live tail through the whole core, against the reference deployment: rows as they come, slower after failures, never two, gone at lock.
import { afterEach, expect, it } from 'vitest';
import { createApp } from '#core/app.ts';
import type { App } from '#core/app.ts';
import type { NewAuditRow } from '../deployments/navi/audit-row.ts';
import { configFor, STATES, uniformRateRules } from '../deployments/navi/config.ts';
import { startNaviDeployment } from '../deployments/navi/server.ts';
import { code, value } from '../support/calls.ts';
import { fakeClock, keptLog, temporaryFolder, testPorts } from '../support/ports.ts';
import type { FakeClock } from '../support/ports.ts';

const log = keptLog();
const cleanups: (() => unknown)[] = [];
afterEach(async () => { for (const clean of cleanups.splice(0).reverse()) await clean(); });

async function setUp(dialect: 'C0' | 'C1' = 'C1', events = 40) {
  const folder = temporaryFolder('audit-tail');
  cleanups.push(folder.remove);
  const clock = fakeClock();
  const server = await startNaviDeployment({ config: configFor(dialect, ['rate-limit-inert']), seed: 7, events, now: () => new Date(clock.now()) });
  cleanups.push(() => server.close());
  const app = await createApp(testPorts(`${folder.path}/profile`, { log, clock }), { version: 'test', secrets: { store: 'keychain', passphrase: null } });
  cleanups.push(() => app.close());
  const { id } = await value(app, 'deployment.add', { name: 'acme', url: server.url, kind: 'navi', token: server.signToken({ sub: 'auth0|admin1', org_id: 'acme', role: 'admin' }) });
  await value(app, 'audit.sync', { deploymentId: id });
  return { server, app, id, clock };
}

const row = (clock: FakeClock, over: Partial<NewAuditRow> = {}): NewAuditRow => ({ orgKey: 'acme', actorSub: 'auth0|a', actorEmail: null, route: '/api/plan', method: 'POST', eventType: 'http.request', resourceId: null, payload: { query_params: {} }, statusCode: 200, createdAtMicros: clock.now() * 1000, ...over });

/** Lets time pass until the tail has done as many rounds as it can by then; requests take real time. */
async function pass({ clock, app, id }: { readonly clock: FakeClock; readonly app: App; readonly id: string }, ms: number): Promise<void> {
  const before = (await value(app, 'audit.tailState', { deploymentId: id })).nextAt;
  await clock.advance(ms);
  for (let tries = 0; tries < 400; tries += 1) {
    const { nextAt, state } = await value(app, 'audit.tailState', { deploymentId: id });
    if (nextAt !== before || (state !== 'following' && state !== 'waiting')) return;
    await new Promise((resolve) => { setTimeout(resolve, 10); });
  }
  throw new Error('no round came to its end');
}

it('new rows arrive in order, with the payloads that the export gives, and the map grows with them', async () => {
  const { app, id, server, clock } = await setUp();
  const { place } = await value(app, 'audit.arrived', { deploymentId: id });
  expect(await value(app, 'audit.tailStart', { deploymentId: id })).toMatchObject({ state: 'following', added: 0 });
  await clock.advance(15_000);
  const [own, foreign] = server.insertRows([row(clock), row(clock, { orgKey: 'cobalt', createdAtMicros: clock.now() * 1000 + 1 })]);
  const lastArrived = async (): Promise<number[]> => (await value(app, 'audit.arrived', { deploymentId: id, after: place })).events.map((event) => event.id);
  for (let rounds = 0; rounds < 10 && (await lastArrived()).length < 2; rounds += 1) await pass({ clock, app, id }, 5_000);
  expect((await lastArrived()).toSorted((a, b) => a - b)).toEqual([own, foreign].toSorted((a, b) => (a ?? 0) - (b ?? 0)));
  for (let rounds = 0; rounds < 10; rounds += 1) {
    if ((await value(app, 'audit.get', { deploymentId: id, id: own ?? 0 })).payload !== null) break;
    await pass({ clock, app, id }, 5_000);
  }
  expect(await value(app, 'audit.get', { deploymentId: id, id: own ?? 0 })).toMatchObject({ payloadState: 'plain', findings: [] });
  expect(await value(app, 'audit.tailState', { deploymentId: id })).toMatchObject({ state: 'following', added: 2, message: null });
  const { segments } = await value(app, 'audit.coverage', { deploymentId: id });
  expect(segments.some(({ state }) => state === 'gap')).toBe(false);
  // What a tail brings is signed too, though not after every round.
  for (let rounds = 0; rounds < 14; rounds += 1) await pass({ clock, app, id }, 5_000);
  expect(await value(app, 'audit.verify', { deploymentId: id })).toMatchObject({ verdict: 'intact' });
});

it('a second start is the same tail; a stop ends its requests', async () => {
  const { app, id, server, clock } = await setUp('C0');
  const first = await value(app, 'audit.tailStart', { deploymentId: id });
  expect((await value(app, 'audit.tailStart', { deploymentId: id })).since).toBe(first.since);
  const requests = server.requests.length;
  await pass({ clock, app, id }, 5_000);
  expect(server.requests.length).toBe(requests + 1);
  expect(await value(app, 'audit.tailStop', { deploymentId: id })).toMatchObject({ state: 'off', nextAt: null });
  await clock.advance(60_000);
  expect(server.requests.length).toBe(requests + 1);
});

it('a jump beyond one answer of the list is walked by the export; where there is none, it is a gap', async () => {
  for (const dialect of ['C1', 'C0'] as const) {
    const { app, id, server, clock } = await setUp(dialect);
    await value(app, 'audit.tailStart', { deploymentId: id });
    const startUs = clock.now() * 1000;
    await clock.advance(4_000);
    server.insertRows(Array.from({ length: 1_500 }, (_, index) => row(clock, { createdAtMicros: startUs + index })));
    for (let rounds = 0; rounds < 8; rounds += 1) await pass({ clock, app, id }, 5_000);
    const { added } = await value(app, 'audit.tailState', { deploymentId: id });
    const { segments } = await value(app, 'audit.coverage', { deploymentId: id });
    expect(added).toBe(dialect === 'C1' ? 1_500 : 1_000);
    expect(segments.some(({ state }) => state === 'gap')).toBe(dialect === 'C0');
    await value(app, 'audit.tailStop', { deploymentId: id });
  }
});

it('failures make it slower, and an answer makes it follow again', async () => {
  const { app, id, server, clock } = await setUp('C0');
  await value(app, 'audit.tailStart', { deploymentId: id });
  server.reconfigure(STATES['database-down']);
  const waits: number[] = [];
  for (let rounds = 0; rounds < 5; rounds += 1) {
    const { nextAt } = await value(app, 'audit.tailState', { deploymentId: id });
    await pass({ clock, app, id }, Date.parse(nextAt ?? '') - clock.now());
    const state = await value(app, 'audit.tailState', { deploymentId: id });
    expect(state.state).toBe('waiting');
    expect(state.message).not.toBeNull();
    waits.push(Date.parse(state.nextAt ?? '') - clock.now());
  }
  expect(waits.every((wait, index) => wait >= 2_500 * 2 ** (index + 1) && wait <= 5_000 * 2 ** (index + 1) + 1)).toBe(true);
  server.reconfigure({ database: { flavour: 'postgres', isReachable: true } });
  const { nextAt } = await value(app, 'audit.tailState', { deploymentId: id });
  await pass({ clock, app, id }, Date.parse(nextAt ?? '') - clock.now());
  expect(await value(app, 'audit.tailState', { deploymentId: id })).toMatchObject({ state: 'following', message: null });
});

it('the limiter\'s wait is kept, and a refused token ends it', async () => {
  const { app, id, server, clock } = await setUp('C0');
  await value(app, 'audit.tailStart', { deploymentId: id });
  server.reconfigure({ rateLimit: { mode: 'working', rules: uniformRateRules(1, 0), onlyPath: null } });
  for (let rounds = 0; rounds < 3 && (await value(app, 'audit.tailState', { deploymentId: id })).state === 'following'; rounds += 1) await pass({ clock, app, id }, 5_000);
  const limited = await value(app, 'audit.tailState', { deploymentId: id });
  expect(limited).toMatchObject({ state: 'waiting', message: expect.stringContaining('limits how often') });
  server.reconfigure({ rateLimit: { mode: 'inert' } });
  await value(app, 'deployment.setToken', { id, token: server.signToken({ sub: 'auth0|v', org_id: 'acme', role: 'viewer' }) });
  const { nextAt } = await value(app, 'audit.tailState', { deploymentId: id });
  await pass({ clock, app, id }, Date.parse(nextAt ?? '') - clock.now());
  expect(await value(app, 'audit.tailState', { deploymentId: id })).toMatchObject({ state: 'failed', nextAt: null });
  const requests = server.requests.length;
  await clock.advance(600_000);
  expect(server.requests.length).toBe(requests);
});

it('a lock ends it, and so does the end of the program', async () => {
  const { app, id, server, clock } = await setUp('C0');
  await value(app, 'audit.tailStart', { deploymentId: id });
  await app.lock('asked');
  const requests = server.requests.length;
  await clock.advance(60_000);
  expect(server.requests.length).toBe(requests);
  expect(await code(app, 'audit.tailState', { deploymentId: id })).toBe('profile_locked');
});

it('nothing in this file was logged as an error', () => {
  expect(log.lines.filter((line) => line.startsWith('error'))).toEqual([]);
});
