// Where things are on the audit screen, and the few ways to move on it, for the tests of that screen.
import { expect } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
import type { NaviDeployment } from '../deployments/navi/server.ts';
import { ask } from './set-up.ts';
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

/** Brings the screen to a known beginning, so that each test stands alone: the log is there, the keys as asked, no query, nothing opened. */
export async function beginAudit(page: Page, navi: NaviDeployment, { id, withKeys }: { readonly id: string; readonly withKeys: boolean }): Promise<void> {
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
