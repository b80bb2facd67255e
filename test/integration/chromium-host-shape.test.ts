// The small window of the Chromium host: one floating window, only when it was asked for, shut in like the page that opened it, and gone with a lock; else the window itself gets small and comes back.
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Page } from '@playwright/test';
import { startHost } from '../e2e/harness.ts';
import type { DrivenHost } from '../e2e/harness.ts';

const HOME = 'https://console.localhost/';

let host: DrivenHost;
const hits: string[] = [];
const tcp = createServer((socket) => { hits.push('tcp'); socket.on('error', () => undefined); socket.destroy(); });

beforeEach(async () => {
  hits.length = 0;
  tcp.listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  host = await startHost({ page: 'fixture', secrets: 'memory' });
});
afterEach(async () => {
  await host?.close();
  tcp.close();
});

const pages = (): Page[] => host.driver.browser.contexts().flatMap((context) => context.pages());
const shape = (compact: boolean, canFloat = false): Promise<string> => host.page.evaluate(async (wanted) => {
  const answer = await (globalThis as unknown as { holdfast: { call(name: string, input: unknown): Promise<{ value: { shape: string } }> } }).holdfast.call('app.window', wanted);
  return answer.value.shape;
}, { compact, canFloat });
/** Presses a button of the page whose handler opens what is asked for: the browser wants a press. */
async function pressToOpen(how: 'float' | 'popup'): Promise<string> {
  await host.page.evaluate((way) => {
    const button = document.createElement('button');
    button.id = 'opener';
    button.textContent = 'Open';
    button.onclick = async () => {
      const page = globalThis as unknown as { documentPictureInPicture: { requestWindow(size: object): Promise<Window> }; opened: string };
      try {
        const made = way === 'popup' ? open('about:blank', '', 'popup') : await page.documentPictureInPicture.requestWindow({ width: 400, height: 600 });
        page.opened = made === null ? 'nothing' : made.location.href;
      } catch (error) {
        page.opened = String(error);
      }
    };
    document.getElementById('opener')?.remove();
    document.body.append(button);
  }, how);
  await host.page.click('#opener');
  return host.page.evaluate(() => new Promise<string>((settle) => { const look = setInterval(() => { const { opened } = globalThis as { opened?: string }; if (opened !== undefined) { clearInterval(look); Object.assign(globalThis, { opened: undefined }); settle(opened); } }, 20); }));
}
const floating = async (): Promise<Page> => {
  await expect.poll(() => pages().length).toBe(2);
  return pages().find((page) => page !== host.page) as Page;
};

it('no window floats that was not asked for', async () => {
  for (const way of ['float', 'popup'] as const) {
    await pressToOpen(way);
    await expect.poll(() => pages().length).toBe(1);
  }
});

it('one may, and it is shut in: it reaches nobody, goes nowhere, has no bridge, and no second one follows', async () => {
  expect(await shape(true, true)).toBe('page');
  expect(await pressToOpen('float')).toBe('about:blank');
  const small = await floating();
  const { port } = tcp.address() as AddressInfo;
  const outcome = await small.evaluate(async (target) => {
    const url = `http://127.0.0.1:${target}/`;
    const style = (href: string): Promise<string> => new Promise((settle) => { const link = document.createElement('link'); Object.assign(link, { rel: 'stylesheet', href, onload: () => settle('loaded'), onerror: () => settle('refused') }); document.head.append(link); });
    const sent = await fetch(url).then(() => 'sent', () => 'refused');
    const frame = document.createElement('iframe');
    frame.src = url;
    document.body.append(frame);
    let html = 'set';
    try { document.body.innerHTML = '<p>text'; } catch { html = 'refused'; }
    return { own: await style('https://console.localhost/page.css'), foreign: await style(`${url}x.css`), sent, html, bridge: typeof (globalThis as { holdfast?: unknown }).holdfast };
  }, port);
  expect(outcome).toEqual({ own: 'loaded', foreign: 'refused', sent: 'refused', html: 'refused', bridge: 'undefined' });
  // Nor does the page that opened it lead it away.
  await host.page.evaluate((target) => { (globalThis as unknown as { documentPictureInPicture: { window: Window | null } }).documentPictureInPicture.window?.location.assign(`http://127.0.0.1:${target}/gone`); }, port);
  await pressToOpen('popup');
  await expect.poll(() => pages().every((page) => page.url() === HOME || page.url() === 'about:blank')).toBe(true);
  expect(pages().length).toBeLessThanOrEqual(2);
  expect(hits).toEqual([]);
  expect(await shape(false)).toBe('full');
  await expect.poll(() => pages().length).toBe(1);
  expect(host.page.url()).toBe(HOME);
});

it('R33: it is gone with a lock, like everything else that can be read', async () => {
  expect(await shape(true, true)).toBe('page');
  await pressToOpen('float');
  const small = await floating();
  const closed = small.waitForEvent('close');
  // The page that asked is replaced before the answer comes.
  await host.page.evaluate(() => { void (globalThis as unknown as { holdfast: { call(name: string, input: unknown): Promise<unknown> } }).holdfast.call('app.lock', {}); });
  await closed;
  await expect.poll(() => pages().length).toBe(1);
  await expect.poll(() => host.page.url()).toBe(HOME);
});

it('where the page floats nothing, the window itself gets small, is not said to stay above others, and gets its place back', async () => {
  const size = (): Promise<readonly number[]> => host.page.evaluate(() => [outerWidth, outerHeight]);
  const before = await size();
  expect(await shape(true)).toBe('small');
  expect(await shape(true)).toBe('small');
  await expect.poll(size).toEqual([400, 600]);
  expect(await shape(false)).toBe('full');
  await expect.poll(size).toEqual(before);
  expect(await shape(true)).toBe('small');
  await host.page.evaluate(() => { void (globalThis as unknown as { holdfast: { call(name: string, input: unknown): Promise<unknown> } }).holdfast.call('app.lock', {}); });
  await expect.poll(() => host.page.evaluate(() => [outerWidth, outerHeight]).catch(() => null)).toEqual(before);
});
