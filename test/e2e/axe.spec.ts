// Every screen and main state against the rules of WCAG 2.2 AA in three themes, and the whole main job without a mouse.
import { expect, test } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
import { configFor } from '../deployments/navi/config.ts';
import { startNaviDeployment } from '../deployments/navi/server.ts';
import type { NaviDeployment } from '../deployments/navi/server.ts';
import { violations } from './accessible.ts';
import { startHost } from './harness.ts';
import type { DrivenHost } from './harness.ts';
import { adminToken, ask, connect } from './set-up.ts';
import { beginLook, decryptHere, goTo, PASSPHRASE } from './steps.ts';

const NO_BUS = { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent/holdfast-no-bus' };

let host: DrivenHost | null = null;
let navi: NaviDeployment;

test.beforeAll(async () => {
  navi = await startNaviDeployment({ config: configFor('C1'), events: 300, seed: 71 });
});

test.afterEach(async () => {
  await host?.close();
  host = null;
});

test.afterAll(async () => {
  await navi?.close();
});

async function open(options: Parameters<typeof startHost>[0]): Promise<Page> {
  host = await startHost(options);
  await host.page.setViewportSize({ width: 1280, height: 800 });
  await host.page.emulateMedia({ reducedMotion: 'reduce' });
  return host.page;
}

test('first run, set-up problems and the empty screens have no violation', async () => {
  const page = await open({ env: NO_BUS });
  await expect(page.getByText('No session bus')).toBeVisible();
  const found = [...await violations(page, 'set-up without a keychain')];
  await page.getByRole('radio', { name: 'Passphrase vault' }).check();
  await page.getByRole('button', { name: 'Only open Holdfast' }).click();
  await expect(page.getByLabel('Passphrase', { exact: true })).toHaveAttribute('aria-invalid', 'true');
  found.push(...await violations(page, 'set-up with a mistake'));
  await page.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
  await page.getByLabel('The same again').fill(PASSPHRASE);
  await page.getByRole('button', { name: 'Only open Holdfast' }).click();
  await expect(page.getByRole('heading', { name: 'No deployment yet' })).toBeVisible({ timeout: 15_000 });
  found.push(...await violations(page, 'empty overview'));
  await goTo(page, 'Audit');
  found.push(...await violations(page, 'empty audit'));
  await page.getByRole('button', { name: 'Lock', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Holdfast is locked' })).toBeVisible({ timeout: 15_000 });
  found.push(...await violations(page, 'locked with a passphrase'));
  expect(found).toEqual([]);
});

test('the working screens and their states have no violation', async () => {
  test.setTimeout(240_000);
  const page = await open({ secrets: 'memory' });
  const tls = await startNaviDeployment({ config: configFor('C1', ['database-down']), events: 0, seed: 72 });
  try {
    await connect(page, navi, { name: 'acme-prod', environment: 'production', withKeys: true, withStatus: true, withSync: true });
    const found: string[] = [];
    const look = async (state: string): Promise<void> => { found.push(...await violations(page, state)); };
    await goTo(page, 'Overview');
    await expect(page.getByRole('region', { name: 'Ledger' }).getByRole('row').nth(2)).toBeVisible();
    await look('overview');
    await goTo(page, 'Security');
    await expect(page.getByRole('grid', { name: 'Checks' }).getByRole('row', { name: /^[a-z ]+: / }).nth(40)).toBeAttached();
    await look('security');
    await goTo(page, 'Audit');
    const grid = page.getByRole('grid', { name: 'Audit events' });
    await grid.getByRole('row', { name: /encrypted · audit-2026-01/ }).first().click();
    await expect(page.getByRole('button', { name: 'Decrypt here' })).toBeVisible();
    await look('audit with an event');
    await page.getByRole('combobox', { name: 'Query' }).fill('since:nonsense');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Decrypt here' }).click();
    await expect(page.getByLabel('Reason', { exact: true })).toHaveAttribute('aria-invalid', 'true');
    await look('audit with mistakes');
    await decryptHere(page, 'looked at by axe');
    await look('opened payload');
    await page.getByRole('button', { name: 'Hide now' }).click();
    await page.getByRole('button', { name: /^\d+ keys?$/ }).click();
    await expect(page.getByRole('dialog').getByRole('row').nth(1)).toBeVisible();
    await look('keys');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+k');
    await expect(page.getByRole('dialog').getByRole('option').first()).toBeVisible();
    await look('palette');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /Choose a deployment/ }).click();
    await look('deployment switcher');
    await page.getByRole('menuitem', { name: /All deployments/ }).click();
    await page.getByRole('button', { name: 'Test', exact: true }).click();
    await expect(page.getByRole('region', { name: 'Test result' })).toBeVisible({ timeout: 15_000 });
    await look('deployments with a test result');
    await page.getByRole('button', { name: 'Remove this deployment…' }).click();
    await expect(page.getByLabel('Type acme-prod to confirm')).toBeVisible();
    await look('removal');
    await page.keyboard.press('Escape');
    await page.getByRole('main').getByRole('button', { name: 'Add a deployment' }).click();
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await look('deployment form with a mistake');
    await goTo(page, 'Settings');
    await expect(page.getByRole('region', { name: 'Licences' })).toBeVisible();
    await look('settings');
    await page.getByRole('button', { name: 'Keep secrets elsewhere…' }).click();
    await look('move of secrets');
    await page.keyboard.press('Escape');

    const weak = await connect(page, tls, { name: 'acme-away', withStatus: true });
    await tls.close();
    await expect(ask(page, 'security.scan', { deploymentId: weak })).rejects.toThrow('connection_refused');
    await page.getByRole('button', { name: /Choose a deployment/ }).click();
    await page.getByRole('menuitemradio', { name: /acme-away/ }).click();
    await goTo(page, 'Security');
    await beginLook(page);
    await expect(page.getByRole('main').getByRole('alert')).toBeVisible({ timeout: 15_000 });
    await look('offline with old data');
    await goTo(page, 'Audit');
    await page.getByRole('button', { name: 'Sync', exact: true }).first().click();
    await expect(page.getByRole('main').getByRole('alert')).toBeVisible({ timeout: 15_000 });
    await look('a sync that failed');
    await page.getByRole('button', { name: 'Lock', exact: true }).click();
    await expect(page.getByRole('heading', { name: 'Holdfast is locked' })).toBeVisible({ timeout: 15_000 });
    await look('locked without a passphrase');
    expect(found).toEqual([]);
  } finally {
    await tls.close().catch(() => undefined);
  }
});

/** Presses Tab until the focus is there; fails when it does not come within a screen's worth of stops. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let stops = 0; stops < 80; stops += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab did not reach ${String(target)}`);
}

test('the main job can be done without a mouse, and the focus is always seen', async () => {
  test.setTimeout(150_000);
  const page = await open({ secrets: 'memory' });
  const press = async (target: Locator, key = 'Enter'): Promise<void> => {
    await tabTo(page, target);
    await expect(target).toBeFocused();
    const outline = await target.evaluate((element) => { const style = getComputedStyle(element); return { width: Number.parseFloat(style.outlineWidth), style: style.outlineStyle, shadow: style.boxShadow }; });
    expect(outline.style !== 'none' && outline.width >= 1 || outline.shadow !== 'none', `${String(target)} shows its focus`).toBe(true);
    await page.keyboard.press(key);
  };
  await press(page.getByRole('main').getByRole('button', { name: 'Add a deployment' }).first());
  await expect(page.getByLabel('Name', { exact: true })).toBeFocused();
  await page.keyboard.type('acme-keys');
  await tabTo(page, page.getByLabel('Address', { exact: true }));
  await page.keyboard.press('Control+A');
  await page.keyboard.type(navi.url);
  await tabTo(page, page.getByLabel(/^Token/).first());
  await page.keyboard.insertText(adminToken(navi));
  await page.keyboard.press('Enter');
  const testButton = page.getByRole('button', { name: 'Test', exact: true });
  await expect(testButton).toBeVisible();
  await press(testButton);
  await expect(page.getByRole('region', { name: 'Test result' })).toContainText('Dialect', { timeout: 15_000 });

  await press(page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name: /^Security/ }));
  await expect(page.getByRole('heading', { level: 1, name: 'Security' })).toBeVisible();
  await press(page.getByRole('button', { name: 'Look now…' }).first());
  await expect(page.getByRole('dialog').getByRole('button', { name: /^Look now: \d+ requests$/ })).toBeVisible();
  await press(page.getByRole('dialog').getByRole('button', { name: /^Look now: \d+ requests$/ }));
  await expect(page.getByText('Looked, and the look is kept.')).toBeVisible({ timeout: 60_000 });
  await tabTo(page, page.getByRole('grid', { name: 'Checks' }).locator('tr[tabindex="0"]'));
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('complementary', { name: 'Selected check' })).toBeFocused();
  await page.keyboard.press('Shift+Tab');
  await tabTo(page, page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name: /^Audit/ }));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'Audit' })).toBeVisible();
  await press(page.getByRole('button', { name: 'Sync', exact: true }).first());
  const grid = page.getByRole('grid', { name: 'Audit events' });
  await expect(grid.getByRole('row').nth(5)).toBeVisible({ timeout: 30_000 });
  await press(page.getByRole('button', { name: /^(Keys|\d+ keys?)$/ }));
  const dialog = page.getByRole('dialog');
  await tabTo(page, dialog.getByLabel('Key id'));
  await page.keyboard.type(navi.secrets.activeAuditKey.keyId);
  await tabTo(page, dialog.getByLabel('Key', { exact: true }));
  await page.keyboard.insertText(navi.secrets.activeAuditKey.key);
  await page.keyboard.press('Enter');
  await expect(dialog.getByRole('row', { name: new RegExp(navi.secrets.activeAuditKey.keyId) })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: '1 key' })).toBeFocused();

  await tabTo(page, grid.locator('[role="gridcell"][tabindex="0"]'));
  for (let rows = 0; rows < 60; rows += 1) {
    await page.keyboard.press('j');
    const selected = grid.locator('[role="row"][aria-selected="true"]');
    await expect(selected).toHaveCount(1);
    if ((await selected.innerText()).replace(/\s+/g, ' ').includes(`encrypted · ${navi.secrets.activeAuditKey.keyId}`)) break;
  }
  const reason = page.getByLabel('Reason', { exact: true });
  await tabTo(page, reason);
  await page.keyboard.type('by keyboard alone');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('region', { name: 'Opened payload' }).getByLabel('Payload text')).toContainText('query_params', { timeout: 15_000 });
  await press(page.getByRole('button', { name: 'Hide now' }));
  await expect(page.getByRole('region', { name: 'Opened payload' })).toBeHidden();
  await press(page.getByRole('button', { name: 'Lock', exact: true }));
  await expect(page.getByRole('button', { name: 'Open', exact: true })).toBeFocused({ timeout: 15_000 });
  await page.keyboard.press('Enter');
  await expect(page.getByRole('navigation', { name: 'Screens' })).toBeVisible({ timeout: 15_000 });
});
