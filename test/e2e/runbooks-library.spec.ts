// The library of runbooks against the real core: reading, starting, importing and printing them, the list of runs, and all of it without a mouse.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
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
let page: Page;
let navi: NaviDeployment;
let deploymentId: string;

const dialog = (name: string): Locator => page.getByRole('dialog', { name });
const tab = (name: RegExp): Locator => page.getByRole('tablist', { name: 'Runbooks' }).getByRole('tab', { name });
const packs = (): Locator => page.getByRole('grid', { name: 'Runbooks' });
const shippedFile = (name: string): Buffer => readFileSync(new URL(`../../shared/packs/runbooks/${name}.yaml`, import.meta.url));

async function more(item: RegExp): Promise<void> {
  await page.getByRole('button', { name: 'More about runbooks' }).click();
  await page.getByRole('menuitem', { name: item }).click();
}

test.beforeAll(async () => {
  navi = await startNaviDeployment({ config: configFor('C1'), events: 0, seed: 61 });
  ada = await openRunbookWindow();
  page = ada.page;
});

test.afterEach(async () => expect(await ada.trouble.all()).toEqual([]));
test.afterAll(async () => {
  await ada?.close();
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
  await expect(step).toContainText('/health/live answers 200 within 2,000 ms, without a token, and the answer holds “"ok":true”. Good for 5 min.');
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
  await expect(row).toContainText(`0/${(await ask(page, 'runbook.show', { id: 'navi-incident' })).head.steps}`);
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

test('results of an earlier run are carried over when that is chosen, and never from another deployment', async () => {
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
  await expect(start).not.toContainText('What was seen there proves nothing here');
  await start.getByLabel('Deployment').selectOption({ label: 'None' });
  await expect(start).toContainText('The earlier run is about acme-prod, this one about none. What was seen there proves nothing here, so that nothing is carried over.');
  await expectAccessible(page, 'carrying results over');
  await start.getByRole('button', { name: 'Start the run' }).click();
  await expect(start.getByRole('alert')).toContainText('The results of that run are about acme-prod, and the new one is about none. Nothing was started.');
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
