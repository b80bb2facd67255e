// What the end-to-end tests of runbooks share: a window on a profile, the way to the library, and a run of a named runbook. It tests nothing by itself.
import { expect } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
import type { CallInput } from '#shared/contract.ts';
import { startHost } from './harness.ts';
import type { DrivenHost, HostOptions } from './harness.ts';
import { makeFolder } from './own-files.ts';
import type { OwnFolder } from './own-files.ts';
import { ask, listenForTrouble } from './set-up.ts';
import type { Trouble } from './set-up.ts';

export interface RunbookWindow {
  readonly host: DrivenHost;
  readonly page: Page;
  /** The home of this window: where it begins when it asks where a file goes. */
  readonly files: OwnFolder;
  readonly trouble: Trouble;
  close(): Promise<void>;
}

/** A window of its own; two of them are two people, each with a key. Pass `profileDir` and a passphrase to open one again. */
export async function openRunbookWindow({ size = { width: 1280, height: 800 }, ...options }: HostOptions & { readonly size?: { readonly width: number; readonly height: number } } = {}): Promise<RunbookWindow> {
  const files = makeFolder();
  try {
    const host = await startHost({ secrets: 'memory', ...options, env: { HOME: files.path, ...options.env } });
    await host.page.setViewportSize(size);
    const trouble = await listenForTrouble(host.page);
    return {
      host, page: host.page, files, trouble,
      async close() {
        await host.close();
        files.remove();
      },
    };
  } catch (error) {
    files.remove();
    throw error;
  }
}

/** To the library, also when a run is open. */
export async function goToRunbooks(page: Page, tab?: 'Runs' | 'Runbooks' | 'People'): Promise<void> {
  // By the button: right after a start the key may come before the page listens.
  await page.getByRole('button', { name: /^Search or do anything/ }).click();
  await page.getByRole('combobox', { name: 'Search or do anything' }).fill('Runbooks');
  await page.getByRole('option', { name: 'Runbooks' }).first().click();
  await expect(page.getByRole('heading', { level: 1, name: 'Runbooks' })).toBeVisible();
  const tabs = page.getByRole('tablist', { name: 'Runbooks' });
  await expect(tabs).toBeVisible();
  if (tab !== undefined) await tabs.getByRole('tab', { name: new RegExp(`^${tab}`) }).click();
}

/** The row of a run in the list of runs. */
export const runRow = (page: Page, title: string): Locator => page.getByRole('grid', { name: 'Runs' }).getByRole('row', { name: title }).first();

/** Opens a run from the list. */
export async function openRun(page: Page, title: string): Promise<void> {
  await goToRunbooks(page, 'Runs');
  await runRow(page, title).click();
  await expect(page.getByRole('grid', { name: 'Runs' })).toHaveCount(0);
}

/** Starts a run over the bridge and opens it; gives its id. The screens follow by core's events. */
export async function startRun(page: Page, packId: string, over: Omit<CallInput<'run.start'>, 'packId'> & { readonly title: string }): Promise<string> {
  const { runId } = await ask(page, 'run.start', { packId, ...over });
  await openRun(page, over.title);
  return runId;
}

/** Chooses a runbook in the library and leaves it in the pane. */
export async function readRunbook(page: Page, title: string): Promise<Locator> {
  await goToRunbooks(page, 'Runbooks');
  await page.getByRole('grid', { name: 'Runbooks' }).getByRole('row', { name: title }).first().click();
  const pane = page.getByRole('complementary', { name: 'Selected runbook' });
  await expect(pane.getByRole('heading', { level: 2, name: title })).toBeVisible();
  return pane;
}
