// Starts the real Electron host (main.ts and preload.ts) over the stand-in for Electron, from its own folder or from a changed copy of it.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';
import type { AppEvent, Envelope } from '#shared/contract.ts';
import type { App } from '#core/app.ts';
import type { Ports } from '#core/ports.ts';
import { temporaryFolder } from '../support/ports.ts';
import { resetElectron, state } from './fake-electron.ts';
import type { FakeContents, FakePage, FakeState, FakeWindow } from './fake-electron.ts';
import { createFakeCore } from './transport.ts';
import type { FakeCore } from './transport.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
export const HOST_FOLDER = join(root, 'electron', 'hosts', 'electron');
/** Inside the tree, so that `#core/…` means the same there; out/ is nobody's source. */
const COPIES = join(root, 'out', '.changed-hosts');

export interface StartOptions {
  /** Folder of the host's sources. */
  readonly folder?: string;
  readonly words?: readonly string[];
  /** Where secrets live, in the profile that is made for this start. */
  readonly secrets?: 'memory';
  readonly isPackaged?: boolean;
  readonly isFirstInstance?: boolean;
  readonly problemCode?: string;
}

export interface RunningHost {
  readonly electron: FakeState;
  readonly core: FakeCore;
  readonly profileDir: string;
  readonly window: FakeWindow;
  readonly contents: FakeContents;
  readonly locks: string[];
  summons: number;
  /** What the host said on stderr. */
  readonly said: string[];
  emit(event: AppEvent): void;
  bridge(): Bridge;
  /** Settles with the exit code. */
  readonly exited: Promise<number>;
  stop(): Promise<void>;
}

export interface Bridge {
  call(name: string, input: unknown): Promise<Envelope>;
  onEvent(listener: (event: AppEvent) => void): () => void;
}

/** The app that the host's `createApp` makes: a core whose answers come from the contract. Set for each start. */
export const fakeApp: { current: (() => App) | null; /** What the host supplied to it. */ ports: Ports | null } = { current: null, ports: null };

let starts = 0;

/** Runs main.ts; the window is open when this settles, or the host has ended without one. */
export async function startElectronHost(options: StartOptions = {}): Promise<RunningHost> {
  const folder = options.folder ?? HOST_FOLDER;
  const temporary = temporaryFolder('electron-host');
  const programDir = join(temporary.path, 'program');
  writeProgram(programDir);
  const profileDir = join(temporary.path, 'profile');
  const core = createFakeCore();
  const listeners = new Set<(event: AppEvent) => void>();
  const locks: string[] = [];
  starts += 1;
  const mark = `?start=${starts}`;
  const electron = resetElectron({
    isPackaged: options.isPackaged ?? true, appPath: programDir, isFirstInstance: options.isFirstInstance ?? true,
    runPreload: (page) => runPreload(folder, page),
  });
  const said: string[] = [];
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => { said.push(String(text)); return true; });
  const argv = process.argv;
  const display = process.env['DISPLAY'];
  process.env['DISPLAY'] ??= ':77';
  (process as { resourcesPath?: string }).resourcesPath = programDir;
  process.argv = options.isPackaged === false ? ['electron', programDir, ...words(options, profileDir)] : ['holdfast', ...words(options, profileDir)];
  const host = {
    electron, core, profileDir, locks, said, summons: 0,
    get window() { return electron.windows[0] as FakeWindow; },
    get contents() { return (electron.windows[0] as FakeWindow).webContents; },
    emit: (event: AppEvent) => { for (const listener of listeners) listener(event); },
    bridge: () => (electron.page as FakePage).world['holdfast'] as Bridge,
    exited: new Promise<number>((settle) => { electron.app.once('exited', settle); }),
    async stop() {
      if (electron.exits.length === 0) {
        for (const window of electron.windows) window.destroy();
        electron.app.emit('before-quit', { preventDefault: () => undefined });
        await Promise.race([host.exited, new Promise((settle) => setTimeout(settle, 2000).unref())]);
      }
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(signal);
      temporary.remove();
    },
  } satisfies RunningHost;
  fakeApp.current = () => ({
    dispatch: (name, input, context) => options.problemCode !== undefined && name === 'app.status'
      ? Promise.resolve({ ok: true, value: { problem: { code: options.problemCode } } } as never) : core.dispatcher.dispatch(name, input, context),
    dispatchUnknown: (name, input, context) => core.dispatcher.dispatchUnknown(name, input, context),
    onEvent: (listener) => { listeners.add(listener); return () => listeners.delete(listener); },
    lock: (why) => { locks.push(why); return Promise.resolve(); },
    summoned: () => { host.summons += 1; },
    close: () => Promise.resolve(),
  });
  try {
    await import(/* @vite-ignore */ `${join(folder, 'main.ts')}${mark}`);
    await vi.waitFor(() => { if (electron.exits.length === 0 && electron.windows[0]?.shown.includes('show') !== true) throw new Error(`no window yet; the host said: ${said.join('')}`); }, { timeout: 5000, interval: 2 });
  } finally {
    process.argv = argv;
    if (display === undefined) delete process.env['DISPLAY'];
    stderr.mockRestore();
  }
  // What it asked of core on its way up is its own business.
  core.seen.splice(0);
  return host;
}

function words(options: StartOptions, profileDir: string): readonly string[] {
  return options.words ?? ['--profile', profileDir, ...(options.secrets === undefined ? [] : ['--secrets', options.secrets])];
}

/** The built page in its smallest form. */
function writeProgram(programDir: string): void {
  mkdirSync(join(programDir, 'out', 'renderer', 'assets'), { recursive: true });
  writeFileSync(join(programDir, 'package.json'), JSON.stringify({ version: '9.8.7' }));
  writeFileSync(join(programDir, 'out', 'renderer', 'index.html'), '<!doctype html><title>Holdfast</title>');
  writeFileSync(join(programDir, 'out', 'renderer', 'assets', 'index.js'), 'export {};');
}

let pages = 0;

async function runPreload(folder: string, page: FakePage): Promise<void> {
  pages += 1;
  // The preload's own world: a window that is its own top, at the address of the page.
  const world = { protocol: 'app:', host: 'bundle' };
  vi.stubGlobal('location', world);
  const window: Record<string, unknown> = {};
  window['top'] = window;
  vi.stubGlobal('window', window);
  try {
    await import(/* @vite-ignore */ `${join(folder, 'preload.ts')}?page=${pages}`);
  } finally {
    vi.unstubAllGlobals();
  }
  if (state.page !== page) throw new Error('the page changed while its preload ran');
}

export interface Change {
  readonly file: string;
  /** Must stand in the file exactly once. */
  readonly from: string;
  readonly to: string;
}

/** A copy of the host with one change. The caller removes it. */
export function changedHost({ file, from, to }: Change): { readonly folder: string; remove(): void } {
  mkdirSync(COPIES, { recursive: true });
  const folder = mkdtempSync(join(COPIES, 'host-'));
  cpSync(HOST_FOLDER, folder, { recursive: true });
  const path = join(folder, file);
  const text = readFileSync(path, 'utf8');
  const places = text.split(from).length - 1;
  if (places !== 1) throw new Error(`${file} holds this ${places} times, not once: ${from}`);
  writeFileSync(path, text.replace(from, () => to));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
