// Settings and the lock: what is set is applied at once, and after a lock nothing readable is left anywhere.
import { expect, test } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
import { startPrivateBus } from '../integration/private-bus.ts';
import type { PrivateBus } from '../integration/private-bus.ts';
import { configFor } from '../deployments/navi/config.ts';
import { encryptedPayload } from '../deployments/navi/fernet-writer.ts';
import { startNaviDeployment } from '../deployments/navi/server.ts';
import type { NaviDeployment } from '../deployments/navi/server.ts';
import { startHost } from './harness.ts';
import type { DrivenHost } from './harness.ts';
import { ask, connect, expectNowhere } from './set-up.ts';
import { decryptHere, goTo } from './steps.ts';

const CANARY = 'lock-canary-4be91c';
const FIRST = 'the first app passphrase';
const SECOND = 'the second app passphrase';
/** Every zone but UTC would do; this one has an offset that no machine of a test has by chance. */
const ZONE = { TZ: 'Asia/Kathmandu' };

let bus: PrivateBus;
let navi: NaviDeployment;
let host: DrivenHost;
let page: Page;

test.beforeAll(async () => {
  bus = await startPrivateBus();
  await bus.startKeyring('keyring password');
  navi = await startNaviDeployment({ config: configFor('C1'), events: 60, seed: 41 });
  const { key, keyId } = navi.secrets.activeAuditKey;
  const seconds = Math.floor(Date.now() / 1000);
  navi.insertRows([{
    orgKey: 'acme', actorSub: 'auth0|acme-on-call', actorEmail: 'on-call@acme.example', route: '/e2e/lock', method: 'POST', eventType: 'http.request', resourceId: null, statusCode: 200, createdAtMicros: seconds * 1_000_000,
    payload: encryptedPayload({ shape: 'core', key, keyId, payload: { query_params: { q: CANARY } }, iv: Buffer.alloc(16, 9), seconds }),
  }]);
  host = await startHost({ env: { ...bus.env, ...ZONE }, secrets: 'keychain' });
  page = host.page;
  await page.setViewportSize({ width: 1280, height: 800 });
  await connect(page, navi, { name: 'acme-lock', withKeys: true, withStatus: true, withSync: true });
});

test.afterAll(async () => {
  await host?.close();
  await navi?.close();
  await bus?.dispose();
});

const section = (title: string): Locator => page.getByRole('region', { name: title, exact: true });
const theme = (): Promise<string | null> => page.locator('html').getAttribute('data-theme');
const background = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
const dialog = (): Locator => page.getByRole('dialog');
const lockButton = (): Locator => page.getByRole('button', { name: 'Lock', exact: true });

async function openCanary(): Promise<void> {
  await goTo(page, 'Audit');
  await page.getByRole('grid', { name: 'Audit events' }).getByRole('row', { name: /\/e2e\/lock/ }).first().click();
  expect(await decryptHere(page, 'before the lock')).toContain(CANARY);
}

async function expectLocked(): Promise<void> {
  await expect(page.getByRole('heading', { name: 'Holdfast is locked' })).toBeVisible({ timeout: 15_000 });
  await expect(page.getByRole('navigation', { name: 'Screens' })).toHaveCount(0);
}

test('the theme is applied at once, and again after a reload', async () => {
  await goTo(page, 'Settings');
  const seen = new Set<string>();
  for (const [word, value] of [['Dark', 'dark'], ['Light', 'light'], ['High contrast', 'contrast']] as const) {
    await section('Appearance').getByText(word, { exact: true }).click();
    await expect.poll(theme).toBe(value);
    seen.add(await background());
  }
  expect(seen.size, 'three themes, three looks').toBeGreaterThanOrEqual(2);
  await page.reload();
  await expect.poll(theme).toBe('contrast');
  await goTo(page, 'Settings');
  await expect(section('Appearance').getByRole('radio', { name: 'High contrast' })).toBeChecked();
  await section('Appearance').getByText('Follow the system').click();
  await expect.poll(theme).toBeNull();
});

test('times are shown in UTC or in local time, each with the other on hover', async () => {
  await goTo(page, 'Audit');
  const cell = page.getByRole('grid', { name: 'Audit events' }).locator('time').first();
  const utc = await cell.innerText();
  await expect(page.getByRole('columnheader', { name: 'Time, UTC' })).toBeVisible();
  await page.getByRole('button', { name: 'UTC. Show local times' }).click();
  await expect(page.getByRole('columnheader', { name: 'Time, local' })).toBeVisible();
  await expect(cell).not.toHaveText(utc);
  await expect(cell).toHaveAttribute('title', /UTC\+5:45\n.*UTC$/);
  expect((await ask(page, 'settings.get', {})).times).toBe('local');
  await goTo(page, 'Settings');
  await expect(section('Appearance').getByRole('radio', { name: 'Local' })).toBeChecked();
  await section('Appearance').getByText('UTC', { exact: true }).click();
  await goTo(page, 'Audit');
  await expect(cell).toHaveText(utc);
});

test('a number outside its bounds is refused at its field and the old one stays', async () => {
  await goTo(page, 'Settings');
  const field = page.getByLabel('Lock after');
  for (const wrong of ['0', '241', 'ten', '1.5', '']) {
    await field.fill(wrong);
    await field.press('Enter');
    await expect(field, wrong).toHaveAccessibleDescription(/Use a whole number from 1 to 240\. Still 10\./);
  }
  await field.fill('15');
  await field.press('Enter');
  await expect.poll(async () => (await ask(page, 'settings.get', {})).lockAfterMinutes).toBe(15);
});

test('R33: without a passphrase the lock says that it hides the screen only, and it does hide it', async () => {
  await goTo(page, 'Settings');
  await expect(section('Secrets')).toContainText('Keychain of this operating system');
  await expect(section('Secrets')).toContainText('Working');
  await expect(section('Lock')).toContainText('App passphrase: not set');
  await expect(section('Lock')).toContainText('Without one, locking hides the screen only; anyone using this OS session can open it.');
  await openCanary();
  await lockButton().click();
  await expectLocked();
  await expect(page.getByText('Hides the screen only; anyone using this OS session can open it.')).toBeVisible();
  for (const gone of [CANARY, 'acme-lock', '/e2e/lock', 'on-call@acme.example']) await expectNowhere(page, gone);
  await page.getByRole('button', { name: 'Open', exact: true }).click();
  await expect(page.getByRole('navigation', { name: 'Screens' })).toBeVisible({ timeout: 15_000 });
  await goTo(page, 'Audit');
  await expectNowhere(page, CANARY);
});

test('R32, R33: with an app passphrase the lock drops the keys, empties the page, and opens for that passphrase alone', async () => {
  await goTo(page, 'Settings');
  await section('Lock').getByRole('button', { name: 'Set an app passphrase…' }).click();
  const [next, again] = [dialog().getByLabel('New passphrase'), dialog().getByLabel('The same again')];
  await expect(next).toBeFocused();
  await next.fill('short');
  await again.fill('short');
  await dialog().getByRole('button', { name: 'Set', exact: true }).click();
  await expect(next).toHaveAccessibleDescription(/at least 12 characters; this has 5/);
  await next.fill(FIRST);
  await again.fill(SECOND);
  await dialog().getByRole('button', { name: 'Set', exact: true }).click();
  await expect(next).toHaveAccessibleDescription(/The two entries differ/);
  await again.fill(FIRST);
  await dialog().getByRole('button', { name: 'Set', exact: true }).click();
  await expect(dialog()).toBeHidden({ timeout: 15_000 });
  await expect(section('Lock')).toContainText('App passphrase: set');

  await openCanary();
  await lockButton().click();
  await expectLocked();
  const passphrase = page.getByLabel('App passphrase');
  await expect(passphrase).toBeFocused();
  for (const gone of [CANARY, 'acme-lock', '/e2e/lock', 'on-call@acme.example', FIRST]) await expectNowhere(page, gone);
  await expect(ask(page, 'audit.summary', { deploymentId: 'd_0000000000000000' })).rejects.toThrow('profile_locked');
  await expect(ask(page, 'deployment.list', {})).rejects.toThrow('profile_locked');

  await passphrase.press('Enter');
  await expect(passphrase).toHaveAccessibleDescription('Enter the passphrase.');
  await passphrase.fill(SECOND);
  await passphrase.press('Enter');
  await expect(passphrase).toHaveAccessibleDescription('That is not the passphrase. Nothing was opened.', { timeout: 15_000 });
  await expect(passphrase).toHaveValue('');
  await expect(passphrase).toBeFocused();
  await passphrase.fill(FIRST);
  await passphrase.press('Enter');
  await expect(page.getByRole('navigation', { name: 'Screens' })).toBeVisible({ timeout: 15_000 });
  await expectNowhere(page, CANARY);
  await expectNowhere(page, FIRST);
});

test('the app passphrase is changed and removed only by who knows it', async () => {
  if ((await ask(page, 'app.status', {})).lockMode !== 'passphrase') await ask(page, 'app.setPassphrase', { next: FIRST });
  await goTo(page, 'Settings');
  await section('Lock').getByRole('button', { name: 'Change the passphrase…' }).click();
  const [now, next, again] = [dialog().getByLabel('Passphrase now'), dialog().getByLabel('New passphrase'), dialog().getByLabel('The same again')];
  await now.fill('not the passphrase');
  await next.fill(SECOND);
  await again.fill(SECOND);
  await dialog().getByRole('button', { name: 'Change', exact: true }).click();
  await expect(now).toHaveAccessibleDescription('That is not the passphrase. Nothing was changed.', { timeout: 15_000 });
  await now.fill(FIRST);
  await next.fill(SECOND);
  await again.fill(SECOND);
  await dialog().getByRole('button', { name: 'Change', exact: true }).click();
  await expect(dialog()).toBeHidden({ timeout: 15_000 });

  await lockButton().click();
  await expectLocked();
  await page.getByLabel('App passphrase').fill(SECOND);
  await page.getByRole('button', { name: 'Unlock', exact: true }).click();
  await expect(page.getByRole('navigation', { name: 'Screens' })).toBeVisible({ timeout: 15_000 });

  await goTo(page, 'Settings');
  await section('Lock').getByRole('button', { name: 'Remove the passphrase…' }).click();
  await expect(dialog()).toContainText('After this the lock hides the screen only');
  await dialog().getByLabel('Passphrase now').fill(SECOND);
  await dialog().getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(dialog()).toBeHidden({ timeout: 15_000 });
  await expect(section('Lock')).toContainText('App passphrase: not set');
});

test('the palette opens by keyboard, finds by word, and runs an action', async () => {
  await goTo(page, 'Overview');
  await page.keyboard.press('Control+k');
  const palette = page.getByRole('dialog', { name: 'Search or do anything' });
  await expect(palette.getByRole('combobox')).toBeFocused();
  await page.keyboard.type('licences');
  await page.keyboard.press('Enter');
  await expect(palette).toBeHidden();
  await expect(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('theme: light');
  await page.keyboard.press('Enter');
  await expect.poll(theme).toBe('light');
  await ask(page, 'settings.set', { theme: 'system' });
  await page.keyboard.press('Control+k');
  await page.keyboard.type('nothing goes by this name');
  await expect(palette.getByText('Nothing here goes by that name.')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(palette).toBeHidden();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('lock holdfast');
  await page.keyboard.press('Enter');
  await expectLocked();
  await page.getByRole('button', { name: 'Open', exact: true }).click();
  await expect(page.getByRole('navigation', { name: 'Screens' })).toBeVisible({ timeout: 15_000 });
});

test('About lists the version and the licence of every package, and finds one', async () => {
  await goTo(page, 'Settings');
  const { licences, version } = await ask(page, 'app.about', {});
  expect(licences.length).toBeGreaterThan(8);
  await expect(section('About')).toContainText(`${version}, Apache-2.0`);
  await expect(section('About')).toContainText(`${licences.length} packages`);
  const table = page.getByRole('region', { name: 'Licences' });
  await expect(table.getByRole('row')).toHaveCount(licences.length + 1);
  for (const { name, licence } of licences) expect(licence, name).toMatch(/\S/);
  await page.getByLabel('Search licences').fill('zod');
  await expect(table.getByRole('row', { name: /zod .*MIT/ })).toBeVisible();
  await page.getByLabel('Search licences').fill('no such package');
  await expect(table).toContainText('No package goes by that name.');
});
