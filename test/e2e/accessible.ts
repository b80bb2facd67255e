// Asks axe about what the window shows now: every rule of WCAG 2.2 AA once, and those about colour in all three themes.
import AxeBuilder from '@axe-core/playwright';
import { expect } from '@playwright/test';
import type { Page } from '@playwright/test';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const COLOUR_RULES = ['color-contrast', 'link-in-text-block'];

interface AxeNode { readonly target: unknown; readonly any: readonly { readonly message: string }[] }
interface AxeViolation { readonly id: string; readonly help: string; readonly nodes: readonly AxeNode[] }
interface AxeWindow { readonly axe: { run(context: Document, options: unknown): Promise<{ violations: AxeViolation[] }> } }

/** All rules. Another tab of the browser, which the newer way of asking needs, is refused by the host. */
async function allViolations(page: Page): Promise<readonly AxeViolation[]> {
  return (await new AxeBuilder({ page }).setLegacyMode(true).withTags(TAGS).analyze()).violations;
}

/** Themes differ in colours alone, so the other rules are asked once; axe is in the page by then. */
function colourViolations(page: Page): Promise<readonly AxeViolation[]> {
  return page.evaluate(async (rules) => (await (globalThis as unknown as AxeWindow).axe.run(document, { runOnly: { type: 'rule', values: rules }, resultTypes: ['violations'] })).violations, COLOUR_RULES);
}

/** Every violation by its state, theme and place. The theme goes where the settings put it, so that a state that a reload would lose can be looked at in all three. */
export async function violations(page: Page, state: string): Promise<readonly string[]> {
  const found: string[] = [];
  // A colour that is still on its way to another theme is none that anybody reads.
  await page.emulateMedia({ reducedMotion: 'reduce' });
  const html = page.locator('html');
  const before = await html.getAttribute('data-theme');
  for (const theme of ['dark', 'light', 'contrast']) {
    await html.evaluate((element, value) => { element.dataset['theme'] = value; }, theme);
    const seen = theme === 'dark' ? await allViolations(page) : await colourViolations(page);
    for (const { id, help, nodes } of seen) for (const node of nodes) found.push(`${state}, ${theme}: ${id} (${help}): ${String(node.target)}: ${node.any.map(({ message }) => message).join(' ')}`);
  }
  await html.evaluate((element, value) => { if (value === null) delete element.dataset['theme']; else element.dataset['theme'] = value; }, before);
  return found;
}

export async function expectAccessible(page: Page, state: string): Promise<void> {
  expect(await violations(page, state)).toEqual([]);
}
