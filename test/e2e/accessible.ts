// Asks axe about what the window shows now: every rule of WCAG 2.2 AA once, and those about colour in all three themes.
import AxeBuilder from '@axe-core/playwright';
import { expect } from '@playwright/test';
import type { Page } from '@playwright/test';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const COLOUR_RULES = ['color-contrast', 'link-in-text-block'];

/** Fails with every violation by its state, theme and place. The theme goes where the settings put it, so that no state is lost. */
export async function expectAccessible(page: Page, state: string): Promise<void> {
  const found: string[] = [];
  const html = page.locator('html');
  const before = await html.getAttribute('data-theme');
  for (const theme of ['dark', 'light', 'contrast']) {
    await html.evaluate((element, value) => { element.dataset['theme'] = value; }, theme);
    // Another tab, which the newer way of asking needs, is refused by the host.
    const axe = new AxeBuilder({ page }).setLegacyMode(true);
    const { violations } = await (theme === 'dark' ? axe.withTags(TAGS) : axe.withRules(COLOUR_RULES)).analyze();
    for (const { id, nodes } of violations) for (const node of nodes) found.push(`${state}, ${theme}: ${id}: ${String(node.target)}: ${node.any.map(({ message }) => message).join(' ')}`);
  }
  await html.evaluate((element, value) => { if (value === null) delete element.dataset['theme']; else element.dataset['theme'] = value; }, before);
  expect(found).toEqual([]);
}
