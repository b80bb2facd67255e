// The rules about a running host: crashes, locks, summons, its end, and the bridge between page and core.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { summonWindow } from '#core/profile/summon.ts';
import { CALL_CHANNEL, EVENT_CHANNEL } from '../../electron/hosts/electron/page.ts';
import { fakeApp } from './electron-host.ts';
import type { Bridge, RunningHost } from './electron-host.ts';
import { cancelledBy, drop, swap } from './electron-rule.ts';
import type { Rule } from './electron-rule.ts';
import { state } from './fake-electron.ts';
import type { FakeContents } from './fake-electron.ts';

async function back(host: RunningHost, loads: number): Promise<void> {
  await vi.waitFor(() => expect(host.window.loaded).toHaveLength(loads));
  await vi.waitFor(() => expect(state.page?.world['holdfast']).toBeDefined());
}

const lifeRules: readonly Rule[] = [
  {
    title: 'R16: a renderer that ended is started again, and after too many times the admin decides',
    probe: async (host) => {
      host.electron.dialogAnswer = 1;
      for (let loads = 2; loads <= 4; loads += 1) {
        host.contents.crash('crashed');
        await back(host, loads);
      }
      expect(host.electron.dialogs).toEqual([]);
      host.contents.crash('oom');
      await vi.waitFor(() => expect(host.electron.dialogs).toHaveLength(1));
      expect(host.electron.dialogs[0]).toMatchObject({ message: expect.stringContaining('several times') as unknown, detail: expect.stringContaining('saved is kept') as unknown });
      expect(await host.exited).toBe(0);
      expect(host.window.loaded).toHaveLength(4);
    },
    without: [drop('window.ts', "    window.webContents.on('render-process-gone', (_event, { reason }) => this.#gone(reason));\n"), swap('window.ts', 'if (isPatient) this.#reload();', 'this.#reload(); if (isPatient) return;')],
  },
  {
    title: 'R16: a page that stays silent is started anew, one that answers again is left alone',
    probe: async (host) => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      try {
        host.window.emit('unresponsive');
        vi.advanceTimersByTime(10_000);
        host.window.emit('responsive');
        vi.advanceTimersByTime(60_000);
        expect(host.contents.crashes).toBe(0);
        host.window.emit('unresponsive');
        vi.advanceTimersByTime(60_000);
        expect(host.contents.crashes).toBe(1);
      } finally {
        vi.useRealTimers();
      }
      await back(host, 2);
    },
    without: [swap('window.ts', "['responsive', 'closed']", "['closed']"), swap('window.ts', 'if (!this.#window.isDestroyed()) this.#window.webContents.forcefullyCrashRenderer();', '')],
  },
  {
    title: 'R16: the parts of Chromium that end are in the log',
    probe: (host) => { expect(host.electron.app.listenerCount('child-process-gone')).toBe(1); },
    without: [drop('main.ts', "  app.on('child-process-gone', (_event, { type, reason, name }) => log.error('a part of Chromium ended', { type, reason, name }));\n")],
  },
  {
    title: 'R32: suspend and the screen lock of the system lock the profile',
    probe: (host) => {
      host.electron.power.emit('suspend');
      host.electron.power.emit('lock-screen');
      expect(host.locks).toEqual(['system', 'system']);
    },
    without: [drop('host.ts', "  powerMonitor.on('suspend', lock);\n"), drop('host.ts', "  powerMonitor.on('lock-screen', lock);\n")],
  },
  {
    title: 'R32: after a lock the renderer ends and the page starts anew, which counts as no crash',
    probe: async (host) => {
      for (let lock = 1; lock <= 6; lock += 1) {
        const before = state.page;
        host.emit({ name: 'app.locked', payload: { why: 'idle' } });
        await back(host, lock + 1);
        expect(host.contents.crashes).toBe(lock);
        expect(state.page).not.toBe(before);
      }
      expect(host.electron.dialogs).toEqual([]);
    },
    without: [drop('host.ts', "    if (event.name === 'app.locked') window.renew();\n"), swap('window.ts', '    this.#isRenewing = true;\n', '')],
  },
  {
    title: 'the profile is closed before the program ends, however it is asked to',
    probe: async (host) => {
      expect(host.electron.app.listenerCount('window-all-closed')).toBe(1);
      expect(cancelledBy((event) => host.electron.app.emit('before-quit', event))).toBe(true);
      expect(await host.exited).toBe(0);
    },
    without: [drop('main.ts', "  app.on('window-all-closed', () => undefined);\n"), swap('host.ts', '      event.preventDefault();\n', '')],
  },
  {
    title: 'a second start brings the window to the front by a file in the profile',
    probe: async (host) => {
      expect(await summonWindow(host.profileDir, 2000)).toBe(true);
      expect(host.summons).toBe(1);
      expect(host.window.shown).toEqual(['show', 'restore', 'show', 'focus']);
      expect(existsSync(join(host.profileDir, 'summon'))).toBe(false);
    },
    without: [drop('host.ts', '    window.front();\n'), drop('host.ts', '    app.summoned();\n')],
  },
];

const shape = (compact: boolean): Promise<string | undefined> => Promise.resolve(fakeApp.ports?.window?.shape({ compact, canFloat: true }));
const PLACE = { x: 100, y: 50, width: 1280, height: 800 };

const shapeRules: readonly Rule[] = [
  {
    title: 'the small window keeps the right top corner, stays above others, and gives everything back',
    probe: async (host) => {
      const { window } = host;
      expect(await shape(false)).toBe('full');
      expect(window.bounds).toEqual(PLACE);
      for (let time = 0; time < 2; time += 1) expect(await shape(true)).toBe('on-top');
      expect(window.bounds).toEqual({ x: 980, y: 50, width: 400, height: 600 });
      expect([window.isTop, window.topLevel]).toEqual([true, 'floating']);
      expect(await shape(false)).toBe('full');
      expect([window.bounds, window.minimum, window.isTop]).toEqual([PLACE, { width: 900, height: 600 }, false]);
    },
    without: [
      drop('window.ts', "    window.setAlwaysOnTop(true, 'floating');\n"), drop('window.ts', '    window.setMinimumSize(COMPACT_MIN_SIZE.width, COMPACT_MIN_SIZE.height);\n'), drop('window.ts', '    this.#window.setAlwaysOnTop(false);\n'),
      drop('window.ts', '    this.#window.setBounds(bounds);\n'), drop('window.ts', '    this.#window.setMinimumSize(MIN_SIZE.width, MIN_SIZE.height);\n'), swap('window.ts', 'else if (this.#before === null) this.#makeSmall();', 'else this.#makeSmall();'),
    ],
  },
  {
    title: 'a window that filled the screen gets small, and fills it again',
    probe: async (host) => {
      host.window.isLarge = true;
      host.window.isFull = true;
      expect(await shape(true)).toBe('on-top');
      expect([host.window.isLarge, host.window.isFull, host.window.bounds.width]).toEqual([false, false, 400]);
      expect(await shape(false)).toBe('full');
      expect(host.window.isLarge).toBe(true);
    },
    without: [drop('window.ts', '    if (isMaximized) window.unmaximize();\n'), drop('window.ts', '    if (window.isFullScreen()) window.setFullScreen(false);\n'), drop('window.ts', '    if (isMaximized) this.#window.maximize();\n')],
  },
  {
    title: 'where the desktop keeps no window above others, nothing is claimed',
    probe: async (host) => {
      host.window.canBeOnTop = false;
      expect(await shape(true)).toBe('small');
      expect(await shape(false)).toBe('full');
      host.window.canBeOnTop = true;
      vi.stubEnv('XDG_SESSION_TYPE', 'wayland');
      try {
        expect(await shape(true)).toBe(process.platform === 'linux' ? 'small' : 'on-top');
      } finally {
        vi.unstubAllEnvs();
      }
    },
    without: [swap('window.ts', 'this.#window.isAlwaysOnTop() && ', ''), ...(process.platform === 'linux' ? [swap('window.ts', ' && !isWayland()', '')] : [])],
  },
  {
    title: 'a page that starts anew, after a lock or a crash, has a whole window; a closed one is full',
    probe: async (host) => {
      for (const end of [() => host.emit({ name: 'app.locked', payload: { why: 'idle' } }), () => host.contents.crash('crashed')]) {
        const loads = host.window.loaded.length;
        expect(await shape(true)).toBe('on-top');
        end();
        await back(host, loads + 1);
        expect([host.window.bounds, host.window.isTop]).toEqual([PLACE, false]);
      }
      host.window.destroy();
      expect(await shape(true)).toBe('full');
    },
    without: [drop('window.ts', '    // The next page begins in a whole window.\n    this.#giveBack();\n'), drop('window.ts', "    if (this.#window.isDestroyed()) return 'full';\n")],
  },
];

const bridgeRules: readonly Rule[] = [
  {
    title: 'R18: one channel in, one channel out, on both sides the same',
    probe: async (host) => {
      expect([...host.electron.handlers.keys()]).toEqual([CALL_CHANNEL]);
      expect(state.page?.renderer.eventNames()).toEqual([EVENT_CHANNEL]);
      await host.bridge().call('app.status', {});
      host.emit({ name: 'app.opened', payload: {} });
      expect(host.contents.sent.map(({ channel }) => channel)).toEqual([EVENT_CHANNEL]);
    },
    without: [swap('transport.ts', '    ipcMain.handle(CALL_CHANNEL,', "    ipcMain.handle('holdfast:more', () => null);\n    ipcMain.handle(CALL_CHANNEL,"), swap('preload.ts', 'let lastId = 0;', "let lastId = 0;\nipcRenderer.on('holdfast:more', () => undefined);")],
  },
  {
    title: 'R17: the page gets one frozen object with two functions',
    probe: (host) => {
      const { world } = state.page as NonNullable<typeof state.page>;
      expect(Reflect.ownKeys(world)).toEqual(['holdfast']);
      expect(Object.keys(host.bridge()).sort()).toEqual(['call', 'onEvent', 'pathOf']);
      expect(Object.isFrozen(host.bridge())).toBe(true);
    },
    without: [swap('preload.ts', 'Object.freeze({ call, onEvent, pathOf })', 'Object.freeze({ call, onEvent, pathOf, ipcRenderer: () => undefined })'), swap('preload.ts', 'let lastId = 0;', "let lastId = 0;\ncontextBridge.exposeInMainWorld('more', {});")],
  },
  {
    title: 'R17: a listener of the page gets the event of core and nothing of Electron',
    probe: async (host) => {
      const heard: unknown[][] = [];
      (host.bridge() as { onEvent(listener: (...args: unknown[]) => void): () => void }).onEvent((...args) => { heard.push(args); });
      await host.bridge().call('app.status', {});
      host.emit({ name: 'ledger.appended', payload: { seq: 1 } });
      await vi.waitFor(() => expect(heard).toHaveLength(1));
      expect(heard).toEqual([[{ name: 'ledger.appended', payload: { seq: 1 } }]]);
    },
    without: [swap('preload.ts', 'for (const listener of listeners) tell(listener, event);', 'for (const listener of listeners) tell(listener, _event);')],
  },
  {
    title: 'R17: a subscription that was ended hears nothing more, the others do',
    probe: async (host) => {
      const [first, second]: [unknown[], unknown[]] = [[], []];
      const bridge: Bridge = host.bridge();
      const end = bridge.onEvent((event) => { first.push(event); });
      bridge.onEvent((event) => { second.push(event); });
      await bridge.call('app.status', {});
      end();
      host.emit({ name: 'app.opened', payload: {} });
      await vi.waitFor(() => expect(second).toHaveLength(1));
      expect(first).toEqual([]);
    },
    without: [swap('preload.ts', 'listeners.delete(own);', '')],
  },
];

type Stranger = (contents: FakeContents) => unknown;

function senderRule(title: string, stranger: Stranger, line: string): Rule {
  return {
    title: `R19: ${title} is refused`,
    probe: async (host) => {
      const handler = host.electron.handlers.get(CALL_CHANNEL) as (event: unknown, text: string) => Promise<string>;
      // A transport that crashes over a stranger does not refuse it.
      const answer = JSON.parse(await handler(stranger(host.contents), '{"id":1,"name":"app.status","input":{}}')) as unknown;
      expect(answer).toMatchObject({ envelope: { ok: false, error: { code: 'caller_refused' } } });
      expect(host.core.seen).toEqual([]);
    },
    without: [drop('transport.ts', line)],
  };
}

const senderRules: readonly Rule[] = [
  senderRule('another window', ({ mainFrame }) => ({ sender: {}, senderFrame: mainFrame }), "    if (event.sender !== contents) return 'another window';\n"),
  senderRule('a frame inside the page', (contents) => ({ sender: contents, senderFrame: { ...contents.mainFrame, frameToken: 'child', parent: contents.mainFrame } }), "    if (frame.frameToken !== contents.mainFrame.frameToken || frame.processId !== contents.mainFrame.processId) return 'a frame inside the page';\n"),
  senderRule('another origin in the main frame', (contents) => ({ sender: contents, senderFrame: { ...contents.mainFrame, origin: 'app://bundle.example' } }), "    if (frame.origin !== ORIGIN) return 'another origin';\n"),
  { ...senderRule('a frame that is gone', (contents) => ({ sender: contents, senderFrame: null }), ''), without: [swap('transport.ts', "    if (frame === null) return 'a frame that is gone';\n", '    if (frame === null) return null;\n')] },
  { ...senderRule('a frame that goes while it is looked at', (contents) => ({ sender: contents, senderFrame: { get frameToken(): string { throw new Error('Render frame was disposed'); } } }), ''), without: [swap('transport.ts', "    // Electron throws for a frame that went while it was looked at.\n    return 'a frame that is gone';\n", '    return null;\n')] },
];

export const RUNNING_RULES: readonly Rule[] = [...lifeRules, ...shapeRules, ...bridgeRules, ...senderRules];
