// The purge and the certificates of the retention screen by the names that a reader has for them, and the few steps that every test of them takes.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
import type { Environment } from '#shared/domain/deployment.ts';
import type { NaviDeployment } from '../deployments/navi/server.ts';
import { pickFiles } from './own-files.ts';
import { adminToken, ask } from './set-up.ts';
import { goTo } from './steps.ts';

/** `page` is asked anew each time, because a window opens only when tests begin. */
export function purgeScreen(page: () => Page) {
  async function open(name: string, on: Page = page()): Promise<void> {
    await goTo(on, 'Overview');
    await on.getByRole('button', { name: /Choose a deployment/ }).click();
    await on.getByRole('menuitemradio', { name: new RegExp(`^${name}`) }).click();
    await goTo(on, 'Retention');
    await expect(purge(on)).toBeVisible({ timeout: 15_000 });
  }

  async function add(name: string, navi: NaviDeployment, { url = navi.url, environment = 'staging' as Environment, readOnly = false } = {}): Promise<string> {
    const { id } = await ask(page(), 'deployment.add', { name, url, kind: 'navi', environment, readOnly, token: adminToken(navi) });
    await ask(page(), 'deployment.test', { id });
    await ask(page(), 'audit.sync', { deploymentId: id });
    await open(name);
    return id;
  }

  const purge = (on: Page = page()): Locator => on.getByRole('region', { name: 'Purge', exact: true });
  const plan = (): Locator => purge().getByRole('region', { name: 'Plan', exact: true });
  const certificates = (): Locator => page().getByRole('region', { name: 'Certificates', exact: true });
  const arm = (): Locator => page().getByRole('dialog', { name: 'Carry out the plan' });
  const runs = (): Locator => purge().getByRole('list', { name: 'Purges, newest first' });

  async function preview(days?: string): Promise<void> {
    if (days !== undefined) await purge().getByLabel('Rows older than, in days').fill(days);
    await purge().getByRole('button', { name: 'Preview', exact: true }).click();
    await expect(purge().getByRole('region', { name: 'Preview', exact: true })).toBeVisible();
  }

  async function keepPlan(): Promise<void> {
    await preview();
    await purge().getByRole('button', { name: 'Keep as a plan' }).click();
    await expect(plan()).toBeVisible();
  }

  /** Saves from the dialog in view, under the name that it proposes, and gives the path that it says. */
  async function save(title: string, on: Page = page()): Promise<string> {
    const dialog = on.getByRole('dialog', { name: title });
    await expect(dialog.getByRole('listbox', { name: /^Folders/ })).toBeVisible();
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    const written = dialog.getByRole('group', { name: 'What was written' });
    await expect(written).toBeFocused();
    const path = await written.locator('dd').first().innerText();
    const bytes = readFileSync(path);
    await expect(written).toContainText(createHash('sha256').update(bytes).digest('hex'));
    await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
    await expect(dialog).toBeHidden();
    return path;
  }

  /** Opens the dialog for a certificate file, gives it one, looks, and closes it. */
  async function checkFile(path: string, on: Page, look: (dialog: Locator) => Promise<void>): Promise<void> {
    await on.getByRole('region', { name: 'Certificates', exact: true }).getByRole('button', { name: 'Check a file…' }).click();
    const dialog = on.getByRole('dialog', { name: 'Check a certificate file' });
    await expect(dialog.getByRole('button', { name: 'Choose the file…' })).toBeFocused();
    await pickFiles(on, dialog.getByLabel('Certificate file', { exact: true }), [path]);
    await look(dialog);
    await on.keyboard.press('Escape');
    await expect(dialog).toBeHidden();
  }

  /** What a page must look like without moving sideways. */
  async function expectNoSideways(): Promise<void> {
    for (const [width, height] of [[1280, 800], [1920, 1080]] as const) {
      await page().setViewportSize({ width, height });
      expect(await page().evaluate(() => [...document.querySelectorAll('.retention, .retention-part, dialog[open]')].filter((element) => element.scrollWidth > element.clientWidth + 1).length), `${width} wide`).toBe(0);
    }
    await page().setViewportSize({ width: 1280, height: 800 });
  }
  return { purge, plan, certificates, arm, runs, open, add, preview, keepPlan, save, expectNoSideways, checkFile };
}
