// The security screen: sixteen checks, each with its state and evidence, and the truth when the deployment is weak, half dead or away.
import { expect, test } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
import { configFor } from '../deployments/navi/config.ts';
import { startNaviDeployment } from '../deployments/navi/server.ts';
import type { NaviDeployment } from '../deployments/navi/server.ts';
import { startHost } from './harness.ts';
import type { DrivenHost } from './harness.ts';
import { ask, connect } from './set-up.ts';
import { goTo, refreshSecurity } from './steps.ts';

const CHECKS = [
  'Requests must carry a valid token', 'A signing secret is set', 'No retired signing secret is still accepted', 'A secret rotation works', 'Audit payloads are encrypted', 'Audit keys have an id of their own',
  'A key for connector tokens is set', 'The token encryption key is named', 'Audit retention is switched on', 'The retention period is usable', 'No rows are overdue for purging', 'The purge cutoff agrees with our clock',
  'The default sign-in tenant is not in use', 'A sign-in client is configured', 'A token audience is configured', 'The device sign-in flow is closed',
];

let host: DrivenHost;
let page: Page;

test.beforeAll(async () => {
  host = await startHost({ secrets: 'memory' });
  page = host.page;
  await page.setViewportSize({ width: 1280, height: 800 });
});

test.afterAll(async () => {
  await host?.close();
});

const grid = (): Locator => page.getByRole('grid', { name: 'Checks' });
const check = (title: string): Locator => grid().getByRole('row', { name: new RegExp(title) });
const pane = (): Locator => page.getByRole('complementary', { name: 'Selected check' });
const states = async (): Promise<string[]> => (await grid().locator('tbody tr').evaluateAll((found) => found.map((row) => row.getAttribute('aria-label') ?? ''))).map((label) => label.split(':')[0] ?? '');

/** Each test has a deployment of its own, and leaves none behind. */
async function withDeployment(name: string, navi: NaviDeployment, run: (id: string) => Promise<void>): Promise<void> {
  try {
    const id = await connect(page, navi, { name });
    await page.getByRole('button', { name: /Choose a deployment/ }).click();
    await page.getByRole('menuitemradio', { name: new RegExp(name) }).click();
    await goTo(page, 'Security');
    await run(id);
  } finally {
    await navi.close();
  }
}

test('nothing is known before the deployment was asked; then there are sixteen checks, none passing without proof', async () => {
  await withDeployment('acme-checks', await startNaviDeployment({ config: configFor('C1'), events: 0, seed: 21 }), async () => {
    await expect(page.getByRole('heading', { name: 'Nothing is known yet' })).toBeVisible();
    await refreshSecurity(page);
    for (const title of CHECKS) await expect(check(title), title).toHaveCount(1);
    await expect(check('No rows are overdue')).toHaveAccessibleName(/^unknown/);
    await check('No rows are overdue').click();
    await expect(pane()).toContainText('The server also reports 0 when its query fails, for example with the database down. So 0 proves nothing.');
    await expect(check('A secret rotation works')).toHaveAccessibleName(/^unknown/);
    await check('A secret rotation works').click();
    await expect(pane()).toContainText('No token was tried.');
    await expect(check('Audit payloads are encrypted')).toHaveAccessibleName(/^unknown/);
    await expect(check('Requests must carry a valid token')).toHaveAccessibleName(/^pass/);
    const counted = (await states()).reduce<Record<string, number>>((count, state) => ({ ...count, [state]: (count[state] ?? 0) + 1 }), {});
    await expect(page.getByRole('main').getByText(new RegExp(`known and fresh: ${counted['pass']} pass, ${counted['fail']} fail`))).toBeVisible();
    await expect(page.getByRole('main')).not.toContainText('%');
  });
});

test('a check shows its evidence: path, raw value, source and time, declared apart from observed', async () => {
  await withDeployment('acme-evidence', await startNaviDeployment({ config: configFor('C1'), events: 0, seed: 22 }), async () => {
    await refreshSecurity(page);
    await check('The retention period is usable').click();
    await expect(pane()).toContainText('$.audit_retention.retention_days');
    await expect(pane()).toContainText('= 90');
    await expect(pane()).toContainText('GET /api/admin/security/status');
    await expect(pane()).toContainText('No probe has looked.');
    await expect(pane().locator('time').first()).toHaveAttribute('title', /UTC/);
    await check('Requests must carry a valid token').click();
    const evidence = pane().locator('dl');
    await expect(evidence.getByText('Declared', { exact: true }).locator('xpath=..')).toContainText('$.jwt.enabled = true');
    await expect(evidence.getByText('Observed', { exact: true }).locator('xpath=..')).toContainText('HTTP 401');
    await expect(pane()).toContainText('Why it matters');
    await expect(pane()).toContainText('Severity critical');
  });
});

test('checks sort by state, severity and title, filter by text and state, and move by keyboard', async () => {
  await withDeployment('acme-sort', await startNaviDeployment({ config: configFor('C1'), events: 0, seed: 23 }), async () => {
    await refreshSecurity(page);
    const rank = ['fail', 'unknown', 'stale', 'pass', 'not applicable'];
    const byState = (await states()).map((state) => rank.indexOf(state));
    expect(byState).toEqual(byState.toSorted((left, right) => left - right));
    await expect(page.getByRole('columnheader', { name: 'State' })).toHaveAttribute('aria-sort', 'ascending');
    const titles = async (): Promise<string[]> => grid().locator('tbody td:nth-child(2)').allInnerTexts();
    await page.getByRole('button', { name: 'Check', exact: true }).click();
    await expect.poll(titles).toEqual([...CHECKS].sort());
    await page.getByRole('button', { name: 'Check', exact: true }).click();
    await expect.poll(titles).toEqual([...CHECKS].sort().reverse());
    await expect(page.getByRole('columnheader', { name: 'Check' })).toHaveAttribute('aria-sort', 'descending');
    await page.getByRole('button', { name: 'Severity', exact: true }).click();
    const severities = await grid().locator('tbody td:nth-child(4)').allInnerTexts();
    const order = ['critical', 'high', 'medium', 'low'];
    expect(severities.map((word) => order.indexOf(word))).toEqual(severities.map((word) => order.indexOf(word)).toSorted((left, right) => left - right));

    await page.getByLabel('Filter checks by text').fill('retention');
    await expect.poll(titles).toEqual(expect.arrayContaining(['Audit retention is switched on', 'The retention period is usable']));
    expect((await titles()).length).toBeLessThan(6);
    await page.getByLabel('Filter checks by text').fill('');
    await page.getByRole('main').getByRole('button', { name: /fail$/ }).click();
    await expect.poll(async () => new Set(await states())).toEqual(new Set(['fail']));
    await page.getByLabel('Filter checks by text').fill('no check says this');
    await expect(page.getByRole('heading', { name: 'No check matches' })).toBeVisible();
    await page.getByRole('button', { name: 'Show all checks' }).click();
    await expect(grid().getByRole('row')).toHaveCount(17);

    await grid().locator('tbody tr').first().click();
    await page.keyboard.press('j');
    await expect(grid().locator('tbody tr').nth(1)).toBeFocused();
    await expect(grid().locator('tbody tr').nth(1)).toHaveAttribute('aria-selected', 'true');
    await page.keyboard.press('ArrowUp');
    await expect(grid().locator('tbody tr').first()).toBeFocused();
    await page.keyboard.press('End');
    await expect(grid().locator('tbody tr').nth(15)).toHaveAttribute('aria-selected', 'true');
  });
});

test('with JWT off a request without a token is served, and that is what counts', async () => {
  await withDeployment('acme-open', await startNaviDeployment({ config: configFor('C1', ['jwt-off']), events: 0, seed: 24 }), async () => {
    await refreshSecurity(page);
    await expect(check('Requests must carry a valid token')).toHaveAccessibleName(/^fail/);
    await check('Requests must carry a valid token').click();
    await expect(pane()).toContainText('a request without a token was served');
    await expect(pane().getByText('Observed', { exact: true }).locator('xpath=..')).toContainText('HTTP 200');
    await expect(pane().getByText('Declared', { exact: true }).locator('xpath=..')).toContainText('$.jwt.enabled = false');
    await expect(check('A signing secret is set')).toHaveAccessibleName(/^not applicable/);
    await expect(page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name: /Security.*failing checks?/ })).toBeVisible();
  });
});

test('with the database down the server still answers 0 overdue rows, and that is unknown', async () => {
  await withDeployment('acme-dead-db', await startNaviDeployment({ config: configFor('C1', ['database-down']), events: 0, seed: 25 }), async () => {
    await refreshSecurity(page);
    await expect(check('No rows are overdue')).toHaveAccessibleName(/^unknown/);
    await expect(check('No rows are overdue')).not.toContainText('pass');
    await check('No rows are overdue').click();
    await expect(pane()).toContainText('$.audit_retention.overdue_count');
    await expect(pane()).toContainText('0 reported');
  });
});

test('while the deployment is away, what was seen stays, with its time and the reason of the failure', async () => {
  const navi = await startNaviDeployment({ config: configFor('C1'), events: 0, seed: 26 });
  await withDeployment('acme-away', navi, async (id) => {
    await refreshSecurity(page);
    const { observedAt } = await ask(page, 'security.show', { deploymentId: id });
    const before = await states();
    await navi.close();
    await page.getByRole('button', { name: 'Refresh', exact: true }).click();
    const alert = page.getByRole('main').getByRole('alert');
    await expect(alert).toContainText('What was seen before is still shown, with its time.', { timeout: 20_000 });
    await expect(alert).toContainText('connection_refused');
    await expect(page.getByRole('banner')).toContainText(/Offline.*as of/);
    expect(await states()).toEqual(before);
    await expect(page.getByRole('heading', { level: 1, name: 'Security' }).locator('xpath=..').locator('time')).toHaveAttribute('datetime', observedAt ?? 'none');
    // Elsewhere and back: the failure is remembered, not only shown once.
    await goTo(page, 'Overview');
    await goTo(page, 'Security');
    await expect(page.getByRole('main')).toContainText(/What was seen before is still shown/);
    expect(await states()).toEqual(before);
  });
});

test('a deployment that never answered shows why, and claims nothing', async () => {
  const navi = await startNaviDeployment({ config: configFor('C1'), events: 0, seed: 27 });
  const { id } = await ask(page, 'deployment.add', { name: 'acme-never', url: navi.url, kind: 'navi' });
  await navi.close();
  await page.getByRole('button', { name: /Choose a deployment/ }).click();
  await page.getByRole('menuitemradio', { name: /acme-never/ }).click();
  await goTo(page, 'Security');
  await page.getByRole('main').getByRole('button', { name: 'Refresh', exact: true }).first().click();
  await expect(page.getByRole('main').getByRole('alert')).toContainText('connection_refused', { timeout: 20_000 });
  await expect(page.getByText('The deployment has never answered the status request, so every check is unknown.')).toBeVisible();
  await expect(grid()).toBeHidden();
  expect((await ask(page, 'security.show', { deploymentId: id })).counts).toMatchObject({ pass: 0, fail: 0 });
});
