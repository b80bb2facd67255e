// Every rule of the Electron host holds, and every check of it is shown to fail once its line is taken out of the source.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import type { Ports } from '#core/ports.ts';
import { changedHost, fakeApp, HOST_FOLDER, startElectronHost } from './electron-host.ts';
import type { RunningHost } from './electron-host.ts';
import { RUNNING_RULES } from './electron-rules-running.ts';
import { SURFACE_RULES } from './electron-rules-surface.ts';

vi.mock('electron', async () => (await import('./fake-electron.ts')).electronModule);
vi.mock('#core/app.ts', () => ({ createApp: (ports: Ports) => { fakeApp.ports = ports; return Promise.resolve(fakeApp.current?.()); } }));

const RULES = [...SURFACE_RULES, ...RUNNING_RULES];

// A probe of a changed host waits for what does not come.
vi.setConfig({ testTimeout: 30_000 });
const cleanUps: (() => void | Promise<void>)[] = [];
afterEach(async () => { for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp(); });
afterAll(() => vi.restoreAllMocks());

async function start(options: Parameters<typeof startElectronHost>[0]): Promise<RunningHost> {
  const host = await startElectronHost(options);
  cleanUps.push(() => host.stop());
  return host;
}

/** What a probe says against a host that did start; null when it finds nothing. */
async function objection(probe: () => Promise<void> | void, limitMs = 2000): Promise<string | null> {
  const limit = new Promise<string>((settle) => setTimeout(() => settle('the probe waits for what does not come'), limitMs).unref());
  const verdict = (async () => { await probe(); return null; })();
  return Promise.race([verdict.catch((error: unknown) => String(error)), limit]);
}

describe('the rules of the Electron host', () => {
  for (const rule of RULES) {
    it(`${rule.title}`, async () => {
      const host = await start(rule.start ?? {});
      expect(await objection(() => rule.probe(host), 20_000)).toBeNull();
    });
  }
});

describe('a host without the rule is found out', () => {
  for (const rule of RULES) {
    for (const change of rule.without) {
      const what = (change.to === '' ? `without ${change.from.trim().split('\n')[0]}` : `with ${change.to.trim().split('\n')[0]}`).slice(0, 110);
      it(`${rule.title} — ${change.file} ${what}`, async () => {
        const copy = changedHost(change);
        cleanUps.push(copy.remove);
        // It must start: a copy that is broken proves nothing about the probe.
        const host = await start({ ...rule.start, folder: copy.folder });
        expect(host.electron.exits, host.said.join('')).toEqual([]);
        expect(await objection(() => rule.probe(host))).not.toBeNull();
      });
    }
  }

  it('a copy without any change passes every probe, so that what fails above fails for its change', async () => {
    const copy = changedHost({ file: 'window.ts', from: "title: 'Holdfast',\n    width", to: "title: 'Holdfast',\n    width" });
    cleanUps.push(copy.remove);
    for (const rule of RULES) {
      const host = await startElectronHost({ ...rule.start, folder: copy.folder });
      try {
        expect(await objection(() => rule.probe(host)), rule.title).toBeNull();
      } finally {
        await host.stop();
      }
    }
  });
});

const sources = readdirSync(HOST_FOLDER).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts')).map((name) => ({ name, text: readFileSync(join(HOST_FOLDER, name), 'utf8') }));
const MAKES_A_VIEW = /new\s+(?:\w+\.)?(?:BrowserWindow|BaseWindow|WebContentsView|BrowserView|View)\s*\(/g;
/** Parts of Electron that this program has no use for; each would open a way around the rules above. */
const UNUSED_PARTS = /\b(crashReporter|autoUpdater|shell|desktopCapturer|globalShortcut|webFrameMain|inAppPurchase|pushNotifications|ipcMain\.on\b|sendSync|executeJavaScript|registerPreloadScript|setAsDefaultProtocolClient|openDevTools|enableRemoteModule)\b/;

describe('the source of the Electron host', () => {
  it('R1: windows are made in one place', () => {
    const makers = sources.flatMap(({ name, text }) => [...text.matchAll(MAKES_A_VIEW)].map(() => name));
    expect(makers).toEqual(['window.ts']);
    expect('const other = new electron.WebContentsView();'.match(MAKES_A_VIEW)).not.toBeNull();
  });

  it('the crash reporter and other parts that are not needed are not used', () => {
    for (const { name, text } of sources) expect(UNUSED_PARTS.exec(text.replaceAll(/\/\/.*|\/\*[^]*?\*\//g, ''))?.[0], name).toBeUndefined();
    expect(UNUSED_PARTS.test('crashReporter.start({})')).toBe(true);
    expect(UNUSED_PARTS.test('shell.openExternal(url)')).toBe(true);
  });
});
