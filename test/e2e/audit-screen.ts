// Where things are on the audit screen, and the few ways to move on it, for the tests of that screen.
import { expect } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
import type { NaviDeployment } from '../deployments/navi/server.ts';
import { ask } from './set-up.ts';
import { goTo } from './steps.ts';

export type FilterFields = Readonly<Partial<Record<'Text' | 'Actor' | 'Org' | 'Method' | 'Status' | 'Since' | 'Until', string>>>;

export interface AuditScreen {
  grid(): Locator;
  rows(): Locator;
  selectedRow(): Locator;
  pane(): Locator;
  opened(): Locator;
  filterForm(): Locator;
  /** Clears what was filtered by, and applies these fields. */
  filterBy(fields: FilterFields): Promise<void>;
  /** Rows that match, as the grid tells assistive technology. */
  matching(): Promise<number>;
  /** Selects the planted row of this route. */
  choose(route: string): Promise<void>;
}

export function auditScreen(page: Page): AuditScreen {
  const grid = (): Locator => page.getByRole('grid', { name: 'Audit events' });
  const pane = (): Locator => page.getByRole('complementary', { name: 'Selected event' });
  const filterForm = (): Locator => page.getByRole('search', { name: 'Filter audit events' });

  async function filterBy(fields: FilterFields): Promise<void> {
    const clear = filterForm().getByRole('button', { name: 'Clear' });
    if (await clear.isVisible()) await clear.click();
    for (const [label, value] of Object.entries(fields)) {
      const field = filterForm().getByLabel(label, { exact: true });
      if (label === 'Method') await field.selectOption(value);
      else await field.fill(value);
    }
    await filterForm().getByRole('button', { name: 'Apply' }).click();
  }

  return {
    grid, pane, filterForm, filterBy,
    rows: () => grid().getByRole('row'),
    selectedRow: () => grid().locator('[role="row"][aria-selected="true"]'),
    opened: () => page.getByRole('region', { name: 'Opened payload' }),
    matching: async () => Number(await grid().getAttribute('aria-rowcount')) - 1,
    async choose(route) {
      const row = grid().getByRole('row', { name: new RegExp(`${route}\\b`) }).first();
      if (!await row.isVisible()) await filterBy({ Text: '/e2e/' });
      await row.click();
      await expect(pane()).toContainText(route);
    },
  };
}

/** Brings the screen to a known beginning, so that each test stands alone: the log is there, the keys as asked, no filter, nothing opened. */
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
}
