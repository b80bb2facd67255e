// Importing files on the audit screen: looked at before anything is written, all or nothing file by file, every row accounted for, and a cancel that leaves the log as it was.
import { expect, test } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
import { configFor } from '../deployments/navi/config.ts';
import { startNaviDeployment } from '../deployments/navi/server.ts';
import type { NaviDeployment } from '../deployments/navi/server.ts';
import { expectAccessible } from './accessible.ts';
import { startHost } from './harness.ts';
import type { DrivenHost } from './harness.ts';
import { dropFiles, exportRow, makeFolder, pickFiles } from './own-files.ts';
import type { OwnFolder } from './own-files.ts';
import { ask, connect, listenForTrouble } from './set-up.ts';
import type { Trouble } from './set-up.ts';
import { goTo } from './steps.ts';

let host: DrivenHost;
let page: Page;
let navi: NaviDeployment;
let id: string;
let folder: OwnFolder;
let trouble: Trouble;
let dialog: Locator;

test.beforeAll(async () => {
  folder = makeFolder();
  navi = await startNaviDeployment({ config: configFor('C1'), events: 60, seed: 33 });
  host = await startHost({ secrets: 'memory' });
  page = host.page;
  await page.setViewportSize({ width: 1280, height: 800 });
  trouble = await listenForTrouble(page);
  id = await connect(page, navi, { name: 'acme-import', withSync: true });
  dialog = page.getByRole('dialog', { name: 'Import into acme-import' });
});

test.beforeEach(async () => {
  if (await dialog.isVisible()) await page.keyboard.press('Escape');
  await goTo(page, 'Overview');
  await goTo(page, 'Audit');
});

test.afterAll(async () => {
  await host?.close();
  await navi?.close();
  folder?.remove();
});

const held = async (): Promise<number> => (await ask(page, 'audit.summary', { deploymentId: id })).events;

async function choose(...paths: readonly string[]): Promise<void> {
  if (!await dialog.isVisible()) await page.getByRole('button', { name: 'Import…' }).first().click();
  await pickFiles(page, dialog.locator('input[type=file]'), paths);
  await expect(dialog.getByRole('list', { name: 'Chosen files' }).getByRole('listitem')).toHaveCount(paths.length);
}

const list = (from: number, count: number): string => JSON.stringify(Array.from({ length: count }, (_, at) => exportRow(from + at)));

test('a file is looked at before anything is written, checked without writing, imported, and adds nothing the second time', async () => {
  const before = await held();
  const path = folder.put('acme-export.json', list(0, 30));
  const other = folder.put('picture.json', Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]));
  await choose(path, other);
  const good = dialog.getByRole('listitem', { name: 'acme-export.json' });
  await expect(good).toContainText('NAVI export, JSON');
  await expect(good.getByRole('table').getByRole('row')).toHaveCount(4);
  await expect(good.getByRole('table')).toContainText('/from-file/0');
  await expect(dialog.getByRole('listitem', { name: 'picture.json' })).toContainText('not recognised');
  await expect(dialog).toContainText('One file cannot be taken in and is left out.');
  expect(await held()).toBe(before);
  await expectAccessible(page, 'files to import');

  await dialog.getByRole('button', { name: 'Check only' }).click();
  await expect(dialog.getByRole('group', { name: 'Import report' })).toContainText('Checked only; nothing was written. 30 events would be added.', { timeout: 30_000 });
  expect(await held()).toBe(before);
  expect((await ask(page, 'audit.importList', { deploymentId: id })).imports).toEqual([]);

  await dialog.getByRole('button', { name: 'Import now' }).click();
  await expect(dialog.getByRole('group', { name: 'Import report' })).toContainText('30 events were added.', { timeout: 30_000 });
  expect(await held()).toBe(before + 30);
  await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
  await expect(dialog).toBeHidden();

  await choose(path);
  await dialog.getByRole('button', { name: 'Import 1 file' }).click();
  await expect(dialog.getByRole('group', { name: 'Import report' })).toContainText('No event was new, so none was added. 30 rows held already or empty.', { timeout: 30_000 });
  expect(await held()).toBe(before + 30);
});

test('R58, R60: one bad row and nothing is written; its line, reason and hostile beginning are shown; the good rows can be kept', async () => {
  const before = await held();
  const lines = Array.from({ length: 12 }, (_, at) => JSON.stringify(exportRow(1000 + at)));
  lines[4] = '{"id": "\u202Eno number<img src=x onerror=globalThis.__pwned=1>\u001B[31m", "route": "/x"}';
  const path = folder.put('one-bad-row.jsonl', `${lines.join('\n')}\n`);
  await choose(path);
  await dialog.getByRole('button', { name: 'Import 1 file' }).click();
  const report = dialog.getByRole('group', { name: 'Import report' });
  await expect(report).toContainText('Nothing was written: 1 row cannot be read', { timeout: 30_000 });
  const problem = report.getByRole('list', { name: 'Rows that were not taken' }).getByRole('listitem').first();
  await expect(problem).toContainText('rejected');
  await expect(problem).toContainText('line 5');
  await expect(problem).toContainText('⟨U+202E⟩');
  expect(await problem.innerText()).not.toContain('\u202E');
  expect(await held()).toBe(before);

  await expectAccessible(page, 'a refused import');
  await report.getByRole('button', { name: 'Import the good rows only' }).click();
  await expect(report).toContainText('11 events were added. 1 row cannot be read.', { timeout: 30_000 });
  expect(await held()).toBe(before + 11);

  await report.getByRole('button', { name: 'Import more files' }).click();
  await dialog.getByRole('button', { name: 'Leave out one-bad-row.jsonl' }).click();
  await dialog.getByRole('region', { name: 'Imports before' }).getByRole('button', { name: /one-bad-row\.jsonl.*11 added/ }).click();
  await expect(report).toContainText('An import that was written before.');
  await expect(report.getByRole('list', { name: 'Rows that were not taken' })).toContainText('line 5');
  expect(await trouble.all()).toEqual([]);
});

test('R58: of two files the one with a bad row is refused and says so, and the other is written', async () => {
  const before = await held();
  const good = folder.put('mixed-good.json', list(1500, 4));
  const bad = folder.put('mixed-bad.jsonl', `${JSON.stringify(exportRow(1600))}\n{"id":1}\n`);
  await choose(good, bad);
  await dialog.getByRole('button', { name: 'Check only' }).click();
  const report = dialog.getByRole('group', { name: 'Import report' });
  await expect(report).toContainText('4 events would be added. 1 file would be refused: 1 row cannot be read.', { timeout: 30_000 });
  await report.getByRole('button', { name: 'Import now' }).click();
  await expect(report).toContainText('4 events were added. 1 file was refused, and nothing of it was written: 1 row cannot be read.', { timeout: 30_000 });
  await expect(report.getByRole('table', { name: 'Files of this import' }).getByRole('row', { name: /mixed-bad\.jsonl/ })).toContainText('Refused, and nothing of it was written: 1 row cannot be read.');
  await expect(report.getByRole('list', { name: 'Rows that were not taken' }).getByRole('listitem').first()).toContainText('mixed-bad.jsonl');
  expect(await held()).toBe(before + 4);
  await expectAccessible(page, 'an import of which one file was refused');
  await report.getByRole('button', { name: 'Import the good row only' }).click();
  await expect(report).toContainText('1 event was added.', { timeout: 30_000 });
  expect(await held()).toBe(before + 5);
});

test('files that are dropped on the screen open the dialog with them, and more can be dropped on the dialog', async () => {
  const first = folder.put('dropped-1.json', list(2000, 3));
  const second = folder.put('dropped-2.json', list(2100, 3));
  await dropFiles(page, [first], { x: 700, y: 500, meanwhile: () => expect(page.locator('.drop-veil')).toHaveText('Import into acme-import') });
  const chosen = dialog.getByRole('list', { name: 'Chosen files' });
  await expect(chosen.getByRole('listitem')).toHaveCount(1);
  await dropFiles(page, [second, first], { x: 640, y: 300 });
  await expect(chosen.getByRole('listitem')).toHaveCount(2);
  await expect(page.locator('.drop-veil')).toHaveCount(0);
  await expect(dialog.getByRole('button', { name: 'Import 2 files' })).toBeEnabled();
});

test('R58: a cancel while a large file is read leaves the log as it was, and the dialog can be closed meanwhile', async () => {
  const before = await held();
  const rows: string[] = [];
  for (let at = 0; at < 250_000; at += 1) rows.push(JSON.stringify(exportRow(100_000 + at)));
  const path = folder.put('large.jsonl', rows.join('\n'));
  await choose(path);
  await dialog.getByRole('button', { name: 'Import 1 file' }).click();
  await expect(dialog.getByRole('group', { name: 'Importing' }).getByText(/\/s/)).toBeVisible({ timeout: 30_000 });
  await dialog.getByRole('button', { name: 'Close and go on' }).click();
  await expect(dialog).toBeHidden();
  const line = page.locator('.progress-line');
  await expect(line).toBeVisible();
  await line.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByRole('main').getByText('The import was cancelled. The log is as it was.')).toBeVisible({ timeout: 30_000 });
  expect(await held()).toBe(before);
  expect((await ask(page, 'audit.importList', { deploymentId: id })).imports.flatMap(({ files }) => files.map(({ name }) => name))).not.toContain('large.jsonl');
  await page.getByRole('button', { name: 'Details' }).click();
  await expect(dialog).toContainText('Cancelled. The log is as it was; nothing of the files was kept.');
  await expect(dialog.getByRole('listitem', { name: 'large.jsonl' })).toBeVisible();
});
