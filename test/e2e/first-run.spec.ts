// First run as a new admin meets it: with a keychain, without one, and with nothing kept at all.
import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import type { Page } from '@playwright/test';
import { startPrivateBus } from '../integration/private-bus.ts';
import type { PrivateBus } from '../integration/private-bus.ts';
import { startHost } from './harness.ts';
import type { DrivenHost } from './harness.ts';
import { ask } from './set-up.ts';
import { beginLook, choosePassphraseVault, goTo, PASSPHRASE, unlock } from './steps.ts';

/** An address with nothing behind it, so that no bus of the machine is found either. */
const NO_BUS = { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent/holdfast-no-bus' };

let directory: string;
let host: DrivenHost | null = null;
let bus: PrivateBus | null = null;

test.beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'holdfast-first-'));
});

test.afterEach(async () => {
  await host?.close();
  host = null;
  await bus?.dispose();
  bus = null;
  await rm(directory, { recursive: true, force: true, maxRetries: 5 });
});

async function open(env: Readonly<Record<string, string>>): Promise<Page> {
  await host?.close();
  host = await startHost({ profileDir: join(directory, 'profile'), env });
  return host.page;
}

const banner = (page: Page) => page.getByRole('banner');
const status = (page: Page) => page.getByRole('contentinfo');

test('two clicks from an empty machine to a decrypted payload, and all of it is still there after a restart', async () => {
  bus = await startPrivateBus();
  await bus.startKeyring('keyring password');
  const page = await open(bus.env);

  await expect(page.getByRole('heading', { name: 'Where should secrets be kept?' })).toBeVisible();
  await expect(page.getByRole('radio', { name: /Keychain of this operating system/ })).toBeChecked();
  await page.getByRole('button', { name: 'Try the sample deployment' }).click();
  await page.getByRole('button', { name: 'Decrypt here' }).click({ timeout: 30_000 });
  const opened = page.getByRole('region', { name: 'Opened payload' });
  await expect(opened.getByLabel('Payload text')).toContainText('query_params', { timeout: 15_000 });
  await expect(opened).toContainText('Trying the sample');
  await expect(opened).toContainText(/Ledger entry \d+/);
  const payload = await opened.getByLabel('Payload text').innerText();
  const eventName = await page.getByRole('complementary', { name: 'Selected event' }).getByRole('heading', { level: 2 }).innerText();
  // The form was offered when the sync had ended: what is held now is all of it. Nobody scrolled or picked, so the list has followed by itself.
  const { events } = await ask(page, 'audit.summary', { deploymentId: (await ask(page, 'deployment.list', {})).deployments[0]?.id ?? '' });
  expect(events).toBeGreaterThan(1500);
  const rowCount = String(events + 1);
  await expect(page.getByRole('grid', { name: 'Audit events' })).toHaveAttribute('aria-rowcount', rowCount, { timeout: 30_000 });
  await expect(page.getByRole('button', { name: 'Show', exact: true })).toBeHidden();

  for (const screen of ['Overview', 'Security', 'Audit', 'Settings'] as const) {
    await goTo(page, screen);
    await expect(banner(page).getByText('SAMPLE', { exact: true }), screen).toBeVisible();
  }
  await goTo(page, 'Overview');
  await page.getByRole('button', { name: 'All deployments', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Deployments' })).toBeVisible();
  await expect(banner(page).getByText('SAMPLE', { exact: true })).toBeVisible();
  await goTo(page, 'Overview');
  const ledger = page.getByRole('region', { name: 'Ledger' });
  await expect(ledger.getByRole('row', { name: /Trying the sample.*shown, opened here/ }).first()).toBeVisible();
  await expect(status(page)).toContainText('Keychain: working');
  const entries = /Ledger: (\d+) entries/.exec(await status(page).innerText())?.[1];

  const again = await open(bus.env);
  await expect(again.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible({ timeout: 20_000 });
  await expect(banner(again).getByText('SAMPLE', { exact: true })).toBeVisible();
  await expect(status(again)).toContainText(`Ledger: ${entries} entries, intact`);
  await goTo(again, 'Security');
  await expect(again.getByRole('grid', { name: 'Checks' }).getByRole('row', { name: /^[a-z ]+: / })).toHaveCount(50);
  await beginLook(again);
  await expect(again.getByRole('alert').filter({ hasText: 'What was seen before is still shown' })).toBeVisible({ timeout: 20_000 });
  await expect(banner(again)).toContainText('Offline');
  await expect(again.getByRole('grid', { name: 'Checks' }).getByRole('row', { name: /^[a-z ]+: / })).toHaveCount(50);
  await goTo(again, 'Audit');
  await expect(again.getByRole('grid', { name: 'Audit events' })).toHaveAttribute('aria-rowcount', rowCount);
  await again.getByRole('grid', { name: 'Audit events' }).getByRole('row', { name: /encrypted · audit-2026-01/ }).first().click();
  await expect(again.getByRole('heading', { level: 2, name: eventName, exact: true })).toBeVisible();
  await again.getByLabel('Reason', { exact: true }).fill('still here after a restart');
  await again.getByRole('button', { name: 'Decrypt here' }).click();
  await expect(again.getByRole('region', { name: 'Opened payload' }).getByLabel('Payload text')).toHaveText(payload);
});

test('R27: without a session bus the keychain is named in plain words, nothing is chosen, and the passphrase vault works', async () => {
  const page = await open(NO_BUS);
  const keychain = page.getByRole('radio', { name: /Keychain of this operating system/ });
  await expect(keychain).toBeDisabled();
  await expect(page.getByText('No session bus')).toBeVisible();
  await expect(page.getByText('There is no D-Bus session, so no keychain can be reached.')).toBeVisible();
  await expect(page.getByText(/dbus-run-session, or choose the passphrase vault/)).toBeVisible();
  for (const radio of await page.getByRole('radio').all()) await expect(radio).not.toBeChecked();
  for (const name of ['Add a deployment', 'Try the sample deployment', 'Only open Holdfast']) await expect(page.getByRole('button', { name })).toBeDisabled();
  await expect(page.getByText('Nothing is chosen for you while the keychain does not work.')).toBeVisible();

  await page.getByRole('radio', { name: 'Passphrase vault' }).check();
  const first = page.getByLabel('Passphrase', { exact: true });
  const second = page.getByLabel('The same again');
  await first.fill('too short');
  await second.fill('too short');
  await page.getByRole('button', { name: 'Only open Holdfast' }).click();
  await expect(first).toHaveAccessibleDescription(/Use at least 12 characters; this has 9\./);
  await expect(first).toBeFocused();
  await first.fill(PASSPHRASE);
  await second.fill(`${PASSPHRASE} not`);
  await page.getByRole('button', { name: 'Only open Holdfast' }).click();
  await expect(first).toHaveAccessibleDescription(/The two entries differ\./);
  await choosePassphraseVault(page, 'Only open Holdfast');
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible({ timeout: 20_000 });
  await expect(page.getByRole('heading', { name: 'No deployment yet' })).toBeVisible();
  await expect(status(page)).toContainText('Secrets: passphrase vault');

  const again = await open(NO_BUS);
  await expect(again.getByRole('heading', { name: 'Holdfast is locked' })).toBeVisible();
  await unlock(again);
  await expect(again.getByRole('heading', { name: 'No deployment yet' })).toBeVisible();
});

test('R27: memory only says what it means before it is chosen, and keeps nothing', async () => {
  const page = await open(NO_BUS);
  const memory = page.getByRole('radio', { name: 'Memory only' });
  await expect(memory).not.toBeChecked();
  await expect(memory).toHaveAccessibleDescription(/the cache is unreadable after exit.*Each command of the CLI begins empty too/);
  await memory.check();
  await expect(page.getByText('Everything you enter and sync is gone when Holdfast closes.')).toBeVisible();
  await page.getByRole('button', { name: 'Only open Holdfast' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible({ timeout: 20_000 });
  await expect(status(page)).toContainText('Secrets: memory only, gone at exit');

  const again = await open(NO_BUS);
  expect(readdirSync(join(directory, 'profile')).filter((name) => /cache|vault/.test(name))).toEqual([]);
  await expect(again.getByRole('heading', { name: 'Where should secrets be kept?' })).toBeVisible();
  for (const radio of await again.getByRole('radio').all()) await expect(radio).not.toBeChecked();
});
