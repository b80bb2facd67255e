// The security screen: checks with their evidence, counted over what is known and fresh, found by filter and by keyboard, answered for by people, and still there when the deployment is not.
import { expect, test } from '@playwright/test';
import type { Page } from '@playwright/test';
import { configFor } from '../deployments/navi/config.ts';
import { startNaviDeployment } from '../deployments/navi/server.ts';
import type { NaviDeployment } from '../deployments/navi/server.ts';
import { expectAccessible } from './accessible.ts';
import { startHost } from './harness.ts';
import type { DrivenHost } from './harness.ts';
import { makeFolder, pickFiles } from './own-files.ts';
import type { OwnFolder } from './own-files.ts';
import { openSecurity, securityScreen } from './security-screen.ts';
import type { SecurityParts } from './security-screen.ts';
import { ask, connect, listenForTrouble } from './set-up.ts';
import type { Trouble } from './set-up.ts';
import { beginLook, goTo } from './steps.ts';

const RANK = ['fail', 'unknown', 'stale', 'accepted', 'pass', 'not applicable'];
const SEVERITIES = ['critical', 'high', 'medium', 'low'];
const CLASH = 'Encryption that is declared on is in the rows that arrive';

let host: DrivenHost;
let page: Page;
let navi: NaviDeployment;
let id: string;
let screen: SecurityParts;
let trouble: Trouble;
let files: OwnFolder;

test.beforeAll(async () => {
  files = makeFolder();
  navi = await startNaviDeployment({ config: configFor('C1'), events: 300, seed: 21 });
  host = await startHost({ secrets: 'memory' });
  page = host.page;
  await page.setViewportSize({ width: 1280, height: 800 });
  trouble = await listenForTrouble(page);
  screen = securityScreen(page);
  id = await connect(page, navi, { name: 'acme-checks', withStatus: true, withSync: true });
});

test.beforeEach(async () => openSecurity(page, 'acme-checks'));
test.afterEach(async () => expect(await trouble.all()).toEqual([]));
test.afterAll(async () => {
  await host?.close();
  await navi?.close().catch(() => undefined);
  files?.remove();
});

const ranked = (words: readonly string[], order: readonly string[]): void => {
  const ranks = words.map((word) => order.indexOf(word));
  expect(ranks).not.toContain(-1);
  expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
};

test('checks stand by state and severity, and are counted over what is known and fresh, never in percent', async () => {
  const view = await ask(page, 'security.show', { deploymentId: id });
  await expect(screen.rows()).toHaveCount(view.checks.length);
  expect(view.checks.length).toBeGreaterThanOrEqual(30);
  const { counts } = view;
  const known = counts.pass + counts.fail + counts.accepted;
  await expect(screen.head()).toContainText(`${known} of ${known + counts.unknown + counts.stale} known and fresh: ${counts.pass} pass, ${counts.fail} fail`);
  await expect(page.getByRole('main')).not.toContainText('%');
  const others = await screen.grid().locator('tbody:not([data-group]) tr[aria-label]').evaluateAll((found) => found.map((row) => [row.getAttribute('aria-label')?.split(':')[0] ?? '', row.querySelector('td:last-child')?.textContent ?? '']));
  ranked(others.map(([state]) => state ?? ''), RANK);
  for (const state of RANK) ranked(others.filter(([own]) => own === state).map(([, severity]) => severity ?? ''), SEVERITIES);
  const said = await screen.states();
  for (const [state, count] of [['pass', counts.pass], ['fail', counts.fail], ['unknown', counts.unknown], ['not applicable', counts['not-applicable']]] as const) expect(said.filter((word) => word === state), state).toHaveLength(count);
  await expectAccessible(page, 'the checks');
});

test('what was never proven is unknown: 0 overdue rows, a rotation that no token tried, and a limit that nobody reached', async () => {
  for (const title of ['What is said of a rotation fits the secrets', 'Too many requests get 429', 'The signing secret is long and random']) await expect(screen.check(title), title).toHaveAccessibleName(/^unknown/);
  await screen.check('Too many requests get 429').click();
  await expect(screen.pane()).toContainText('Probes are switched off for this deployment.');
  await expect(screen.evidence('Observed')).toContainText('No probe has looked.');
});

test('contradictions are a group of their own, and the pane shows both sides with path, value, source and age', async () => {
  const group = screen.grid().locator('tbody[data-group="contradictions"]');
  const clashes = (await ask(page, 'security.show', { deploymentId: id })).checks.filter((check) => check.isContradiction && check.state === 'fail');
  expect(clashes.map(({ title }) => title)).toContain(CLASH);
  await expect(page.getByRole('row', { name: `Contradictions: what is declared and what was seen disagree (${clashes.length})` })).toBeVisible();
  await expect(group.getByRole('row')).toHaveCount(clashes.length);
  await screen.check(CLASH).click();
  await expect(screen.pane().locator('header')).toContainText('contradiction');
  await expect(screen.evidence('Declared')).toContainText('disagrees');
  await expect(screen.evidence('Declared')).toContainText('$.encryption.audit_encryption_enabled = true');
  await expect(screen.evidence('Declared')).toContainText('GET /api/admin/security/status');
  await expect(screen.evidence('Declared').locator('time')).toHaveAttribute('title', /UTC[\s\S]*\n/);
  await expect(screen.evidence('Declared').locator('time')).toContainText(/now|ago/);
  await expect(screen.evidence('Derived')).toContainText(/\$\.plain_after_encrypted = [1-9]/);
  await expect(screen.evidence('Derived')).toContainText(/newest \d+ cached rows/);
  await expect(screen.evidence('Attested')).toContainText('Nobody has stated anything.');
  // Side by side: declared and observed share a line.
  const [left, right] = [await screen.evidence('Declared').boundingBox(), await screen.evidence('Observed').boundingBox()];
  expect(left?.y).toBe(right?.y);
  expect(left?.x ?? 0).toBeLessThan(right?.x ?? 0);
  for (const word of ['Why it matters', 'Fix', 'References', 'Earlier looks']) await expect(screen.pane().getByText(word, { exact: true })).toBeVisible();
});

test('the filter takes text, states, severity and group together, and says how many are left', async () => {
  const all = await screen.rows().count();
  const left = page.getByRole('main').getByRole('status').filter({ hasText: /checks?$/ });
  await expect(left).toHaveText(`${all} checks`);
  await page.getByLabel('Severity').selectOption('high');
  await page.getByRole('main').getByRole('button', { name: /\d+ unknown$/ }).click();
  await expect.poll(async () => new Set(await screen.states())).toEqual(new Set(['unknown']));
  const some = await screen.rows().count();
  await expect(left).toHaveText(`${some} of ${all} checks`);
  expect(new Set(await screen.rows().locator('td:last-child').allInnerTexts())).toEqual(new Set(['high']));
  await page.getByLabel('Group').selectOption('Tokens');
  expect(await screen.rows().count()).toBeLessThan(some);
  await screen.filter().fill('no check says this');
  await expect(page.getByRole('heading', { name: 'No check matches' })).toBeVisible();
  await page.getByRole('button', { name: 'Show all checks' }).click();
  await expect(screen.rows()).toHaveCount(all);
  await expect(screen.filter()).toHaveValue('');
});

test('columns sort both ways, and say so', async () => {
  const titles = (): Promise<string[]> => screen.grid().locator('tbody:not([data-group]) tr[aria-label] td:nth-child(2)').allInnerTexts();
  await page.getByRole('button', { name: 'Check', exact: true }).click();
  const up = await titles();
  expect(up).toEqual(up.toSorted());
  await page.getByRole('button', { name: 'Check', exact: true }).click();
  expect(await titles()).toEqual(up.toReversed());
  await expect(page.getByRole('columnheader', { name: 'Check' })).toHaveAttribute('aria-sort', 'descending');
  await page.getByRole('button', { name: 'Severity', exact: true }).click();
  ranked(await screen.grid().locator('tbody:not([data-group]) tr[aria-label] td:last-child').allInnerTexts(), SEVERITIES);
});

test('all of it by keyboard: / to the filter, down into the list, Enter to the truth, Escape back', async () => {
  await page.keyboard.press('/');
  await expect(screen.filter()).toBeFocused();
  await page.keyboard.type('token');
  const found = await screen.rows().count();
  expect(found).toBeGreaterThan(2);
  await page.keyboard.press('ArrowDown');
  await expect(screen.rows().first()).toBeFocused();
  await page.keyboard.press('j');
  await expect(screen.rows().nth(1)).toBeFocused();
  await expect(screen.rows().nth(1)).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('End');
  await expect(screen.rows().nth(found - 1)).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await expect(screen.pane()).toBeFocused();
  await expect(screen.pane().getByRole('heading', { level: 2 })).toHaveText((await screen.rows().nth(found - 2).getAttribute('aria-label'))?.replace(/^[a-z ]+: /, '') ?? '');
  await page.keyboard.press('Escape');
  await expect(screen.rows().nth(found - 2)).toBeFocused();
  await page.keyboard.press('/');
  await page.keyboard.press('Escape');
  await expect(screen.filter()).toHaveValue('');
  await expect(screen.filter()).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(screen.grid().locator('tr[tabindex="0"]')).toBeFocused();
});

test('an exception needs owner, reason and a last day, is counted as accepted until then, and can be ended', async () => {
  const title = 'A key for connector tokens is set';
  const { counts } = await ask(page, 'security.show', { deploymentId: id });
  await screen.check(title).click();
  await screen.pane().getByRole('button', { name: 'Accept until…' }).click();
  const form = screen.pane().getByRole('form', { name: 'Accept this failure' });
  await expect(form.getByLabel('Owner')).toBeFocused();
  await form.getByLabel('Last day, in UTC').fill('');
  await form.getByRole('button', { name: 'Accept', exact: true }).click();
  for (const [label, lack] of [['Owner', 'Name who answers for it.'], ['Reason', 'Say why.'], ['Last day, in UTC', 'Give the last day.']] as const) {
    await expect(form.getByLabel(label)).toHaveAttribute('aria-invalid', 'true');
    await expect(form.getByLabel(label)).toHaveAccessibleDescription(new RegExp(lack));
  }
  await form.getByLabel('Last day, in UTC').fill('2020-01-01');
  await expect(form).toContainText('This day is over.');
  await expectAccessible(page, 'an exception with mistakes');
  const until = new Date(Date.now() + 20 * 86_400_000).toISOString().slice(0, 10);
  await form.getByLabel('Owner').fill('platform-admin');
  await form.getByLabel('Reason').fill('The connector leaves with the next release.');
  await form.getByLabel('Last day, in UTC').fill(until);
  await form.getByRole('button', { name: 'Accept', exact: true }).click();

  await expect(screen.check(title)).toHaveAccessibleName(/^accepted/);
  await expect(screen.pane()).toContainText('Accepted by platform-admin until');
  await expect(screen.pane()).toContainText('The connector leaves with the next release.');
  await expect(screen.head()).toContainText(`${counts.pass} pass, ${counts.fail - 1} fail, ${counts.accepted + 1} accepted`);
  await expect(screen.head()).toContainText(/accepted until \d+ \w+/);
  await expect(page.getByRole('main').getByRole('button', { name: '1 accepted' })).toBeVisible();
  expect((await ask(page, 'security.show', { deploymentId: id })).checks.find((check) => check.title === title)?.exception).toMatchObject({ owner: 'platform-admin', until, isExpired: false });

  await screen.pane().getByRole('button', { name: 'End the exception…' }).click();
  const end = screen.pane().getByRole('form', { name: 'End the exception' });
  await end.getByRole('button', { name: 'End it' }).click();
  await expect(end.getByLabel('Reason')).toHaveAccessibleDescription(/Say why\./);
  await end.getByLabel('Reason').fill('It was removed early.');
  await end.getByRole('button', { name: 'End it' }).click();
  await expect(screen.check(title)).toHaveAccessibleName(/^fail/);
  await expect(screen.head()).not.toContainText('accepted');
});

test('a named person states something with a day and a file; it stands apart and makes nothing pass that was seen to fail', async () => {
  const title = 'The default sign-in tenant is not in use';
  const proof = files.put('change 4711.txt', 'The tenant is changed on Monday.\n');
  await screen.check(title).click();
  await screen.pane().getByRole('button', { name: 'State something…' }).click();
  const form = screen.pane().getByRole('form', { name: 'State something about this check' });
  await form.getByRole('button', { name: 'Keep the statement' }).click();
  await expect(form.getByLabel('Who states it')).toHaveAccessibleDescription(/Name who says so\./);
  await expect(form.getByLabel('Statement', { exact: true })).toHaveAttribute('aria-invalid', 'true');
  await form.getByLabel('Who states it').fill('R. Lindqvist');
  await form.getByLabel('Of which day').fill('2026-01-15');
  await form.getByLabel('Statement', { exact: true }).fill('Change 4711 replaces the tenant.');
  await pickFiles(page, form.locator('input[type=file]'), [proof]);
  await expect(form).toContainText('change 4711.txt');
  await form.getByRole('button', { name: 'Keep the statement' }).click();
  await expect(screen.evidence('Attested')).toContainText('“Change 4711 replaces the tenant.” It holds.');
  await expect(screen.evidence('Attested')).toContainText(/R\. Lindqvist, 2026-01-15; change 4711\.txt, sha256 [0-9a-f]{16}/);
  await expect(screen.evidence('Attested').locator('time')).toHaveAttribute('datetime', /^2026-01-15/);
  await expect(screen.check(title)).toHaveAccessibleName(/^fail/);
  await expect(screen.evidence('Declared')).toContainText('$.sso.auth0_domain');
});

test('while the deployment is away, everything stays with its age, and the failure is remembered', async () => {
  const before = await screen.states();
  const { observedAt } = await ask(page, 'security.show', { deploymentId: id });
  await navi.close();
  await beginLook(page);
  const alert = page.getByRole('main').getByRole('alert');
  await expect(alert).toContainText('What was seen before is still shown, with its time.', { timeout: 20_000 });
  await expect(alert).toContainText('connection_refused');
  await expect(page.getByRole('banner')).toContainText(/Offline.*as of/);
  expect(await screen.states()).toEqual(before);
  await expect(screen.head().locator('time').last()).toHaveAttribute('datetime', observedAt ?? 'none');
  await expectAccessible(page, 'offline');
  await goTo(page, 'Overview');
  await goTo(page, 'Security');
  await expect(page.getByRole('main')).toContainText(/What was seen before is still shown/);
  expect(await screen.states()).toEqual(before);
});

test('a deployment that never answered says so, claims nothing, and still lists what would be checked', async () => {
  const gone = await startNaviDeployment({ config: configFor('C1'), events: 0, seed: 27 });
  const { id: never } = await ask(page, 'deployment.add', { name: 'acme-never', url: gone.url, kind: 'navi' });
  await gone.close();
  await openSecurity(page, 'acme-never');
  await expect(page.getByRole('heading', { name: 'Nothing is known yet' })).toBeVisible();
  await expect(screen.head()).toContainText('never looked');
  await beginLook(page);
  await expect(page.getByRole('main').getByRole('alert')).toContainText('connection_refused', { timeout: 20_000 });
  await expect(page.getByText('The deployment has never answered, so every check is unknown.')).toBeVisible();
  await expectAccessible(page, 'nothing known');
  await expect(screen.grid()).toBeHidden();
  expect((await ask(page, 'security.show', { deploymentId: never })).counts).toMatchObject({ pass: 0, fail: 0, accepted: 0 });
  await page.getByRole('button', { name: /^Show the \d+ checks$/ }).click();
  expect(new Set(await screen.states())).not.toContain('pass');
  expect(new Set(await screen.states())).not.toContain('fail');
});
