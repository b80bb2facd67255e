// What must hold when addresses, tokens, keychain or ledger change under the registry: nothing of one address or token counts for another, and nothing is done without its entry.
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createApp } from '#core/app.ts';
import { tokenName } from '#core/credentials/names.ts';
import type { Clock, SecretStore } from '#core/ports.ts';
import { AppError } from '#shared/errors.ts';
import type { SecurityCheck } from '#shared/domain/evidence.ts';
import { configFor } from '../deployments/navi/config.ts';
import { startNaviDeployment } from '../deployments/navi/server.ts';
import { code, value } from '../support/calls.ts';
import { fileStore, keptLog, systemClock, temporaryFolder, testPorts } from '../support/ports.ts';

const log = keptLog();
const cleanups: (() => unknown)[] = [];
afterEach(async () => { for (const clean of cleanups.splice(0).reverse()) await clean(); });


/** An app whose keychain can be told to fail on the names that match, and whose clock can be moved. */
async function openApp() {
  const folder = temporaryFolder('review-deployments');
  cleanups.push(folder.remove);
  const profileDir = `${folder.path}/profile`;
  const inner = fileStore(`${profileDir}.keychain.json`);
  const state = { failsOn: null as RegExp | null, aheadMs: 0, afterGet: (): unknown => undefined, beforeDelete: (): unknown => undefined };
  const guard = (name: string): void => {
    if (state.failsOn?.test(name) === true) throw new AppError('keychain_timed_out', { message: 'no answer', hint: 'none' });
  };
  const store: SecretStore = {
    ...inner,
    get: async (name) => {
      const found = await inner.get(name);
      if (name.startsWith('token')) await state.afterGet();
      return found;
    },
    set: async (name, secret) => {
      guard(name);
      await inner.set(name, secret);
    },
    delete: async (name) => {
      guard(name);
      await state.beforeDelete();
      await inner.delete(name);
    },
  };
  const clock: Clock = { ...systemClock, now: () => systemClock.now() + state.aheadMs };
  const app = await createApp(testPorts(profileDir, { log, clock, keychain: () => store }), { version: 'test', secrets: { store: 'keychain', passphrase: null } });
  cleanups.push(() => app.close());
  return { app, state, inner };
}

async function startNavi(events: number) {
  const server = await startNaviDeployment({ config: configFor('C1', []), seed: 7, events });
  cleanups.push(() => server.close());
  return server;
}
const admin = { sub: 'auth0|admin1', org_id: 'acme', role: 'admin' };

async function setUp(events = 200) {
  const server = await startNavi(events);
  const opened = await openApp();
  const { id } = await value(opened.app, 'deployment.add', { name: 'acme', url: server.url, kind: 'navi', environment: 'production', token: server.signToken(admin) });
  return { ...opened, server, id };
}

type Route = (request: IncomingMessage, response: ServerResponse) => void;
async function startPlain(route: Route) {
  const server = createServer(route);
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  cleanups.push(() => new Promise((resolve) => { server.close(resolve); server.closeAllConnections(); }));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const json = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
};
interface PlainRow { readonly id: number; readonly at: string; readonly payload: unknown }
const jwt = `${Buffer.from('{"alg":"HS256"}').toString('base64url')}.${Buffer.from(JSON.stringify(admin)).toString('base64url')}.c2ln`;

const shownRow = ({ id, at }: PlainRow) => ({ id, route: '/x', method: 'POST', event_type: 'http.request', org_key: 'acme', actor_sub: 'u', actor_email: null, resource_id: null, status_code: 200, created_at: at });

/** A NAVI of dialect C1 with exactly these rows; `exported` false makes its export empty. */
async function withRows(rows: readonly PlainRow[], exported = true) {
  const url = await startPlain((request, response) => {
    const path = new URL(request.url ?? '/', 'http://x').pathname;
    if (path === '/openapi.json') return json(response, 200, { openapi: '3.1.0', paths: { '/api/audit': { get: {} }, '/api/audit/export': { get: {} }, '/api/audit/{audit_id}/decrypt': { post: {} }, '/api/admin/security/status': { get: {} } } });
    if (request.headers.authorization === undefined) return json(response, 401, { detail: 'Missing', error_code: 'UNAUTHORIZED' });
    if (path === '/api/admin/security/status') return json(response, 200, { jwt: { enabled: true }, encryption: { audit_encryption_enabled: true } });
    if (path === '/api/audit') return json(response, 200, rows.map(shownRow));
    return json(response, 200, exported ? rows.map((row) => ({ ...shownRow(row), payload: row.payload, payload_encoding: 'json' })) : []);
  });
  const opened = await openApp();
  const { id } = await value(opened.app, 'deployment.add', { name: 'acme', url, kind: 'navi', environment: 'production', token: jwt });
  const synced = await value(opened.app, 'audit.sync', { deploymentId: id });
  return { ...opened, id, synced };
}
const encryption = (checks: readonly SecurityCheck[]): SecurityCheck | undefined => checks.find((check) => check.id === 'audit.encryption-rows');

describe('another address', () => {
  it('never gets the token of the old one, and the ledger says that it was dropped', async () => {
    const { app, id, inner } = await setUp(20);
    const seen: (string | undefined)[] = [];
    const other = await startPlain((request, response) => {
      seen.push(request.headers.authorization);
      json(response, 200, {});
    });
    const edited = await value(app, 'deployment.edit', { id, url: other });
    expect(edited.token).toEqual({ stored: false, claims: null, importedAt: null });
    expect(await inner.get(tokenName(id))).toBeNull();
    expect((await value(app, 'ledger.list', { limit: 1 })).entries[0]).toMatchObject({ action: 'deployment.edited', outcome: 'changed: url; token dropped: it belongs to the old address' });
    await value(app, 'deployment.test', { id });
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.filter((header) => header !== undefined)).toEqual([]);
  });

  it('under the same origin keeps the token, and so do other changes', async () => {
    const { app, id, server } = await setUp(20);
    expect((await value(app, 'deployment.edit', { id, url: `${server.url}/api2`, readOnly: false })).token.stored).toBe(true);
  });

  it('takes no sync, gap or payload of the old one for its own; its rows stay listed', async () => {
    const { app, id } = await setUp();
    await value(app, 'audit.sync', { deploymentId: id });
    const before = await value(app, 'audit.summary', { deploymentId: id });
    expect(before.lastSyncAt).not.toBeNull();
    const other = await startNavi(0);
    await value(app, 'deployment.edit', { id, url: other.url });
    expect(await value(app, 'audit.summary', { deploymentId: id })).toMatchObject({ events: before.events, lastSyncAt: null, lastSyncComplete: null, gaps: [] });
    await value(app, 'deployment.setToken', { id, token: other.signToken(admin) });
    const { checks } = await value(app, 'security.scan', { deploymentId: id });
    expect(encryption(checks)?.evidence.some((entry) => entry.kind === 'derived')).toBe(false);
    const { events } = await value(app, 'audit.search', { deploymentId: id });
    const asked = other.requests.length;
    expect(await code(app, 'audit.decrypt', { deploymentId: id, id: events[0]?.id ?? 0, reason: 'INC-42', where: 'server' })).toBe('payload_not_offered');
    expect(other.requests.length).toBe(asked);
  });

  it('set while a test or a look is under way gets nothing of their answers', async () => {
    const { app, id } = await setUp(20);
    const url = 'http://127.0.0.1:9';
    const testing = app.dispatch('deployment.test', { id });
    await value(app, 'deployment.edit', { id, url });
    await testing;
    expect(await value(app, 'deployment.get', { id })).toMatchObject({ url, dialect: null, role: null, capabilities: [], reachability: { state: 'never-tried' } });
    const looking = app.dispatch('security.scan', { deploymentId: id });
    await value(app, 'deployment.edit', { id, url: 'http://127.0.0.1:10' });
    await looking;
    expect((await value(app, 'deployment.get', { id })).reachability.state).toBe('never-tried');
    expect((await value(app, 'security.show', { deploymentId: id })).lastFailure).toBeNull();
  });

  it('set while the secret store is slow: a token imported for the new one is not sent to the old one', async () => {
    const { app, id, state, server } = await setUp(20);
    const asked = server.requests.length;
    state.afterGet = async () => {
      state.afterGet = () => undefined;
      await value(app, 'deployment.edit', { id, url: 'http://127.0.0.1:9' });
      await value(app, 'deployment.setToken', { id, token: jwt });
    };
    expect(await code(app, 'deployment.test', { id })).toBe('busy');
    expect(server.requests.length).toBe(asked);
  });
});

describe('another token', () => {
  it('makes the last look not count, and whether it is taken is open until it is tried', async () => {
    const { app, id, server } = await setUp(20);
    await value(app, 'deployment.test', { id });
    const seen = await value(app, 'security.scan', { deploymentId: id });
    expect(seen.counts.pass).toBeGreaterThan(0);
    const { lastReachedAt } = (await value(app, 'deployment.get', { id })).reachability;
    await value(app, 'deployment.setToken', { id, token: server.signToken({ ...admin, sub: 'auth0|other' }) });
    const view = await value(app, 'security.show', { deploymentId: id });
    expect(view.counts).toMatchObject({ pass: 0 });
    expect(view.checks.filter(({ state }) => state === 'fail').flatMap(({ evidence }) => evidence).filter(({ source }) => source.startsWith('GET'))).toEqual([]);
    expect(view.checks.some(({ reason }) => reason.includes('The last look was with another token.'))).toBe(true);
    const now = await value(app, 'deployment.get', { id });
    expect(now).toMatchObject({ role: null, capabilitiesAt: null, reachability: { state: 'never-tried', at: null, lastReachedAt, errorCode: null } });
    expect(now.capabilities.length).toBeGreaterThan(0);
    expect((await value(app, 'security.scan', { deploymentId: id })).counts.pass).toBeGreaterThan(0);
  });

  it('that is refused, or a program that is no NAVI, does not leave the deployment reached', async () => {
    const { app, id } = await setUp(20);
    await value(app, 'deployment.setToken', { id, token: jwt });
    expect((await value(app, 'deployment.test', { id })).token).toBe('refused');
    expect((await value(app, 'deployment.get', { id })).reachability).toMatchObject({ state: 'refused', errorCode: 'unauthorized' });
    const portal = await startPlain((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end('<html>Sign in</html>');
    });
    await value(app, 'deployment.edit', { id, url: portal });
    expect((await value(app, 'deployment.test', { id })).dialect).toBeNull();
    expect((await value(app, 'deployment.get', { id })).reachability).toMatchObject({ state: 'refused', errorCode: 'response_unexpected' });
  });
});

describe('the proof of encryption', () => {
  const now = new Date().toISOString();

  it('counts the mark of a failed encryption', async () => {
    const { app, id } = await withRows([{ id: 3, at: now, payload: { encrypted: false, error: 'audit_encryption_failed' } }, { id: 2, at: now, payload: { a: 1 } }]);
    const check = encryption((await value(app, 'security.scan', { deploymentId: id })).checks);
    expect(check).toMatchObject({ state: 'fail', seen: 'Seen: 1 of the newest 2 payloads carry the mark of a failed encryption' });
  });

  it('is not given by a ciphertext that is no token', async () => {
    const { app, id } = await withRows([{ id: 1, at: now, payload: { encrypted: true, ciphertext: 'hello-not-fernet', key_id: 'k' } }]);
    expect((await value(app, 'audit.get', { deploymentId: id, id: 1 })).payloadState).toBe('malformed');
    expect(encryption((await value(app, 'security.scan', { deploymentId: id })).checks)?.state).toBe('unknown');
    expect(await code(app, 'audit.decrypt', { deploymentId: id, id: 1, reason: 'INC-42' })).toBe('token_damaged');
  });

  it('ages: rows read two days ago prove nothing of now, and their evidence keeps its own time', async () => {
    const token = Buffer.alloc(89);
    token[0] = 0x80;
    const { app, id, state, synced } = await withRows([{ id: 1, at: now, payload: { encrypted: true, ciphertext: token.toString('base64url') + '='.repeat((3 - (token.length % 3)) % 3), key_id: 'k' } }]);
    expect(encryption((await value(app, 'security.scan', { deploymentId: id })).checks)?.state).toBe('pass');
    state.aheadMs = 2 * 86_400_000;
    const check = encryption((await value(app, 'security.scan', { deploymentId: id })).checks);
    expect(check?.state).toBe('unknown');
    expect(check?.evidence.at(-1)?.observedAt.slice(0, 10)).toBe(synced.syncedAt.slice(0, 10));
  });
});

it('rows of our organisation without a payload are a gap with their number', async () => {
  const rows = Array.from({ length: 9 }, (_, index) => ({ id: index + 1, at: new Date().toISOString(), payload: {} }));
  const { app, id, synced } = await withRows(rows, false);
  expect(synced).toMatchObject({ added: 9, complete: false, gaps: [{ reason: '9 rows of our organisation came without a payload: sync again.' }] });
  expect((await value(app, 'audit.summary', { deploymentId: id })).lastSyncComplete).toBe(false);
  expect((await withRows(rows)).synced).toMatchObject({ complete: true, gaps: [] });
});

describe('nothing is done without its entry', () => {
  const HEAD = /ledger/;

  it('a ledger that cannot be written leaves registry, tokens and keys as they were', async () => {
    const { app, id, state, inner, server } = await setUp(20);
    const before = { list: await value(app, 'deployment.list', {}), token: await inner.get(tokenName(id)) };
    state.failsOn = HEAD;
    expect(await code(app, 'deployment.add', { name: 'half', url: server.url, kind: 'navi', token: jwt })).toBe('keychain_timed_out');
    expect(await code(app, 'deployment.edit', { id, readOnly: false, url: 'http://127.0.0.1:9' })).toBe('keychain_timed_out');
    expect(await code(app, 'deployment.setToken', { id, token: jwt })).toBe('keychain_timed_out');
    const { keyId, key } = server.secrets.activeAuditKey;
    expect(await code(app, 'audit.keyAdd', { deploymentId: id, keyId, key })).toBe('keychain_timed_out');
    expect(await value(app, 'deployment.list', {})).toEqual(before.list);
    expect(await inner.get(tokenName(id))).toBe(before.token);
    expect((await value(app, 'audit.keyList', { deploymentId: id })).keys).toEqual([]);
  });

  it('what fails after its entry gets a second one, and leaves no half-made deployment', async () => {
    const { app, id, state, server } = await setUp(20);
    state.failsOn = /^token/;
    expect(await code(app, 'deployment.add', { name: 'half', url: server.url, kind: 'navi', token: jwt })).toBe('keychain_timed_out');
    expect((await value(app, 'deployment.list', {})).deployments.map(({ name }) => name)).toEqual(['acme']);
    const { entries } = await value(app, 'ledger.list', { limit: 4 });
    expect(entries.map(({ action, outcome }) => [action, outcome.startsWith('failed')])).toEqual([['deployment.added', true], ['deployment.token.stored', true], ['deployment.token.stored', false], ['deployment.added', false]]);
    expect(await code(app, 'deployment.edit', { id, url: 'http://127.0.0.1:9' })).toBe('keychain_timed_out');
    expect(await value(app, 'deployment.get', { id })).toMatchObject({ url: server.url, token: { stored: true } });
    expect((await value(app, 'ledger.list', { limit: 1 })).entries[0]).toMatchObject({ action: 'deployment.edited', outcome: 'failed: keychain_timed_out' });
  });

  it('a wrapper that the server does not give is an entry too', async () => {
    const at = new Date().toISOString();
    const url = await startPlain((request, response) => {
      const path = new URL(request.url ?? '/', 'http://x').pathname;
      if (path === '/openapi.json') return json(response, 200, { openapi: '3.1.0', paths: { '/api/audit': { get: {} }, '/api/audit/{audit_id}/payload': { get: {} }, '/api/admin/security/status': { get: {} } } });
      if (request.headers.authorization === undefined) return json(response, 401, { detail: 'Missing', error_code: 'UNAUTHORIZED' });
      if (path === '/api/admin/security/status') return json(response, 200, { jwt: { enabled: true } });
      return path === '/api/audit' ? json(response, 200, [shownRow({ id: 7, at, payload: null })]) : json(response, 500, { detail: 'Internal server error', error_code: 'INTERNAL_ERROR' });
    });
    const { app } = await openApp();
    const { id } = await value(app, 'deployment.add', { name: 'acme', url, kind: 'navi', environment: 'production', token: jwt });
    expect((await value(app, 'audit.sync', { deploymentId: id })).added).toBe(1);
    const { total } = await value(app, 'ledger.list', {});
    expect(await code(app, 'audit.decrypt', { deploymentId: id, id: 7, reason: 'INC-42' })).toBe('server_error');
    expect((await value(app, 'ledger.list', { limit: 1 })).entries[0]).toMatchObject({ seq: total + 1, action: 'audit.decrypt', subject: 'event 7', reason: 'INC-42', outcome: 'failed: server_error' });
  });
});

describe('removal', () => {
  it('waits for a sync of that deployment', async () => {
    const { app, id } = await setUp(1500);
    const plan = await value(app, 'deployment.planRemoval', { id });
    const syncing = app.dispatch('audit.sync', { deploymentId: id });
    expect(await code(app, 'deployment.remove', { id, token: plan.token, confirmName: 'acme' })).toBe('busy');
    expect((await syncing).ok).toBe(true);
    expect((await value(app, 'deployment.get', { id })).token.stored).toBe(true);
  });

  it('takes no rows that nobody was told of: they are counted again where they are deleted', async () => {
    const { app, id, state } = await setUp(60);
    const plan = await value(app, 'deployment.planRemoval', { id });
    state.beforeDelete = async () => {
      state.beforeDelete = () => undefined;
      await value(app, 'audit.sync', { deploymentId: id });
    };
    expect(await code(app, 'deployment.remove', { id, token: plan.token, confirmName: 'acme' })).toBe('plan_expired');
    expect((await value(app, 'audit.summary', { deploymentId: id })).events).toBeGreaterThan(0);
    expect((await value(app, 'ledger.list', { limit: 1 })).entries[0]).toMatchObject({ action: 'deployment.removed', outcome: 'failed: plan_expired' });
  });

  it('waits for a look that is under way, and says so', async () => {
    let onStatus = (): Promise<unknown> => Promise.resolve();
    const url = await startPlain((request, response) => {
      const isStatus = request.headers.authorization !== undefined;
      (isStatus ? onStatus() : Promise.resolve()).then(() => json(response, isStatus ? 200 : 401, {}), () => response.destroy());
    });
    const { app } = await openApp();
    const { id } = await value(app, 'deployment.add', { name: 'acme', url, kind: 'navi', environment: 'production', token: jwt });
    const plan = await value(app, 'deployment.planRemoval', { id });
    const removals: string[] = [];
    onStatus = async () => { removals.push(await code(app, 'deployment.remove', { id, token: plan.token, confirmName: 'acme' })); };
    expect(await code(app, 'security.scan', { deploymentId: id })).toBe('ok');
    expect(removals).toEqual(['busy']);
    expect((await value(app, 'deployment.list', {})).deployments).toHaveLength(1);
  });
});

it('nothing in this file was logged as an error: no undeclared code left a call', () => {
  expect(log.lines.filter((line) => line.startsWith('error'))).toEqual([]);
});
