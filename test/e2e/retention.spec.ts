// The retention page against the real core: the verdict with what it rests on, ages with the cutoff, holds, schedules, what this workstation keeps, and the same without a network.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
import type { RetentionView } from '#shared/contract/retention.ts';
import { configFor as karenConfig } from '../deployments/karen/config.ts';
import { startKarenDeployment } from '../deployments/karen/server.ts';
import type { KarenDeployment } from '../deployments/karen/server.ts';
import { configFor } from '../deployments/navi/config.ts';
import { startNaviDeployment } from '../deployments/navi/server.ts';
import type { NaviDeployment } from '../deployments/navi/server.ts';
import { expectAccessible } from './accessible.ts';
import { startHost } from './harness.ts';
import type { DrivenHost } from './harness.ts';
import { makeFolder, pickFiles } from './own-files.ts';
import type { OwnFolder } from './own-files.ts';
import { purgeScreen } from './retention-purge-screen.ts';
import { ask, connect, listenForTrouble } from './set-up.ts';
import type { Trouble } from './set-up.ts';
import { goTo } from './steps.ts';

// Each step stands on the one before.
test.describe.configure({ mode: 'serial' });

const DAY_MS = 86_400_000;

let host: DrivenHost;
let page: Page;
let navi: NaviDeployment;
let off: NaviDeployment;
let karen: KarenDeployment;
let id: string;
let files: OwnFolder;
let trouble: Trouble;

const part = (name: string): Locator => page.getByRole('region', { name, exact: true });
const show = (): Promise<RetentionView> => ask(page, 'retention.show', { deploymentId: id });
const count = (n: number): string => String(n).replaceAll(/\B(?=(\d{3})+$)/gu, ',');

async function open(name: string): Promise<void> {
  await goTo(page, 'Overview');
  await page.getByRole('button', { name: /Choose a deployment/ }).click();
  await page.getByRole('menuitemradio', { name: new RegExp(`^${name}`) }).click();
  await goTo(page, 'Retention');
}

/** Rows of chosen ages: two past the cutoff, four of one person that come due soon, and some of each day. */
function rowsOf(server: NaviDeployment): void {
  const nowMs = Date.now();
  let n = 0;
  const row = (age: number, sub: string) => {
    n += 1;
    return { orgKey: 'acme', actorSub: sub, actorEmail: null, route: `/api/plan/${n}`, method: 'POST', eventType: 'http.request', resourceId: null, payload: { query_params: { n } }, statusCode: 200, createdAtMicros: Math.round((nowMs - age * DAY_MS) * 1000) - n };
  };
  server.insertRows([
    ...[120, 97].map((age) => row(age, 'auth0|early')),
    ...[86, 84, 80, 20].map((age) => row(age, 'auth0|case')),
    ...Array.from({ length: 240 }, (_, at) => row(1 + (at * 37 % 880) / 10, `auth0|user${at % 5}`)),
  ]);
}

test.beforeAll(async () => {
  files = makeFolder();
  mkdirSync(join(files.path, 'Schedules'));
  navi = await startNaviDeployment({ config: { ...configFor('A'), retention: { isEnabled: true, days: 90 } }, seed: 41, events: 0 });
  off = await startNaviDeployment({ config: configFor('A', ['retention-off']), seed: 42, events: 0 });
  karen = await startKarenDeployment({ config: karenConfig('HEAD') });
  rowsOf(navi);
  rowsOf(off);
  host = await startHost({ secrets: 'memory', env: { HOME: files.path } });
  page = host.page;
  await page.setViewportSize({ width: 1280, height: 800 });
  trouble = await listenForTrouble(page);
});

test.afterEach(async () => expect(await trouble.all()).toEqual([]));
test.afterAll(async () => {
  await host?.close();
  for (const server of [navi, off, karen]) await server?.close().catch(() => undefined);
  files?.remove();
});

test('without a deployment, and without a sync, it says so and draws nothing', async () => {
  await goTo(page, 'Retention');
  await expect(page.getByRole('heading', { name: 'No deployment yet' })).toBeVisible();
  await expectAccessible(page, 'retention without a deployment');
  id = await connect(page, navi, { name: 'acme-keep', environment: 'production' });
  await open('acme-keep');
  const verdict = part('Does it delete?');
  await expect(page.getByText('Log never synced')).toBeVisible();
  await expect(verdict.locator('.retention-verdict .chip')).toHaveText('unknown');
  await expect(verdict.getByRole('region', { name: 'Evidence for the verdict' })).toContainText('A declared policy is no evidence that anything is deleted.');
  await expect(part('Rows by age')).toContainText('never synced');
  await expect(page.getByRole('img', { name: /Rows by age/ })).toHaveCount(0);
  await expectAccessible(page, 'retention before a sync');
});

test('the page is in the rail and in the palette', async () => {
  await goTo(page, 'Overview');
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Search or do anything' }).fill('legal hold');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'Retention' })).toBeVisible();
  await expect(page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name: /^Retention/ })).toHaveAttribute('aria-current', 'page');
});

test('after a sync: not deleting, with the evidence, the policy as it is stated, and when both were read', async () => {
  await page.getByRole('button', { name: 'Sync', exact: true }).click();
  const verdict = part('Does it delete?');
  await expect(verdict.locator('.retention-verdict .chip')).toHaveText('not deleting', { timeout: 30_000 });
  await expect(verdict).toContainText('Configured, but not deleting: rows older than 90 days were still there more than a day after they came due.');
  const { verdict: core, policy } = await show();
  await expect(verdict.getByRole('region', { name: 'Evidence for the verdict' }).getByRole('listitem')).toHaveCount(core.evidence.length);
  await expect(verdict.getByRole('region', { name: 'Evidence for the verdict' })).toContainText('the list');
  const stated = verdict.getByRole('region', { name: 'Policy as the deployment states it' });
  expect(policy).toMatchObject({ state: 'on', days: 90, overdue: { said: 2, rows: 2 } });
  await expect(stated).toContainText('90 days');
  await expect(stated).toContainText('2 rows');
  await expect(stated.locator('time').last()).toContainText(/now|ago/);
  await expect(page.locator('.head')).toContainText(/Log synced .*(now|ago) · policy read .*(now|ago)/);
});

test('the ages: bars and table agree with core, the cutoff is drawn in, and what comes due is counted', async () => {
  const ages = part('Rows by age');
  const view = await show();
  expect(view.ages).toMatchObject({ rows: 246, pastCutoff: 2, seenPastCutoff: 2 });
  await expect(ages).toContainText(`${count(view.ages.rows)} rows held here`);
  await expect(ages.getByText(/^Cutoff \d/)).toBeVisible();
  await expect(ages).toContainText('at least 2 rows, more than a day after they came due');
  await expect(ages.locator('rect.ages-bar')).toHaveCount(view.ages.bars.filter(({ rows }) => rows > 0).length);
  await ages.getByText('The bars as a table').click();
  const figures = await ages.getByRole('table', { name: 'Rows by age' }).locator('tbody tr td:nth-child(2)').allInnerTexts();
  expect(figures.map(Number).reduce((sum, n) => sum + n, 0)).toBe(246);
  await expect(ages.getByRole('table', { name: 'Rows by age' })).toContainText('past it');
  await ages.getByText('The bars as a table').click();
  const due = ages.getByRole('table', { name: 'Rows that come due' });
  await expect(due.locator('tbody tr')).toHaveCount(3);
  for (const { days, rows, held } of view.due) {
    const line = due.getByRole('row', { name: new RegExp(`^${days} days`) });
    await expect(line.locator('td').first()).toHaveText(count(rows));
    await expect(line.locator('td').last()).toHaveText(count(held));
  }
  await ages.locator('.ages-plot').hover({ position: { x: 3, y: 40 } });
  await expect(ages.locator('.ages-readout')).toContainText(/1 row .*past the cutoff/);
  await expectAccessible(page, 'verdict and ages');
});

test('a hold: asked for completely, counted before, set, preserved, and warned of', async () => {
  const holds = part('Legal holds');
  await expect(holds).toContainText('No hold stands.');
  await expect(holds).toContainText("This console cannot stop the server's own schedule");
  await holds.getByRole('button', { name: 'Set a hold…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Set a legal hold' });
  await expect(dialog.getByLabel('Case')).toBeFocused();
  await dialog.getByRole('button', { name: /^Set the hold/ }).click();
  for (const label of ['Case', 'Owner', 'Reason', 'Query']) await expect(dialog.getByLabel(label, { exact: true })).toHaveAttribute('aria-invalid', 'true');
  expect((await show()).holds).toEqual([]);
  await expectAccessible(page, 'a hold with mistakes');
  await dialog.getByLabel('Case').fill('CASE-2026/7');
  await dialog.getByLabel('Owner').fill('Legal, R. Example');
  await dialog.getByLabel('Reason').fill('Dispute about a plan');
  await dialog.getByLabel('Query', { exact: true }).fill('since:7d');
  await dialog.getByRole('button', { name: 'Count' }).click();
  await expect(dialog.getByRole('alert')).toContainText('invalid_query');
  await dialog.getByLabel('Query', { exact: true }).fill('actor:"auth0|case"');
  // What was counted is another query: it must be counted anew.
  await dialog.getByRole('button', { name: /^Set the hold/ }).click();
  await expect(dialog.getByText('Count first what this query takes in.')).toBeVisible();
  await dialog.getByRole('button', { name: 'Count' }).click();
  await expect(dialog.getByRole('status')).toContainText('It takes in 4 rows');
  await expectAccessible(page, 'a hold that was counted');
  await dialog.getByRole('button', { name: 'Set the hold over 4 rows' }).click();
  await expect(dialog).toBeHidden({ timeout: 20_000 });
  const item = holds.getByRole('listitem', { name: 'CASE-2026/7' });
  await expect(item).toContainText('Legal, R. Example · Dispute about a plan');
  const [hold] = (await show()).holds;
  expect(hold?.counts).toMatchObject({ rows: 4, preserved: 4, dueSoon: 3 });
  await expect(item.locator('.hold-facts')).toContainText('Rows4Preserved here4');
  await expect(item).toContainText('3 held rows come due within 14 days.');
  await expect(holds).toContainText('1 hold stands, over 4 rows');
  await expect(part('Rows by age').locator('rect.ages-held')).toHaveCount(4);
  await expect(part('Rows by age').getByRole('table', { name: 'Rows that come due' }).getByRole('row', { name: /^30 days/ }).locator('td').last()).toHaveText('3');
});

test('a second hold of the same case is refused, and held rows that are due now are told', async () => {
  const holds = part('Legal holds');
  await holds.getByRole('button', { name: 'Set a hold…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Set a legal hold' });
  await dialog.getByLabel('Case').fill('CASE-2026/7');
  await dialog.getByLabel('Owner').fill('Legal');
  await dialog.getByLabel('Reason').fill('Again');
  await dialog.getByLabel('Query', { exact: true }).fill('actor:"auth0|early"');
  await dialog.getByRole('button', { name: 'Count' }).click();
  await expect(dialog.getByRole('status')).toContainText('It takes in 2 rows');
  await dialog.getByRole('button', { name: 'Set the hold over 2 rows' }).click();
  await expect(dialog.getByRole('alert')).toContainText('hold_exists');
  await dialog.getByLabel('Case').fill('CASE-old');
  await dialog.getByRole('button', { name: 'Set the hold over 2 rows' }).click();
  await expect(dialog).toBeHidden({ timeout: 20_000 });
  await expect(holds.getByRole('listitem', { name: 'CASE-old' })).toContainText('2 held rows are due now: the server may delete them at any time.');
  await expectAccessible(page, 'holds with warnings');
});

test('held rows that the server deleted are told, a past review is told, and the verdict turns', async () => {
  await ask(page, 'retention.holdAdd', { deploymentId: id, caseId: 'CASE-review', owner: 'Legal', reason: 'Nothing yet', reviewOn: '2026-01-02', query: 'actor:"auth0|nobody"' });
  const holds = part('Legal holds');
  await expect(holds.getByRole('listitem', { name: 'CASE-review' })).toContainText('The review date has passed.');
  await expect(holds.getByRole('listitem', { name: 'CASE-review' })).toContainText('No row that is held here matches it.');
  navi.runPurgeScript();
  await page.getByRole('button', { name: 'Sync', exact: true }).click();
  const item = holds.getByRole('listitem', { name: 'CASE-old' });
  await expect(item).toContainText('2 held rows were looked for at the server and were not there any more. What was preserved is kept here.', { timeout: 30_000 });
  await expect(item.locator('.hold-facts')).toContainText('Preserved here2');
  await expect(item).toContainText('the server may delete what is left of them');
  // The gravest comes first.
  await expect(holds.locator('.holds > li').first()).toContainText('CASE-old');
  await expect(part('Does it delete?').locator('.retention-verdict .chip')).toHaveText('deleting');
  await expect(part('Does it delete?')).toContainText('Deleting as configured: rows older than 90 days that were seen there are gone.');
  await page.getByRole('navigation', { name: 'On this page' }).getByRole('link', { name: 'Holds 3' }).click();
  await expect(holds.getByRole('heading', { name: 'Legal holds' })).toBeFocused();
  await expect(holds.getByRole('heading', { name: 'Legal holds' })).toBeInViewport();
});

test('a hold is released with a reason, and stays in the history', async () => {
  const holds = part('Legal holds');
  const item = holds.getByRole('listitem', { name: 'CASE-old' });
  await item.getByRole('button', { name: 'Release CASE-old…' }).click();
  await expect(item.getByLabel('Reason')).toBeFocused();
  await item.getByRole('button', { name: 'Release it' }).click();
  await expect(item.getByLabel('Reason')).toHaveAttribute('aria-invalid', 'true');
  expect((await show()).holds.every(({ released }) => released === null)).toBe(true);
  await item.getByLabel('Reason').fill('The dispute was settled');
  await item.getByRole('button', { name: 'Release it' }).click();
  await expect(item).toBeHidden();
  await holds.getByText('1 released hold').click();
  await expect(holds.getByText('The dispute was settled')).toBeVisible();
  expect((await ask(page, 'ledger.list', {})).entries.some(({ action }) => action === 'retention.hold.released')).toBe(true);
});

test('schedules: placeholders are said until they are given, for each kind', async () => {
  const schedule = part('Schedules');
  await expect(schedule.getByText(/^Not ready: \d+ placeholders? (is|are) left\.$/)).toBeVisible();
  await schedule.getByLabel('Working directory').fill('/srv/navi');
  await schedule.getByLabel('Python').fill('/srv/navi/.venv/bin/python');
  const text = schedule.locator('.schedule-file pre').first();
  await expect(text).toContainText('/srv/navi');
  await expect(text).toContainText('PYTHONPATH');
  await expect(schedule.getByText(/^Not ready/)).toHaveCount(0);
  const cron = await ask(page, 'retention.schedule', { deploymentId: id, kind: 'cron', workdir: '/srv/navi', python: '/srv/navi/.venv/bin/python' });
  await expect(text).toHaveText(cron.files[0]?.text ?? 'nothing');
  expect((await ask(page, 'retention.lint', { text: cron.files[0]?.text ?? '', name: '' })).problems.filter(({ level }) => level === 'error')).toEqual([]);
  await expectAccessible(page, 'a schedule for cron');
  const { name, text: whole } = cron.files[0] ?? { name: 'nothing', text: 'nothing' };
  await schedule.getByRole('button', { name: `Save ${name}…` }).click();
  expect(readFileSync(await purgeScreen(() => page).save(`Save ${name}`), 'utf8')).toBe(whole);
  await schedule.getByRole('tab', { name: 'systemd' }).click();
  // What was given stays given.
  await expect(schedule.getByLabel('Working directory')).toHaveValue('/srv/navi');
  await expect(schedule.locator('.schedule-file')).toHaveCount(2);
  await expect(schedule.getByText('Persistent=true')).toBeVisible();
  await schedule.getByRole('tab', { name: 'Kubernetes' }).click();
  await schedule.getByLabel('Image').fill('registry.example/navi:1.4');
  await schedule.getByLabel('Namespace').fill('navi');
  await expect(schedule.locator('.schedule-file pre').first()).toContainText('image: "registry.example/navi:1.4"');
});

test('lint: a pasted crontab and a file, line by line, and what only the machine can tell', async () => {
  const schedule = part('Schedules');
  await schedule.getByRole('tab', { name: 'Check what you have' }).click();
  const text = schedule.getByLabel('A crontab, unit or manifest');
  await text.fill('0 3 * * * cd /srv/navi && make audit-purge');
  await schedule.getByRole('button', { name: 'Check it' }).click();
  const found = schedule.getByRole('region', { name: 'What was found' });
  const core = await ask(page, 'retention.lint', { text: '0 3 * * * cd /srv/navi && make audit-purge', name: '' });
  expect(core.problems.length).toBeGreaterThan(0);
  await expect(found.locator('.lint-problems > li')).toHaveCount(core.problems.length);
  await expect(found).toContainText('Taken for a crontab');
  await expect(found).toContainText('PYTHONPATH');
  await expectAccessible(page, 'lint with problems');
  await text.fill('nothing of the kind');
  await expect(found).toHaveCount(0);
  await pickFiles(page, schedule.locator('input[type=file]'), [files.put('purge.timer', '[Unit]\nDescription=purge\n\n[Timer]\nOnCalendar=daily\n')]);
  await expect(found).toContainText('Taken for a systemd timer');
  await expect(text).toHaveValue(/OnCalendar=daily/);
  await expect(found.getByRole('region', { name: 'To be asked on the machine' })).toContainText('systemctl');
  await pickFiles(page, schedule.locator('input[type=file]'), [files.put('large.txt', 'x'.repeat(262_145))]);
  await expect(schedule.getByRole('alert')).toContainText('too_large');
});

test('a count of none that proves nothing is unknown, and says why', async () => {
  const other = await connect(page, off, { name: 'acme-off', withSync: true });
  await open('acme-off');
  const stated = part('Does it delete?').getByRole('region', { name: 'Policy as the deployment states it' });
  expect((await ask(page, 'retention.show', { deploymentId: other })).policy).toMatchObject({ state: 'off', overdue: { said: 0, rows: null } });
  await expect(stated).toContainText('unknown it says 0');
  await expect(stated).toContainText('while retention is off it always says 0');
  await expect(part('Does it delete?').locator('.retention-verdict .chip')).toHaveText('unknown');
  await expect(part('Rows by age')).toContainText('Retention is off, so by its own rule nothing comes due.');
  await expect(part('Rows by age').getByText(/^Cutoff/)).toHaveCount(0);
  await expect(part('Rows by age').locator('rect.ages-bar').first()).toBeVisible();
  await expectAccessible(page, 'retention that is off');
});

test('an AI-Karen has nothing of it, and the page says why', async () => {
  await ask(page, 'deployment.add', { name: 'karen-lab', url: karen.url, kind: 'karen', environment: 'development' });
  await open('karen-lab');
  await expect(page.getByRole('heading', { name: 'An AI-Karen has no retention to look at' })).toBeVisible();
  await expect(page.getByRole('main')).toContainText('states no period and has no way to purge');
  await expect(page.getByRole('region', { name: 'Legal holds' })).toHaveCount(0);
  await expectAccessible(page, 'retention of an AI-Karen');
  expect(karen.requests).toEqual([]);
});

test('with the deployment away everything is still there, with its age, and a sync that fails says so', async () => {
  await navi.close();
  await open('acme-keep');
  await expect(part('Does it delete?').locator('.retention-verdict .chip')).toHaveText('deleting');
  await page.getByRole('button', { name: 'Sync', exact: true }).click();
  await expect(page.getByRole('main').getByRole('alert').first()).toContainText('What is held here is still shown, with its age.', { timeout: 20_000 });
  await expect(part('Legal holds').getByRole('listitem', { name: 'CASE-2026/7' })).toBeVisible();
  await expect(part('Rows by age').locator('rect.ages-bar').first()).toBeVisible();
  await expect(page.locator('.head')).toContainText(/Log synced .*(now|ago)/);
  await expectAccessible(page, 'retention offline');
});

test('what this workstation keeps: a rule, what it would take, and a purge that leaves held rows', async () => {
  await goTo(page, 'Settings');
  const section = part('Kept on this workstation');
  const rule = section.getByRole('form', { name: 'Rule of this workstation' });
  await rule.getByLabel('Rows of the audit log').fill('0');
  await rule.getByRole('button', { name: 'Save the rule' }).click();
  await expect(rule.getByLabel('Rows of the audit log')).toHaveAttribute('aria-invalid', 'true');
  await rule.getByLabel('Rows of the audit log').fill('60');
  await rule.getByRole('button', { name: 'Save the rule' }).click();
  await expect.poll(async () => (await ask(page, 'retention.ownPolicy', {})).rowDays).toBe(60);
  await section.getByRole('button', { name: 'Show what would go…' }).click();
  const dialog = page.getByRole('dialog', { name: 'What would go from this workstation' });
  const remove = dialog.getByRole('button', { name: /^Remove \d+ rows and 2 preserved rows$/ });
  await expect(remove).toBeVisible();
  await expect(remove).toBeDisabled();
  // R23: the focus never begins on what destroys.
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await expect(dialog).toContainText('3 due rows stay because of a hold');
  await expectAccessible(page, 'own purge');
  const before = (await ask(page, 'audit.summary', { deploymentId: id })).events;
  await dialog.getByLabel('I have read this. It cannot be undone.').check();
  await remove.click();
  await expect(dialog).toBeHidden({ timeout: 30_000 });
  await expect(section).toContainText(/Removed: \d+ rows/);
  await expect(section).toContainText('3 due rows stayed because of a hold.');
  const after = await show();
  expect(after.ages.rows).toBeLessThan(before);
  expect(after.holds.find(({ caseId }) => caseId === 'CASE-2026/7')?.counts).toMatchObject({ rows: 4, preserved: 4 });
  expect((await ask(page, 'ledger.list', {})).entries.some(({ action }) => action === 'retention.own.purged')).toBe(true);
  await expectAccessible(page, 'settings after an own purge');
});
