// Keeps the NAVI adapter working over real connections against the reference deployment, in all three dialects and in its broken states.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createNaviClient, type NaviClient } from '#core/deployments/adapters/navi/client.ts';
import { createHttpClient, type HttpClient } from '#core/deployments/http.ts';
import { parseTarget } from '#core/deployments/target.ts';
import type { Clock } from '#core/ports.ts';
import { Secret } from '#core/secret.ts';
import { deploymentTest } from '#shared/contract/deployment.ts';
import { configFor, type Dialect, type NaviConfig, type StateName } from '../deployments/navi/config.ts';
import { startNaviDeployment, type NaviDeployment } from '../deployments/navi/server.ts';
import { realClock, rememberingLog } from '../faults/servers/ports.ts';
import { answerText, startRawServer } from '../faults/servers/raw.ts';

const log = rememberingLog();
let http: HttpClient;
const running: NaviDeployment[] = [];

beforeAll(() => {
  http = createHttpClient({ clock: realClock, log, deadlineMs: 5000 });
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((deployment) => deployment.close()));
});
afterAll(async () => {
  await http.close();
});

interface Starting { readonly states?: readonly StateName[]; readonly overrides?: Partial<NaviConfig>; readonly events?: number; readonly usesTls?: boolean }

async function start(dialect: Dialect, { states = [], overrides = {}, events = 40, usesTls = false }: Starting = {}): Promise<NaviDeployment> {
  const deployment = await startNaviDeployment({ config: configFor(dialect, states, { rateLimit: { mode: 'inert' }, ...(states.length === 0 ? {} : configFor(dialect, states)), ...overrides }), events, usesTls });
  running.push(deployment);
  return deployment;
}

interface Connecting { readonly role?: 'viewer' | 'planner' | 'admin'; readonly token?: string | null; readonly clock?: Clock; readonly pin?: string | null }

function connect(deployment: NaviDeployment, { role = 'admin', token, clock = realClock, pin = null }: Connecting = {}): NaviClient {
  const signed = token === undefined ? deployment.signToken({ sub: 'auth0|tester', email: 'tester@acme.example', org_id: 'acme', role, exp: Math.floor(Date.now() / 1000) + 600 }) : token;
  return createNaviClient({ http, target: parseTarget({ url: deployment.url, caPem: deployment.caPem, pin }), token: signed === null ? null : new Secret(signed), clock });
}

const DIALECTS = ['A', 'C0', 'C1'] as const;

describe.each(DIALECTS)('dialect %s', (dialect) => {
  it('is recognised, with the table of what it offers, and the answer fits the contract', async () => {
    const deployment = await start(dialect);
    const probe = await connect(deployment).probe();
    expect(deploymentTest.parse(probe)).toEqual(probe);
    expect(probe).toMatchObject({ reached: true, dialect, role: 'admin', token: 'accepted', anonymous: 'refused', transport: 'loopback', tls: null });
    expect(probe.dialectReason).toMatch(/^The API description shows/);
    expect(Math.abs(probe.clockSkewSeconds ?? 99)).toBeLessThanOrEqual(2);
    const offered = probe.capabilities.filter((line) => line.state === 'offered').map((line) => line.name);
    expect(offered).toEqual({
      A: ['security-status', 'audit-list', 'audit-payload', 'decrypt-on-server', 'purge'], C0: ['security-status', 'audit-list', 'decrypt-on-server'], C1: ['security-status', 'audit-list', 'audit-export', 'decrypt-on-server'],
    }[dialect]);
    expect(probe.warnings.some((warning) => /rows are being lost/.test(warning))).toBe(dialect !== 'A');
    expect(probe.warnings.some((warning) => /tenant of the project itself/.test(warning))).toBe(true);
    expect(probe.warnings.some((warning) => /reason travels in the URL/.test(warning))).toBe(dialect === 'A');
  });

  it('is recognised without an API description, from the two kinds of 404, and nothing is written by asking', async () => {
    const deployment = await start(dialect);
    const before = deployment.rowCount();
    // What stands in front of many deployments hides the description.
    const front = await startRawServer((socket, request) => {
      const [line = ''] = request.split('\r\n');
      if (line.includes('/openapi.json')) socket.end(answerText(404, { 'content-type': 'application/json' }, '{"detail":"Not Found"}'));
      else void forward(deployment.url, request).then((answer) => socket.end(answer));
    });
    try {
      const token = deployment.signToken({ sub: 'auth0|tester', org_id: 'acme', role: 'admin' });
      const client = createNaviClient({ http, target: parseTarget({ url: front.url, caPem: null, pin: null }), token: new Secret(token), clock: realClock });
      const probe = await client.probe();
      expect(probe.dialect).toBe(dialect);
      expect(probe.dialectReason).toMatch(/^Asking for each route shows/);
      expect(probe.capabilities.find((line) => line.name === 'purge')?.state).toBe(dialect === 'A' ? 'offered' : 'not-offered');
      expect(deployment.rowCount()).toBe(before);
      expect(deployment.requests.some((request) => request.url.includes('purge'))).toBe(false);
    } finally {
      await front.close();
    }
  });

  it('its status, its rows and its refusals are read', async () => {
    const deployment = await start(dialect);
    expect((await connect(deployment).securityStatus()).json).toMatchObject({ jwt: { enabled: true }, audit_retention: { retention_days: 90 } });
    expect(await connect(deployment).anonymousStatus()).toMatchObject({ httpStatus: 401 });
    const page = await connect(deployment).listEvents({ limit: 1000 });
    expect([page.rows.length, page.rejected, page.received]).toEqual([40, [], 40]);
    expect(page.rows.every((row) => row.payload === undefined)).toBe(true);
    await expect(connect(deployment, { role: 'viewer' }).securityStatus()).rejects.toMatchObject({ code: 'forbidden', facts: { role: 'viewer' } });
    await expect(connect(deployment, { token: 'opaque-token' }).listEvents({ limit: 1 })).rejects.toMatchObject({ code: 'unauthorized' });
  });
});

/** Sends the request text to the deployment and gives its whole answer. */
async function forward(url: string, request: string): Promise<Buffer> {
  const [head = '', body = ''] = request.split('\r\n\r\n');
  const [line = '', ...headerLines] = head.split('\r\n');
  const [method = 'GET', path = '/'] = line.split(' ');
  const headers = headerLines.map((text) => [text.slice(0, text.indexOf(':')), text.slice(text.indexOf(':') + 1).trim()] as [string, string]).filter(([name]) => ['authorization', 'content-type', 'accept'].includes(name.toLowerCase()));
  const answer = await fetch(url + path, { method, headers, ...(method === 'POST' ? { body } : {}) });
  return answerText(answer.status, { 'content-type': 'application/json', date: answer.headers.get('date') ?? '' }, Buffer.from(await answer.arrayBuffer()));
}

describe('payloads', () => {
  it('A: wrappers are read without decrypting, and opening one writes a row at the server', async () => {
    const deployment = await start('A');
    const client = connect(deployment);
    const { rows } = await client.listEvents({ limit: 1000 });
    const states = new Map<string, number>();
    let openable: number | null = null;
    for (const row of rows) {
      const answer = await client.payload(row.id, { decrypt: false }).catch((error: { code: string }) => error.code);
      const state = typeof answer === 'string' ? answer : answer.payload.state;
      states.set(state, (states.get(state) ?? 0) + 1);
      if (typeof answer !== 'string' && answer.payload.keyId === deployment.secrets.activeAuditKey.keyId) openable = row.id;
    }
    expect(states.get('encrypted')).toBeGreaterThan(0);
    expect(states.get('plain')).toBeGreaterThan(0);
    expect(openable).not.toBeNull();
    const before = deployment.rowCount();
    expect(before).toBe(40);
    const opened = await client.payload(openable ?? 0, { decrypt: true, reason: 'INC-42 +&' });
    expect(opened).toMatchObject({ storedEncrypted: true, payload: { state: 'plain' } });
    expect(opened.requestLine).not.toContain('INC-42');
    expect(deployment.rowCount()).toBe(before + 1);
    const [own] = (await client.listEvents({ limit: 1 })).rows;
    expect(own).toMatchObject({ eventType: 'audit.decrypt', resourceId: String(openable) });
    expect(await client.payload(own?.id ?? 0, { decrypt: false })).toMatchObject({ payload: { state: 'plain', body: expect.stringContaining('"reason":"INC-42 +&"') as string } });
    await expect(client.decrypt(1, 'INC-42')).rejects.toMatchObject({ code: 'not_offered' });
    await expect(client.exportEvents({ limit: 1, includePayload: true })).rejects.toMatchObject({ code: 'not_offered' });
    await expect(client.payload(999_999, { decrypt: false })).rejects.toMatchObject({ code: 'event_not_found' });
  });

  it('C1: the export pages by time and carries payloads, and the server opens what its one key opens', async () => {
    const deployment = await start('C1', { events: 300 });
    const client = connect(deployment);
    const all = await client.exportEvents({ limit: 10_000, includePayload: true });
    expect(all.rejected).toEqual([]);
    expect(all.rows.length).toBeGreaterThan(50);
    expect(all.rows.every((row) => row.org === 'acme' && row.payload !== undefined)).toBe(true);
    const middle = all.rows[Math.floor(all.rows.length / 2)];
    const older = await client.exportEvents({ limit: 10_000, includePayload: false, untilUs: middle?.createdAtUs });
    expect(older.rows.map((row) => row.id)).toEqual(all.rows.filter((row) => row.createdAtUs <= (middle?.createdAtUs ?? 0)).map((row) => row.id));
    const active = all.rows.find((row) => row.payload?.keyId === deployment.secrets.activeAuditKey.keyId);
    const old = all.rows.find((row) => row.payload?.keyId === deployment.secrets.olderAuditKey.keyId);
    expect(await client.decrypt(active?.id ?? 0, 'INC-42')).toMatchObject({ keyId: deployment.secrets.activeAuditKey.keyId, payload: { state: 'plain' } });
    await expect(client.decrypt(old?.id ?? 0, 'INC-42')).rejects.toMatchObject({ code: 'server_cannot_decrypt' });
    await expect(client.decrypt(999_999, 'INC-42')).rejects.toMatchObject({ code: 'event_not_found' });
    await expect(client.payload(1, { decrypt: false })).rejects.toMatchObject({ code: 'not_offered' });
    deployment.reconfigure({ auditEncryption: null });
    await expect(client.decrypt(active?.id ?? 0, 'INC-42')).rejects.toMatchObject({ code: 'server_cannot_decrypt', message: expect.stringMatching(/no key/) as string });
  });
});

describe('the probe in broken states', () => {
  const warned = (probe: { warnings: readonly string[] }, pattern: RegExp): boolean => probe.warnings.some((warning) => pattern.test(warning));

  it('authentication off: served to anyone, no role is claimed', async () => {
    const probe = await connect(await start('C1', { states: ['jwt-off'] })).probe();
    expect(probe).toMatchObject({ anonymous: 'served', token: 'unknown', role: null, dialect: 'C1' });
    expect(warned(probe, /Authentication is off/)).toBe(true);
    expect(warned(probe, /JWT_ENABLED is false/)).toBe(true);
    expect(warned(probe, /rows are being lost/)).toBe(false);
  });

  it('database down: the status answers, the list does not, and the probe says what that means', async () => {
    const probe = await connect(await start('C1', { states: ['database-down'], events: 0 })).probe();
    expect(probe).toMatchObject({ token: 'accepted', role: 'admin' });
    expect(probe.capabilities.find((line) => line.name === 'audit-list')).toMatchObject({ state: 'unknown' });
    expect(warned(probe, /database is probably away.*proves nothing/)).toBe(true);
  });

  it('Redis down: 500 for a valid token is no verdict on the token', async () => {
    const probe = await connect(await start('C1', { states: ['redis-down'] })).probe();
    expect(probe).toMatchObject({ token: 'unknown', role: null, dialect: 'C1' });
    expect(warned(probe, /Redis is away/)).toBe(true);
  });

  it('JWKS: 500 for a valid token is explained as the bug that it is', async () => {
    const deployment = await start('C1', { states: ['jwks'] });
    const probe = await connect(deployment).probe();
    expect(probe).toMatchObject({ token: 'unknown', role: null });
    expect(warned(probe, /JWT_JWKS_URL.*a bug of this backend/)).toBe(true);
  });

  it('rate limiter gone: named, token unknown, and the API description still tells the dialect', async () => {
    const probe = await connect(await start('C1', { states: ['rate-limit-gone'] })).probe();
    expect(probe).toMatchObject({ dialect: 'C1', token: 'unknown', anonymous: 'unknown', role: null });
    expect(warned(probe, /rate limiter is down/)).toBe(true);
    expect(new Set(probe.capabilities.filter((line) => line.state === 'offered'))).toEqual(new Set());
  });

  it.each(['viewer', 'planner'] as const)('a %s: accepted, but not for this', async (role) => {
    const probe = await connect(await start('C1'), { role }).probe();
    expect(probe).toMatchObject({ token: 'accepted', role, anonymous: 'refused' });
    expect(probe.roleReason).toContain(role);
    expect(probe.capabilities.find((line) => line.name === 'security-status')?.state).toBe('unknown');
  });

  it.each([['a refused token', 'nonsense', 'refused'], ['no token', null, 'none']] as const)('%s', async (_name, token, expected) => {
    const probe = await connect(await start('A'), { token }).probe();
    expect(probe).toMatchObject({ token: expected, role: null, dialect: 'A' });
    expect(warned(probe, /No token is stored/)).toBe(token === null);
  });

  it('R53: a clock that is off by more than 30 s is shown, with its sign', async () => {
    const deployment = await start('C1');
    const shifted = (ms: number): Clock => ({ ...realClock, now: () => Date.now() + ms });
    for (const [ms, says] of [[90_000, /8[89]|9[0-2] s behind/], [-90_000, /8[89]|9[0-2] s ahead/], [20_000, null]] as const) {
      const own = createHttpClient({ clock: shifted(ms), log });
      const token = deployment.signToken({ sub: 's', org_id: 'acme', role: 'admin' });
      const probe = await createNaviClient({ http: own, target: parseTarget({ url: deployment.url, caPem: null, pin: null }), token: new Secret(token), clock: shifted(ms) }).probe();
      await own.close();
      expect(Math.abs((probe.clockSkewSeconds ?? 0) + ms / 1000)).toBeLessThanOrEqual(2);
      if (says === null) expect(warned(probe, /clock of the deployment/)).toBe(false);
      else expect(warned(probe, says)).toBe(true);
    }
  });

  it('over TLS with its own CA: the facts of the connection and the pin that would fit', async () => {
    const deployment = await start('C1', { usesTls: true });
    const probe = await connect(deployment).probe();
    expect(probe).toMatchObject({ transport: 'encrypted', tls: { protocol: 'TLSv1.3' }, role: 'admin' });
    expect(probe.warnings.some((warning) => /Unencrypted/.test(warning))).toBe(false);
    expect((await connect(deployment, { pin: probe.tls?.spki ?? '' }).probe()).reached).toBe(true);
    const seen = deployment.requests.length;
    await expect(connect(deployment, { pin: '0'.repeat(64) }).probe()).rejects.toMatchObject({ code: 'tls_pin_mismatch' });
    expect(deployment.requests.length).toBe(seen);
  });

  it('nothing there at all: the error of the way, after one request', async () => {
    const deployment = await start('C1');
    const client = connect(deployment);
    await running.splice(0)[0]?.close();
    await expect(client.probe()).rejects.toMatchObject({ code: 'connection_refused' });
  });

  it('something else there: reached, and nothing is claimed', async () => {
    const portal = await startRawServer((socket) => socket.end(answerText(200, { 'content-type': 'text/html' }, '<html>Welcome</html>')));
    try {
      const client = createNaviClient({ http, target: parseTarget({ url: portal.url, caPem: null, pin: null }), token: new Secret('t'), clock: realClock });
      const probe = await client.probe();
      expect(probe.dialect).toBeNull();
      expect(probe.role).toBeNull();
      expect(probe.capabilities.some((line) => line.state === 'offered')).toBe(false);
    } finally {
      await portal.close();
    }
  });

  it('cancelling ends the probe', async () => {
    const controller = new AbortController();
    const silent = await startRawServer(() => controller.abort());
    try {
      const client = createNaviClient({ http, target: parseTarget({ url: silent.url, caPem: null, pin: null }), token: null, clock: realClock });
      await expect(client.probe(controller.signal)).rejects.toMatchObject({ code: 'cancelled' });
    } finally {
      await silent.close();
    }
  });

  it('no token ever came into the log', () => {
    expect(log.lines.length).toBeGreaterThan(50);
    expect(log.lines.join('\n')).not.toMatch(/eyJ|Bearer|INC-42/);
  });
});
