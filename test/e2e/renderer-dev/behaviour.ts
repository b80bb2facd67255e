// Tries what a picture cannot show, against the fake core: `node test/e2e/renderer-dev/behaviour.ts`; exits 1 when one does not hold.
import assert from 'node:assert/strict';
import { chromium } from '@playwright/test';
import type { Scenario } from './fake-core.ts';
import { openPage } from './page.ts';
import type { OpenPage } from './page.ts';

const browser = await chromium.launch({ executablePath: '/usr/lib/chromium/chromium', args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
let failed = 0;

async function check(name: string, scenario: Scenario, run: (open: OpenPage) => Promise<void>): Promise<void> {
  const open = await openPage(browser, scenario);
  open.page.setDefaultTimeout(5000);
  try {
    await run(open);
    assert.deepEqual(open.complaints, []);
    process.stdout.write(`ok   ${name}\n`);
  } catch (error) {
    failed += 1;
    process.stdout.write(`BAD  ${name}: ${String(error)}\n`);
  }
  await open.close();
}

async function openPayload({ page }: OpenPage): Promise<void> {
  await page.getByRole('navigation').getByRole('button', { name: 'Audit' }).click();
  await page.locator('[data-row="4"] [data-column="2"]').click();
  await page.getByLabel('Reason').fill('INC-204');
  await page.getByRole('button', { name: 'Decrypt here' }).click();
  await page.getByText('device_code').waitFor();
}

await check('two clicks from an empty machine to an opened payload', { state: 'setup', deployments: [] }, async ({ page }) => {
  await page.getByRole('button', { name: 'Try the sample deployment' }).click();
  await page.getByLabel('Reason').waitFor();
  assert.equal(await page.getByLabel('Reason').inputValue(), 'Trying the sample');
  await page.getByRole('button', { name: 'Decrypt here' }).click();
  await page.getByText('device_code').waitFor();
  assert.equal(await page.locator('.env-sample').first().innerText(), 'SAMPLE');
});
await check('an opened payload hides itself', { settings: { hideAfterSeconds: 10 } }, async (open) => {
  await open.page.clock.install();
  await openPayload(open);
  await open.page.clock.runFor(10_500);
  await open.page.getByText('device_code').waitFor({ state: 'detached' });
});
await check('another row takes an opened payload away, and coming back does not show it', {}, async (open) => {
  await openPayload(open);
  await open.page.locator('[data-row="7"] [data-column="2"]').click();
  await open.page.getByText('device_code').waitFor({ state: 'detached' });
  await open.page.locator('[data-row="4"] [data-column="2"]').click();
  await open.page.getByLabel('Reason').waitFor();
  assert.equal(await open.page.getByText('device_code').count(), 0);
});
await check('locking empties the page', {}, async (open) => {
  await openPayload(open);
  await open.page.getByRole('button', { name: 'Lock' }).click();
  await open.page.getByText('Hides the screen only').waitFor();
  const html = await open.page.content();
  for (const word of ['device_code', 'acme', '/api/']) assert.ok(!html.includes(word), `the locked page holds ${word}`);
  assert.equal(await open.page.title(), 'Holdfast');
  await open.page.getByRole('button', { name: 'Open' }).click();
  await open.page.getByRole('heading', { name: 'Overview' }).waitFor();
});
await check('the palette finds and goes by keyboard', {}, async ({ page }) => {
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').waitFor();
  await page.keyboard.type('decry');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Audit' }).waitFor();
});
await check('the grid pages to its end and keeps the focus', { events: 1450 }, async ({ page }) => {
  await page.getByRole('navigation').getByRole('button', { name: 'Audit' }).click();
  await page.locator('[data-row="0"] [data-column="0"]').click();
  for (let tries = 0; tries < 40; tries += 1) {
    await page.keyboard.press('Control+End');
    await page.waitForFunction(() => document.activeElement?.getAttribute('role') === 'gridcell');
    const at = await page.evaluate(() => document.activeElement?.closest('[role="row"]')?.getAttribute('aria-rowindex'));
    if (at === '1451') return;
    await page.waitForTimeout(50);
  }
  assert.fail('the last row was never reached');
});
await check('five million rows: the bar reaches both ends, the wheel moves row by row', { events: 5_000_000 }, async ({ page }) => {
  await page.getByRole('navigation').getByRole('button', { name: 'Audit' }).click();
  await page.locator('[data-row="0"] time').waitFor();
  const grid = page.getByRole('grid', { name: 'Audit events' });
  await page.waitForFunction(() => document.querySelector('[role="grid"]')?.getAttribute('aria-rowcount') === '5000001');
  await grid.evaluate((element) => { element.scrollTop = element.scrollHeight; });
  await page.locator('[data-row="4999999"] time').waitFor();
  await grid.evaluate((element) => { element.scrollTop = element.scrollHeight / 2; });
  await page.waitForTimeout(400);
  const middle = async (): Promise<number> => Number(await grid.evaluate((element) => { const top = element.getBoundingClientRect().top + 30; return [...element.querySelectorAll<HTMLElement>('[data-row]')].map((row) => ({ row: Number(row.dataset['row']), y: row.getBoundingClientRect().top })).filter(({ y }) => y >= top).toSorted((a, b) => a.y - b.y)[0]?.row; }));
  const before = await middle();
  assert.ok(Math.abs(before - 2_500_000) < 2000, `the middle is row ${before}`);
  await grid.hover();
  await page.mouse.wheel(0, 280);
  await page.waitForTimeout(500);
  assert.equal(await middle() - before, 10);
  await page.locator(`[data-row="${before + 12}"] time`).waitFor();
  await grid.evaluate((element) => { element.scrollTop = 0; });
  await page.locator('[data-row="0"] time').waitFor();
});
await check('a query that hides characters is spelled in the line', {}, async ({ page }) => {
  await page.getByRole('navigation').getByRole('button', { name: 'Audit' }).click();
  const line = page.getByRole('combobox', { name: 'Query' });
  await line.fill('route:invoice\u202efdp');
  assert.equal(await line.inputValue(), 'route:invoice⟨U+202E⟩fdp');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.querySelector('[role="grid"]')?.getAttribute('aria-rowcount') === '2');
});
await check('the removal dialog begins on the way back, and Enter removes nothing', {}, async ({ page }) => {
  await page.getByRole('button', { name: 'All deployments' }).click();
  await page.getByRole('button', { name: 'Remove this deployment…' }).click();
  await page.getByLabel(/to confirm/).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.textContent?.trim()), 'Keep it');
  await page.getByLabel(/to confirm/).fill('acme-pro');
  await page.keyboard.press('Enter');
  assert.ok(await page.getByRole('button', { name: 'Remove', exact: true }).isDisabled());
  await page.getByLabel(/to confirm/).fill('acme-prod');
  await page.keyboard.press('Enter');
  assert.equal(await page.locator('#main').getByText('acme-prod was removed').count(), 0);
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await page.locator('#main').getByText('acme-prod was removed').waitFor();
});
await check('hostile text is shown as marks', {}, async ({ page }) => {
  await page.getByRole('navigation').getByRole('button', { name: 'Audit' }).click();
  await page.locator('[data-row="6"]').waitFor();
  const text = await page.locator('[role="grid"]').innerText();
  assert.ok(text.includes('⟨U+202E⟩') && text.includes('⟨U+001B⟩') && text.includes('⟨U+200B⟩'));
  for (const hidden of ['\u202E', '\u001B', '\u200B']) assert.ok(!text.includes(hidden));
});
await check('a passphrase that differs is refused before it is sent', { state: 'setup', deployments: [], keychain: 'no-service' }, async ({ page }) => {
  assert.ok(await page.getByRole('button', { name: 'Add a deployment' }).isDisabled());
  await page.getByLabel('Passphrase vault').check();
  await page.getByLabel('Passphrase', { exact: true }).fill('correct horse battery');
  await page.getByLabel('The same again').fill('correct horse');
  await page.getByRole('button', { name: 'Add a deployment' }).click();
  await page.getByText('The two entries differ.').waitFor();
  await page.getByLabel('The same again').fill('correct horse battery');
  await page.getByRole('button', { name: 'Add a deployment' }).click();
  await page.getByRole('heading', { name: 'Add a deployment' }).waitFor();
});

await browser.close();
process.exit(failed === 0 ? 0 : 1);
