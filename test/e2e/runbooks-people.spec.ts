// Runs that travel between people, in the window: brought in with the whole report, keys compared and trusted, a borrowed name, and the watched folder; with people who meet by file.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
import { canonicalJson } from '#core/seal.ts';
import { expectAccessible } from './accessible.ts';
import { pickFiles } from './own-files.ts';
import { goToRunbooks, openRunbookWindow, runRow } from './runbook-profile.ts';
import type { RunbookWindow } from './runbook-profile.ts';
import { ask } from './set-up.ts';

// Each step stands on the one before.
test.describe.configure({ mode: 'serial' });

let ada: RunbookWindow;
let bob: RunbookWindow;
let page: Page;
let shared: string;

const dialog = (name: string): Locator => page.getByRole('dialog', { name });
const tab = (name: RegExp): Locator => page.getByRole('tablist', { name: 'Runbooks' }).getByRole('tab', { name });
const report = (): Locator => page.getByRole('region', { name: 'What came of it' });

async function more(item: RegExp): Promise<void> {
  await page.getByRole('button', { name: 'More about runbooks' }).click();
  await page.getByRole('menuitem', { name: item }).click();
}

async function bringIn(path: string): Promise<void> {
  await goToRunbooks(page);
  await page.getByRole('button', { name: 'Bring in a run…' }).click();
  await pickFiles(page, page.getByLabel('File of a run'), [path]);
}

test.beforeAll(async () => {
  ada = await openRunbookWindow();
  bob = await openRunbookWindow();
  page = ada.page;
  shared = join(ada.files.path, 'shared');
  mkdirSync(shared);
  // A first run makes the key.
  await ask(page, 'run.start', { packId: 'post-mortem', title: 'Written up' });
});

test.afterEach(async () => expect(await ada.trouble.all()).toEqual([]));
test.afterAll(async () => {
  await ada?.close();
  await bob?.close();
});

test('people: a name of one’s own, kept and shown with the fingerprint', async () => {
  await goToRunbooks(page, 'People');
  await page.getByRole('button', { name: 'Rename…' }).click();
  await expect(page.getByLabel('Your name')).toBeFocused();
  await page.getByLabel('Your name').fill(' ');
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('Your name')).toHaveAttribute('aria-invalid', 'true');
  await expectAccessible(page, 'a name that is lacking');
  await page.getByLabel('Your name').fill('Ada Example');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('region', { name: 'You' })).toContainText('Ada Example');
  await expect(page.getByRole('button', { name: 'Rename…' })).toBeFocused();
  const { self } = await ask(page, 'identity.list', {});
  expect(self?.name).toBe('Ada Example');
  expect((await page.getByRole('region', { name: 'You' }).locator('.lib-fingerprint').innerText()).replaceAll(/\s/gu, '')).toBe(self?.fingerprint);
});

let theirs: string;
let fingerprint: string;

test('a run of a stranger: brought in whole, kept as not trusted, compared and trusted from the report', async () => {
  await ask(bob.page, 'identity.rename', { name: 'Bob Example' });
  fingerprint = (await ask(bob.page, 'identity.list', {})).self?.fingerprint ?? '';
  theirs = (await ask(bob.page, 'run.start', { packId: 'first-fifteen-minutes', title: 'Sign-in is slow' })).runId;
  await ask(bob.page, 'run.entry', { runId: theirs, text: 'now: looking' });
  const path = join(ada.files.path, 'theirs.holdfast-run');
  const { events } = await ask(bob.page, 'run.export', { runId: theirs, path });
  await bringIn(path);
  await expect(report()).toBeFocused();
  await expect(report()).toContainText(`This run is new here. ${events} events were taken.`);
  await expect(report()).toContainText('the key behind the seal is not trusted here');
  const signer = report().getByRole('region', { name: 'By signer' }).getByRole('listitem');
  await expect(signer).toContainText('not trusted yet');
  await expect(signer).toContainText('calls itself Bob Example');
  expect((await signer.locator('.lib-fingerprint').innerText()).replaceAll(/\s/gu, '')).toBe(fingerprint);
  await expectAccessible(page, 'a run of a stranger');
  await signer.getByRole('button', { name: 'Compare and trust…' }).click();
  const box = dialog('Trust a key');
  await box.getByRole('button', { name: 'Trust this key' }).click();
  await expect(box).toContainText('Compare it first, by a call or in person.');
  await expect(box.getByLabel('Whose key it is')).toHaveAttribute('aria-invalid', 'true');
  await expectAccessible(page, 'a key that was not compared');
  await box.getByLabel('Whose key it is').fill('Bob of operations');
  await box.getByLabel(/^Or paste/).fill(`0${fingerprint.slice(1)}`.replace(/^0/, fingerprint.startsWith('0') ? '1' : '0'));
  await box.getByLabel('I compared all of it with them, and it is the same').check();
  await box.getByRole('button', { name: 'Trust this key' }).click();
  await expect(box).toContainText('This is another fingerprint. Do not trust the key.');
  expect((await ask(page, 'identity.list', {})).others[0]?.trust).toBe('not-trusted-yet');
  await box.getByLabel(/^Or paste/).fill(fingerprint.toUpperCase().replaceAll(/(.{2})(?=.)/gu, '$1:'));
  await expect(box).toContainText('It is the same.');
  await box.getByRole('button', { name: 'Trust this key' }).click();
  await expect(box).toBeHidden();
  await expect(signer.locator('.chip')).toHaveText('trusted');
  await expect(signer).toContainText('Bob of operations');
  expect((await ask(page, 'identity.list', {})).others).toMatchObject([{ fingerprint, name: 'Bob of operations', trust: 'trusted' }]);
  await pickFiles(page, page.getByLabel('File of a run'), [path]);
  await expect(report()).toContainText(`Nothing new: all ${events} sound events of the file were here already.`);
  await expect(report()).toContainText('The file is whole.');
  await page.getByRole('button', { name: 'Open the run' }).click();
  await expect(page.getByRole('heading', { name: 'Sign-in is slow' }).first()).toBeVisible();
});

interface RawFile { events: { digest: string; body: Record<string, unknown> }[]; head: unknown; seal: unknown }

test('R57: what was altered, dropped or unsealed on the way is named', async () => {
  const { runId } = await ask(bob.page, 'run.start', { packId: 'first-fifteen-minutes', title: 'Slow again' });
  for (const text of ['one', 'two', 'three']) await ask(bob.page, 'run.entry', { runId, text });
  const whole = join(ada.files.path, 'whole.holdfast-run');
  await ask(bob.page, 'run.export', { runId, path: whole });
  const raw = (): RawFile => JSON.parse(readFileSync(whole, 'utf8')) as RawFile;
  const at = raw().events.findIndex(({ body }) => body['text'] === 'two');
  const digest = raw().events[at]?.digest ?? 'none';

  const altered = raw();
  Object.assign(altered.events[at]?.body ?? {}, { text: 'nothing happened' });
  await bringIn(ada.files.put('altered.holdfast-run', canonicalJson(altered)));
  await expect(report()).toContainText('The file is not as it was signed.');
  const refused = report().getByRole('table', { name: 'Refused events' }).locator('tbody tr');
  await expect(refused).toHaveCount(1);
  await expect(refused).toContainText(`${at}It was altered`);
  await expect(refused).toContainText(digest);
  const missing = report().getByRole('region', { name: 'Missing' });
  await expect(missing).toContainText(digest);
  await expect(report()).toContainText(/\d+ events? (is|are) kept and cannot count before/);
  await expectAccessible(page, 'an altered file');

  const unsealed = { ...raw(), head: null, seal: null };
  unsealed.events.splice(at, 1);
  await pickFiles(page, page.getByLabel('File of a run'), [ada.files.put('unsealed.holdfast-run', canonicalJson(unsealed))]);
  await expect(report()).toContainText('The file carries no seal.');
  await expect(missing).toContainText(digest);
  await expect(report().getByRole('region', { name: 'Refused' })).toHaveCount(0);

  await pickFiles(page, page.getByLabel('File of a run'), [whole]);
  await expect(report()).toContainText('The file is whole.');
  await expect(missing).toHaveCount(0);

  // Another spelling of the same values is not what was written.
  await pickFiles(page, page.getByLabel('File of a run'), [ada.files.put('spelled.holdfast-run', JSON.stringify(raw(), null, 2))]);
  await expect(page.getByRole('main').getByRole('alert')).toContainText('run_file_damaged');
  await pickFiles(page, page.getByLabel('File of a run'), [ada.files.put('text.holdfast-run', 'not a run at all')]);
  await expect(page.getByRole('main').getByRole('alert')).toBeVisible();
  await expect(report()).toHaveCount(0);
  await page.getByRole('button', { name: 'Back to the runs' }).click();
  await expect(tab(/^Runs/)).toBeVisible();
});

test('two outcomes of one step are shown as a conflict, in the report and in the list', async () => {
  const [step] = (await ask(bob.page, 'run.show', { runId: theirs })).pack.sections[0]?.steps ?? [];
  await ask(page, 'run.step', { runId: theirs, step: step?.id ?? '', outcome: 'failed', note: 'it did not work' });
  await ask(bob.page, 'run.step', { runId: theirs, step: step?.id ?? '', outcome: 'skipped', note: 'not needed' });
  const path = join(ada.files.path, 'conflict.holdfast-run');
  await ask(bob.page, 'run.export', { runId: theirs, path });
  await bringIn(path);
  await expect(report().getByRole('region', { name: 'In conflict' })).toContainText(step?.title ?? 'none');
  await page.keyboard.press('Escape');
  await expect(runRow(page, 'Sign-in is slow')).toHaveAccessibleName(/1 conflict$/);
  await expect(runRow(page, 'Sign-in is slow').locator('td').last()).toHaveText('2');
});

test('a key is distrusted, and one that takes a known name is told from it', async () => {
  const eve = await openRunbookWindow();
  try {
    await ask(eve.page, 'identity.rename', { name: 'BOB of Operations' });
    const { runId } = await ask(eve.page, 'run.start', { packId: 'post-mortem', title: 'Trust me \u202egpj.exe <img src=x onerror="__pwned=1"> \u001b[31m' });
    const path = join(ada.files.path, 'eve.holdfast-run');
    await ask(eve.page, 'run.export', { runId, path });
    await bringIn(path);
    await expect(report()).toContainText('⟨U+202E⟩');
    await page.keyboard.press('Escape');
    await expect(tab(/^People/)).toContainText('1');
    await tab(/^People/).click();
    const stranger = page.getByRole('listitem', { name: 'BOB of Operations: not trusted yet' });
    await expect(stranger).toContainText('Another key, which you trust, has this name.');
    await expectAccessible(page, 'a borrowed name');
    await stranger.getByRole('button', { name: /^Do not trust/ }).click();
    const box = dialog('Do not trust a key');
    await expect(box.getByRole('button', { name: 'Cancel' })).toBeFocused();
    await expectAccessible(page, 'distrusting a key');
    await box.getByRole('button', { name: 'Do not trust this key' }).click();
    await expect(box).toBeHidden();
    await expect(page.getByRole('listitem', { name: 'BOB of Operations: not trusted', exact: true })).toBeVisible();
    expect((await ask(page, 'identity.list', {})).others.map(({ trust }) => trust).toSorted()).toEqual(['distrusted', 'trusted']);
    await tab(/^Runs/).click();
    await expect(runRow(page, 'Trust me')).toContainText('⟨U+202E⟩');
    expect(await page.getByRole('grid', { name: 'Runs' }).locator('img').count()).toBe(0);
    await expectAccessible(page, 'a hostile title');
  } finally {
    await eve.close();
  }
});

test('the watched folder is set, brings runs in by itself, says what is wrong, and is turned off', async () => {
  await goToRunbooks(page, 'Runs');
  await more(/Watched folder/);
  const box = dialog('Watched folder');
  await expect(box).toContainText('No folder is watched.');
  await expectAccessible(page, 'no watched folder');
  await box.getByRole('option', { name: 'shared' }).click();
  await expect(box.getByText('The folder is empty.')).toBeVisible();
  await box.getByRole('button', { name: 'Watch this folder' }).click();
  await expect(box.getByRole('button', { name: 'This folder is watched' })).toBeDisabled();
  expect(await ask(page, 'run.watching', {})).toMatchObject({ path: shared, problem: null });
  await page.keyboard.press('Escape');
  const line = page.getByRole('group', { name: 'Watched folder' });
  await expect(line).toContainText(shared);
  await ask(bob.page, 'run.export', { runId: (await ask(bob.page, 'run.start', { packId: 'post-mortem', title: 'Came by the folder' })).runId, path: join(shared, 'came.holdfast-run') });
  await expect(runRow(page, 'Came by the folder')).toBeVisible({ timeout: 20_000 });
  writeFileSync(join(shared, 'broken.holdfast-run'), '{}');
  await expect(line).toContainText('broken.holdfast-run', { timeout: 30_000 });
  await expectAccessible(page, 'a problem in the watched folder');
  await line.getByRole('button', { name: 'Watched folder…' }).click();
  await expect(box).toContainText('broken.holdfast-run');
  await box.getByRole('button', { name: 'Stop watching' }).click();
  await expect(box).toContainText('No folder is watched.');
  await page.keyboard.press('Escape');
  await expect(line).toHaveCount(0);
});
