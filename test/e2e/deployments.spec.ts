// Deployments on the screen: mistakes are said at their field and cost nothing, the token goes in and never comes out, and removal must be meant.
import { expect, test } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
import { configFor } from '../deployments/navi/config.ts';
import { startNaviDeployment } from '../deployments/navi/server.ts';
import type { NaviDeployment } from '../deployments/navi/server.ts';
import { startHost } from './harness.ts';
import type { DrivenHost } from './harness.ts';
import { adminToken, ask, connect, expectNowhere } from './set-up.ts';
import { goTo, testDeployment } from './steps.ts';

let host: DrivenHost;
let page: Page;
let navi: NaviDeployment;

test.beforeAll(async () => {
  navi = await startNaviDeployment({ config: configFor('C1'), events: 40, seed: 31 });
  host = await startHost({ secrets: 'memory' });
  page = host.page;
  await page.setViewportSize({ width: 1280, height: 800 });
});

test.afterAll(async () => {
  await host?.close();
  await navi?.close();
});

const field = (label: string): Locator => page.getByRole('complementary', { name: 'Form' }).getByLabel(label, { exact: true });
const token = (): Locator => page.getByRole('complementary', { name: 'Form' }).getByLabel(/^Token/).first();
const pin = (): Locator => page.getByRole('complementary', { name: 'Form' }).getByLabel(/^SPKI pin/).first();
const add = (): Locator => page.getByRole('button', { name: 'Add', exact: true });
const detail = (): Locator => page.getByRole('complementary', { name: 'Selected deployment' });

async function openForm(): Promise<void> {
  await expect(page.getByRole('navigation', { name: 'Screens' })).toBeVisible();
  await page.keyboard.press('Control+k');
  await page.getByRole('option', { name: 'Add a deployment…' }).click();
  await expect(field('Name')).toBeFocused();
}

async function openDetail(name: string): Promise<void> {
  await goTo(page, 'Overview');
  await page.getByRole('main').getByRole('button', { name, exact: true }).click();
  await expect(detail().getByRole('heading', { name })).toBeVisible();
}

test('a mistake is said at its field, and nothing that was typed is lost', async () => {
  await connect(page, navi, { name: 'taken-name' });
  await openForm();
  const secret = adminToken(navi);
  const typed = { name: 'fresh-name', url: navi.url };
  await field('Name').fill(typed.name);
  await field('Address').fill(typed.url);
  await field('Environment').selectOption('staging');
  await token().fill(secret);

  const refused = async (at: Locator, { wrong, right, words }: { wrong: string; right: string; words: RegExp }): Promise<void> => {
    await at.fill(wrong);
    await add().click();
    await expect(at).toHaveAttribute('aria-invalid', 'true');
    await expect(at).toHaveAccessibleDescription(words);
    await expect(token()).toHaveValue(secret);
    await expect(field('Environment')).toHaveValue('staging');
    await at.fill(right);
    await expect(at).not.toHaveAttribute('aria-invalid');
  };
  await refused(field('Name'), { wrong: '-no', right: typed.name, words: /begin with a letter or digit/i });
  await refused(field('Name'), { wrong: 'taken-name', right: typed.name, words: /already|exists|taken/i });
  await refused(field('Address'), { wrong: 'navi.acme.example', right: typed.url, words: /Begin with https:\/\// });
  await refused(field('Address'), { wrong: 'https://', right: typed.url, words: /./ });
  await refused(field('Address'), { wrong: 'https://user:pass@navi.acme.example', right: typed.url, words: /./ });
  await refused(field('Address'), { wrong: 'http://navi.acme.example', right: typed.url, words: /https|encrypt/i });
  await page.getByText('Own CA and key pin').click();
  await refused(pin(), { wrong: 'sha256/not-a-pin', right: '', words: /pin|SHA-256/i });

  const caButton = page.getByRole('button', { name: /^CA certificate|Choose a PEM file/ });
  const caFile = page.getByLabel('CA certificate file');
  await caFile.setInputFiles({ name: 'notes.pem', mimeType: 'text/plain', buffer: Buffer.from('these are notes') });
  await add().click();
  await expect(caButton).toHaveAccessibleDescription(/no certificate in PEM form/);
  await caFile.setInputFiles({ name: 'broken.pem', mimeType: 'text/plain', buffer: Buffer.from('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n') });
  await add().click();
  await expect(caButton).toHaveAttribute('aria-invalid', 'true');
  await expect(caButton).toHaveAccessibleDescription(/certificate|CA/);
  await expect(token()).toHaveValue(secret);
  await page.getByRole('button', { name: 'Use none' }).click();
  expect((await ask(page, 'deployment.list', {})).deployments.map(({ name }) => name)).toEqual(['taken-name']);

  await add().click();
  await expect(detail().getByRole('heading', { name: 'fresh-name' })).toBeVisible();
  await expect(detail()).toContainText('STAGING');
});

test('the token goes in and never comes out; its claims are shown, and said to be unverified', async () => {
  const secret = adminToken(navi, { email: 'claims@acme.example' });
  await openForm();
  await field('Name').fill('acme-claims');
  await field('Address').fill(navi.url);
  await token().fill(secret);
  await expect(token()).toHaveAttribute('type', 'password');
  await add().click();
  const section = detail().getByRole('region', { name: 'Token' });
  await expect(section).toContainText('admin');
  await expect(section).toContainText('acme');
  await expect(section).toContainText('claims@acme.example');
  await expect(section).toContainText('Expires');
  await expect(section).toContainText('HS256');
  await expect(section).toContainText('Claims are read from the token, not verified.');
  const signature = secret.split('.')[2] ?? '';
  expect(signature.length).toBeGreaterThan(20);
  await expectNowhere(page, signature);
  await testDeployment(page);
  await expectNowhere(page, signature);
  for (const screen of ['Overview', 'Security', 'Settings'] as const) {
    await goTo(page, screen);
    await expectNowhere(page, signature);
  }
  const everything = await Promise.all([ask(page, 'deployment.list', {}), ask(page, 'overview.show', {}), ask(page, 'app.status', {}), ask(page, 'ledger.list', { limit: 100 })]);
  expect(JSON.stringify(everything)).not.toContain(signature);

  await openDetail('acme-claims');
  await section.getByRole('button', { name: 'Replace the token…' }).click();
  await section.getByLabel('New token', { exact: true }).fill(`${adminToken(navi)}\u00a0x`);
  await section.getByRole('button', { name: 'Store the token' }).click();
  await expect(section.getByLabel('New token', { exact: true })).toHaveAccessibleDescription(/Nothing was stored/);
  await section.getByLabel('New token', { exact: true }).fill(adminToken(navi, { role: 'viewer', email: 'second@acme.example' }));
  await section.getByRole('button', { name: 'Store the token' }).click();
  await expect(section).toContainText('second@acme.example');
  await expect(section).toContainText('Its role is viewer; the admin routes need admin');
});

test('a test says what was reached, and the capability table gives a reason for each no', async () => {
  await connect(page, navi, { name: 'acme-offers' });
  await openDetail('acme-offers');
  await testDeployment(page);
  const result = page.getByRole('region', { name: 'Test result' });
  await expect(result).toContainText('NAVI, dialect C1');
  await expect(result).toContainText(/Anonymous\s*refused, as it should be/i);
  await expect(result).toContainText(/Token\s*accepted/i);
  const table = detail().getByRole('region', { name: 'What it offers' });
  await expect(table.getByRole('row')).toHaveCount(7);
  for (const row of (await table.getByRole('row').all()).slice(1)) {
    await expect(row.getByRole('cell').nth(1)).toHaveText(/^(offered|not offered|unknown)$/);
    expect((await row.getByRole('cell').nth(2).innerText()).length, await row.innerText()).toBeGreaterThan(10);
  }
  await expect(table.getByRole('row', { name: /^Purge/ })).toContainText('not offered');
  await expect(table.getByRole('row', { name: /^Audit export/ })).toContainText('offered');
});

test('R47, R48: an own CA opens this deployment and no other; a wrong pin is refused before anything is sent', async () => {
  const tls = await startNaviDeployment({ config: configFor('C1'), events: 0, seed: 32, usesTls: true });
  try {
    await openForm();
    await field('Name').fill('acme-tls');
    await field('Address').fill(tls.url);
    await token().fill(adminToken(tls));
    await add().click();
    await page.getByRole('button', { name: 'Test', exact: true }).click();
    await expect(detail()).toContainText(/tls_untrusted|not trusted|unknown authority|cannot be trusted/i, { timeout: 20_000 });
    expect(tls.requests).toHaveLength(0);

    await detail().getByRole('button', { name: 'Edit' }).click();
    await page.getByText('Own CA and key pin').click();
    await page.getByLabel('CA certificate file').setInputFiles({ name: 'acme-ca.pem', mimeType: 'application/x-pem-file', buffer: Buffer.from(tls.caPem ?? '') });
    await expect(page.getByText('acme-ca.pem.')).toBeVisible();
    await page.getByRole('button', { name: 'Save' }).click();
    await testDeployment(page);
    await expect(page.getByRole('region', { name: 'Test result' })).toContainText(/TLSv1\.[23]/);
    await expect(detail()).toContainText('TLS · own CA');
    await expect(page.getByRole('banner')).not.toContainText('unencrypted');

    const sent = tls.requests.length;
    await detail().getByRole('button', { name: 'Edit' }).click();
    await pin().fill(`sha256/${Buffer.alloc(32, 1).toString('base64')}`);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Test', exact: true }).click();
    await expect(detail()).toContainText(/pin/i, { timeout: 20_000 });
    await expect(detail()).toContainText(/tls_pin_mismatch|another key|does not match|not the pinned/i);
    expect(tls.requests).toHaveLength(sent);
  } finally {
    await tls.close();
  }
});

test('production looks different, and read-only is said in words until it is given up', async () => {
  await openForm();
  await expect(page.getByLabel('Read-only')).toBeChecked();
  await field('Name').fill('acme-prod');
  await field('Address').fill(navi.url);
  await field('Environment').selectOption('production');
  await expect(page.getByText('Marked PRODUCTION on every screen.')).toBeVisible();
  await add().click();
  const banner = page.getByRole('banner');
  for (const screen of ['Overview', 'Security', 'Audit', 'Settings'] as const) {
    await goTo(page, screen);
    await expect(banner.getByText('PRODUCTION', { exact: true }), screen).toBeVisible();
    await expect(banner).toContainText('read-only');
  }
  const looks = async () => ({ bar: await banner.evaluate((element) => { const { borderBottomColor, borderTopColor, backgroundColor, boxShadow } = getComputedStyle(element); return [borderBottomColor, borderTopColor, backgroundColor, boxShadow].join(); }), badge: await banner.locator('.env').evaluate((element) => { const { color, backgroundColor, borderColor } = getComputedStyle(element); return [color, backgroundColor, borderColor].join(); }) });
  const production = await looks();
  await connect(page, navi, { name: 'acme-dev' });
  await page.getByRole('button', { name: /Choose a deployment/ }).click();
  await page.getByRole('menuitemradio', { name: /acme-dev/ }).click();
  const development = await looks();
  expect(production.badge).not.toBe(development.badge);
  expect(production.bar, 'the bar itself, not the badge alone').not.toBe(development.bar);

  await openDetail('acme-prod');
  await expect(detail()).toContainText('Read-only: nothing that could change the deployment is sent');
  await detail().getByRole('button', { name: 'Edit' }).click();
  await page.getByLabel('Read-only').uncheck();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(detail()).toContainText('Read and write: changing requests are allowed');
  await expect(banner).toContainText('read and write');
  expect((await ask(page, 'ledger.list', { limit: 1 })).entries[0]?.action).toMatch(/^deployment\./);
});

test('R63, R65: removal asks for the name, the way back has the focus, and Enter removes nothing', async () => {
  const id = await connect(page, navi, { name: 'acme-gone', withKeys: true, withSync: true });
  const { events } = await ask(page, 'audit.summary', { deploymentId: id });
  expect(events).toBeGreaterThan(10);
  await openDetail('acme-gone');
  await detail().getByRole('button', { name: 'Remove this deployment…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Remove this deployment' });
  await expect(dialog.getByRole('button', { name: 'Keep it' })).toBeFocused();
  await expect(dialog).toContainText(`${events} cached events`);
  await expect(dialog).toContainText('2 audit keys');
  const remove = dialog.getByRole('button', { name: 'Remove', exact: true });
  await expect(remove).toBeDisabled();
  const name = dialog.getByLabel('Type acme-gone to confirm');
  for (const wrong of ['acme', 'ACME-GONE', 'acme-gone ', 'taken-name']) {
    await name.fill(wrong);
    await expect(remove, wrong).toBeDisabled();
    await name.press('Enter');
    await expect(dialog).toBeVisible();
  }
  await dialog.getByRole('button', { name: 'Keep it' }).press('Enter');
  await expect(dialog).toBeHidden();
  await expect(detail().getByRole('button', { name: 'Remove this deployment…' })).toBeFocused();
  expect((await ask(page, 'deployment.list', {})).deployments.some((deployment) => deployment.id === id)).toBe(true);

  await detail().getByRole('button', { name: 'Remove this deployment…' }).click();
  await name.fill('acme-gone');
  await remove.click();
  await expect(page.getByRole('main').getByText(/acme-gone was removed, with \d+ cached events and 4 secrets\. The deployment itself was not touched\./)).toBeVisible();
  expect((await ask(page, 'deployment.list', {})).deployments.some((deployment) => deployment.id === id)).toBe(false);
  expect((await ask(page, 'ledger.list', { limit: 1 })).entries[0]).toMatchObject({ action: 'deployment.removed' });
});
