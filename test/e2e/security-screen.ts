// The parts of the security screen by the names that a reader has for them; it asserts only what every step needs.
import { expect } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
import { goTo } from './steps.ts';

export interface SecurityParts {
  grid(): Locator;
  /** The rows of checks, without heads and names of groups. */
  rows(): Locator;
  check(title: string | RegExp): Locator;
  pane(): Locator;
  /** One of the four groups of evidence in the pane. */
  evidence(kind: 'Declared' | 'Observed' | 'Derived' | 'Attested'): Locator;
  head(): Locator;
  filter(): Locator;
  /** Each row's state as a screen reader says it, in order. */
  states(): Promise<readonly string[]>;
  /** Opens one of the questions behind the three dots. */
  more(item: RegExp): Promise<void>;
}

export function securityScreen(page: Page): SecurityParts {
  const grid = (): Locator => page.getByRole('grid', { name: 'Checks' });
  const rows = (): Locator => grid().getByRole('row', { name: /^[a-z ]+: / });
  const pane = (): Locator => page.getByRole('complementary', { name: 'Selected check' });
  return {
    grid, rows, pane,
    check: (title) => grid().getByRole('row', { name: typeof title === 'string' ? `: ${title}` : title }),
    evidence: (kind) => pane().getByRole('region', { name: 'Evidence' }).locator('.evidence-group').filter({ has: page.locator('dt', { hasText: new RegExp(`^${kind}`) }) }),
    head: () => page.getByRole('heading', { level: 1, name: 'Security' }).locator('xpath=..'),
    filter: () => page.getByLabel('Filter checks by text'),
    states: async () => (await rows().evaluateAll((found) => found.map((row) => row.getAttribute('aria-label') ?? ''))).map((label) => label.split(':')[0] ?? ''),
    async more(item) {
      await page.getByRole('button', { name: 'More about security' }).click();
      await page.getByRole('menuitem', { name: item }).click();
    },
  };
}

/** Chooses a deployment at the top and opens its security anew, so that nothing of a test before stays open. */
export async function openSecurity(page: Page, name: string): Promise<void> {
  await goTo(page, 'Overview');
  await page.getByRole('button', { name: /Choose a deployment/ }).click();
  await page.getByRole('menuitemradio', { name: new RegExp(`^${name}`) }).click();
  await goTo(page, 'Security');
  await expect(page.getByRole('button', { name: 'Look now…' }).first()).toBeVisible();
}
