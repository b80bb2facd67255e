// Reports from the window: each form says what it is for, the file that is named is the one that was written, with its digest, and no file is written over.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
import { REPORT_FORMATS } from '#shared/contract/security-report.ts';
import { configFor } from '../deployments/navi/config.ts';
import { startNaviDeployment } from '../deployments/navi/server.ts';
import type { NaviDeployment } from '../deployments/navi/server.ts';
import { expectAccessible } from './accessible.ts';
import { startHost } from './harness.ts';
import type { DrivenHost } from './harness.ts';
import { makeFolder } from './own-files.ts';
import type { OwnFolder } from './own-files.ts';
import { adminToken, ask, listenForTrouble } from './set-up.ts';
import type { Trouble } from './set-up.ts';
import { goTo } from './steps.ts';

const NAME = 'acme report';

let host: DrivenHost;
let page: Page;
let navi: NaviDeployment;
let home: OwnFolder;
let trouble: Trouble;
let dialog: Locator;

test.beforeAll(async () => {
  home = makeFolder();
  for (const folder of ['Evidence', 'Gone']) mkdirSync(join(home.path, folder));
  navi = await startNaviDeployment({ config: configFor('C1'), events: 0, seed: 91 });
  host = await startHost({ secrets: 'memory', env: { HOME: home.path } });
  page = host.page;
  await page.setViewportSize({ width: 1280, height: 800 });
  trouble = await listenForTrouble(page);
  const { id } = await ask(page, 'deployment.add', { name: NAME, url: navi.url, kind: 'navi', environment: 'development', token: adminToken(navi) });
  await ask(page, 'security.scan', { deploymentId: id });
  // From here on nobody answers: a report needs no deployment.
  await navi.close();
  dialog = page.getByRole('dialog', { name: `Report on ${NAME}` });
});

test.beforeEach(async () => {
  if (await dialog.isVisible()) await page.keyboard.press('Escape');
  await goTo(page, 'Overview');
  await goTo(page, 'Security');
  await page.getByRole('button', { name: 'Report…' }).click();
  await expect(dialog.getByRole('listbox', { name: /^Folders/ })).toBeVisible();
});

test.afterAll(async () => {
  await host?.close();
  await navi?.close().catch(() => undefined);
  home?.remove();
});

const name = (): Locator => dialog.getByLabel('File name');
const write = (): Locator => dialog.getByRole('button', { name: 'Write the report' });
const result = (): Locator => dialog.getByRole('group', { name: 'Report result' });
const stem = (): string => `acme-report-security-${new Date().toISOString().slice(0, 10)}`;

test('every form is written where it was said, under the name that was proposed, with the digest that is shown', async () => {
  await expect(dialog.getByRole('radio', { name: 'HTML' })).toBeFocused();
  await expect(dialog).toContainText(/\d+ of \d+ known and fresh/);
  await expect(dialog).toContainText('nobody is asked');
  await expectAccessible(page, 'the report dialog');
  // The folder by keyboard alone.
  await dialog.getByRole('listbox', { name: /^Folders/ }).focus();
  await page.keyboard.press('Enter');
  await expect(dialog.locator('[aria-current="location"]')).toHaveText('Evidence');
  const forms = [['HTML', 'html', /disk/], ['PDF', 'pdf', /print/], ['CSV', 'csv', /spreadsheets/], ['SARIF 2.1.0', 'sarif', /build gates/], ['OSCAL 1.2.1', 'oscal.json', /NIST/], ['OCSF 1.4.0', 'ocsf.jsonl', /2003/], ['CKLB', 'cklb', /STIG Viewer 3/], ['JSON', 'json', /scripts/]] as const;
  expect(forms).toHaveLength(REPORT_FORMATS.length);
  for (const [title, extension, words] of forms) {
    const choice = dialog.getByRole('radio', { name: title, exact: true });
    await choice.check();
    await expect(choice).toHaveAccessibleDescription(words);
    await expect(name()).toHaveValue(`${stem()}.${extension}`);
    await write().click();
    await expect(result()).toContainText(`The report was written as ${title}.`, { timeout: 30_000 });
    await expect(result()).toBeFocused();
    const path = join(home.path, 'Evidence', `${stem()}.${extension}`);
    const bytes = readFileSync(path);
    expect(bytes.length).toBeGreaterThan(200);
    await expect(result()).toContainText(path);
    await expect(result()).toContainText(createHash('sha256').update(bytes).digest('hex'));
    if (extension === 'html') await expectAccessible(page, 'a report that was written');
    await dialog.getByRole('button', { name: 'Another form…' }).click();
    await expect(dialog.locator('[aria-current="location"]')).toHaveText('Evidence');
  }
  expect(readFileSync(join(home.path, 'Evidence', `${stem()}.pdf`)).subarray(0, 5).toString('latin1')).toBe('%PDF-');
  expect(readdirSync(join(home.path, 'Evidence')).filter((file) => file.includes('partial'))).toEqual([]);
  // A second one of the same form gets a name of its own.
  await dialog.getByRole('radio', { name: 'HTML' }).check();
  await expect(name()).toHaveValue(`${stem()}-2.html`);
});

test('R61: a file that is there is never written over, whether the window saw it or core alone', async () => {
  writeFileSync(join(home.path, 'known.html'), 'mine');
  await dialog.getByRole('button', { name: '/', exact: true }).click();
  await dialog.getByRole('button', { name: 'Home', exact: true }).click();
  await expect(dialog.getByRole('list', { name: 'Files already in this folder' })).toContainText('known.html');
  await name().fill('KNOWN.html');
  await expect(name()).toHaveAttribute('aria-invalid', 'true');
  await expect(write()).toBeDisabled();
  await name().fill('late.html');
  await expect(write()).toBeEnabled();
  writeFileSync(join(home.path, 'late.html'), 'came meanwhile');
  await write().click();
  await expect(name()).toHaveAttribute('aria-invalid', 'true', { timeout: 15_000 });
  await expect(dialog).toContainText('A file of this name is there already, and it stays as it is.');
  expect(readFileSync(join(home.path, 'late.html'), 'utf8')).toBe('came meanwhile');
  expect(readFileSync(join(home.path, 'known.html'), 'utf8')).toBe('mine');
  await name().fill('later.html');
  await write().click();
  await expect(result()).toContainText('The report was written as HTML.', { timeout: 30_000 });
});

test('a folder that went away is said, with what stays, and nothing is left behind', async () => {
  await dialog.getByRole('button', { name: '/', exact: true }).click();
  await dialog.getByRole('button', { name: 'Home', exact: true }).click();
  await dialog.getByRole('option', { name: 'Gone' }).click();
  await expect(dialog.locator('[aria-current="location"]')).toHaveText('Gone');
  await name().fill('lost.html');
  rmSync(join(home.path, 'Gone'), { recursive: true });
  await write().click();
  const alert = dialog.getByRole('alert').first();
  await expect(alert).toContainText('What was chosen stays as it is.', { timeout: 15_000 });
  await expect(name()).toHaveValue('lost.html');
  await expectAccessible(page, 'a report that could not be written');
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('button', { name: 'Report…' })).toBeFocused();
  expect(await trouble.all()).toEqual([]);
});
