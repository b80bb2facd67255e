// The audit list at work: sync, search, walk by keyboard, page through thousands of rows.
import { expect, test } from '@playwright/test';
import type { Page } from '@playwright/test';
import { startAuditStage } from './audit-screen.ts';
import type { AuditScreen, AuditStage } from './audit-screen.ts';
import { PLANTED } from './planted-rows.ts';
import { ask } from './set-up.ts';
import { goTo, syncAudit } from './steps.ts';

const SMALL = { width: 1280, height: 800 };
let stage: AuditStage;
let page: Page;
let id: string;
let audit: AuditScreen;

test.beforeAll(async () => {
  stage = await startAuditStage({ name: 'acme-audit', events: 3000, seed: 11 });
  ({ page, id, audit } = stage);
  await goTo(page, 'Audit');
});

test.afterAll(async () => {
  await stage?.close();
});

test('a sync brings every event the server gives, says so, and keeps what was there', async () => {
  await expect(page.getByRole('heading', { name: 'Nothing is held here yet' })).toBeVisible();
  // While the first events come, the list that was read before them is no list without a match.
  await page.evaluate(() => {
    const heard: string[] = [];
    Object.assign(globalThis, { __headings: heard });
    new MutationObserver(() => { for (const { textContent } of document.querySelectorAll('h2')) if (textContent !== null && heard.at(-1) !== textContent) heard.push(textContent); }).observe(document.body, { childList: true, subtree: true, characterData: true });
  });
  await syncAudit(page);
  const headings = await page.evaluate(() => (globalThis as unknown as { __headings: string[] }).__headings);
  // Before the sync began, that nothing was held was true.
  const during = headings.slice(headings.indexOf('Reading the audit log'));
  expect(during).toContain('Reading the audit log');
  for (const untrue of ['No event matches', 'Nothing is held here yet', 'The log is empty']) expect(during).not.toContain(untrue);
  const summary = await ask(page, 'audit.summary', { deploymentId: id });
  expect(summary.events).toBeGreaterThan(2500);
  await expect(page.getByRole('main').getByText(new RegExp(`${String(summary.events).replace(/(\d)(\d{3})$/, '$1,$2')} new events`))).toBeVisible();
  await expect(audit.grid()).toHaveAttribute('aria-rowcount', String(summary.events + 1));
  await page.getByRole('button', { name: 'Sync', exact: true }).click();
  await expect(page.getByRole('main').getByText(/No new events/)).toBeVisible({ timeout: 30_000 });
  await page.getByRole('button', { name: 'Dismiss' }).click();
  await expect(audit.grid()).toHaveAttribute('aria-rowcount', String(summary.events + 1));
});

test('the virtual grid has the semantics of a grid', async () => {
  await stage.begin();
  await expect(audit.grid()).toHaveAttribute('aria-multiselectable', 'true');
  await page.setViewportSize({ width: 1920, height: 1080 });
  await expect(audit.grid().getByRole('columnheader')).toHaveText([/Time, UTC/, 'Method', 'Route', 'Actor', 'Org', 'Status', 'Payload']);
  await expect(audit.grid()).toHaveAttribute('aria-colcount', '7');
  expect(await audit.rows().nth(1).getByRole('gridcell').evaluateAll((cells) => cells.map((cell) => cell.getAttribute('aria-colindex')))).toEqual(['1', '2', '3', '4', '5', '6', '7']);
  await expect(audit.grid().getByRole('columnheader').first()).toHaveAttribute('aria-sort', 'descending');
  await page.setViewportSize(SMALL);
  await expect(audit.rows().first()).toHaveAttribute('aria-rowindex', '1');
  await expect(audit.rows().nth(1)).toHaveAttribute('aria-rowindex', '2');
  expect(await audit.grid().locator('[role="gridcell"][tabindex="0"]').count()).toBe(1);
  expect(await audit.rows().count()).toBeLessThan(120);
});

test('arrows, j and k move the selection', async () => {
  await stage.begin();
  await audit.search('route:/e2e/');
  await expect.poll(audit.matching).toBe(PLANTED);
  await audit.rows().nth(1).click();
  await expect(audit.currentRow()).toHaveAttribute('aria-rowindex', '2');
  for (const [key, index] of [['j', 3], ['ArrowDown', 4], ['k', 3], ['ArrowUp', 2], ['End', 2], ['Control+End', 9], ['Control+Home', 2], ['PageDown', 9], ['PageUp', 2]] as const) {
    await page.keyboard.press(key);
    await expect(audit.currentRow(), key).toHaveAttribute('aria-rowindex', String(index));
    await expect(page.locator(':focus'), key).toHaveRole('gridcell');
  }
});

test('left and right walk through every column that is shown, in narrow windows too', async () => {
  await stage.begin();
  await audit.rows().nth(1).getByRole('gridcell').first().click();
  const shown = await audit.grid().getByRole('columnheader').evaluateAll((headers) => headers.filter((header) => (header as HTMLElement).offsetParent !== null).map((header) => header.getAttribute('aria-colindex')));
  for (const column of shown.slice(1)) {
    await page.keyboard.press('ArrowRight');
    await expect(page.locator(':focus'), `column ${column}`).toHaveAttribute('aria-colindex', column ?? '');
  }
  for (const column of shown.toReversed().slice(1)) {
    await page.keyboard.press('ArrowLeft');
    await expect(page.locator(':focus'), `back in column ${column}`).toHaveAttribute('aria-colindex', column ?? '');
  }
});

test('Enter goes from a row to its payload', async () => {
  await stage.begin();
  await audit.choose('/e2e/sealed');
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('Reason', { exact: true })).toBeFocused();
});

test('Escape leads from the payload back to the row', async () => {
  await stage.begin();
  await audit.choose('/e2e/sealed');
  await page.getByLabel('Reason', { exact: true }).click();
  await page.keyboard.press('Escape');
  await expect(page.locator(':focus')).toHaveRole('gridcell');
  await expect(audit.currentRow().locator(':focus')).toHaveCount(1);
});

test('R62: queries narrow the list, each field by itself and together', async () => {
  await stage.begin();
  for (const [query, expected] of [
    ['e2e', PLANTED], ['e2e actor:security-admin@borealis.example', 1], ['org:borealis status:418', 1], ['status:418 method:POST', PLANTED], ['"e2e plain" OR route:=/e2e/sealed', 2], ['status:418 -route:/e2e/plain', PLANTED - 1],
  ] as const) {
    await audit.search(query);
    await expect.poll(audit.matching, query).toBe(expected);
    await expect(page.getByText(`${expected} match`)).toBeVisible();
  }
  await audit.search('status:>=500');
  await expect.poll(audit.matching).toBeGreaterThan(5);
  await expect(page.getByText(/\d match/)).toBeVisible();
  const codes = await audit.grid().locator('[data-row] .cell-status').allInnerTexts();
  expect(codes.length).toBeGreaterThan(5);
  for (const code of codes) expect(Number(code)).toBeGreaterThanOrEqual(500);

  const middle = new Date(Date.now() - 30 * 86_400_000).toISOString().slice(0, 10);
  const all = (await ask(page, 'audit.summary', { deploymentId: id })).events;
  await audit.search(`since:${middle}`);
  await expect(page.getByText(/\d match/)).toBeVisible();
  await expect.poll(audit.matching).toBeLessThan(all);
  const since = await audit.matching();
  await audit.search(`-since:${middle}`);
  await expect.poll(audit.matching).toBe(all - since);
  await page.getByRole('button', { name: 'Clear the query' }).click();
  await expect.poll(audit.matching).toBe(all);
  await expect(audit.queryLine()).toBeFocused();
});

test('R62: a query that cannot be read is refused at its column, and the list stays', async () => {
  await stage.begin();
  const before = await audit.matching();
  for (const [query, words] of [['status:404 since:yesterday-ish', /Column 18: This is no time/], ['status:9zz', /Column 8: This is no status/], ['acter:bob', /Column 1: There is no field "acter"\. Did you mean actor\?/], ['(a', /Column 1: This parenthesis is not closed/]] as const) {
    await audit.search(query);
    await expect(audit.queryLine()).toHaveAttribute('aria-invalid', 'true');
    await expect(audit.queryLine()).toHaveAccessibleDescription(words);
    await expect(audit.queryLine()).toBeFocused();
    expect(await audit.matching()).toBe(before);
    await page.getByRole('button', { name: 'Clear the query' }).click();
    await expect(audit.queryLine()).not.toHaveAttribute('aria-invalid');
  }
});

test('scrolling pages through thousands of rows, in order, to the very oldest', async () => {
  await stage.begin();
  const { events, oldestAt } = await ask(page, 'audit.summary', { deploymentId: id });
  await expect.poll(audit.matching).toBe(events);
  await audit.grid().getByRole('row').nth(1).click();
  await page.keyboard.press('Control+End');
  await expect(audit.currentRow()).toHaveAttribute('aria-rowindex', String(events + 1), { timeout: 15_000 });
  await expect(audit.grid().locator(`[aria-rowindex="${events + 1}"] time`)).toHaveAttribute('datetime', oldestAt ?? 'none');
  await expect(audit.grid().locator('[data-row][aria-busy]')).toHaveCount(0);
  const seen = await audit.grid().evaluate((element) => [...element.querySelectorAll('[data-row]')].map((row) => ({ index: Number(row.getAttribute('aria-rowindex')), time: row.querySelector('time')?.dateTime ?? '' })));
  const ordered = seen.toSorted((left, right) => left.index - right.index);
  expect(ordered.map((row) => row.time)).toEqual(ordered.map((row) => row.time).toSorted().reverse());
  expect(new Set(seen.map((row) => row.index)).size).toBe(seen.length);
  await page.keyboard.press('Control+Home');
  await expect(audit.currentRow()).toHaveAttribute('aria-rowindex', '2');
});
