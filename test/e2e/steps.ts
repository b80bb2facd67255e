// What an admin does in the window, as steps that the tour and the e2e suite share; each waits for what the screen says and asserts it.
import { expect } from '@playwright/test';
import type { Page } from '@playwright/test';

export const PASSPHRASE = 'tour passphrase for the window';

/** First run: keeps secrets in a passphrase vault, which works on a machine without a keychain. */
export async function choosePassphraseVault(page: Page, then: 'Add a deployment' | 'Try the sample deployment' | 'Only open Holdfast'): Promise<void> {
  await expect(page.getByRole('heading', { name: 'Where should secrets be kept?' })).toBeVisible();
  await page.getByRole('radio', { name: 'Passphrase vault' }).check();
  await page.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
  await page.getByLabel('The same again').fill(PASSPHRASE);
  await page.getByRole('button', { name: then }).click();
}

export async function addDeployment(page: Page, given: { readonly name: string; readonly url: string; readonly token: string; readonly environment?: string }): Promise<void> {
  await page.getByLabel('Name', { exact: true }).fill(given.name);
  await page.getByLabel('Address', { exact: true }).fill(given.url);
  if (given.environment !== undefined) await page.getByLabel('Environment', { exact: true }).selectOption(given.environment);
  await page.getByLabel(/^Token/).first().fill(given.token);
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Test', exact: true })).toBeVisible();
}

export async function testDeployment(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Test', exact: true }).click();
  await expect(page.getByRole('region', { name: 'Test result' })).toContainText('Dialect', { timeout: 15_000 });
}

export async function goTo(page: Page, screen: 'Overview' | 'Security' | 'Audit' | 'Retention' | 'Runbooks' | 'Settings'): Promise<void> {
  await page.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name: new RegExp(`^${screen}`) }).or(page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name: new RegExp(`^${screen}`) })).first().click();
  await expect(page.getByRole('heading', { level: 1, name: screen })).toBeVisible();
}

/** Begins a look as it stands in the list of requests, without waiting for its end. */
export async function beginLook(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Look now…' }).first().click();
  await page.getByRole('dialog').getByRole('button', { name: /^Look now: \d+ requests?$/ }).click();
}

/** Looks at the deployment and waits for the checks. Probes go at two a second. */
export async function lookAtSecurity(page: Page): Promise<void> {
  await beginLook(page);
  await expect(page.getByText('Looked, and the look is kept.')).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole('grid', { name: 'Checks' }).getByRole('row').nth(30)).toBeAttached();
}

/** Syncs and waits until rows are there and the sync has ended. */
export async function syncAudit(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Sync', exact: true }).first().click();
  await expect(page.getByRole('grid', { name: 'Audit events' }).getByRole('row').nth(5)).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole('button', { name: 'Sync', exact: true }).first()).toBeEnabled({ timeout: 60_000 });
}

export async function addAuditKey(page: Page, key: { readonly keyId: string; readonly key: string }): Promise<void> {
  await page.getByRole('button', { name: /^(Keys|\d+ keys?)$/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Key id').fill(key.keyId);
  await dialog.getByLabel('Key', { exact: true }).fill(key.key);
  await dialog.getByRole('button', { name: 'Add the key' }).click();
  await expect(dialog.getByRole('row', { name: new RegExp(key.keyId) }).first()).toBeVisible();
  await expect(dialog.getByLabel('Key', { exact: true })).toHaveValue('');
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
}

/** Selects the first row whose payload is sealed under this key. */
export async function selectEncrypted(page: Page, keyId: string): Promise<void> {
  await page.getByRole('grid', { name: 'Audit events' }).getByRole('row', { name: new RegExp(`encrypted.*${keyId}`) }).first().click();
  await expect(page.getByRole('complementary', { name: 'Selected event' })).toContainText(keyId);
}

/** Opens the selected payload here and gives the text that is shown. */
export async function decryptHere(page: Page, reason: string): Promise<string> {
  await page.getByLabel('Reason', { exact: true }).fill(reason);
  await page.getByRole('button', { name: 'Decrypt here' }).click();
  const opened = page.getByRole('region', { name: 'Opened payload' });
  await expect(opened).toBeVisible({ timeout: 15_000 });
  return opened.getByLabel('Payload text').innerText();
}

export async function lockAndCheck(page: Page, secretText: string): Promise<void> {
  await page.getByRole('button', { name: 'Lock', exact: true }).click();
  await expect(page.getByLabel(/passphrase/i)).toBeVisible({ timeout: 15_000 });
  const html = await page.content();
  if (html.includes(secretText)) throw new Error('the locked page still holds the opened payload');
}

export async function unlock(page: Page): Promise<void> {
  await page.getByLabel(/passphrase/i).fill(PASSPHRASE);
  await page.getByRole('button', { name: 'Unlock', exact: true }).click();
  await expect(page.getByRole('navigation', { name: 'Screens' })).toBeVisible({ timeout: 15_000 });
}
