// Owns the Chromium process: its private folder, its start, its end. It outlives neither the window nor this program, and leaves no core dump.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { Pipe } from './pipe.ts';
import { chromiumSwitches, PREFERENCES } from './switches.ts';

export interface BrowserOptions {
  readonly binary: string;
  /** Folder of the profile for window data; each start gets a folder of its own in it, removed at the end. */
  readonly windowDir: string;
  readonly isHeadless: boolean;
  readonly hasDebugPort: boolean;
}

export interface Browser {
  readonly pid: number;
  readonly pipe: Pipe;
  readonly userDataDir: string;
  /** Settles when the process has ended and its folder is removed. */
  readonly ended: Promise<{ readonly code: number | null; readonly lastWords: string }>;
  /** Asks it to close, then kills it after the grace time. */
  close(): Promise<void>;
  /** Removes what killed starts left beside its folder. Only for the holder of the profile lock: nobody else's window is open then. */
  removeLeftovers(): void;
}

const GRACE_MS = 3000;
const LAST_WORDS_CHARACTERS = 2000;
/** What a file system says of a folder that cannot be made or changed. */
const UNUSABLE = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'ENOTDIR', 'EEXIST']);

/** Starts Chromium with a debugging pipe on descriptors 3 and 4 and no socket. */
export function startBrowser(options: BrowserOptions): Browser {
  const userDataDir = makeDataFolder(options.windowDir);
  const switches = chromiumSwitches({ userDataDir, isRoot: process.getuid?.() === 0, isHeadless: options.isHeadless, hasDebugPort: options.hasDebugPort });
  const child = launch(options.binary, switches);
  const pipe = new Pipe(child.stdio[3] as Writable, child.stdio[4] as Readable);
  let lastWords = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => { lastWords = (lastWords + withoutNoise(text)).slice(-LAST_WORDS_CHARACTERS); });
  const ended = new Promise<{ code: number | null; lastWords: string }>((settle) => {
    const finish = (code: number | null): void => {
      removeFolder(userDataDir);
      settle({ code, lastWords });
    };
    child.once('error', (error) => { lastWords += error.message; finish(null); });
    child.once('exit', finish);
  });
  const close = async (): Promise<void> => {
    // It may end before it answers.
    void pipe.send('Browser.close').catch(() => undefined);
    const timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    await ended;
    clearTimeout(timer);
  };
  return { pid: child.pid ?? 0, pipe, userDataDir, ended, close, removeLeftovers: () => removeOthers(options.windowDir, userDataDir) };
}

function launch(binary: string, switches: readonly string[]): ChildProcess {
  const stdio = ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'] as const;
  // What is meant for us (a passphrase file, a test switch) is not Chromium's business.
  const env = { ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('HOLDFAST_'))), ...namesInUtf8(process.env) };
  if (process.platform === 'win32') return spawn(binary, switches, { stdio: [...stdio], env });
  // Memory of the page may hold a decrypted payload: no core file may ever be written. exec keeps pid and descriptors.
  return spawn('/bin/sh', ['-c', 'ulimit -c 0; exec "$0" "$@"', binary, ...switches], { stdio: [...stdio], env });
}

/** In a locale without UTF-8 Chromium loses every picked file whose name goes beyond ASCII; Node does not. */
export function namesInUtf8(env: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  const [decisive = ''] = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].filter((value) => value !== undefined && value !== '');
  return process.platform !== 'linux' || /utf-?8/i.test(decisive) ? {} : { LC_ALL: 'C.UTF-8' };
}

/** Without a system bus Chromium complains dozens of times and works all the same. */
function withoutNoise(text: string): string {
  return text.split('\n').filter((line) => !line.includes(':ERROR:dbus/')).join('\n');
}

/** A new folder for one start. Where the profile cannot be written (read-only, full), a temporary one: the window must still open to say so. */
function makeDataFolder(windowDir: string): string {
  let folder: string;
  try {
    mkdirSync(windowDir, { recursive: true, mode: 0o700 });
    folder = mkdtempSync(join(windowDir, `${process.pid}-`));
  } catch (error) {
    if (!UNUSABLE.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    folder = mkdtempSync(join(tmpdir(), 'holdfast-window-'));
  }
  mkdirSync(join(folder, 'Default'), { mode: 0o700 });
  writeFileSync(join(folder, 'Default', 'Preferences'), JSON.stringify(PREFERENCES), { mode: 0o600 });
  return folder;
}

function removeOthers(windowDir: string, own: string): void {
  try {
    for (const name of readdirSync(windowDir)) if (join(windowDir, name) !== own) removeFolder(join(windowDir, name));
  } catch (error) {
    if (!UNUSABLE.has((error as NodeJS.ErrnoException).code ?? '') && (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function removeFolder(path: string): void {
  // A helper process of Chromium may write its last file while we remove; the next start removes what stays.
  try {
    rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  } catch (error) {
    if (!['ENOTEMPTY', 'EBUSY', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
