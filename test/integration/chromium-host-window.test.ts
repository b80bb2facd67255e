// The window of the Chromium host, seen from a page that turned hostile and from the disk: headers, what it may load, where it may go, what it may ask, what it leaves behind.
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startBrowser } from '../../electron/hosts/chromium/browser.ts';
import { PageClipboard } from '../../electron/hosts/chromium/clipboard.ts';
import { findChromium } from '../../electron/hosts/chromium/find-chromium.ts';
import { openWindow } from '../../electron/hosts/chromium/window.ts';
import type { ConsoleWindow } from '../../electron/hosts/chromium/window.ts';
import { driveWindow } from '../e2e/browser-driver.ts';
import { startHost } from '../e2e/harness.ts';
import type { DrivenHost } from '../e2e/harness.ts';
import { WINDOW_PAGE } from '../fixtures/window-page.ts';
import { isRunning, processTree } from './chromium-host-proc.ts';

const HOME = 'https://console.localhost/';

describe('a page that turned hostile', () => {
  let host: DrivenHost;
  const hits: string[] = [];
  const tcp = createServer((socket) => { hits.push('tcp'); socket.on('error', () => undefined); socket.destroy(); });
  const udp = createSocket('udp4');
  let port = 0;

  beforeAll(async () => {
    tcp.listen(0, '127.0.0.1');
    await once(tcp, 'listening');
    ({ port } = tcp.address() as AddressInfo);
    udp.on('message', () => hits.push('udp'));
    udp.bind(port, '127.0.0.1');
    await once(udp, 'listening');
    host = await startHost({ page: 'fixture', secrets: 'memory' });
  });

  beforeEach(async () => {
    await host.page.goto(HOME);
    hits.length = 0;
  });

  afterAll(async () => {
    await host?.close();
    tcp.close();
    udp.close();
  });

  /** The page is where it was, it is the only one, and nobody was contacted; the recorder itself works. */
  async function expectNothingHappened(): Promise<void> {
    expect(host.page.url()).toBe(HOME);
    await expect.poll(() => host.driver.browser.contexts().flatMap((context) => context.pages()).length).toBe(1);
    expect(hits).toEqual([]);
    const control = connect(port, '127.0.0.1');
    await expect.poll(() => hits).toEqual(['tcp']);
    control.destroy();
    hits.length = 0;
  }

  it('R6: every answer carries the policy, word for word, and the headers beside it', async () => {
    const script = host.page.waitForResponse(`${HOME}page.js`);
    const missing = host.page.waitForResponse(`${HOME}missing.js`);
    const page = await host.page.reload();
    await host.page.evaluate(() => { const link = document.createElement('link'); link.rel = 'modulepreload'; link.href = '/missing.js'; document.head.append(link); });
    for (const response of [page, await script, await missing]) {
      const headers = response?.headers() ?? {};
      expect(headers['content-security-policy']).toBe("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; font-src 'self'; connect-src 'none'; frame-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'");
      expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY', 'referrer-policy': 'no-referrer', 'cross-origin-opener-policy': 'same-origin', 'cross-origin-resource-policy': 'same-origin', 'cache-control': 'no-store' });
      expect(headers['permissions-policy']).toMatch(/camera=\(\).*clipboard-read=\(\).*geolocation=\(\).*usb=\(\)/);
    }
    expect((await missing).status()).toBe(404);
    expect(await host.page.evaluate(() => isSecureContext)).toBe(true);
  });

  it('R4: no path from a URL reaches the file system', async () => {
    const paths = ['/index.html', '/page.js?x=1', '/page.js/', '/PAGE.JS', '/./page.js%00', '/..%2f..%2fetc/passwd', '/..%5c..%5cetc/passwd', '/%2e%2e/%2e%2e/etc/passwd', '//etc/passwd', '/%00', '/icon.svg%00.png', '/assets/', '/stopped/../icon.svg?', '/icon.svg?#'];
    const loaded = await host.page.evaluate((urls) => Promise.all(urls.map((url) => new Promise<string>((settle) => {
      const image = new Image();
      image.onload = () => settle(`${url} loaded`);
      image.onerror = () => settle('refused');
      image.src = url;
    }))), ['/icon.svg', ...paths]);
    expect(loaded).toEqual(['/icon.svg loaded', ...paths.map(() => 'refused')]);
  });

  it('R7: fetch, sockets, beacons, images, frames, streams, links and WebRTC reach nobody', async () => {
    const outcome = await host.page.evaluate(async (target) => {
      const url = `http://127.0.0.1:${target}/`;
      const tries: Record<string, Promise<string>> = {
        fetch: fetch(url).then(() => 'sent', () => 'refused'),
        socket: new Promise((settle) => { const socket = new WebSocket(`ws://127.0.0.1:${target}/`); socket.onopen = () => settle('sent'); socket.onerror = () => settle('refused'); }),
        image: new Promise((settle) => { const image = new Image(); image.onload = () => settle('sent'); image.onerror = () => settle('refused'); image.src = `${url}x.png`; }),
        stream: new Promise((settle) => { const stream = new EventSource(url); stream.onopen = () => settle('sent'); stream.onerror = () => { stream.close(); settle('refused'); }; }),
      };
      navigator.sendBeacon(url, 'x');
      for (const rel of ['preconnect', 'dns-prefetch', 'prefetch', 'prerender', 'modulepreload', 'stylesheet', 'icon', 'manifest']) {
        const link = document.createElement('link');
        Object.assign(link, { rel, href: `${url}${rel}` });
        document.head.append(link);
      }
      const frame = document.createElement('iframe');
      frame.src = url;
      document.body.append(frame);
      const style = document.createElement('style');
      style.textContent = `h1 { background: url(${url}css) }`;
      document.head.append(style);
      const peer = new RTCPeerConnection({ iceServers: [{ urls: `stun:127.0.0.1:${target}` }, { urls: [`turn:127.0.0.1:${target}?transport=udp`, `turn:127.0.0.1:${target}?transport=tcp`], username: 'a', credential: 'b' }] });
      peer.createDataChannel('x');
      const gathered = new Promise<void>((settle) => { peer.onicegatheringstatechange = () => { if (peer.iceGatheringState === 'complete') settle(); }; });
      const candidates: string[] = [];
      peer.onicecandidate = ({ candidate }) => { if (candidate !== null && candidate.candidate !== '') candidates.push(candidate.candidate); };
      await peer.setLocalDescription(await peer.createOffer());
      await gathered;
      peer.close();
      return { ...Object.fromEntries(await Promise.all(Object.entries(tries).map(async ([name, result]) => [name, await result]))), candidates };
    }, port);
    expect(outcome).toEqual({ fetch: 'refused', socket: 'refused', image: 'refused', stream: 'refused', candidates: [] });
    await expectNothingHappened();
  });

  it('R8: no permission is given and nothing is asked', async () => {
    const outcome = await host.page.evaluate(async () => {
      const attempt = (work: () => unknown): Promise<string> => Promise.resolve().then(work).then((value) => (value === 'denied' || value === false ? 'refused' : 'given'), () => 'refused');
      const browser = navigator as unknown as Record<string, Record<string, (...args: unknown[]) => unknown> | undefined>;
      return Promise.all([
        attempt(() => Notification.requestPermission()),
        attempt(() => new Promise((settle, fail) => navigator.geolocation.getCurrentPosition(settle, fail))),
        attempt(() => navigator.mediaDevices.getUserMedia({ audio: true })),
        attempt(() => navigator.mediaDevices.getUserMedia({ video: true })),
        attempt(() => navigator.mediaDevices.getDisplayMedia()),
        attempt(() => navigator.clipboard.readText()),
        attempt(() => browser['usb']?.['requestDevice']?.({ filters: [] }) ?? Promise.reject(new Error('none'))),
        attempt(() => browser['serial']?.['requestPort']?.() ?? Promise.reject(new Error('none'))),
        attempt(() => browser['hid']?.['requestDevice']?.({ filters: [] }) ?? Promise.reject(new Error('none'))),
        attempt(() => browser['bluetooth']?.['requestDevice']?.({ acceptAllDevices: true }) ?? Promise.reject(new Error('none'))),
        attempt(() => navigator.storage.persist()),
        attempt(() => document.documentElement.requestFullscreen()),
        attempt(() => navigator.requestMIDIAccess()),
        attempt(() => new Worker('/page.js')),
        attempt(() => navigator.serviceWorker.register('/page.js')),
      ]);
    });
    expect(outcome).toEqual(outcome.map(() => 'refused'));
  });

  it('R9: window.open, links to new windows, forms, refreshes and redirects lead nowhere', async () => {
    for (const attempt of ['open', 'open blank', 'open ours', 'link', 'form', 'refresh', 'location', 'ours', 'script'] as const) {
      await host.page.evaluate(([kind, target]) => {
        const url = `http://127.0.0.1:${target}/`;
        const click = (change: Partial<HTMLAnchorElement>): void => {
          const link = document.createElement('a');
          Object.assign(link, change);
          document.body.append(link);
          link.click();
        };
        if (kind === 'open') globalThis.open(url);
        else if (kind === 'open blank') globalThis.open('about:blank');
        else if (kind === 'open ours') globalThis.open('/');
        else if (kind === 'link') click({ href: url, target: '_blank' });
        else if (kind === 'location') globalThis.location.href = url;
        else if (kind === 'ours') globalThis.location.href = '/page.js';
        else if (kind === 'script') click({ href: `${'java'}script:document.title="owned"` });
        else if (kind === 'form') {
          const form = document.createElement('form');
          Object.assign(form, { action: url, method: 'post' });
          document.body.append(form);
          form.submit();
        } else {
          const meta = document.createElement('meta');
          Object.assign(meta, { httpEquiv: 'refresh', content: `0;url=${url}` });
          document.head.append(meta);
        }
      }, [attempt, port] as const);
      await expectNothingHappened();
    }
    expect(await host.page.title()).toBe('Fixture');
  });

  it('R9: a document that needs no request (blank, blob) is left at once for our page', async () => {
    for (const attempt of ['about:blank', 'blob'] as const) {
      const home = host.page.waitForEvent('framenavigated', (frame) => frame.url() === HOME);
      await host.page.evaluate((kind) => { globalThis.location.href = kind === 'blob' ? URL.createObjectURL(new Blob(['<h1>other</h1>'], { type: 'text/html' })) : kind; }, attempt).catch(() => undefined);
      await home;
      await expect.poll(() => host.page.title()).toBe('Fixture');
    }
  });

  it('R11: a download is refused and leaves no file', async () => {
    const canary = randomBytes(12).toString('hex');
    const session = await host.page.context().newCDPSession(host.page);
    await session.send('Page.enable');
    const ended = new Promise<string>((settle) => session.on('Page.downloadProgress', ({ state }) => { if (state !== 'inProgress') settle(state); }));
    await host.page.evaluate((text) => {
      const link = document.createElement('a');
      Object.assign(link, { href: URL.createObjectURL(new Blob([text])), download: `${text}.txt` });
      document.body.append(link);
      link.click();
    }, canary);
    expect(await ended).toBe('canceled');
    expect(host.page.url()).toBe(HOME);
    expect(filesHolding(host.profileDir, canary)).toEqual([]);
  });

  it('a dialog of the page does not stop it', async () => {
    expect(await host.page.evaluate(() => (['alert', 'confirm', 'prompt'] as const).map((dialog) => globalThis[dialog]('x') ?? 'nothing'))).toEqual(['nothing', false, 'nothing']);
  });
});

describe('what stays behind', () => {
  const running: DrivenHost[] = [];
  afterEach(async () => {
    for (const host of running.splice(0)) await host.close();
  });

  it('R25: nothing that was shown or typed is in the profile, neither while the window is open nor after it was killed', async () => {
    const host = await startHost({ page: 'fixture', secrets: 'memory' });
    running.push(host);
    const canary = `canary-${randomBytes(12).toString('hex')}`;
    await host.page.evaluate((text) => {
      const shown = document.querySelector('#shown');
      if (shown !== null) shown.textContent = text;
      document.title = text;
      for (const type of ['text', 'password']) {
        const field = document.createElement('input');
        Object.assign(field, { type, name: 'reason', value: text });
        document.body.append(field);
      }
      localStorage.setItem(text, text);
      sessionStorage.setItem(text, text);
      document.cookie = `x=${text}`;
      history.pushState(null, '', `#${text}`);
    }, canary);
    await host.page.keyboard.press('Tab');
    await host.page.screenshot();
    // The look itself works.
    writeFileSync(join(host.profileDir, 'planted'), Buffer.from(canary, 'utf16le'));
    expect(filesHolding(host.profileDir, canary)).toEqual(['planted']);
    rmSync(join(host.profileDir, 'planted'));
    const pids = processTree(host.process.pid ?? 0);
    host.process.kill('SIGKILL');
    await expect.poll(() => pids.filter(isRunning), { timeout: 10_000 }).toEqual([]);
    expect(readdirSync(join(host.profileDir, 'window'))).toHaveLength(1);
    expect(filesHolding(host.profileDir, canary)).toEqual([]);
  });

  it('R33: after a lock the page is a new one in a new process, and nothing readable is left', async () => {
    const host = await startHost({ page: 'fixture', secrets: 'memory' });
    running.push(host);
    const canary = `canary-${randomBytes(12).toString('hex')}`;
    await host.page.evaluate((text) => {
      document.title = text;
      document.body.append(text, Object.assign(document.createElement('input'), { value: text }));
      history.pushState({ text }, '', `#${text}`);
    }, canary);
    const session = await host.page.context().newCDPSession(host.page);
    const browserSession = await host.driver.browser.newBrowserCDPSession();
    const renderers = async (): Promise<readonly number[]> => (await browserSession.send('SystemInfo.getProcessInfo')).processInfo.filter((info) => info.type === 'renderer').map((info) => info.id);
    // The page's and the clipboard's, which is there when it takes a text; the one of the first empty page ends by itself.
    await expect.poll(() => host.page.evaluate(() => (globalThis as unknown as { holdfast: { call(name: string, input: unknown): Promise<{ ok: boolean }> } }).holdfast.call('clipboard.copy', { text: 'x' }).then(({ ok }) => ok))).toBe(true);
    await expect.poll(async () => (await renderers()).length).toBe(2);
    const before = await renderers();
    const home = host.page.waitForEvent('framenavigated', (frame) => frame.url() === HOME);
    await host.page.evaluate(() => void (globalThis as unknown as { holdfast: { call(name: string, input: unknown): Promise<unknown> } }).holdfast.call('app.lock', {}));
    await home;
    await expect.poll(() => host.page.title()).toBe('Fixture');
    expect(await host.page.content()).not.toContain(canary);
    expect(await host.page.locator('body').ariaSnapshot()).not.toContain(canary);
    await expect.poll(async () => JSON.stringify(await session.send('Page.getNavigationHistory'))).not.toContain(canary);
    expect(await host.page.evaluate(() => [JSON.stringify(history.state), location.href])).toEqual(['null', HOME]);
    // The old page's process, and its heap, are gone.
    const after = await renderers();
    expect(before.filter((pid) => after.includes(pid))).toHaveLength(1);
    expect(before.filter(isRunning)).toHaveLength(1);
  });
});

describe('the window by itself', () => {
  let profileDir: string;
  let window: ConsoleWindow | null = null;
  let nowMs = 0;
  let loads = 0;
  const said: string[] = [];

  const open = async (clipboard = new PageClipboard()): Promise<ConsoleWindow> => {
    profileDir = mkdtempSync(join(tmpdir(), 'holdfast-window-test-'));
    const greeting = { contentType: 'text/javascript; charset=utf-8', body: Buffer.from("holdfast.call('app.touch', {});") };
    window = await openWindow({
      browser: startBrowser({ binary: findChromium() ?? '', windowDir: join(profileDir, 'window'), isHeadless: true, hasDebugPort: true }), clipboard, files: new Map([...WINDOW_PAGE, ['/page.js', greeting]]),
      log: { info: () => undefined, error: (message) => said.push(message) },
      monotonicMs: () => nowMs,
      door: (name) => { if (name === 'app.touch') loads += 1; return Promise.resolve({ ok: true, value: {} }); },
    });
    return window;
  };

  beforeEach(() => {
    nowMs = 0;
    loads = 0;
    said.length = 0;
  });

  afterEach(async () => {
    await window?.close();
    window = null;
    rmSync(profileDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  });

  /** Ends the page's process as a bug in it would. */
  async function crash(): Promise<void> {
    const [folder] = readdirSync(join(profileDir, 'window'));
    const port = readFileSync(join(profileDir, 'window', folder ?? '', 'DevToolsActivePort'), 'utf8').split('\n')[0];
    const targets = await (await fetch(`http://127.0.0.1:${port}/json/list`)).json() as { type: string; url: string; webSocketDebuggerUrl: string }[];
    const target = targets.find(({ url }) => url.startsWith('https://console.localhost/'));
    const socket = new WebSocket(target?.webSocketDebuggerUrl ?? '');
    await once(socket, 'open');
    socket.send(JSON.stringify({ id: 1, method: 'Page.crash' }));
    await once(socket, 'message').catch(() => undefined);
    socket.close();
  }

  it('R16: 20 crashes of the page, one after the other, and each time it is back', async () => {
    await open();
    await expect.poll(() => loads).toBe(1);
    for (let number = 1; number <= 20; number += 1) {
      nowMs += 20_000;
      await crash();
      await expect.poll(() => loads, { timeout: 10_000 }).toBe(number + 1);
    }
    expect(said).toEqual(Array.from({ length: 20 }, () => 'the page of the window crashed'));
  }, 120_000);

  it('R16: a page that crashes again and again ends in a plain message with a way back', async () => {
    await open();
    await expect.poll(() => loads).toBe(1);
    for (let number = 2; number <= 4; number += 1) {
      await crash();
      await expect.poll(() => loads, { timeout: 10_000 }).toBe(number);
    }
    await crash();
    const driver = await driveWindow(profileDir);
    await expect.poll(() => driver.page.locator('h1').textContent()).toContain('stopped several times');
    await driver.page.getByRole('link', { name: 'Open it again' }).click();
    await expect.poll(() => loads).toBe(5);
    await driver.browser.close();
  }, 60_000);

  it('R34: the clipboard takes and gives text for core, and the page may not read it', async () => {
    const clipboard = new PageClipboard();
    expect(await clipboard.read()).toBeNull();
    await expect(clipboard.write('too early')).rejects.toMatchObject({ code: 'busy' });
    await open(clipboard);
    const driver = await driveWindow(profileDir);
    const text = `p\u00e4yload \u{1F512} ${randomBytes(8).toString('hex')}\n`;
    await clipboard.write(text);
    expect(await clipboard.read()).toBe(text);
    expect(await driver.page.evaluate(() => navigator.clipboard.readText().then(() => 'read', (error: Error) => error.name))).toBe('NotAllowedError');
    await clipboard.write('');
    expect(await clipboard.read()).toBe('');
    await driver.browser.close();
  });
});

/** Files below a folder that hold the text as UTF-8, UTF-16, hex, base64 or reversed; as relative paths. */
function filesHolding(folder: string, text: string): readonly string[] {
  const bytes = Buffer.from(text);
  // base64 of the text depends on where it begins: the part that is the same at each of the three offsets is enough.
  const base64 = [0, 1, 2].map((shift) => Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64').slice(shift === 0 ? 0 : 4, -4));
  const needles = [bytes, Buffer.from(text, 'utf16le'), Buffer.from(bytes.toString('hex')), Buffer.from([...text].reverse().join('')), ...base64.map((part) => Buffer.from(part))];
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).flatMap((entry) => {
    const path = join(entry.parentPath, entry.name);
    let content: Buffer;
    try {
      content = readFileSync(path);
    } catch {
      return []; // removed while we looked
    }
    return needles.some((needle) => content.includes(needle)) ? [path.slice(folder.length + 1)] : [];
  });
}
