// The contract suite over Chromium's pipe, in a real window: what the page calls arrives, what is not the page is refused, and a flood on one call holds up no other.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CDPSession } from '@playwright/test';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AppEvent, Envelope } from '#shared/contract.ts';
import { startBrowser } from '../../electron/hosts/chromium/browser.ts';
import { PageClipboard } from '../../electron/hosts/chromium/clipboard.ts';
import { findChromium } from '../../electron/hosts/chromium/find-chromium.ts';
import { openWindow } from '../../electron/hosts/chromium/window.ts';
import type { ConsoleWindow } from '../../electron/hosts/chromium/window.ts';
import { driveWindow } from '../e2e/browser-driver.ts';
import type { Driver } from '../e2e/browser-driver.ts';
import { WINDOW_PAGE } from '../fixtures/window-page.ts';
import { createFakeCore, sampleOutput, transportCases } from './transport.ts';
import type { FakeCore, TransportUnderTest } from './transport.ts';

interface PageBridge {
  call(name: string, input: unknown): Promise<unknown>;
  onEvent(listener: (event: unknown) => void): () => void;
  pathOf(file: unknown): Promise<string | null>;
}
interface PageGlobals { holdfast: PageBridge; heard: unknown[]; dropped?: Promise<(string | null)[]> }

let profileDir: string;
let core: FakeCore;
let window: ConsoleWindow;
let driver: Driver;
let session: CDPSession;
let transport: TransportUnderTest;

beforeAll(async () => {
  profileDir = mkdtempSync(join(tmpdir(), 'holdfast-transport-'));
  const binary = findChromium();
  if (binary === null) throw new Error('No Chromium is installed; npm test installs one.');
  window = await openWindow({
    browser: startBrowser({ binary, windowDir: join(profileDir, 'window'), isHeadless: true, hasDebugPort: true }), files: WINDOW_PAGE, clipboard: new PageClipboard(),
    log: { info: () => undefined, error: () => undefined },
    monotonicMs: () => performance.now(),
    door: (name, input, context) => core.dispatcher.dispatchUnknown(name, input, context),
  });
  driver = await driveWindow(profileDir);
  session = await driver.page.context().newCDPSession(driver.page);
});

afterAll(async () => {
  await driver?.browser.close();
  await window?.close();
  rmSync(profileDir, { recursive: true, force: true });
});

beforeEach(async () => {
  core = createFakeCore();
  transport = overPipe();
  // Each case starts with a new page: a new connection with full allowances.
  await driver.page.reload();
  await driver.page.evaluate(() => {
    const page = globalThis as unknown as PageGlobals;
    page.heard = [];
    page.holdfast.onEvent((event) => page.heard.push(event));
  });
});

function overPipe(): TransportUnderTest {
  return {
    core,
    // As text, so that own keys such as __proto__ reach the page; parsed there, then handed to the bridge like any screen does.
    call: (name, input) => driver.page.evaluate(([to, text]) => (globalThis as unknown as PageGlobals).holdfast.call(to as string, JSON.parse(text as string)), [name, JSON.stringify(input)]) as Promise<Envelope>,
    sendText: null,
    emit: (event) => window.tell(event),
    async heard(count) {
      const read = (): Promise<unknown[]> => driver.page.evaluate(() => (globalThis as unknown as PageGlobals).heard);
      await expect.poll(async () => (await read()).length).toBeGreaterThanOrEqual(count);
      return await read() as AppEvent[];
    },
    async loseClient() {
      await driver.page.reload();
    },
    strangers: [
      { who: 'a frame of the page', call: fromFrame },
      { who: 'an isolated world', call: fromIsolatedWorld },
    ],
    shape: () => driver.page.evaluate(() => {
      const frame = document.createElement('iframe');
      document.body.append(frame);
      const usual = new Set(Object.getOwnPropertyNames(frame.contentWindow));
      const { holdfast } = globalThis as unknown as PageGlobals;
      const descriptor = Object.getOwnPropertyDescriptor(globalThis, 'holdfast');
      const shape = {
        keys: Reflect.ownKeys(holdfast).map(String).sort(),
        isFrozen: Object.isFrozen(holdfast) && Object.isFrozen(holdfast.call) && Object.isFrozen(holdfast.onEvent) && Object.isFrozen(holdfast.pathOf) && Object.getPrototypeOf(holdfast) === Object.prototype,
        isReplaceable: descriptor === undefined || descriptor.writable === true || descriptor.configurable === true,
        // `heard` is this test's own, numbers are the frames.
        otherGlobals: Object.getOwnPropertyNames(globalThis).filter((name) => !usual.has(name) && !['holdfast', 'heard'].includes(name) && !/^\d+$/.test(name)),
      };
      frame.remove();
      return shape;
    }),
  };
}

/** Puts files into an <input type=file>, as the system's own dialog does. */
async function pick(paths: readonly string[]): Promise<void> {
  await driver.page.evaluate(() => {
    const input = document.createElement('input');
    input.type = 'file';
    input.multiple = true;
    document.body.append(input);
  });
  const { root } = await session.send('DOM.getDocument');
  const { nodeId } = await session.send('DOM.querySelector', { nodeId: root.nodeId, selector: 'input' });
  await session.send('DOM.setFileInputFiles', { nodeId, files: [...paths] });
}

const pathsOfPicked = (): Promise<(string | null)[]> => driver.page.evaluate(() => Promise.all([...document.querySelector('input')?.files ?? []].map((file) => (globalThis as unknown as PageGlobals).holdfast.pathOf(file))));

/** A frame of the same origin gets neither the bridge nor Chromium's binding. */
async function fromFrame(name: string, input: unknown): Promise<Envelope | null> {
  const found = await driver.page.evaluate(async ([to, text]) => {
    const frame = document.createElement('iframe');
    document.body.append(frame);
    const inner = frame.contentWindow as unknown as Partial<PageGlobals> & { __holdfastPost?: (text: string) => void };
    const types = [typeof inner.holdfast, typeof inner.__holdfastPost];
    const envelope = await inner.holdfast?.call(to as string, JSON.parse(text as string)) ?? null;
    frame.remove();
    return { types, envelope };
  }, [name, JSON.stringify(input)]);
  expect(found.types).toEqual(['undefined', 'undefined']);
  return found.envelope as Envelope | null;
}

/** Chromium puts its binding into every world; only the main one of our page is listened to. */
async function fromIsolatedWorld(name: string, input: unknown): Promise<Envelope | null> {
  const { frameTree } = await session.send('Page.getFrameTree');
  const { executionContextId } = await session.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id });
  const before = window.transport.refusedCallers;
  const message = JSON.stringify({ id: 1, name, input });
  const { result } = await session.send('Runtime.evaluate', { contextId: executionContextId, expression: `__holdfastPost(${JSON.stringify(message)}); typeof __holdfastPost` });
  expect(result.value).toBe('function');
  await expect.poll(() => window.transport.refusedCallers).toBe(before + 1);
  return null;
}

describe('the Chromium pipe', () => {
  // Whether a case applies is asked of a transport; here that needs no window.
  it.each(transportCases.filter(({ applies }) => applies(overPipe())))('$title', async ({ run }) => {
    await run(transport);
    expect.hasAssertions();
  });

  it('R17: the bridge is there before the first script of the page', async () => {
    expect(await driver.page.locator('html').getAttribute('data-bridge')).toBe('function');
  });

  it('R20: input that cannot be sent is answered, and the page goes on', async () => {
    const codes = await driver.page.evaluate(async () => {
      const { holdfast } = globalThis as unknown as PageGlobals;
      const ring: Record<string, unknown> = {};
      ring['self'] = ring;
      let deep: unknown = 1;
      for (let depth = 0; depth < 200_000; depth += 1) deep = [deep];
      const hostile = { toJSON() { throw new Error('no'); } };
      const envelopes = [await holdfast.call('app.status', ring), await holdfast.call('app.status', { big: 1n }), await holdfast.call('app.status', deep), await holdfast.call('app.status', hostile), await holdfast.call('app.status', {})];
      return envelopes.map((envelope) => (envelope as { ok: boolean; error?: { code: string } }).error?.code ?? 'ok');
    });
    expect(codes).toEqual(['invalid_input', 'invalid_input', 'too_large', 'invalid_input', 'ok']);
  });

  it('R22: a page that replaces JSON afterwards changes nothing about the bridge', async () => {
    const envelope = await driver.page.evaluate(() => {
      JSON.stringify = () => 'hijacked';
      JSON.parse = () => [];
      return (globalThis as unknown as PageGlobals).holdfast.call('app.status', {});
    });
    expect(envelope).toEqual({ ok: true, value: sampleOutput('app.status') });
  });

  it('a listener that throws costs neither the other listeners nor the next answer', async () => {
    const failed: string[] = [];
    const note = (error: Error): number => failed.push(error.message);
    driver.page.on('pageerror', note);
    await driver.page.evaluate(() => (globalThis as unknown as PageGlobals).holdfast.onEvent(() => { throw new Error('broken listener'); }));
    await driver.page.evaluate(() => (globalThis as unknown as PageGlobals).holdfast.onEvent((event) => (globalThis as unknown as PageGlobals).heard.push(event)));
    transport.emit({ name: 'app.opened', payload: {} });
    expect(await transport.heard(2)).toHaveLength(2);
    expect(await transport.call('app.status', {})).toMatchObject({ ok: true });
    await expect.poll(() => failed).toEqual(['broken listener']);
    driver.page.off('pageerror', note);
  });

  describe('the path of a file', () => {
    const names = ['plain.jsonl', 'näm\u0065\u0301 with spaces \u202e.csv', `'quote" & $(x).gz`];
    let paths: string[];
    beforeAll(() => {
      paths = names.map((name) => join(profileDir, name));
      for (const path of paths) writeFileSync(path, 'content that stays where it is');
    });

    it('a picked file is named by its path, whatever its name holds', async () => {
      await pick(paths);
      expect(await pathsOfPicked()).toEqual(paths);
    });

    it('a dropped file is named by its path', async () => {
      await driver.page.evaluate(() => {
        const page = globalThis as unknown as PageGlobals;
        page.dropped = new Promise((settle) => {
          document.body.style.height = '400px';
          document.addEventListener('dragover', (event) => event.preventDefault());
          document.addEventListener('drop', (event) => {
            event.preventDefault();
            settle(Promise.all([...event.dataTransfer?.files ?? []].map((file) => page.holdfast.pathOf(file))));
          });
        });
      });
      const data = { items: [], files: paths, dragOperationsMask: 1 };
      for (const type of ['dragEnter', 'dragOver', 'drop'] as const) await session.send('Input.dispatchDragEvent', { type, x: 60, y: 60, data });
      expect(await driver.page.evaluate(() => (globalThis as unknown as PageGlobals).dropped)).toEqual(paths);
    });

    it('what a script made has no path, nor has anything that is no file', async () => {
      await pick(paths.slice(0, 1));
      const answers = await driver.page.evaluate(() => {
        const { holdfast } = globalThis as unknown as PageGlobals;
        const picked = document.querySelector('input')?.files?.[0] as File;
        const forged = Object.create(File.prototype, { path: { value: '/etc/passwd' } }) as unknown;
        const things = [new File(['x'], '/etc/passwd'), new File([picked], 'copy'), picked.slice(0, 1), new Blob(['x']), forged, new Proxy(picked, {}), { path: '/etc/passwd', lastModified: 1 }, '/etc/passwd', 7, null, undefined, document.body];
        return Promise.all(things.map((thing) => holdfast.pathOf(thing)));
      });
      expect(answers).toEqual(answers.map(() => null));
      expect(answers).toHaveLength(12);
    });

    it('a page that replaces the parts of File changes nothing about it', async () => {
      await pick(paths.slice(0, 1));
      const path = await driver.page.evaluate(() => {
        Object.defineProperty(File.prototype, 'lastModified', { get: () => { throw new Error('no'); } });
        Reflect.apply = () => 'hijacked';
        return (globalThis as unknown as PageGlobals).holdfast.pathOf(document.querySelector('input')?.files?.[0]);
      });
      expect(path).toBe(paths[0]);
    });

    it('R24: a flood is answered one by one, refused beyond the allowance, and calls go on', async () => {
      await pick(paths.slice(0, 1));
      const seen = await driver.page.evaluate(async () => {
        const { holdfast } = globalThis as unknown as PageGlobals;
        const file = document.querySelector('input')?.files?.[0];
        const asked = Array.from({ length: 2000 }, () => holdfast.pathOf(file).then((path) => String(path), (error: Error) => error.message));
        const call = await holdfast.call('app.status', {});
        const counts: Record<string, number> = {};
        for (const answer of await Promise.all(asked)) counts[answer] = (counts[answer] ?? 0) + 1;
        return { call, counts };
      });
      expect(seen.call).toMatchObject({ ok: true });
      const { too_many_calls: refused, ...told } = seen.counts;
      expect(Object.keys(told)).toEqual(paths.slice(0, 1));
      expect(refused).toBeGreaterThan(0);
      expect(Object.values(told)[0]).toBeGreaterThan(0);
      expect(core.seen.map(({ name }) => name)).toEqual(['app.status']);
    });

    it('R19: a world that is not the page gets no answer, and no message of it is taken for a question', async () => {
      await pick(paths.slice(0, 1));
      const { frameTree } = await session.send('Page.getFrameTree');
      const { executionContextId } = await session.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id });
      const before = window.transport.refusedCallers;
      await session.send('Runtime.evaluate', { contextId: executionContextId, expression: `__holdfastPost('{"fileId":1}')` });
      await expect.poll(() => window.transport.refusedCallers).toBe(before + 1);
      expect(await pathsOfPicked()).toEqual(paths.slice(0, 1));
    });
  });

  it('R24: 10,000 calls a second on one name starve no other', async () => {
    const seen = await driver.page.evaluate(async () => {
      const { holdfast } = globalThis as unknown as PageGlobals;
      const durationMs = 3000;
      const startedMs = performance.now();
      const codes: Record<string, number> = {};
      const answered: Promise<unknown>[] = [];
      let sent = 0;
      const flood = async (): Promise<void> => {
        for (let elapsedMs = 0; elapsedMs < durationMs; elapsedMs = performance.now() - startedMs) {
          for (; sent < elapsedMs * 10; sent += 1) {
            answered.push(holdfast.call('ledger.list', {}).then((envelope) => {
              const code = (envelope as { error?: { code: string } }).error?.code ?? 'ok';
              codes[code] = (codes[code] ?? 0) + 1;
            }));
          }
          await new Promise((settle) => setTimeout(settle, 4));
        }
      };
      let others = 0;
      const measure = async (): Promise<void> => {
        while (performance.now() - startedMs < durationMs) {
          await holdfast.call('app.status', {});
          others += 1;
          await new Promise((settle) => setTimeout(settle, 10));
        }
      };
      await Promise.all([flood(), measure()]);
      await Promise.all(answered);
      return { sent, codes, others };
    });
    expect(seen.sent).toBeGreaterThanOrEqual(29_000);
    // One after another while the flood ran: behind a queue of it there would be one or two. How long each took is for a benchmark to say.
    expect(seen.others).toBeGreaterThan(20);
    // Every single one was answered: served within the allowance, refused beyond it.
    expect((seen.codes['ok'] ?? 0) + (seen.codes['too_many_calls'] ?? 0)).toBe(seen.sent);
    expect(seen.codes['too_many_calls']).toBeGreaterThan(20_000);
  });
});
