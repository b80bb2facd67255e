// The console's own retention against a deployment that still has the rows: a sync brings none of them back, calls none of them vanished, and the map says what is not held any more.
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createApp } from '#core/app.ts';
import type { App } from '#core/app.ts';
import { configFor } from '../deployments/navi/config.ts';
import { startNaviDeployment } from '../deployments/navi/server.ts';
import { value } from '../support/calls.ts';
import { keptLog, temporaryFolder, testPorts } from '../support/ports.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => { for (const clean of cleanups.splice(0).reverse()) await clean(); });

async function setUp(dialect: 'A' | 'C0' | 'C1'): Promise<{ readonly app: App; readonly id: string }> {
  const folder = temporaryFolder('own-sync');
  cleanups.push(folder.remove);
  const server = await startNaviDeployment({ config: configFor(dialect, dialect === 'A' ? ['rate-limit-inert'] : []), seed: 11, events: 900 });
  cleanups.push(() => server.close());
  const app = await createApp(testPorts(`${folder.path}/profile`, { log: keptLog() }), { version: 'test', secrets: { store: 'keychain', passphrase: null } });
  cleanups.push(() => app.close());
  const { id } = await value(app, 'deployment.add', { name: 'acme', url: server.url, kind: 'navi', environment: 'production', token: server.signToken({ sub: 'auth0|admin1', org_id: 'acme', role: 'admin' }) });
  return { app, id };
}

describe.each(['A', 'C0', 'C1'] as const)('dialect %s', (dialect) => {
  it('rows that were let go stay away, and nothing is cried over them', async () => {
    const { app, id } = await setUp(dialect);
    const first = await value(app, 'audit.sync', { deploymentId: id });
    const before = await value(app, 'audit.coverage', { deploymentId: id });
    const findings = (await value(app, 'audit.findings', { deploymentId: id })).total;
    // The first number of days that takes some rows and leaves some.
    let due = 0;
    let preview = await value(app, 'retention.ownPreview', {});
    for (const rowDays of [60, 30, 20, 10, 5, 3, 2, 1]) {
      await value(app, 'retention.setOwnPolicy', { rowDays, exportDays: null, reportDays: null });
      preview = await value(app, 'retention.ownPreview', {});
      due = preview.rows.due;
      if (due > 20) break;
    }
    expect(due).toBeGreaterThan(20);
    expect(due).toBeLessThan(first.total);
    expect(await value(app, 'retention.ownPurge', { token: preview.token, digest: preview.digest })).toMatchObject({ rowsRemoved: due });
    for (const full of [false, true]) {
      const again = await value(app, 'audit.sync', { deploymentId: id, full });
      expect(again).toMatchObject({ added: 0, changed: 0, findings: 0, total: first.total - due });
      if (full) expect(again.notes.join(' ')).toMatch(/rows? came again that this workstation let go by its own rule/);
    }
    expect((await value(app, 'audit.findings', { deploymentId: id })).total).toBe(findings);
    expect(await value(app, 'audit.count', { deploymentId: id })).toEqual({ matching: first.total - due, total: first.total - due });
    expect(await value(app, 'audit.verify', { deploymentId: id })).toMatchObject({ verdict: 'intact', problemCount: 0 });
    const { segments } = await value(app, 'audit.coverage', { deploymentId: id });
    expect(segments.filter(({ reason }) => reason?.includes('by its own rule') === true).length).toBeGreaterThan(0);
    expect(before.segments.some(({ reason }) => reason?.includes('by its own rule') === true)).toBe(false);
    expect(segments.filter(({ to, from, state }) => (state === 'complete' || state === 'own-org') && from === null && to !== null)).toEqual([]);
  });
});

it('exports, their manifests and reports are noted when they are written, and named when the deployment goes', async () => {
  const { app, id } = await setUp('C1');
  await value(app, 'audit.sync', { deploymentId: id });
  const folder = temporaryFolder('own-files');
  cleanups.push(folder.remove);
  const [rows, report] = [join(folder.path, 'rows.jsonl'), join(folder.path, 'report.csv')];
  await value(app, 'audit.export', { deploymentId: id, query: '', format: 'jsonl', path: rows });
  await value(app, 'security.scan', { deploymentId: id });
  await value(app, 'security.report', { deploymentId: id, format: 'csv', path: report });
  expect((await value(app, 'deployment.planRemoval', { id })).files.toSorted()).toEqual([report, rows, `${rows}.manifest.json`].toSorted());
});
