// An AI-Karen in the window: added by its address alone, its files declared by button and by drop, its answers seen from outside, and the two held against each other.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
import { configFor } from '../deployments/karen/config.ts';
import { startKarenDeployment } from '../deployments/karen/server.ts';
import type { KarenDeployment } from '../deployments/karen/server.ts';
import { expectAccessible } from './accessible.ts';
import { startHost } from './harness.ts';
import type { DrivenHost } from './harness.ts';
import { dropFiles, makeFolder, pickFiles } from './own-files.ts';
import type { OwnFolder } from './own-files.ts';
import { openSecurity, securityScreen } from './security-screen.ts';
import type { SecurityParts } from './security-screen.ts';
import { ask, listenForTrouble } from './set-up.ts';
import type { Trouble } from './set-up.ts';
import { goTo } from './steps.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/karen/${name}`, import.meta.url));

// Each step stands on the one before.
test.describe.configure({ mode: 'serial' });

let host: DrivenHost;
let page: Page;
let karen: KarenDeployment;
let screen: SecurityParts;
let trouble: Trouble;
let files: OwnFolder;

test.beforeAll(async () => {
  files = makeFolder();
  karen = await startKarenDeployment({ config: configFor('HEAD') });
  host = await startHost({ secrets: 'memory' });
  page = host.page;
  await page.setViewportSize({ width: 1280, height: 800 });
  trouble = await listenForTrouble(page);
  screen = securityScreen(page);
});

test.afterEach(async () => expect(await trouble.all()).toEqual([]));
test.afterAll(async () => {
  await host?.close();
  await karen?.close();
  files?.remove();
});

const idOf = async (): Promise<string> => (await ask(page, 'deployment.list', {})).deployments[0]?.id ?? '';
const filesDialog = (): Locator => page.getByRole('dialog', { name: 'Configuration files' });

test('it is added by its address alone: no token is asked for', async () => {
  await goTo(page, 'Overview');
  await page.getByRole('main').getByRole('button', { name: 'Add a deployment' }).first().click();
  const form = page.getByRole('complementary', { name: 'Form' });
  await expect(form.getByLabel(/^Token/).first()).toBeVisible();
  await form.getByRole('radio', { name: 'AI-Karen' }).check();
  await expect(form.getByLabel(/^Token/)).toHaveCount(0);
  await expectAccessible(page, 'the form for an AI-Karen');
  await form.getByLabel('Name', { exact: true }).fill('karen-prod');
  await form.getByLabel('Address', { exact: true }).fill(karen.url);
  await form.getByLabel('Environment', { exact: true }).selectOption('production');
  await form.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(page.getByRole('complementary', { name: 'Selected deployment' })).toContainText('AI-Karen, looked at from outside only');
  const row = page.getByRole('grid', { name: 'Deployments' }).getByRole('row', { name: /karen-prod/ });
  await expect(row.getByText('karen-prod', { exact: true })).toBeInViewport({ ratio: 1 });
  expect((await ask(page, 'deployment.list', {})).deployments).toMatchObject([{ name: 'karen-prod', kind: 'karen', token: { stored: false } }]);
  expect(karen.requests).toEqual([]);
});

test('it has no log here: the audit screen says why and leads to its checks', async () => {
  await goTo(page, 'Audit');
  await expect(page.getByRole('heading', { name: 'AI-Karen is looked at from outside only' })).toBeVisible();
  await expectAccessible(page, 'audit of an AI-Karen');
  await page.getByRole('button', { name: 'Open its checks' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Security' })).toBeVisible();
  await goTo(page, 'Overview');
  await expect(page.getByRole('main').getByRole('row', { name: /^karen-prod PRODUCTION/ })).toContainText('no audit log is read from an AI-Karen');
});

test('its files are taken in by button and by drop, named by content with their digest; anything else is refused and nothing kept', async () => {
  await openSecurity(page, 'karen-prod');
  await page.getByRole('button', { name: 'Import a configuration file…' }).click();
  await expect(filesDialog()).toContainText('No file is held yet.');
  const input = filesDialog().locator('input[type=file]');
  await pickFiles(page, input, [files.put('notes.json', '{"shopping": ["bread"]}')]);
  await expect(filesDialog().getByRole('alert')).toContainText(/notes\.json/);
  await expect(filesDialog().getByRole('alert')).toContainText('unknown_format');
  // A name says nothing: it is known by its content.
  await pickFiles(page, input, [files.put('renamed.txt', readFileSync(fixture('production.json')))]);
  await expect(filesDialog().getByRole('region', { name: 'Files held' })).toContainText(/renamed\.txt, sha256 [0-9a-f]{16}/);
  await expect(filesDialog().getByRole('alert')).toBeHidden();
  await expectAccessible(page, 'configuration files');
  await page.keyboard.press('Escape');
  await expect(screen.grid()).toBeVisible();

  await dropFiles(page, [fixture('security_production.yml')], { x: 500, y: 500, meanwhile: async () => expect(page.getByRole('main').getByText('Take in as configuration of karen-prod')).toBeVisible() });
  await expect(filesDialog().getByRole('region', { name: 'Files held' })).toContainText('security_production.yml');
  await expect(filesDialog().getByRole('region', { name: 'Files held' }).getByRole('listitem')).toHaveCount(2);
  await page.keyboard.press('Escape');
  expect(karen.requests, 'files alone send nothing').toEqual([]);
  await expect(screen.head()).toContainText(/\d+ of \d+ known and fresh: \d+ pass/);
  await expect(screen.head()).toContainText('never looked');
  expect((await screen.states()).length).toBeGreaterThanOrEqual(60);
});

test('every setting of the files has a check or a stated reason', async () => {
  expect((await ask(page, 'security.show', { deploymentId: await idOf() })).uncovered).toEqual([]);
  await openSecurity(page, 'karen-prod');
  await expect(page.getByRole('button', { name: /without a check/ })).toHaveCount(0);
});

test('a look at production waits for consent; the header bypass for one of its own', async () => {
  test.setTimeout(120_000);
  await openSecurity(page, 'karen-prod');
  await page.getByRole('button', { name: 'Look now…' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Look at karen-prod' });
  await expect(dialog.getByRole('heading', { name: 'Nothing will be sent' })).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Look now', exact: true })).toBeDisabled();
  const decide = async (name: RegExp): Promise<void> => { await dialog.getByRole('checkbox', { name }).click(); await expect(dialog.getByRole('checkbox', { name })).toBeChecked(); };
  await decide(/^Ordinary probes/);
  await expect(dialog.getByRole('checkbox', { name: /^Header bypass/ })).not.toBeChecked();
  await decide(/^Header bypass/);
  await expect(dialog.getByRole('checkbox', { name: /^Burst/ })).not.toBeChecked();
  await expect(dialog.getByText('Nobody has allowed it.')).toHaveCount(1);
  await expectAccessible(page, 'a look at an AI-Karen');
  await dialog.getByRole('button', { name: /^Look now: \d+ requests$/ }).click();
  await expect(page.getByText('Looked, and the look is kept.')).toBeVisible({ timeout: 90_000 });
  expect(karen.requests.length).toBeGreaterThan(10);
  expect([...new Set(karen.requests.map(({ method }) => method))].filter((method) => !['GET', 'HEAD', 'OPTIONS'].includes(method))).toEqual([]);
  expect(karen.requests.filter(({ headers }) => headers['authorization'] !== undefined && !String(headers['authorization']).startsWith('Bearer '))).toEqual([]);
});

test('what the files declare and what the answers show are held against each other', async () => {
  await openSecurity(page, 'karen-prod');
  const group = screen.grid().locator('tbody[data-group="contradictions"]');
  await expect(group.getByRole('row', { name: 'fail: HSTS that is declared is sent' })).toBeVisible();
  await screen.check('HSTS that is declared is sent').click();
  await expect(screen.evidence('Declared')).toContainText('disagrees');
  await expect(screen.evidence('Declared')).toContainText('$.security.hsts.max_age = 31536000');
  await expect(screen.evidence('Declared')).toContainText(/renamed\.txt, sha256/);
  await expect(screen.evidence('Observed')).toContainText('$.strict_transport_security.is_sent = false');
  await expect(screen.evidence('Observed')).toContainText('GET /health');
  await screen.check('No header skips authentication').click();
  await expect(screen.check('No header skips authentication')).toHaveAccessibleName(/^fail/);
  await expect(screen.pane()).toContainText('X-Skip-Auth');
  await expectAccessible(page, 'an AI-Karen');
  await expect(page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name: /Security.*failing checks/ })).toBeVisible();
});
