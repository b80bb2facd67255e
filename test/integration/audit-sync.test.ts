// The sync through the whole core, against the reference deployment in each dialect: what is held, what the coverage map says, and what a second sync asks for.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createApp } from '#core/app.ts';
import type { App } from '#core/app.ts';
import { openDatabase } from '#core/db/open.ts';
import { sql } from '#core/db/sql.ts';
import type { Clock } from '#core/ports.ts';
import { keyFromStore } from '#core/profile/database-key.ts';
import type { CoverageSegment } from '#shared/domain/audit-coverage.ts';
import { configFor, uniformRateRules } from '../deployments/navi/config.ts';
import { startNaviDeployment } from '../deployments/navi/server.ts';
import { code, value } from '../support/calls.ts';
import { fakeClock, keptLog, systemClock, temporaryFolder, testPorts } from '../support/ports.ts';

const log = keptLog();
const cleanups: (() => unknown)[] = [];
afterEach(async () => { for (const clean of cleanups.splice(0).reverse()) await clean(); });

async function setUp(dialect: 'A' | 'C0' | 'C1', { events = 2500, clock = systemClock }: { readonly events?: number; readonly clock?: Clock } = {}) {
  const folder = temporaryFolder('audit-sync');
  cleanups.push(folder.remove);
  const profileDir = `${folder.path}/profile`;
  const server = await startNaviDeployment({ config: configFor(dialect, ['rate-limit-inert']), seed: 7, events, now: () => new Date(clock.now()) });
  cleanups.push(() => server.close());
  const app: App = await createApp(testPorts(profileDir, { log, clock }), { version: 'test', secrets: { store: 'keychain', passphrase: null } });
  cleanups.push(() => app.close());
  const { id } = await value(app, 'deployment.add', { name: 'acme', url: server.url, kind: 'navi', token: server.signToken({ sub: 'auth0|admin1', org_id: 'acme', role: 'admin' }) });
  return { server, app, id, profileDir };
}

/** Segments meet end to end, from the beginning to the present. */
function expectWhole(segments: readonly CoverageSegment[]): void {
  expect(segments[0]?.from).toBeNull();
  expect(segments.at(-1)?.to).toBeNull();
  for (const { to } of segments.slice(0, -1)) expect(to).not.toBeNull();
  expect(segments.every(({ state, reason }) => state !== 'gap' || (reason ?? '') !== '')).toBe(true);
}

describe.each(['A', 'C0', 'C1'] as const)('dialect %s', (dialect) => {
  it('a first sync reads what the routes reach, the map says so, and a second one adds nothing', async () => {
    const { app, id, server } = await setUp(dialect, { events: 1300 });
    const first = await value(app, 'audit.sync', { deploymentId: id });
    expect(first.findings).toBe(0);
    const { segments } = await value(app, 'audit.coverage', { deploymentId: id });
    expectWhole(segments);
    expect(segments.some(({ state }) => state === 'complete')).toBe(true);
    expect(segments.some(({ state }) => state === 'own-org')).toBe(dialect === 'C1');
    expect(segments.some(({ state }) => state === 'gap')).toBe(dialect !== 'C1');
    const requests = server.requests.length;
    const again = await value(app, 'audit.sync', { deploymentId: id });
    expect(again).toMatchObject({ added: 0, changed: 0, findings: 0, complete: first.complete });
    expect(server.requests.length - requests).toBeLessThanOrEqual(first.requests);
    const summary = await value(app, 'audit.summary', { deploymentId: id });
    expect(summary).toMatchObject({ lastSyncComplete: again.complete, gaps: again.gaps });
  });
});

it('a small log is held whole, with every payload that the routes give, and called complete', async () => {
  const { app, id, server } = await setUp('C1', { events: 300 });
  const done = await value(app, 'audit.sync', { deploymentId: id });
  expect(done).toMatchObject({ added: server.rowCount(), complete: true, gaps: [], findings: 0 });
  const { segments } = await value(app, 'audit.coverage', { deploymentId: id });
  expect([...new Set(segments.map(({ state }) => state))]).toEqual(['complete', 'unread']);
  // The retention; one page, the oldest instant again, and below it; the list once, and its two doubts.
  expect(done.requests).toBeLessThanOrEqual(7);
});

it('a payload that the server does not give is a gap of the map, and of nothing else', async () => {
  const { app, id } = await setUp('A', { events: 400 });
  await value(app, 'audit.sync', { deploymentId: id });
  const bare = (await value(app, 'audit.search', { deploymentId: id, query: 'payload:none', limit: 1000 })).events;
  expect(bare.length).toBeGreaterThan(0);
  const { segments } = await value(app, 'audit.coverage', { deploymentId: id });
  expectWhole(segments);
  expect(new Set(segments.filter(({ state }) => state === 'gap').map(({ from }) => from))).toEqual(new Set(bare.map(({ createdAt }) => createdAt)));
  expect(segments.some(({ state }) => state === 'complete')).toBe(true);
});

it.each(['C0', 'C1'] as const)('a log that was emptied at the server is not called complete (%s)', async (dialect) => {
  const { app, id, server } = await setUp(dialect, { events: 200 });
  expect((await value(app, 'audit.sync', { deploymentId: id })).complete).toBe(true);
  await server.close();
  const emptied = await startNaviDeployment({ config: configFor(dialect, ['rate-limit-inert']), seed: 7, events: 0, port: Number(new URL(server.url).port) });
  cleanups.push(() => emptied.close());
  const again = await value(app, 'audit.sync', { deploymentId: id });
  expect(again.complete).toBe(false);
  expect(again.gaps.map(({ reason }) => reason).join(' ')).toContain('gave no row at all');
  const { segments } = await value(app, 'audit.coverage', { deploymentId: id });
  expect(segments[0]?.state).not.toBe('complete');
});

it('a sync that is interrupted keeps a map that is true, and the next one goes on', async () => {
  const { app, id, server } = await setUp('C1', { events: 300 });
  server.reconfigure({ database: { flavour: 'postgres', isReachable: false } });
  expect(await code(app, 'audit.sync', { deploymentId: id })).toBe('server_error');
  expect((await value(app, 'audit.coverage', { deploymentId: id })).segments).toEqual([{ from: null, to: null, state: 'unread', reason: null, observedAt: null }]);
  expect((await value(app, 'audit.summary', { deploymentId: id })).lastSyncComplete).toBe(false);
  server.reconfigure({ database: { flavour: 'postgres', isReachable: true } });
  expect(await value(app, 'audit.sync', { deploymentId: id })).toMatchObject({ complete: true });
});

it('a lock in mid-work ends a sync; after unlocking, the map is true and the next one goes on', async () => {
  const { app, id, server } = await setUp('C1', { events: 4000 });
  await value(app, 'deployment.test', { id });
  let locking: Promise<void> | null = null;
  app.onEvent((event) => {
    if (event.name === 'job.progressed' && (event.payload as { done: number }).done > 0) locking ??= app.lock('asked');
  });
  expect(['cancelled', 'profile_locked']).toContain(await code(app, 'audit.sync', { deploymentId: id }));
  await locking;
  await value(app, 'app.unlock', {});
  expectWhole((await value(app, 'audit.coverage', { deploymentId: id })).segments);
  const asked = server.requests.length;
  expect(await value(app, 'audit.sync', { deploymentId: id })).toMatchObject({ findings: 0, changed: 0 });
  expect(server.requests.length).toBeGreaterThan(asked);
});

it('another organisation\'s token has a map of its own, and nothing of the first is called vanished', async () => {
  const { app, id, server } = await setUp('C1', { events: 1500 });
  await value(app, 'audit.sync', { deploymentId: id });
  await value(app, 'deployment.setToken', { id, token: server.signToken({ sub: 'auth0|admin2', org_id: 'globex', role: 'admin' }) });
  const other = await value(app, 'audit.coverage', { deploymentId: id });
  expect(other.segments.some(({ state }) => state === 'own-org')).toBe(false);
  expect(await value(app, 'audit.sync', { deploymentId: id })).toMatchObject({ findings: 0 });
});

describe('manners', () => {
  it('a limiter is waited for as it asks, the step says so, and the sync ends complete', async () => {
    const clock = fakeClock();
    const { app, id, server } = await setUp('C1', { events: 300, clock });
    await value(app, 'deployment.test', { id });
    server.reconfigure({ rateLimit: { mode: 'working', rules: uniformRateRules(2, 0), onlyPath: null } });
    const steps = new Set<string>();
    app.onEvent((event) => { if (event.name === 'job.progressed') steps.add((event.payload as { step: string }).step); });
    let result: Awaited<ReturnType<typeof value<'audit.sync'>>> | null = null;
    const running = value(app, 'audit.sync', { deploymentId: id }).then((done) => { result = done; });
    for (let round = 0; round < 3_000 && result === null; round += 1) {
      await clock.advance(500);
      await new Promise((resolve) => { setTimeout(resolve, 2); });
    }
    await running;
    expect(result).toMatchObject({ complete: true, added: server.rowCount() });
    expect([...steps].some((step) => /^The server asks to wait \d+ s/.test(step))).toBe(true);
  });

  it('a cancel is heard while the server asks to wait', async () => {
    const clock = fakeClock();
    const { app, id, server } = await setUp('C1', { events: 300, clock });
    await value(app, 'deployment.test', { id });
    server.reconfigure({ rateLimit: { mode: 'working', rules: uniformRateRules(1, 0), onlyPath: null } });
    const ended = code(app, 'audit.sync', { deploymentId: id });
    let jobId: string | undefined;
    while (jobId === undefined) {
      await new Promise((resolve) => { setTimeout(resolve, 5); });
      jobId = (await value(app, 'job.list', {})).jobs.find(({ step }) => step.includes('asks to wait'))?.jobId;
    }
    // Time stands still: only the cancel can end the wait.
    await value(app, 'job.cancel', { jobId });
    expect(await ended).toBe('cancelled');
    expect((await value(app, 'audit.summary', { deploymentId: id })).lastSyncComplete).toBe(false);
  });

  it('R46: a reader that holds its view for the whole sync does not hold it up, and the write-ahead log stays bounded', async () => {
    const { app, id, profileDir } = await setUp('C1', { events: 4000 });
    const stored = JSON.parse(readFileSync(`${profileDir}.keychain.json`, 'utf8')) as Record<string, string>;
    const key = await keyFromStore(stored['database-key'] ?? '', null);
    if (key === null) throw new Error('no key');
    const reader = openDatabase({ path: join(profileDir, 'cache.db'), key, mode: 'read', log, clock: systemClock });
    try {
      const rows = reader.read.iterate(sql`SELECT name FROM sqlite_schema`, (row) => String(row['name']));
      rows.next();
      const done = await value(app, 'audit.sync', { deploymentId: id });
      expect(done.added).toBeGreaterThan(2_000);
      rows.return?.();
      expect(statSync(join(profileDir, 'cache.db-wal')).size).toBeLessThan(64 * 1024 * 1024);
    } finally {
      reader.close();
    }
  });
});

it('nothing in this file was logged as an error', () => {
  expect(log.lines.filter((line) => line.startsWith('error'))).toEqual([]);
});
