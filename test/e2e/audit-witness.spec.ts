// The witness on the audit screen: nothing is green before it was verified, limits stand in plain sight, a row that changed at the server is shown in both versions, and checks lead to their rows.
import { expect, test } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
import { configFor } from '../deployments/navi/config.ts';
import type { NewAuditRow } from '../deployments/navi/audit-row.ts';
import { startNaviDeployment } from '../deployments/navi/server.ts';
import type { NaviDeployment } from '../deployments/navi/server.ts';
import { expectAccessible } from './accessible.ts';
import { startHost } from './harness.ts';
import type { DrivenHost } from './harness.ts';
import { ask, connect, listenForTrouble } from './set-up.ts';
import type { Trouble } from './set-up.ts';
import { goTo } from './steps.ts';

const UNTIL = new Date(Math.floor(Date.now() / 1000) * 1000 - 3_600_000);
const SEED = 44;

let host: DrivenHost;
let page: Page;
let navi: NaviDeployment;
let id: string;
let trouble: Trouble;

const row = (statusCode: number, actorEmail: string): NewAuditRow => ({
  orgKey: 'acme', actorSub: 'auth0|acme-security-admin', actorEmail, route: '/e2e/watched', method: 'POST', eventType: 'http.request', resourceId: 'e2e-watched', payload: { query_params: { q: 'watched' } }, statusCode, createdAtMicros: (UNTIL.getTime() + 60_000) * 1000,
});

test.beforeAll(async () => {
  navi = await startNaviDeployment({ config: configFor('C1'), events: 80, seed: SEED, eventsUntil: UNTIL });
  navi.insertRows([row(403, 'security-admin@acme.example')]);
  host = await startHost({ secrets: 'memory' });
  page = host.page;
  await page.setViewportSize({ width: 1280, height: 800 });
  trouble = await listenForTrouble(page);
  id = await connect(page, navi, { name: 'acme-witness', withSync: true, withKeys: true });
});

test.beforeEach(async () => {
  await goTo(page, 'Overview');
  await goTo(page, 'Audit');
  await page.getByRole('button', { name: 'Witness', exact: true }).click();
  await expect(panel().getByRole('tablist')).toBeVisible();
});

test.afterAll(async () => {
  await host?.close();
  await navi?.close();
});

const panel = (): Locator => page.getByRole('region', { name: 'Witness', exact: true });
const verdict = (): Locator => panel().getByRole('region', { name: 'Verdict' });

test('nothing is green before it was verified; then the word, the figures and the limits stand together', async () => {
  await expect(verdict()).toContainText('not verified');
  await expect(verdict().locator('.chip-pass')).toHaveCount(0);
  await panel().getByRole('button', { name: 'Verify now' }).click();
  await expect(verdict().locator('.chip')).toHaveText('intact', { timeout: 30_000 });
  const answer = await ask(page, 'audit.verify', { deploymentId: id });
  await expect(verdict()).toContainText(answer.limits);
  await expect(verdict()).toContainText(String(answer.leaves));
  await expect(verdict()).toContainText(answer.root ?? 'no root');
  await expect(verdict()).toContainText(/[0-9a-f]{4} [0-9a-f]{4} [0-9a-f]{4} [0-9a-f]{4}/);
  await expectAccessible(page, 'a verdict');
  await panel().getByRole('tab', { name: /Problems/ }).click();
  await expect(panel()).toContainText('No problem found');
});

test('checkpoints are listed with the signed note, which can be copied', async () => {
  await panel().getByRole('tab', { name: /Checkpoints/ }).click();
  const { checkpoints } = await ask(page, 'audit.checkpoints', { deploymentId: id });
  await expect(panel().getByRole('grid', { name: 'Checkpoints' }).locator('tbody tr')).toHaveCount(checkpoints.length);
  expect(checkpoints.length).toBeGreaterThan(0);
  await expect(panel().getByLabel('Signed note')).toContainText('—');
  await expectAccessible(page, 'checkpoints');
  await panel().getByRole('button', { name: 'Copy the note' }).click();
  await expect(panel()).toContainText(/Leaves the clipboard after/);
});

test('tabs go by arrows, Escape leads back, and a check leads to its rows', async () => {
  await panel().getByRole('tab', { name: /Free checks/ }).focus();
  await page.keyboard.press('Home');
  await expect(panel().getByRole('tab', { name: /Findings/ })).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('End');
  await expect(panel().getByRole('tab', { name: /Free checks/ })).toBeFocused();
  const { checks } = await ask(page, 'audit.checks', { deploymentId: id });
  await expect(panel().getByRole('region', { name: 'Free checks' }).getByRole('heading')).toHaveText(checks.map(({ title }) => title));
  for (const check of checks) await expect(panel().getByRole('listitem').filter({ has: page.getByRole('heading', { name: check.title, exact: true }) })).toContainText(check.state);
  const found = checks.find(({ query, rows }) => query !== null && rows > 0);
  expect(found, 'the reference deployment has rows for one of the checks').toBeDefined();
  await panel().getByRole('button', { name: `Show these rows: ${found?.title}` }).click();
  await expect(panel()).toBeHidden();
  await expect(page.getByRole('combobox', { name: 'Query' })).toHaveValue(found?.query ?? '');

  await page.getByRole('button', { name: 'Witness', exact: true }).click();
  await page.keyboard.press('Escape');
  await expect(panel()).toBeHidden();
});

test('a row that the server gives with other content is a finding, in both versions, line by line', async () => {
  const { port } = new URL(navi.url);
  const { secrets } = navi;
  await navi.close();
  navi = await startNaviDeployment({ config: configFor('C1'), events: 80, seed: SEED, eventsUntil: UNTIL, port: Number(port), secrets });
  navi.insertRows([row(200, 'somebody-else@acme.example')]);
  await ask(page, 'audit.sync', { deploymentId: id, full: true });
  await panel().getByRole('tab', { name: /Findings/ }).click();
  const finding = panel().getByRole('listbox', { name: 'Findings' }).getByRole('option').filter({ hasText: 'changed' }).first();
  await expect(finding).toBeVisible({ timeout: 15_000 });
  await finding.click();
  const versions = panel().getByRole('region', { name: 'Both versions' });
  await expect(versions.locator('.versions-old')).toContainText(['security-admin@acme.example', '403']);
  await expect(versions.locator('.versions-new')).toContainText(['somebody-else@acme.example', '200']);
  await expect(versions).toContainText('2 lines differ.');
  await expectAccessible(page, 'a finding');
  await panel().getByRole('button', { name: 'Show the event' }).click();
  await expect(page.getByRole('combobox', { name: 'Query' })).toHaveValue(/^id:\d+$/);
  await expect(page.getByRole('grid', { name: 'Audit events' })).toHaveAttribute('aria-rowcount', '2');
  expect(await trouble.all()).toEqual([]);
});
