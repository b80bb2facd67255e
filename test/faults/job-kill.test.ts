// R38: kill -9 during sync and during decrypt. Nothing acknowledged is lost, nothing is half applied, and the ledger verifies after every kill.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '#core/app.ts';
import type { App } from '#core/app.ts';
import type { CallOutput } from '#shared/contract.ts';
import { configFor } from '../deployments/navi/config.ts';
import { startNaviDeployment } from '../deployments/navi/server.ts';
import { value } from '../support/calls.ts';
import { temporaryFolder, testPorts } from '../support/ports.ts';
import { isLong, randomFrom, seed } from './children/db-profile.ts';
import { runAndKill } from './children/kill-child.ts';

const kills = isLong ? 100 : 20;
const folder = temporaryFolder('job-kill');
const profileDir = `${folder.path}/profile`;

const random = randomFrom(seed);

async function open(): Promise<App> {
  return createApp(testPorts(profileDir, { host: 'cli' }), { version: 'test', secrets: { store: 'keychain', passphrase: null } });
}

let server: Awaited<ReturnType<typeof startNaviDeployment>>;
let deploymentId = '';
beforeAll(async () => {
  server = await startNaviDeployment({ config: configFor('C1'), seed: 7, events: 30_000 });
  const app = await open();
  deploymentId = (await value(app, 'deployment.add', { name: 'acme', url: server.url, kind: 'navi', token: server.signToken({ sub: 'auth0|admin1', org_id: 'acme', role: 'admin' }) })).id;
  for (const { keyId, key } of [server.secrets.olderAuditKey, server.secrets.activeAuditKey]) await value(app, 'audit.keyAdd', { deploymentId, keyId, key });
  await value(app, 'deployment.test', { id: deploymentId });
  await app.close();
}, 60_000);
afterAll(async () => {
  await server.close();
  folder.remove();
});

describe('kill -9', () => {
  it(`during sync, ${kills} times: rows only grow, each with its content, and the last sync completes`, async () => {
    let held = 0;
    let killed = 0;
    for (let round = 0; round < kills; round += 1) {
      const lines = await runAndKill('job-child', [profileDir, 'sync', deploymentId], { arm: (line) => line === 'open', delayMs: random(400) });
      expect(lines[0]).toBe('open');
      if (!lines.some((line) => line.startsWith('synced'))) killed += 1;
      const app = await open();
      const summary = await value(app, 'audit.summary', { deploymentId });
      expect(summary.events).toBeGreaterThanOrEqual(held);
      held = summary.events;
      expect(['intact', 'intact-head-behind']).toContain((await value(app, 'ledger.verify', {})).verdict);
      await app.close();
    }
    expect(killed).toBeGreaterThan(kills / 4);
    const app = await open();
    const done = await value(app, 'audit.sync', { deploymentId });
    expect(done.changed).toBe(0);
    const again = await value(app, 'audit.sync', { deploymentId });
    expect(again).toMatchObject({ added: 0, changed: 0, payloadsAdded: 0 });
    await app.close();
  }, 600_000);

  it(`during decrypt, ${kills} times: every payload that was shown has its ledger entry, and the ledger verifies`, async () => {
    const first = await open();
    const { events } = await value(first, 'audit.search', { deploymentId, limit: 1000 });
    await first.close();
    const ids: number[] = [];
    for (const event of events) if (event.payloadState === 'encrypted' && event.keyId !== null && ids.length < 20) ids.push(event.id);
    // Rows that no held key opens would end the child; keep those that open.
    const app = await open();
    const opens: number[] = [];
    for (const id of ids) if ((await app.dispatch('audit.decrypt', { deploymentId, id, reason: 'choose rows' })).ok) opens.push(id);
    await app.close();
    expect(opens.length).toBeGreaterThan(3);

    const shown: { seq: number; reason: string }[] = [];
    for (let round = 0; round < kills; round += 1) {
      const lines = await runAndKill('job-child', [profileDir, 'decrypt', deploymentId, opens.join(',')], { arm: (line) => line.startsWith('shown'), delayMs: random(60) });
      expect(lines.filter((line) => line.startsWith('refused'))).toEqual([]);
      for (const line of lines) {
        const match = /^shown (\d+) (kill test .*)$/.exec(line);
        if (match) shown.push({ seq: Number(match[1]), reason: match[2] ?? '' });
      }
      const check = await open();
      expect(['intact', 'intact-head-behind']).toContain((await value(check, 'ledger.verify', {})).verdict);
      await check.close();
    }
    expect(shown.length).toBeGreaterThanOrEqual(kills);
    const last = await open();
    const entries = new Map<number, string | null>();
    for (let before: number | null = null; ;) {
      const page: CallOutput<'ledger.list'> = await value(last, 'ledger.list', { before, limit: 1000 });
      for (const entry of page.entries) entries.set(entry.seq, entry.reason);
      const oldest = page.entries.at(-1);
      if (oldest === undefined || oldest.seq === 1) break;
      before = oldest.seq;
    }
    for (const { seq, reason } of shown) expect(entries.get(seq)).toBe(reason);
    await last.close();
  }, 600_000);
});
