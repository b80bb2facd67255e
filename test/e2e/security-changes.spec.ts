// What changed between looks, and the fleet: compared, reviewed and shown in one glance from what is kept here, with nobody to ask.
import { expect, test } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
import { configFor } from '../deployments/navi/config.ts';
import { startNaviDeployment } from '../deployments/navi/server.ts';
import { expectAccessible } from './accessible.ts';
import { startHost } from './harness.ts';
import type { DrivenHost } from './harness.ts';
import { openSecurity, securityScreen } from './security-screen.ts';
import type { SecurityParts } from './security-screen.ts';
import { ask, connect, listenForTrouble } from './set-up.ts';
import type { Trouble } from './set-up.ts';

let host: DrivenHost;
let page: Page;
let id: string;
let screen: SecurityParts;
let trouble: Trouble;

test.beforeAll(async () => {
  host = await startHost({ secrets: 'memory' });
  page = host.page;
  await page.setViewportSize({ width: 1280, height: 800 });
  trouble = await listenForTrouble(page);
  screen = securityScreen(page);
  const navi = await startNaviDeployment({ config: configFor('C1'), events: 0, seed: 41 });
  try {
    id = await connect(page, navi, { name: 'acme-drift', withStatus: true });
    navi.reconfigure(configFor('C1', ['retention-off']));
    await ask(page, 'security.scan', { deploymentId: id });
    navi.reconfigure(configFor('C1', [], { sso: { auth0Domain: 'login.acme.example', hasClient: true, hasAudience: true } }));
    await ask(page, 'security.scan', { deploymentId: id });
  } finally {
    await navi.close();
  }
  await ask(page, 'deployment.add', { name: 'karen-far', url: 'https://karen.acme.example', kind: 'karen', environment: 'production' });
});

test.beforeEach(async () => openSecurity(page, 'acme-drift'));
test.afterEach(async () => expect(await trouble.all()).toEqual([]));
test.afterAll(async () => { await host?.close(); });

const changes = (): Locator => page.getByRole('region', { name: 'Changes', exact: true });
const kind = (title: string): Locator => changes().getByRole('region', { name: title, exact: true });
const look = (number: number): Locator => page.getByRole('table', { name: 'Looks' }).getByRole('row').filter({ has: page.getByRole('radio', { name: `To look ${number}` }) });

test('any two looks are compared, offline: broken and fixed with what was seen before and now', async () => {
  await page.getByRole('button', { name: 'What changed' }).click();
  const { snapshots } = await ask(page, 'security.history', { deploymentId: id });
  expect(snapshots.map((one) => one.id)).toEqual([3, 2, 1]);
  for (const { id: number, summary } of snapshots) await expect(look(number)).toContainText(summary);
  await expect(look(3).getByRole('radio', { name: 'To look 3' })).toBeChecked();
  await expect(look(2).getByRole('radio', { name: 'From look 2' })).toBeChecked();
  await expect(kind('Fixed')).toContainText('Audit retention is switched on');
  await expect(kind('Fixed')).toContainText('The default sign-in tenant is not in use');
  await expect(kind('Broken')).toHaveCount(0);

  await look(2).getByRole('radio', { name: 'To look 2' }).check();
  await expect(look(1).getByRole('radio', { name: 'From look 1' })).toBeChecked();
  const broken = kind('Broken').getByRole('listitem').filter({ hasText: 'Audit retention is switched on' });
  await expect(broken).toContainText(/pass\s*Declared on\s*fail\s*Declared off/);
  const diff = await ask(page, 'security.diff', { deploymentId: id, from: 1, to: 2 });
  await expect(changes()).toContainText(`${diff.unchanged} unchanged.`);
  await expect(look(2).getByRole('radio', { name: 'From look 2' })).toBeDisabled();

  await look(3).getByRole('radio', { name: 'To look 3' }).check();
  await look(1).getByRole('radio', { name: 'From look 1' }).check();
  await expect(kind('Fixed')).not.toContainText('Audit retention');
  await expect(kind('Fixed')).toContainText('The default sign-in tenant is not in use');
  await expectAccessible(page, 'what changed');
});

test('the trend says in figures where it began and where it stands', async () => {
  await page.getByRole('button', { name: 'What changed' }).click();
  const { snapshots } = await ask(page, 'security.history', { deploymentId: id });
  const [last, first] = [snapshots[0]?.counts, snapshots.at(-1)?.counts];
  await expect(page.getByRole('region', { name: 'Trend' })).toContainText(`Over 3 looks: failing ${first?.fail}, now ${last?.fail}; known and fresh`);
  await expect(page.getByRole('region', { name: 'Trend' }).locator('.trend-column')).toHaveCount(3);
});

test('a look is marked as reviewed, and later ones are compared with it', async () => {
  await page.getByRole('button', { name: 'What changed' }).click();
  await expect(page.getByRole('button', { name: 'Since the last review' })).toHaveCount(0);
  await look(1).getByRole('radio', { name: 'To look 1' }).check();
  await expect(changes()).toContainText('There is no earlier look to compare with.');
  await page.getByRole('button', { name: 'Mark look 1 as reviewed' }).click();
  await expect(look(1)).toContainText('reviewed');
  await expect(page.getByRole('button', { name: 'Look 1 is reviewed' })).toBeDisabled();
  await look(3).getByRole('radio', { name: 'To look 3' }).check();
  await page.getByRole('button', { name: 'Since the last review' }).click();
  await expect(look(1).getByRole('radio', { name: 'From look 1' })).toBeChecked();
  await expect(changes()).toContainText('the last that was reviewed');
  await page.keyboard.press('Escape');
  await expect(screen.grid()).toBeVisible();
  // Opened again it begins with what changed since the review.
  await page.getByRole('button', { name: 'What changed' }).click();
  await expect(look(1).getByRole('radio', { name: 'From look 1' })).toBeChecked();
  const entries = (await ask(page, 'ledger.list', {})).entries;
  expect(entries[0]).toMatchObject({ action: 'security.reviewed', subject: 'look 1' });
});

test('a change leads to its check, whose history shows look by look how it stood', async () => {
  await page.getByRole('button', { name: 'What changed' }).click();
  await look(2).getByRole('radio', { name: 'To look 2' }).check();
  await look(1).getByRole('radio', { name: 'From look 1' }).check();
  await kind('Broken').getByRole('button', { name: 'Audit retention is switched on' }).click();
  await expect(screen.pane().getByRole('heading', { level: 2 })).toHaveText('Audit retention is switched on');
  await expect(screen.check('Audit retention is switched on')).toHaveAttribute('aria-selected', 'true');
  const spark = screen.pane().getByRole('list', { name: 'States over 3 looks, oldest first' });
  await expect(spark.getByRole('listitem')).toHaveText([/^pass, /, /^fail, /, /^pass, /]);
  await expect(screen.pane()).toContainText('pass in the last look, since');
});

test('the fleet is a grid of deployments and checks from the cache, gone through by keyboard', async () => {
  await page.getByRole('button', { name: 'Fleet' }).click();
  const grid = page.getByRole('grid', { name: 'Fleet' });
  const fleet = await ask(page, 'security.fleet', {});
  await expect(grid.getByRole('columnheader')).toHaveCount(fleet.rows.length + 1);
  for (const { name, summary } of fleet.rows) await expect(grid.getByRole('columnheader', { name: new RegExp(name) })).toContainText(summary);
  await expect(grid.getByRole('columnheader', { name: /karen-far/ })).toContainText('never looked');
  await page.getByRole('group', { name: 'Which checks' }).getByRole('button', { name: 'All', exact: true }).click();
  await expect(grid.locator('tbody tr')).toHaveCount(fleet.checks.length);
  for (const [checkId, state] of Object.entries(fleet.rows[0]?.states ?? {}).slice(0, 12)) {
    const title = fleet.checks.find((check) => check.id === checkId)?.title ?? '';
    const row = grid.locator('tbody tr').filter({ has: page.locator('th .fleet-title', { hasText: new RegExp(`^${title.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`) }) });
    await expect(row.getByRole('gridcell').first(), title).toHaveText(`acme-drift: ${state === 'not-applicable' ? 'n/a' : ''}${state === 'not-applicable' ? 'not applicable' : state}`);
  }
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), 'the page is as wide as the window').toBe(true);
  await expectAccessible(page, 'the fleet');

  await page.getByRole('group', { name: 'Which checks' }).getByRole('button', { name: 'Failing somewhere' }).click();
  const failing = grid.locator('tbody tr');
  await expect(failing).toHaveCount(Object.values(fleet.rows[0]?.states ?? {}).filter((state) => state === 'fail').length);
  const cell = (row: number, column: number): Locator => failing.nth(row).getByRole('gridcell').nth(column);
  await cell(0, 0).focus();
  await page.keyboard.press('ArrowDown');
  await expect(cell(1, 0)).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await expect(cell(1, 1)).toBeFocused();
  await expect(cell(1, 1)).toHaveText(/^karen-far: not in its baseline/);
  await page.keyboard.press('Enter');
  await expect(grid).toBeVisible();
  await page.keyboard.press('Home');
  await expect(cell(1, 0)).toHaveText('acme-drift: fail');
  const title = await failing.nth(1).locator('.fleet-title').innerText();
  await page.keyboard.press('Enter');
  await expect(screen.pane().getByRole('heading', { level: 2 })).toHaveText(title);
});

test('the fleet leads to a deployment, and Escape leads back to the checks', async () => {
  await page.getByRole('button', { name: 'Fleet' }).click();
  await page.getByRole('grid', { name: 'Fleet' }).getByRole('button', { name: 'karen-far' }).click();
  await expect(page.getByRole('banner')).toContainText('karen-far');
  await expect(page.getByRole('heading', { name: 'Nothing is known yet' })).toBeVisible();
  await page.getByRole('button', { name: 'What changed' }).click();
  await expect(page.getByRole('region', { name: 'What changed' })).toContainText('No look is kept yet');
  await expectAccessible(page, 'no look yet');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('heading', { name: 'Nothing is known yet' })).toBeVisible();
});
