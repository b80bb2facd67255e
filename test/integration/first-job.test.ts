// The job of the foundation through the whole core, against the reference deployment in each dialect: connect, sync, decrypt offline, ledger.
import { afterEach, describe, expect, it } from 'vitest';
import { createApp } from '#core/app.ts';
import type { App } from '#core/app.ts';
import { configFor, STATES } from '../deployments/navi/config.ts';
import { startNaviDeployment } from '../deployments/navi/server.ts';
import { code, value } from '../support/calls.ts';
import { keptLog, temporaryFolder, testPorts } from '../support/ports.ts';

const log = keptLog();
const cleanups: (() => unknown)[] = [];
afterEach(async () => { for (const clean of cleanups.splice(0).reverse()) await clean(); });

async function openApp(profileDir: string): Promise<App> {
  const app = await createApp(testPorts(profileDir, { log }), { version: 'test', secrets: { store: 'keychain', passphrase: null } });
  cleanups.push(() => app.close());
  return app;
}

async function setUp(dialect: 'A' | 'C0' | 'C1', events = 2500) {
  const folder = temporaryFolder('first-job');
  cleanups.push(folder.remove);
  const server = await startNaviDeployment({ config: configFor(dialect, dialect === 'A' ? ['rate-limit-inert'] : []), seed: 7, events });
  cleanups.push(() => server.close());
  const app = await openApp(`${folder.path}/profile`);
  const added = await value(app, 'deployment.add', { name: 'acme', url: server.url, kind: 'navi', environment: 'production', token: server.signToken({ sub: 'auth0|admin1', org_id: 'acme', role: 'admin' }) });
  return { folder, server, app, id: added.id };
}

describe.each(['A', 'C0', 'C1'] as const)('dialect %s', (dialect) => {
  it('is recognised, synced, shown, decrypted for a reason, and the ledger verifies', async () => {
    const { server, app, id, folder } = await setUp(dialect);
    const probe = await value(app, 'deployment.test', { id });
    expect(probe).toMatchObject({ reached: true, dialect, role: 'admin', token: 'accepted', anonymous: 'refused', transport: 'loopback' });

    const synced = await value(app, 'audit.sync', { deploymentId: id });
    expect(synced.added).toBeGreaterThan(1500);
    const again = await value(app, 'audit.sync', { deploymentId: id });
    expect(again).toMatchObject({ added: 0, changed: 0 });

    const { checks } = await value(app, 'security.scan', { deploymentId: id });
    // No probe was allowed: what is only declared is no proof.
    expect(checks.find((check) => check.id === 'jwt.enabled')?.state).toBe('unknown');
    expect(checks.find((check) => check.id === 'retention.enabled')?.state).toBe('pass');
    expect(checks.find((check) => check.id === 'retention.overdue')?.state).not.toBe('pass');

    for (const { keyId, key } of [server.secrets.olderAuditKey, server.secrets.activeAuditKey]) await value(app, 'audit.keyAdd', { deploymentId: id, keyId, key });
    const page = await value(app, 'audit.search', { deploymentId: id, limit: 1000 });
    const encrypted = page.events.find((event) => event.payloadState === 'encrypted');
    if (dialect === 'C0') {
      expect(encrypted).toBeUndefined();
      expect(new Set(page.events.map((event) => event.payloadState))).toEqual(new Set(['not-offered']));
      return;
    }
    if (encrypted === undefined) throw new Error('no encrypted row was synced');

    await server.close();
    expect(await code(app, 'audit.decrypt', { deploymentId: id, id: encrypted.id, reason: 'no' })).toBe('invalid_input');
    const before = (await value(app, 'ledger.list', {})).total;
    const opened = await value(app, 'audit.decrypt', { deploymentId: id, id: encrypted.id, reason: 'INC-42 review' });
    expect(JSON.parse(opened.payload)).toBeTypeOf('object');
    expect(opened).toMatchObject({ wasEncrypted: true, where: 'here', ledgerEntry: before + 1, keyIdOnRow: encrypted.keyId });
    const { entries } = await value(app, 'ledger.list', { limit: 1 });
    expect(entries[0]).toMatchObject({ action: 'audit.decrypt', deployment: 'acme', subject: `event ${encrypted.id}`, reason: 'INC-42 review', actor: 'tester' });
    expect(await value(app, 'ledger.verify', {})).toMatchObject({ verdict: 'intact' });

    await app.close();
    const later = await openApp(`${folder.path}/profile`);
    expect(await value(later, 'audit.count', { deploymentId: id })).toEqual({ matching: synced.total, total: synced.total });
    expect(JSON.parse((await value(later, 'audit.decrypt', { deploymentId: id, id: encrypted.id, reason: 'INC-42 again' })).payload)).toBeTypeOf('object');
    expect(await code(later, 'audit.sync', { deploymentId: id })).toBe('connection_refused');
    expect((await value(later, 'deployment.get', { id })).reachability).toMatchObject({ state: 'unreachable', errorCode: 'connection_refused' });
  });
});

describe('decryption on the server', () => {
  it('C1 opens a row, with the request in the ledger before it leaves', async () => {
    const { app, id, server } = await setUp('C1', 300);
    await value(app, 'audit.sync', { deploymentId: id });
    const { events } = await value(app, 'audit.search', { deploymentId: id, limit: 1000 });
    const row = events.find((event) => event.payloadState === 'encrypted' && event.keyId === 'audit-2026-01');
    if (row === undefined) throw new Error('no row under the current key');
    const opened = await value(app, 'audit.decrypt', { deploymentId: id, id: row.id, reason: 'INC-42', where: 'server' });
    expect(opened).toMatchObject({ where: 'server', keyId: 'audit-2026-01', wasEncrypted: true });
    const { entries } = await value(app, 'ledger.list', { limit: 2 });
    expect(entries.map((entry) => entry.action)).toEqual(['audit.decrypt', 'audit.decrypt.requested']);
    expect(server.requests.at(-1)?.url).toBe(`/api/audit/${row.id}/decrypt`);
  });

  it('a failure is an entry too', async () => {
    const { app, id } = await setUp('C1', 300);
    await value(app, 'audit.sync', { deploymentId: id });
    const { events } = await value(app, 'audit.search', { deploymentId: id, limit: 1000 });
    const row = events.find((event) => event.payloadState === 'encrypted');
    if (row === undefined) throw new Error('no encrypted row');
    expect(await code(app, 'audit.decrypt', { deploymentId: id, id: row.id, reason: 'INC-42' })).toBe('no_key');
    expect((await value(app, 'ledger.list', { limit: 1 })).entries[0]).toMatchObject({ action: 'audit.decrypt', outcome: 'failed: no_key' });
  });
});

describe('a deployment in trouble', () => {
  it('with its database down: status and probe still speak, list and sync fail by name, what was synced stays', async () => {
    const { app, id, server } = await setUp('C1', 200);
    await value(app, 'audit.sync', { deploymentId: id });
    server.reconfigure(STATES['database-down']);
    expect(await code(app, 'audit.sync', { deploymentId: id })).toBe('server_error');
    const { checks } = await value(app, 'security.scan', { deploymentId: id });
    expect(checks.find((check) => check.id === 'retention.overdue')).toMatchObject({ state: 'unknown' });
    expect((await value(app, 'audit.summary', { deploymentId: id })).events).toBeGreaterThan(0);
  });

  it('with authentication off: the check fails', async () => {
    const { app, id, server } = await setUp('C1', 50);
    server.reconfigure(STATES['jwt-off']);
    const { checks } = await value(app, 'security.scan', { deploymentId: id });
    expect(checks.find((check) => check.id === 'jwt.enabled')).toMatchObject({ state: 'fail' });
  });

  it('another address makes nothing known of the old one count', async () => {
    const { app, id } = await setUp('C1', 50);
    expect((await value(app, 'security.scan', { deploymentId: id })).counts.pass).toBeGreaterThan(0);
    await value(app, 'deployment.edit', { id, url: 'http://127.0.0.1:9' });
    const view = await value(app, 'security.show', { deploymentId: id });
    expect(view.counts).toMatchObject({ pass: 0 });
    expect(view.checks.flatMap(({ evidence }) => evidence).filter(({ source }) => source.startsWith('GET'))).toEqual([]);
    expect((await value(app, 'deployment.get', { id })).dialect).toBeNull();
  });
});

describe('removal', () => {
  it('needs the armed token and the exact name, and takes rows and secrets with it', async () => {
    const { app, id, server } = await setUp('C1', 200);
    await value(app, 'audit.sync', { deploymentId: id });
    const key = server.secrets.activeAuditKey;
    await value(app, 'audit.keyAdd', { deploymentId: id, keyId: key.keyId, key: key.key });
    expect(await code(app, 'deployment.remove', { id, token: 'x', confirmName: 'acme' })).toBe('plan_expired');
    const plan = await value(app, 'deployment.planRemoval', { id });
    expect(plan).toMatchObject({ name: 'acme', keys: 1 });
    expect(await code(app, 'deployment.remove', { id, token: plan.token, confirmName: 'ACME' })).toBe('confirmation_mismatch');
    expect(await code(app, 'deployment.remove', { id, token: plan.token, confirmName: 'acme' })).toBe('plan_expired');
    const second = await value(app, 'deployment.planRemoval', { id });
    expect(await value(app, 'deployment.remove', { id, token: second.token, confirmName: 'acme' })).toMatchObject({ eventsRemoved: plan.events, secretsRemoved: 3 });
    expect((await value(app, 'deployment.list', {})).deployments).toEqual([]);
    expect(await value(app, 'ledger.verify', {})).toMatchObject({ verdict: 'intact' });
  });
});

it('nothing in this file was logged as an error: no undeclared code left a call, and no background work failed', () => {
  expect(log.lines.filter((line) => line.startsWith('error'))).toEqual([]);
});
