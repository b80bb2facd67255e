// A look from the window: listed before anything is sent, held to what was allowed, seen while it runs, stopped when asked; and the baseline that it is judged by.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
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
import { beginLook, lookAtSecurity } from './steps.ts';

const PACK = [
  'format: 1', 'id: own-rules', 'version: 1.0.0', 'title: Own rules', 'kind: navi', 'source: the security policy', 'fresh_hours: { declared: 24, observed: 24, derived: 24, file: 720, attested: 2160 }', 'checks:',
  '  - id: own.jwt', '    title: Tokens are required', '    group: Own', '    severity: high', '    rules:',
  '      - { fail: status.jwt.enabled == false, seen: off, because: it is declared off }', '      - { pass: status.jwt.enabled == true, seen: on, because: it is declared on }', '    why: It matters.', '    fix: Switch it on.', '',
].join('\n');

// Each step stands on the one before.
test.describe.configure({ mode: 'serial' });

let host: DrivenHost;
let page: Page;
let navi: NaviDeployment;
let id: string;
let screen: SecurityParts;
let trouble: Trouble;
let files: OwnFolder;

test.beforeAll(async () => {
  files = makeFolder();
  navi = await startNaviDeployment({ config: configFor('C1'), events: 0, seed: 33 });
  host = await startHost({ secrets: 'memory' });
  page = host.page;
  await page.setViewportSize({ width: 1280, height: 800 });
  trouble = await listenForTrouble(page);
  screen = securityScreen(page);
  id = await connect(page, navi, { name: 'acme-prod', environment: 'production' });
});

test.beforeEach(async () => openSecurity(page, 'acme-prod'));
test.afterEach(async () => expect(await trouble.all()).toEqual([]));
test.afterAll(async () => {
  await host?.close();
  await navi?.close();
  files?.remove();
});

const dialog = (): Locator => page.getByRole('dialog', { name: 'Look at acme-prod' });
const allowed = (name: RegExp): Locator => dialog().getByRole('checkbox', { name });
const listed = (): Locator => dialog().getByRole('region', { name: 'What will be sent' });
/** A box shows what core has written down, so it changes a moment after the click. */
const decide = async (name: RegExp, isAllowed: boolean): Promise<void> => { await allowed(name).click(); await expect(allowed(name)).toBeChecked({ checked: isAllowed }); };
const openLook = async (): Promise<void> => { await page.getByRole('button', { name: 'Look now…' }).first().click(); await expect(listed()).toBeVisible(); };

test('in production probes are off until they are allowed; each further consent stands alone; the list says what would be sent, and nothing is sent by reading it', async () => {
  const before = navi.requests.length;
  await openLook();
  await expect(dialog()).toContainText('This is production: probes stay off until you allow them here.');
  for (const consent of [/^Ordinary probes/, /^Burst/]) await expect(allowed(consent)).not.toBeChecked();
  await expect(allowed(/^Burst/)).toBeDisabled();
  await expect(listed().getByRole('heading', { name: '1 request will be sent' })).toBeVisible();
  await expect(listed()).toContainText('GET /api/admin/security/status');
  await expect(listed()).toContainText('Not sent: not allowed');
  await expectAccessible(page, 'a look in production');

  await decide(/^Ordinary probes/, true);
  await expect(dialog()).not.toContainText('This is production');
  const plan = await ask(page, 'security.plan', { deploymentId: id });
  expect(plan.probes.filter(({ willRun }) => willRun).flatMap(({ requests }) => requests)).toHaveLength(plan.requests);
  for (const { requests } of plan.probes) for (const line of requests) expect(line).toMatch(/^(GET|HEAD|OPTIONS) /);
  await expect(listed().getByRole('heading', { name: `${plan.requests + 1} requests will be sent, in at least ${Math.ceil(plan.requests / 2)} s` })).toBeVisible();
  for (const { title, about } of plan.probes) await expect(listed().getByRole('listitem').filter({ hasText: title }).filter({ hasText: about }).first()).toBeVisible();
  await expect(dialog().getByText('Nobody has allowed it.')).toHaveCount(1);

  await decide(/^Burst/, true);
  const burst = await ask(page, 'security.plan', { deploymentId: id });
  const more = burst.requests - plan.requests;
  expect(more).toBeGreaterThan(1);
  expect(more).toBeLessThanOrEqual(45);
  await expect(listed()).toContainText(`${more} × `);
  await expect(dialog().getByRole('button', { name: `Look now: ${burst.requests + 1} requests` })).toBeEnabled();
  await decide(/^Burst/, false);
  await expect(dialog().getByRole('button', { name: `Look now: ${plan.requests + 1} requests` })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialog()).toBeHidden();
  expect(navi.requests.length).toBe(before);
});

test('a look shows how far it is, and stops when asked: what was seen stays, and no look is noted', async () => {
  await beginLook(page);
  const progress = page.getByRole('progressbar');
  await expect(progress).toBeVisible();
  await expect(page.getByRole('main')).toContainText(/\d+ of \d+/);
  await page.getByRole('main').getByRole('button', { name: 'Cancel', exact: true }).click();
  await expect(page.getByText('The look was stopped.')).toBeVisible();
  await expect(progress).toBeHidden();
  expect((await ask(page, 'security.history', { deploymentId: id })).snapshots).toEqual([]);
  const sent = navi.requests.length;
  expect(sent).toBeLessThan(17);
});

test('a look sends what was listed and no more, and shows what it saw beside what is declared', async () => {
  const before = navi.requests.length;
  const { requests } = await ask(page, 'security.plan', { deploymentId: id });
  await lookAtSecurity(page);
  const sent = navi.requests.slice(before).filter(({ method }) => method !== 'CONNECT');
  expect(sent.length).toBeLessThanOrEqual(requests + 1);
  expect(sent.length).toBeGreaterThan(requests / 2);
  expect([...new Set(sent.map(({ method }) => method))].filter((method) => !['GET', 'HEAD', 'OPTIONS'].includes(method))).toEqual([]);
  await expect(page.getByText('It is the first one.')).toBeVisible();
  await screen.check('Requests must carry a valid token').click();
  await expect(screen.check('Requests must carry a valid token')).toHaveAccessibleName(/^pass/);
  await expect(screen.evidence('Declared')).toContainText('$.jwt.enabled = true');
  await expect(screen.evidence('Observed')).toContainText('= 401');
  await expect(screen.evidence('Observed')).toContainText(/GET \/api\//);
  await expect(screen.pane()).toContainText('pass in the only look');
  await page.getByRole('button', { name: 'Dismiss' }).click();
  await expect(page.getByText('Looked, and the look is kept.')).toBeHidden();
});

test('the way to evaluate alone sends nothing, and keeps a look', async () => {
  const before = navi.requests.length;
  await screen.more(/Evaluate only/);
  await expect(page.getByText('Evaluated from what is held here; nothing was sent.')).toBeVisible();
  expect((await ask(page, 'security.history', { deploymentId: id })).snapshots).toHaveLength(2);
  expect(navi.requests.length).toBe(before);
});

test('baselines are listed with their digest; a broken one is refused with file, line and reason; a good one is taken in and used', async () => {
  const shipped = readFileSync(new URL('../../shared/packs/baselines/navi.yaml', import.meta.url));
  await screen.more(/Baseline/);
  const baselines = page.getByRole('dialog', { name: 'Baseline' });
  await expect(baselines.getByRole('listitem')).toHaveCount(1);
  await expect(baselines.getByRole('listitem').first()).toContainText(`sha256 ${createHash('sha256').update(shipped).digest('hex')}`);
  await expect(baselines.getByRole('listitem').first()).toContainText('in use');
  const input = baselines.locator('input[type=file]');

  await pickFiles(page, input, [files.put('broken.yaml', PACK.replace('status.jwt.enabled == true', 'status.jwt.enabled === true'))]);
  await expect(baselines.getByRole('alert')).toContainText(/broken\.yaml, line 15: .{10,}/);
  await expect(baselines.getByRole('alert')).toContainText('invalid_baseline');
  await expect(baselines.getByRole('listitem')).toHaveCount(1);
  await expectAccessible(page, 'a refused baseline');

  await pickFiles(page, input, [files.put('own.yaml', PACK)]);
  await expect(baselines.getByRole('listitem')).toHaveCount(2);
  await expect(baselines.getByRole('alert')).toBeHidden();
  const own = baselines.getByRole('listitem').filter({ hasText: 'Own rules' });
  await expect(own).toContainText(`sha256 ${createHash('sha256').update(PACK).digest('hex')}`);
  await expect(own).toContainText('1 check');
  await own.getByRole('button', { name: 'Use it' }).click();
  await expect(screen.rows()).toHaveCount(1);
  await expect(screen.check('Tokens are required')).toHaveAccessibleName(/^pass/);
  await expect(page.getByRole('button', { name: /^Baseline own-rules 1\.0\.0/ })).toBeVisible();
  await expect(screen.head()).toContainText('1 of 1 known and fresh: 1 pass');
});
