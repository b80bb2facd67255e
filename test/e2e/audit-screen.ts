// Where things are on the audit screen, and the few ways to move on it, for the tests of that screen.
import { expect } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
import { configFor } from '../deployments/navi/config.ts';
import { startNaviDeployment } from '../deployments/navi/server.ts';
import type { NaviDeployment } from '../deployments/navi/server.ts';
import { startHost } from './harness.ts';
import type { DrivenHost } from './harness.ts';
import { plantRows } from './planted-rows.ts';
import { ask, connect } from './set-up.ts';
import type { Connect } from './set-up.ts';
import { goTo } from './steps.ts';

export interface AuditScreen {
  grid(): Locator;
  rows(): Locator;
  /** The row that is read beside the grid. */
  currentRow(): Locator;
  selectedRows(): Locator;
  pane(): Locator;
  opened(): Locator;
  queryLine(): Locator;
  proposals(): Locator;
  facets(): Locator;
  bars(): Locator;
  /** What is missing of the log, in one sentence; a click shows the whole map in words. */
  coverage(): Locator;
  /** Writes a query and runs it; an empty one shows everything. */
  search(query: string): Promise<void>;
  /** Rows that match, as the grid tells assistive technology; -1 while they are counted. */
  matching(): Promise<number>;
  /** Selects the planted row of this route. */
  choose(route: string): Promise<void>;
}

export function auditScreen(page: Page): AuditScreen {
  const grid = (): Locator => page.getByRole('grid', { name: 'Audit events' });
  const pane = (): Locator => page.getByRole('complementary', { name: 'Selected event' });
  const queryLine = (): Locator => page.getByRole('combobox', { name: 'Query' });

  async function search(query: string): Promise<void> {
    await queryLine().fill(query);
    await queryLine().press('Escape');
    await queryLine().press('Enter');
  }

  return {
    grid, pane, queryLine, search,
    rows: () => grid().getByRole('row'),
    currentRow: () => grid().locator('[role="row"][aria-current="true"]'),
    selectedRows: () => grid().locator('[role="row"][aria-selected="true"]'),
    opened: () => page.getByRole('region', { name: 'Opened payload' }),
    proposals: () => page.getByRole('listbox', { name: 'Proposals' }).getByRole('option'),
    facets: () => page.getByRole('region', { name: 'Facets' }),
    bars: () => page.getByRole('slider', { name: 'Events over time' }),
    coverage: () => page.locator('.gaps > summary'),
    matching: async () => {
      const rows = Number(await grid().getAttribute('aria-rowcount'));
      return rows === -1 ? -1 : rows - 1;
    },
    async choose(route) {
      const row = grid().getByRole('row', { name: new RegExp(`${route}\\b`) }).first();
      if (!await row.isVisible()) await search('route:/e2e/');
      await row.click();
      await expect(pane()).toContainText(route);
    },
  };
}

export interface AuditStage {
  readonly page: Page;
  readonly navi: NaviDeployment;
  /** Of the deployment in the window. */
  readonly id: string;
  readonly audit: AuditScreen;
  /** Brings the screen to a known beginning, so that each test stands alone: the log is there, the keys as asked, no query, nothing opened. */
  begin(keys?: 'with keys' | 'without keys'): Promise<void>;
  close(): Promise<void>;
}

export interface StageOptions extends Pick<Connect, 'name' | 'withKeys' | 'withSync'> {
  readonly events: number;
  readonly seed: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** A window in the small size, connected to a deployment (C1) that has the planted rows. */
export async function startAuditStage({ events, seed, env, ...given }: StageOptions): Promise<AuditStage> {
  const navi = await startNaviDeployment({ config: configFor('C1'), events, seed });
  let host: DrivenHost | null = null;
  const close = async (): Promise<void> => {
    await host?.close();
    await navi.close();
  };
  try {
    plantRows(navi);
    host = await startHost({ secrets: 'memory', ...(env === undefined ? {} : { env }) });
    const { page } = host;
    await page.setViewportSize({ width: 1280, height: 800 });
    const id = await connect(page, navi, given);
    return { page, navi, id, audit: auditScreen(page), begin: (keys = 'with keys') => beginAudit(page, navi, { id, withKeys: keys === 'with keys' }), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function beginAudit(page: Page, navi: NaviDeployment, { id, withKeys }: { readonly id: string; readonly withKeys: boolean }): Promise<void> {
  if ((await ask(page, 'audit.summary', { deploymentId: id })).events === 0) await ask(page, 'audit.sync', { deploymentId: id });
  const held = (await ask(page, 'audit.keyList', { deploymentId: id })).keys.map((key) => key.keyId);
  for (const { keyId, key } of [navi.secrets.olderAuditKey, navi.secrets.activeAuditKey]) {
    if (withKeys && !held.includes(keyId)) await ask(page, 'audit.keyAdd', { deploymentId: id, keyId, key });
    if (!withKeys && held.includes(keyId)) await ask(page, 'audit.keyRemove', { deploymentId: id, keyId });
  }
  await goTo(page, 'Overview');
  await goTo(page, 'Audit');
  await expect(auditScreen(page).rows().nth(1)).toBeVisible();
  await expect.poll(auditScreen(page).matching, 'the rows are counted').toBeGreaterThan(0);
}
