// Regressions of the posture through the whole core, against a server that changes its mind: what was proven once must not stay green over an answer that proves nothing.
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createApp } from '#core/app.ts';
import type { App } from '#core/app.ts';
import type { Clock } from '#core/ports.ts';
import type { SecurityCheck } from '#shared/domain/evidence.ts';
import { judgeGate } from '#shared/domain/posture-gate.ts';
import { configFor } from '../deployments/navi/config.ts';
import { startNaviDeployment } from '../deployments/navi/server.ts';
import { code, value } from '../support/calls.ts';
import { keptLog, temporaryFolder, testPorts } from '../support/ports.ts';
import { fastClock } from '../support/prober-bench.ts';
import { Authority } from './tls-lab-authority.ts';
import { startLabServer } from './tls-lab-server.ts';

const DAY_MS = 86_400_000;
const START_MS = Date.UTC(2026, 10, 22, 12);
const cleanups: (() => unknown)[] = [];
afterEach(async () => { for (const clean of cleanups.splice(0).reverse()) await clean(); });

interface World { readonly app: App; readonly folder: string; readonly clock: Clock }

/** @param folder of a world that was closed before */
async function open(startMs = START_MS, folder: string | null = null): Promise<World> {
  const made = folder === null ? temporaryFolder('posture-hostile') : null;
  if (made !== null) cleanups.push(made.remove);
  const path = folder ?? made?.path ?? '';
  const clock = fastClock(startMs);
  const app = await createApp(testPorts(`${path}/profile`, { log: keptLog(), clock, /* See posture.test.ts: a fast clock must not lock a window. */ host: 'cli' }), { version: 'test', secrets: { store: 'keychain', passphrase: null } });
  cleanups.push(() => app.close());
  return { app, folder: path, clock };
}

const stateOf = (checks: readonly SecurityCheck[], id: string): string => checks.find((check) => check.id === id)?.state ?? 'absent';

async function navi({ app, clock }: World): Promise<{ readonly id: string; readonly server: Awaited<ReturnType<typeof startNaviDeployment>> }> {
  const server = await startNaviDeployment({ config: configFor('C1', []), seed: 7, events: 5, now: () => new Date(clock.now()) });
  cleanups.push(() => server.close());
  const iat = Math.floor(clock.now() / 1000);
  const { id } = await value(app, 'deployment.add', { name: 'acme', url: server.url, kind: 'navi', environment: 'staging', token: server.signToken({ sub: 'auth0|a', org_id: 'acme', role: 'admin', iat, exp: iat + 8_640_000 }) });
  return { id, server };
}

describe('age', () => {
  it('what this console holds of a deployment does not age with its capabilities: a look of now is fresh', async () => {
    const world = await open();
    const { id } = await navi(world);
    await value(world.app, 'deployment.test', { id });
    await world.app.close();
    const later = await open(START_MS + 3 * DAY_MS, world.folder);
    const { checks } = await value(later.app, 'security.scan', { deploymentId: id });
    expect(stateOf(checks, 'tls.version')).toBe('not-applicable');
    expect(checks.filter(({ state }) => state === 'stale').map((check) => check.id)).toEqual(['audit.decrypt-trail']);
  });
});

interface Answer { readonly status: number; readonly body: string; readonly headers?: Readonly<Record<string, string>> }
const json = (status: number, body: unknown): Answer => ({ status, body: JSON.stringify(body) });
const STATUS = {
  jwt: { enabled: true, has_primary_secret: true, has_previous_secrets: false, rotation_ready: false }, encryption: { audit_encryption_enabled: true, audit_encryption_key_id: 'k1', token_encryption_configured: true, token_encryption_key_id: 'alias/t' },
  audit_retention: { enabled: true, retention_days: 90, overdue_count: 0, cutoff_iso: '2026-08-24T05:37:10.277573+00:00' }, sso: { auth0_domain: 'tenant.us.auth0.com', auth0_client_configured: true, auth0_audience_configured: true, device_flow_enabled: false },
};

/** Answers like a NAVI that is in order, as long as `hostile` is null. */
async function changing(): Promise<{ readonly url: string; become(answer: Answer | null): void }> {
  let hostile: Answer | null = null;
  const server = createServer(({ url, method, headers }, response) => {
    const good = method === 'OPTIONS' ? json(400, 'Disallowed CORS origin')
      : url === '/api/admin/security/status' ? (headers.authorization === `Bearer ${TOKEN}` ? json(200, STATUS) : json(401, { detail: 'Invalid or expired token', error_code: 'UNAUTHORIZED' }))
        : url === '/health/ready' ? json(200, { ok: true, checks: [] }) : url === '/health' ? json(200, { status: 'ok' }) : json(404, { detail: 'Not Found' });
    const answer = hostile ?? good;
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  cleanups.push(() => { server.closeAllConnections(); server.close(); });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, become: (answer) => { hostile = answer; } };
}
const part = (claims: object): string => Buffer.from(JSON.stringify(claims)).toString('base64url');
const TOKEN = `${part({ alg: 'HS256' })}.${part({ sub: 'a', org_id: 'acme', role: 'admin' })}.abcdefghij`;
const PORTAL = '<html><title>Guest network</title>Please accept the terms.</html>';
/** Checks that stand on the status, on guards, and on a preflight. */
const PROVEN = ['jwt.enabled', 'jwt.declared-observed', 'jwt.forged', 'jwt.unsigned', 'jwt.primary-secret', 'sso.tenant', 'tokens.encryption', 'retention.enabled', 'retention.overdue', 'health.ready', 'open.cors'];

describe('an answer that proves nothing', () => {
  it.each<[string, Answer]>([
    ['the page of a portal', { status: 200, body: PORTAL }], ['a page that refuses', { status: 401, body: PORTAL }], ['an error of a proxy', { status: 503, body: PORTAL }], ['an empty object', json(200, {})], ['a list', json(200, [])],
    ['nothing', { status: 204, body: '' }], ['a key twice', { status: 200, body: '{"jwt":{"enabled":false},"jwt":{"enabled":true}}' }], ['too much', json(200, { ...STATUS, more: 'x'.repeat(5_000_000) })], ['a redirect', { status: 302, body: '', headers: { location: 'https://origin.invalid/' } }],
  ])('%s: what passed before does not pass over it', async (_what, answer) => {
    const { app } = await open();
    const server = await changing();
    const { id } = await value(app, 'deployment.add', { name: 'acme', url: server.url, kind: 'navi', environment: 'staging', token: TOKEN });
    const before = await value(app, 'security.scan', { deploymentId: id });
    expect(PROVEN.filter((check) => stateOf(before.checks, check) !== 'pass')).toEqual([]);
    server.become(answer);
    const after = await value(app, 'security.scan', { deploymentId: id });
    // Whoever refuses a preflight, the page of a foreign origin may not call.
    expect(PROVEN.filter((check) => stateOf(after.checks, check) === 'pass')).toEqual(answer.status === 401 ? ['open.cors'] : []);
    for (const check of after.checks.filter(({ state }) => state === 'unknown')) expect([check.id, check.reason]).toEqual([check.id, expect.stringMatching(/\S.*[.]$/)]);
    expect(judgeGate(after.checks, { allowUnknown: false }).passes).toBe(false);
    server.become(null);
    expect((await value(app, 'security.scan', { deploymentId: id })).counts).toEqual(before.counts);
  });
});

it('a limit that was reached takes nothing away that was seen a moment ago, and is told', async () => {
  const { app } = await open();
  const server = await changing();
  const { id } = await value(app, 'deployment.add', { name: 'acme', url: server.url, kind: 'navi', environment: 'staging', token: TOKEN });
  await value(app, 'security.scan', { deploymentId: id });
  server.become({ status: 429, body: PORTAL });
  const after = await value(app, 'security.scan', { deploymentId: id });
  expect(stateOf(after.checks, 'jwt.primary-secret')).toBe('pass');
  expect(after.lastFailure).toMatchObject({ code: 'rate_limited' });
});

describe('a gate', () => {
  it('opens when somebody answers for everything that fails or is not known', async () => {
    const world = await open();
    const { id } = await navi(world);
    const { checks } = await value(world.app, 'security.scan', { deploymentId: id });
    const closed = judgeGate(checks, { allowUnknown: false });
    expect(closed.unknown.length).toBeGreaterThan(0);
    for (const check of [...closed.failing, ...closed.unknown]) await value(world.app, 'security.except', { deploymentId: id, checkId: check.id, owner: 'A. Owner', reason: 'Known', until: '2026-12-31' });
    const opened = await value(world.app, 'security.show', { deploymentId: id });
    expect(judgeGate(opened.checks, { allowUnknown: false })).toMatchObject({ passes: true, failing: [], unknown: [] });
    // An exception makes nothing known: the counts say so.
    expect(opened.counts.unknown).toBe(checks.filter(({ state }) => state === 'unknown').length);
  });

  it('is not judged by the baseline of another kind', async () => {
    const world = await open();
    const { id } = await navi(world);
    expect(await code(world.app, 'security.scan', { deploymentId: id, baselineId: 'karen-production' })).toBe('baseline_not_found');
    expect(await code(world.app, 'security.show', { deploymentId: id, baselineId: 'karen-production' })).toBe('baseline_not_found');
  });
});

describe('a certificate that is not taken', () => {
  it.each(['production', 'staging'] as const)('is a finding in %s, although no request was sent', async (environment) => {
    const authority = new Authority('Lab Root');
    cleanups.push(() => authority.remove());
    const expired = authority.issue('navi.lab', { fromDays: -60, toDays: -1 });
    const server = await startLabServer(expired);
    cleanups.push(() => server.close());
    const { app } = await open();
    const { id } = await value(app, 'deployment.add', { name: 'acme', url: server.url, kind: 'navi', environment, caPem: authority.ca.cert, token: 'secret-token' });
    expect(await code(app, 'security.scan', { deploymentId: id })).toBe('tls_expired');
    const { checks } = await value(app, 'security.show', { deploymentId: id });
    expect(checks.find((check) => check.id === 'tls.certificate')).toMatchObject({ state: 'fail', seen: 'Seen: tls_expired' });
    expect(checks.filter(({ state }) => state === 'pass')).toEqual([]);
    expect(server.applicationBytes()).toBe(0);
  });
});

describe('a configuration with secrets', () => {
  it('is evidence without them, wherever it is shown', async () => {
    const { app, folder } = await open();
    const { id } = await value(app, 'deployment.add', { name: 'karen', url: 'http://127.0.0.1:9', kind: 'karen', environment: 'production' });
    const path = join(folder, 'production.json');
    writeFileSync(path, JSON.stringify({
      server: { ssl_enabled: true }, monitoring: { tracing: { enabled: true, sample_rate: 0.1, endpoint: `https://karen:${'CANARY-one'}@traces.own.test/api` } },
      security: { api_key: 'CANARY-two' }, integrations: { error_tracking: { enabled: true, provider: 'sentry', dsn: 'https://CANARY-three@o1.ingest.own.test/4' }, analytics: { enabled: false, provider: 'own', tracking_id: 'none' } },
    }));
    const added = await value(app, 'security.addEvidence', { deploymentId: id, path });
    expect(added.about).toBe('AI-Karen production.json, 3 secrets hidden');
    const view = await value(app, 'security.scan', { deploymentId: id, isOffline: true });
    expect(view.checks.find((check) => check.id === 'monitoring.tracing')).toMatchObject({ state: 'pass', seen: expect.stringContaining('https://(hidden)@traces.own.test/api') });
    expect(stateOf(view.checks, 'placeholder.keys')).toBe('pass');
    const reports = await Promise.all((['csv', 'html', 'sarif', 'oscal', 'ocsf', 'cklb', 'json'] as const).map((format) => value(app, 'security.report', { deploymentId: id, format, path: null })));
    expect(JSON.stringify([view, reports, await value(app, 'security.history', { deploymentId: id }), await value(app, 'ledger.list', { limit: 10 })])).not.toContain('CANARY');
  });
});
