// The library of runbooks against the real core: reading, starting, importing, printing, bringing runs in, trusting keys and the watched folder; with two people who meet by file.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
import { configFor } from '../deployments/navi/config.ts';
import { startNaviDeployment } from '../deployments/navi/server.ts';
import type { NaviDeployment } from '../deployments/navi/server.ts';
import { expectAccessible } from './accessible.ts';
import { dropFiles, pickFiles } from './own-files.ts';
import { goToRunbooks, openRunbookWindow, readRunbook, runRow } from './runbook-profile.ts';
import type { RunbookWindow } from './runbook-profile.ts';
import { ask, connect } from './set-up.ts';
import { goTo } from './steps.ts';

// Each step stands on the one before.
test.describe.configure({ mode: 'serial' });

const PACK = [
  'format: holdfast.runbook/1', 'id: own-check', 'version: 1.0.0', 'title: Own <b>check</b>', 'when: Whenever **it** matters.', 'kind: checklist', 'source: the team', 'roles:', '  - { id: lead, title: Lead }',
  'sections:', '  - id: first', '    title: First', '    steps:', '      - { id: first.look, title: Look at it, role: lead }', '      - { id: first.look2, title: Look again, kind: evidence, evidence: A picture, can_override: true }', '',
].join('\n');

let ada: RunbookWindow;
let bob: RunbookWindow;
let page: Page;
let navi: NaviDeployment;
let deploymentId: string;
let shared: string;

const dialog = (name: string): Locator => page.getByRole('dialog', { name });
const tab = (name: RegExp): Locator => page.getByRole('tablist', { name: 'Runbooks' }).getByRole('tab', { name });
const packs = (): Locator => page.getByRole('grid', { name: 'Runbooks' });
const report = (): Locator => page.getByRole('region', { name: 'What came of it' });
const shippedFile = (name: string): Buffer => readFileSync(new URL(`../../shared/packs/runbooks/${name}.yaml`, import.meta.url));

async function more(item: RegExp): Promise<void> {
  await page.getByRole('button', { name: 'More about runbooks' }).click();
  await page.getByRole('menuitem', { name: item }).click();
}

/** Brings a file in from wherever the library is. */
async function bringIn(path: string): Promise<void> {
  await goToRunbooks(page).catch(() => undefined);
  if (!await page.getByRole('heading', { level: 2, name: 'Bring in a run' }).isVisible()) await page.getByRole('button', { name: 'Bring in a run…' }).click();
  await pickFiles(page, page.getByLabel('File of a run'), [path]);
}

test.beforeAll(async () => {
  navi = await startNaviDeployment({ config: configFor('C1'), events: 0, seed: 61 });
  ada = await openRunbookWindow();
  bob = await openRunbookWindow();
  page = ada.page;
  shared = join(ada.files.path, 'shared');
  mkdirSync(shared);
});

test.afterEach(async () => expect(await ada.trouble.all()).toEqual([]));
test.afterAll(async () => {
  await ada?.close();
  await bob?.close();
  await navi?.close();
});

test('a new profile begins with what can be started, and says that there is no run and nobody else', async () => {
  await goToRunbooks(page);
  await expect(tab(/^Runbooks/)).toHaveAttribute('aria-selected', 'true');
  await expect(packs().locator('[data-group="any"] tr.check-row')).toHaveCount(3);
  await expect(page.getByText('For a kind of deployment')).toBeVisible();
  await tab(/^Runs/).click();
  await expect(page.getByRole('heading', { name: 'No run yet' })).toBeVisible();
  await expectAccessible(page, 'no run yet');
  await page.getByRole('button', { name: 'Choose a runbook' }).click();
  await expect(packs()).toBeVisible();
  await tab(/^People/).click();
  await expect(page.getByText('This profile has signed nothing yet.')).toBeVisible();
  await expect(page.getByText('No other key was met yet.')).toBeVisible();
  await expectAccessible(page, 'nobody yet');
});

test('the library: what is for the deployment first, every runbook of core, filtered by kind and by words', async () => {
  deploymentId = await connect(page, navi, { name: 'acme-prod', environment: 'production' });
  await goToRunbooks(page, 'Runbooks');
  const { runbooks } = await ask(page, 'runbook.list', {});
  await expect(packs().locator('tr.check-row')).toHaveCount(runbooks.length);
  const own = packs().locator('[data-group="own"]');
  await expect(own).toContainText('For acme-prod (NAVI)');
  await expect(own.locator('tr.check-row')).toHaveCount(runbooks.filter(({ applies }) => applies.includes('navi')).length);
  await expect(packs().locator('tbody').first()).toHaveAttribute('data-group', 'own');
  await page.getByRole('button', { name: /^drill/ }).click();
  await expect(packs().locator('tr.check-row')).toHaveCount(runbooks.filter(({ kind }) => kind === 'drill').length);
  await page.getByRole('button', { name: /^drill/ }).click();
  await page.keyboard.press('/');
  await expect(page.getByLabel('Filter runbooks by text')).toBeFocused();
  await page.keyboard.type('karen canary');
  await expect(packs().locator('tr.check-row')).toHaveCount(1);
  await page.keyboard.type(' nothing');
  await expect(page.getByRole('heading', { name: 'No runbook matches' })).toBeVisible();
  await expect(page.getByText('No runbook is selected.')).toBeVisible();
  await expectAccessible(page, 'no runbook matches');
  await page.keyboard.press('Escape');
  await expect(packs().locator('tr.check-row')).toHaveCount(runbooks.length);
});

test('a runbook is read whole: when, roles, every step with gate and proof in words, source, digest and version', async () => {
  const pane = await readRunbook(page, 'NAVI incident (SEV1');
  const { pack } = await ask(page, 'runbook.show', { id: 'navi-incident' });
  await expect(pane.locator('.lib-step')).toHaveCount(pack.sections.flatMap(({ steps }) => steps).length);
  await expect(pane.getByRole('table').first()).toContainText('Incident playbook');
  for (const { title } of pack.roles) await expect(pane.locator('.lib-roles')).toContainText(title);
  const step = pane.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'Compute: does the process answer?' }) });
  await expect(step).toContainText('/health/live answers 200 within 2,000 ms, without a token. Good for 5 min.');
  await expect(pane.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'Set the severity' }) })).toContainText('what follows in its section waits for it');
  await expect(pane.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'Set the severity' }) })).toContainText('ends the run');
  await expect(pane.locator('.facts')).toContainText(createHash('sha256').update(shippedFile('navi-incident')).digest('hex'));
  await expect(pane.locator('.facts')).toContainText('NAVI docs/OPERATIONS_RUNBOOK.md');
  await expectAccessible(page, 'a runbook to read');
  await packs().locator('tr[tabindex="0"]').focus();
  await page.keyboard.press('ArrowDown');
  await expect(packs().locator('tr[tabindex="0"]')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(pane).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(packs().locator('tr[tabindex="0"]')).toBeFocused();
});

test('a run is started with deployment, severity and title, and opens', async () => {
  const pane = await readRunbook(page, 'NAVI incident (SEV1');
  await pane.getByRole('button', { name: 'Start a run…' }).click();
  await expect(dialog('Start a run').getByLabel('Title')).toBeFocused();
  await expect(dialog('Start a run').getByLabel('Deployment')).toHaveValue(deploymentId);
  await dialog('Start a run').getByLabel('Deployment').selectOption({ label: 'None' });
  await expect(dialog('Start a run')).toContainText('attested by hand');
  await dialog('Start a run').getByLabel('Deployment').selectOption(deploymentId);
  await dialog('Start a run').getByLabel('Severity').selectOption('sev1');
  await dialog('Start a run').getByLabel('Title').fill('Token replay on acme-prod');
  await expectAccessible(page, 'starting a run');
  await page.keyboard.press('Enter');
  await expect(packs()).toHaveCount(0);
  await expect(page.getByRole('heading', { name: 'Token replay on acme-prod' }).first()).toBeVisible();
  const { runs } = await ask(page, 'run.list', {});
  expect(runs).toMatchObject([{ title: 'Token replay on acme-prod', severity: 'sev1', deployment: 'acme-prod', isDrill: false, outcome: null }]);
});

test('a runbook for other deployments says so and offers none; a drill is one by itself', async () => {
  const pane = await readRunbook(page, 'Disaster recovery drill');
  await pane.getByRole('button', { name: 'Start a run…' }).click();
  const start = dialog('Start a run');
  await expect(start.getByLabel('Deployment').locator('option')).toHaveCount(1);
  await expect(start).toContainText('One deployment is not offered: this runbook is for AI-Karen.');
  await expect(start.getByLabel('This is a drill')).toBeChecked();
  await start.getByRole('button', { name: 'Start the drill' }).click();
  await expect(packs()).toHaveCount(0);
  expect((await ask(page, 'run.list', {})).runs[0]).toMatchObject({ packId: 'karen-dr-drill', isDrill: true, deployment: null });
});

test('the list of runs: open ones first, with what each is and how far; ended ones apart; Enter opens', async () => {
  const weekly = await ask(page, 'run.start', { packId: 'navi-on-call-weekly', deploymentId, title: 'Week 47' });
  await ask(page, 'run.end', { runId: weekly.runId, outcome: 'stopped', note: 'not needed' });
  const first = weekly.pack.sections[0]?.steps[0]?.id ?? '';
  expect(first).not.toBe('');
  await goToRunbooks(page, 'Runs');
  const row = runRow(page, 'Token replay on acme-prod');
  await expect(row).toContainText('SEV1', { ignoreCase: true });
  await expect(row).toContainText('acme-prod');
  await expect(row).toContainText('0/36');
  await expect(row).toContainText('NAVI incident');
  await expect(runRow(page, 'Disaster recovery drill')).toContainText('drill');
  const names = await page.getByRole('grid', { name: 'Runs' }).locator('tr.run-row').evaluateAll((rows) => rows.map((one) => one.getAttribute('aria-label') ?? ''));
  expect(names.map((name) => /open|stopped/.exec(name)?.[0])).toEqual(['open', 'open', 'stopped']);
  await expectAccessible(page, 'the list of runs');
  await page.keyboard.press('/');
  await page.keyboard.type('week');
  await expect(page.getByRole('grid', { name: 'Runs' }).locator('tr.run-row')).toHaveCount(1);
  await page.keyboard.press('Escape');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('End');
  await expect(runRow(page, 'Week 47')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('grid', { name: 'Runs' })).toHaveCount(0);
  await expect(page.getByRole('heading', { name: 'Week 47' }).first()).toBeVisible();
});

test('results of an earlier run are carried over when that is chosen, and another deployment is warned of', async () => {
  const { runs: [run] } = await ask(page, 'run.list', {});
  expect(run?.packId).toBe('navi-on-call-weekly');
  const again = await ask(page, 'run.start', { packId: 'navi-on-call-daily', deploymentId, title: 'Monday' });
  const step = again.pack.sections.flatMap(({ steps }) => steps).find(({ kind }) => kind === 'manual')?.id ?? '';
  await ask(page, 'run.step', { runId: again.runId, step, outcome: 'done', note: 'seen by Ada' });
  const pane = await readRunbook(page, 'On call, daily');
  await pane.getByRole('button', { name: 'Start a run…' }).click();
  const start = dialog('Start a run');
  await start.getByLabel('Title').fill('Tuesday');
  await start.getByLabel('Carry results over from').selectOption(again.runId);
  await expect(start).not.toContainText('What was seen there may not hold here.');
  await start.getByLabel('Deployment').selectOption({ label: 'None' });
  await expect(start).toContainText('The earlier run is about acme-prod, this one about none.');
  await expectAccessible(page, 'carrying results over');
  await start.getByLabel('Deployment').selectOption(deploymentId);
  await start.getByRole('button', { name: 'Start the run' }).click();
  await expect(packs()).toHaveCount(0);
  const tuesday = (await ask(page, 'run.list', {})).runs.find(({ title }) => title === 'Tuesday');
  const view = await ask(page, 'run.show', { runId: tuesday?.runId ?? '' });
  expect(view.steps.find((each) => each.step === step)).toMatchObject({ state: 'done', note: 'seen by Ada', carriedFrom: again.runId });
});

test('a broken runbook is refused with every problem by line and column; a sound one is checked alone, then taken in and read', async () => {
  await goToRunbooks(page, 'Runbooks');
  await more(/Import a runbook/);
  const box = dialog('Import a runbook');
  const broken = ada.files.put('broken.yaml', PACK.replace('kind: checklist', 'kind: chocklist').replace('role: lead', 'role: nobody').replace('id: own-check', 'id: Own Check').replace('first.look2', 'first look'));
  const { problems } = await ask(page, 'runbook.lint', { path: broken });
  expect(problems.length).toBeGreaterThan(2);
  await pickFiles(page, box.getByLabel('Runbook file to import'), [broken]);
  const rows = box.getByRole('table', { name: 'Problems' }).locator('tbody tr');
  await expect(rows).toHaveCount(problems.length);
  for (const [at, { line, column, message }] of problems.entries()) await expect(rows.nth(at)).toHaveText(`${line}${column}${message}`);
  await expectAccessible(page, 'a broken runbook');
  await pickFiles(page, box.getByLabel('Runbook file to import'), [ada.files.put('many.yaml', `${PACK}${'# a\tb\n'.repeat(300)}`)]);
  await expect(rows).toHaveCount(200);
  await expect(box).toContainText('200 problems, and maybe more. Nothing was taken in.');
  const sound = ada.files.put('own.yaml', PACK);
  await pickFiles(page, box.getByLabel('Runbook file to check'), [sound]);
  await expect(box).toContainText('own-check is sound, with 2 steps. Nothing was taken in.');
  expect((await ask(page, 'runbook.list', {})).runbooks.some(({ id }) => id === 'own-check')).toBe(false);
  await box.getByRole('button', { name: 'Import it' }).click();
  await expect(box).toContainText('Own <b>check</b>, own-check 1.0.0 was taken in, with 2 steps.');
  await expectAccessible(page, 'a runbook that was taken in');
  await box.getByRole('button', { name: 'Read it' }).click();
  const pane = page.getByRole('complementary', { name: 'Selected runbook' });
  await expect(pane.getByRole('heading', { level: 2, name: 'Own <b>check</b>' })).toBeVisible();
  await expect(pane).toContainText('may go on unproven, with a reason');
  await expect(packs().locator('tr[aria-selected="true"]')).toContainText('imported');
  await more(/Import a runbook/);
  await pickFiles(page, box.getByLabel('Runbook file to import'), [sound]);
  await expect(box.getByRole('alert')).toContainText('runbook_exists');
  await pickFiles(page, box.getByLabel('Runbook file to import'), [ada.files.put('large.yaml', 'x'.repeat(1_100_000))]);
  await expect(box.getByRole('alert')).toContainText('too_large');
  await expectAccessible(page, 'a runbook that was refused');
  await page.keyboard.press('Escape');
});

test('a file that is dropped is taken for what it is', async () => {
  await goToRunbooks(page, 'Runs');
  await dropFiles(page, [ada.files.put('dropped.yaml', PACK.replace('own-check', 'dropped-check'))], { x: 640, y: 500 });
  await expect(dialog('Import a runbook')).toContainText('dropped-check 1.0.0 was taken in');
  await page.keyboard.press('Escape');
  await dropFiles(page, [ada.files.put('nothing.holdfast-run', '{}')], { x: 640, y: 500 });
  await expect(page.getByRole('main').getByRole('alert')).toContainText('What was here before is unchanged.');
  await expectAccessible(page, 'a file that is no run');
  await page.keyboard.press('Escape');
  await expect(tab(/^Runs/)).toBeVisible();
});

test('a blank sheet is written as a PDF, and never over a file', async () => {
  await goToRunbooks(page, 'Runbooks');
  // Two have one title; the id tells them apart.
  await packs().getByRole('row', { name: /imported, own-check$/ }).click();
  await expect(packs().locator('tr[aria-selected="true"]')).toContainText('own-check');
  const pane = page.getByRole('complementary', { name: 'Selected runbook' });
  await pane.getByRole('button', { name: 'Blank sheet…' }).click();
  const box = dialog('Blank sheet');
  await expect(box.getByLabel('File name')).toHaveValue('own-check-1.0.0.pdf');
  await expectAccessible(page, 'a blank sheet');
  await box.getByRole('button', { name: 'Save' }).click();
  await expect(box).toContainText('The sheet was written.');
  const bytes = readFileSync(join(ada.files.path, 'own-check-1.0.0.pdf'));
  expect(bytes.subarray(0, 5).toString()).toBe('%PDF-');
  await expect(box).toContainText(createHash('sha256').update(bytes).digest('hex'));
  await page.keyboard.press('Escape');
  await pane.getByRole('button', { name: 'Blank sheet…' }).click();
  await expect(box.getByLabel('File name')).toHaveValue('own-check-1.0.0-2.pdf');
  await page.keyboard.press('Escape');
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
  await bringIn(ada.files.put('altered.holdfast-run', JSON.stringify(altered)));
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
  await pickFiles(page, page.getByLabel('File of a run'), [ada.files.put('unsealed.holdfast-run', JSON.stringify(unsealed))]);
  await expect(report()).toContainText('The file carries no seal.');
  await expect(missing).toContainText(digest);
  await expect(report().getByRole('region', { name: 'Refused' })).toHaveCount(0);

  await pickFiles(page, page.getByLabel('File of a run'), [whole]);
  await expect(report()).toContainText('The file is whole.');
  await expect(missing).toHaveCount(0);

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

test('a long list stays whole: the newest 200, then up to a thousand', async () => {
  test.setTimeout(150_000);
  // Not before its eyes: each start would make the list be read again.
  await goTo(page, 'Settings');
  const before = (await ask(page, 'run.list', { limit: 1000 })).runs.length;
  for (let at = before; at < 204; at += 1) await ask(page, 'run.start', { packId: 'post-mortem', title: `Long list ${at}` });
  await goToRunbooks(page, 'Runs');
  const rows = page.getByRole('grid', { name: 'Runs' }).locator('tr.run-row');
  await expect(rows).toHaveCount(200);
  await expect(page.getByText('The 200 runs that came here last are shown.')).toBeVisible();
  await page.getByRole('button', { name: 'Show up to 1,000' }).click();
  await expect(rows).toHaveCount(204);
  await expectAccessible(page, 'a long list of runs');
});

/** Presses Tab until the focus is there; fails when it does not come within a screen's worth of stops. */
async function tabTo(target: Locator): Promise<void> {
  for (let stops = 0; stops < 60; stops += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab did not reach ${String(target)}`);
}

test('without a mouse: from the palette to a runbook, and into a run of it', async () => {
  await page.keyboard.press('Control+k');
  await page.keyboard.type('Runbooks');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'Runbooks' })).toBeVisible();
  await tabTo(tab(/^Runs/));
  await page.keyboard.press('ArrowRight');
  await expect(tab(/^Runbooks/)).toBeFocused();
  await page.keyboard.press('/');
  await page.keyboard.type('post-mortem');
  await page.keyboard.press('Enter');
  await expect(packs().locator('tr[tabindex="0"]')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('complementary', { name: 'Selected runbook' })).toBeFocused();
  await tabTo(page.getByRole('button', { name: 'Start a run…' }));
  await page.keyboard.press('Enter');
  await expect(dialog('Start a run').getByLabel('Title')).toBeFocused();
  await page.keyboard.type('By keyboard alone');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'By keyboard alone' }).first()).toBeVisible();
});
