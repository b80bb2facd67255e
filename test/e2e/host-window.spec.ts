// The product's own page in the real window: it comes up under the policy without a complaint, and a lock leaves nothing of it behind.
import { expect, test } from '@playwright/test';
import { startHost } from './harness.ts';
import type { DrivenHost } from './harness.ts';

let host: DrivenHost;

test.beforeEach(async () => {
  host = await startHost({ secrets: 'memory' });
});

test.afterEach(async () => {
  await host?.close();
});

test('R6: the built page runs under the policy without a single violation or error', async () => {
  const complaints: string[] = [];
  host.page.on('console', (message) => { if (['error', 'warning'].includes(message.type())) complaints.push(message.text()); });
  host.page.on('pageerror', (error) => complaints.push(error.message));
  await host.page.reload();
  // Drawn by the app; what index.html brings along does not have it.
  await expect(host.page.locator('#root > .visually-hidden')).toBeAttached();
  expect(await host.page.evaluate(() => Object.keys((globalThis as unknown as { holdfast: object }).holdfast).sort())).toEqual(['call', 'onEvent', 'pathOf']);
  expect(complaints).toEqual([]);
});

test('R4: the page comes from its own origin, never from a file', async () => {
  expect(await host.page.evaluate(() => [location.origin, isSecureContext])).toEqual(['https://console.localhost', true]);
});

test('R33: after a lock neither the document nor its accessibility tree nor the title shows what was there', async () => {
  const canary = 'canary-5e0b2f';
  await host.page.evaluate((text) => {
    document.title = text;
    document.body.append(text);
  }, canary);
  const home = host.page.waitForEvent('framenavigated', (frame) => frame.url().startsWith('https://console.localhost/'));
  await host.page.evaluate(() => void (globalThis as unknown as { holdfast: { call(name: string, input: unknown): Promise<unknown> } }).holdfast.call('app.lock', {}));
  await home;
  // Drawn by the app; what index.html brings along does not have it.
  await expect(host.page.locator('#root > .visually-hidden')).toBeAttached();
  expect(await host.page.content()).not.toContain(canary);
  expect(await host.page.locator('body').ariaSnapshot()).not.toContain(canary);
  expect(await host.page.title()).not.toContain(canary);
});
