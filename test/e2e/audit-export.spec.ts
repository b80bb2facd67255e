// Exporting on the audit screen: gaps are named first, the folder is chosen by keyboard, the digest that is shown is the file's, and no file is written over.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
import { configFor } from '../deployments/navi/config.ts';
import { startNaviDeployment } from '../deployments/navi/server.ts';
import type { NaviDeployment } from '../deployments/navi/server.ts';
import { expectAccessible } from './accessible.ts';
import { startHost } from './harness.ts';
import type { DrivenHost } from './harness.ts';
import { makeFolder } from './own-files.ts';
import type { OwnFolder } from './own-files.ts';
import { ask, connect, listenForTrouble } from './set-up.ts';
import type { Trouble } from './set-up.ts';
import { goTo } from './steps.ts';

let host: DrivenHost;
let page: Page;
let navi: NaviDeployment;
let id: string;
let home: OwnFolder;
let trouble: Trouble;
let dialog: Locator;

test.beforeAll(async () => {
  home = makeFolder();
  mkdirSync(join(home.path, 'Evidence', 'INC-204'), { recursive: true });
  navi = await startNaviDeployment({ config: configFor('C1'), events: 120, seed: 34 });
  host = await startHost({ secrets: 'memory', env: { HOME: home.path } });
  page = host.page;
  await page.setViewportSize({ width: 1280, height: 800 });
  trouble = await listenForTrouble(page);
  id = await connect(page, navi, { name: 'acme export', withSync: true });
  dialog = page.getByRole('dialog', { name: 'Export events of acme export' });
});

test.beforeEach(async () => {
  if (await dialog.isVisible()) await page.keyboard.press('Escape');
  await goTo(page, 'Overview');
  await goTo(page, 'Audit');
  await page.getByRole('button', { name: 'Export…' }).first().click();
  await expect(dialog.getByRole('listbox', { name: /^Folders/ })).toBeVisible();
});

test.afterAll(async () => {
  await host?.close();
  await navi?.close();
  home?.remove();
});

const name = (): Locator => dialog.getByLabel('File name');
const go = (): Locator => dialog.getByRole('button', { name: /^Export( \d|$)/ });
const today = (): string => new Date().toISOString().slice(0, 10);

test('everything that is held goes out, in a folder chosen by keyboard, with the digest that is shown and a manifest', async () => {
  const { events } = await ask(page, 'audit.summary', { deploymentId: id });
  await expect(dialog.getByRole('radio', { name: 'JSON lines' })).toBeFocused();
  await expect(dialog).toContainText(`All ${events} events held here, oldest first. Payloads go out as they are stored: what is encrypted stays encrypted`);
  await expect(dialog).toContainText(/complete|never read/);
  await expectAccessible(page, 'the export dialog');
  await dialog.getByRole('listbox', { name: /^Folders/ }).focus();
  await page.keyboard.press('Enter');
  await expect(dialog.getByRole('navigation', { name: 'The way to this folder' })).toContainText('Evidence');
  await page.keyboard.press('Enter');
  await expect(dialog.locator('[aria-current="location"]')).toHaveText('INC-204');
  await page.keyboard.press('Backspace');
  await expect(dialog.locator('[aria-current="location"]')).toHaveText('Evidence');
  await expect(name()).toHaveValue(`acme-export-audit-${today()}.jsonl`);
  await go().click();
  const result = dialog.getByRole('group', { name: 'Export result' });
  await expect(result).toContainText(`${events} events were written.`, { timeout: 30_000 });
  await expectAccessible(page, 'an export that was written');
  const path = join(home.path, 'Evidence', `acme-export-audit-${today()}.jsonl`);
  await expect(result).toContainText(path);
  const bytes = readFileSync(path);
  await expect(result).toContainText(createHash('sha256').update(bytes).digest('hex'));
  expect(bytes.toString('utf8').trimEnd().split('\n')).toHaveLength(events);
  const manifest = JSON.parse(readFileSync(`${path}.manifest.json`, 'utf8')) as { rows: number; sha256: string; query: string };
  expect(manifest).toMatchObject({ rows: events, query: '', sha256: createHash('sha256').update(bytes).digest('hex') });
});

test('each format begins with a name of its own, and what it is for is said', async () => {
  for (const [title, extension, word] of [['CSV', 'csv', 'formula'], ['OCSF 1.4.0', 'ocsf.jsonl', '6003'], ['CEF', 'cef', 'ArcSight'], ['Syslog', 'log', 'RFC 5424'], ['JSON lines', 'jsonl', 'without loss']] as const) {
    const choice = dialog.getByRole('radio', { name: title, exact: true });
    await choice.check();
    await expect(choice).toHaveAccessibleDescription(new RegExp(word));
    await expect(name()).toHaveValue(`acme-export-audit-${today()}.${extension}`);
  }
});

test('R61: a file that is there is never written over, whether the window saw it or core alone', async () => {
  const known = join(home.path, 'known.csv');
  writeFileSync(known, 'mine');
  await dialog.getByRole('button', { name: '/', exact: true }).click();
  await dialog.getByRole('button', { name: 'Home', exact: true }).click();
  await expect(dialog.getByRole('list', { name: 'Files already in this folder' })).toContainText('known.csv');
  await name().fill('KNOWN.csv');
  await expect(name()).toHaveAttribute('aria-invalid', 'true');
  await expect(dialog).toContainText('A file of this name is there already, and it stays as it is.');
  await expect(go()).toBeDisabled();
  for (const bad of ['', '../up.csv', 'a\u202Eb']) {
    await name().fill(bad);
    await expect(go()).toBeDisabled();
  }

  await name().fill('late.csv');
  await expect(go()).toBeEnabled();
  writeFileSync(join(home.path, 'late.csv'), 'came meanwhile');
  await go().click();
  await expect(name()).toHaveAttribute('aria-invalid', 'true', { timeout: 15_000 });
  await expect(dialog).toContainText('A file of this name is there already');
  expect(readFileSync(join(home.path, 'late.csv'), 'utf8')).toBe('came meanwhile');
  expect(readFileSync(known, 'utf8')).toBe('mine');
  await name().fill('later.csv');
  await expect(go()).toBeEnabled();
  expect(readdirSync(home.path).filter((file) => file.includes('partial'))).toEqual([]);
});

test('an export of a query says which, and holds what matches and nothing else', async () => {
  await page.keyboard.press('Escape');
  await page.getByRole('combobox', { name: 'Query' }).fill('status:>=400');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Export…' }).first()).toBeEnabled();
  await page.getByRole('button', { name: 'Export…' }).first().click();
  await expect(dialog).toContainText(/events that match status:>=400/);
  await name().fill('errors.jsonl');
  await go().click();
  await expect(dialog.getByRole('group', { name: 'Export result' })).toContainText(/\d+ events were written, those that match the query\./, { timeout: 30_000 });
  const written = readFileSync(join(home.path, 'errors.jsonl'), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as { status_code: number });
  await expect(dialog).toContainText(`${written.length} events were written`);
  expect(written.length).toBeGreaterThan(0);
  expect(written.filter((row) => row.status_code < 400)).toEqual([]);
  expect(await trouble.all()).toEqual([]);
});
