// Owns where a window can come from, Electron or a Chromium; refuses to try a download twice where the network forbade it.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { requireNode24 } from './node24.mjs';
import { atTheEnd, endTree, start } from './processes.mjs';
import { inTree, root, treeEnvironment } from './tree.mjs';

const electronFolder = inTree('node_modules', 'electron');
/** Inside node_modules: a new `npm ci` forgets the refusal, so that a better network gets its chance. */
const refusalFile = inTree('node_modules', '.cache', 'holdfast', 'electron-refused.json');
/** Nothing arriving for so long means that the network does not allow it. */
const patience = { silenceMs: 10_000, totalMs: 10 * 60_000 };
const sampleMs = 250;

/**
 * Electron's binary, by the same three files that Electron itself trusts.
 * @returns {string | null} absolute path
 */
export function findElectron() {
  try {
    const { version } = JSON.parse(readFileSync(join(electronFolder, 'package.json'), 'utf8'));
    const unpacked = readFileSync(join(electronFolder, 'dist', 'version'), 'utf8').trim().replace(/^v/, '');
    const binary = join(electronFolder, 'dist', readFileSync(join(electronFolder, 'path.txt'), 'utf8').trim());
    return unpacked === version && existsSync(binary) ? binary : null;
  } catch {
    return null;
  }
}

/** @returns {boolean} whether a download of Electron was tried since the last `npm ci` and did not work */
export function wasElectronRefused() {
  return existsSync(refusalFile);
}

/**
 * Fetches Electron's binary with its own installer. Gives up when nothing arrives for ten seconds, and remembers that;
 * a slow network that does deliver is waited for, ten minutes at most.
 * @param {{ silenceMs: number, totalMs: number }} [limits]
 * @returns {Promise<{ isFetched: boolean, reason: string }>}
 */
export async function fetchElectron(limits = patience) {
  const landing = mkdtempSync(join(tmpdir(), 'holdfast-electron-'));
  const clear = () => rmSync(landing, { recursive: true, force: true });
  const keep = atTheEnd(clear);
  const { child, ended } = start({
    command: requireNode24(),
    args: [join(electronFolder, 'install.js')],
    cwd: root,
    // The installer downloads into the temporary directory: in one of its own we see the bytes arrive.
    env: treeEnvironment({ TMPDIR: landing, TEMP: landing, TMP: landing, ELECTRON_GET_NO_PROGRESS: '1' }),
    isCollected: true,
  });
  const watch = stopWhenNothingArrives(child, [landing, join(electronFolder, 'dist')], limits);
  const { output } = await ended;
  const stopped = watch.end();
  clear();
  keep();
  if (findElectron() !== null) return { isFetched: true, reason: '' };
  const firstLine = output.split('\n').find((line) => line.trim() !== '')?.trim() ?? 'no answer';
  const reason = stopped ?? firstLine;
  mkdirSync(dirname(refusalFile), { recursive: true });
  writeFileSync(refusalFile, JSON.stringify({ at: new Date().toISOString(), reason }));
  return { isFetched: false, reason };
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {string[]} folders where bytes arrive
 * @param {{ silenceMs: number, totalMs: number }} limits
 * @returns {{ end: () => string | null }} ends the watch, and says why it stopped the child if it did
 */
function stopWhenNothingArrives(child, folders, { silenceMs, totalMs }) {
  const startedMs = Date.now();
  let arrivedMs = startedMs;
  let bytes = folders.reduce((sum, folder) => sum + sizeOf(folder), 0);
  /** @type {string | null} */
  let stopped = null;
  const timer = setInterval(() => {
    const now = folders.reduce((sum, folder) => sum + sizeOf(folder), 0);
    if (now !== bytes) arrivedMs = Date.now();
    bytes = now;
    if (stopped !== null) return;
    // One sample early, so that the whole wait stays within the limit.
    if (Date.now() - arrivedMs >= silenceMs - sampleMs) stopped = `nothing arrived for ${silenceMs / 1000} s`;
    else if (Date.now() - startedMs >= totalMs) stopped = `not whole after ${totalMs / 1000} s`;
    if (stopped !== null) void endTree(child);
  }, sampleMs);
  return {
    end: () => {
      clearInterval(timer);
      return stopped;
    },
  };
}

/**
 * @param {string} folder
 * @returns {number} bytes of all files below it, 0 where it does not exist
 */
function sizeOf(folder) {
  try {
    return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
      const path = join(folder, entry.name);
      return sum + (entry.isDirectory() ? sizeOf(path) : statSync(path).size);
    }, 0);
  } catch {
    return 0;
  }
}

/**
 * A Chromium for the window. Real binaries come before wrapper scripts, which add switches and output of their own.
 * @returns {string | null} absolute path
 */
export function findChromium() {
  return chromiumPaths().find((path) => existsSync(path) && !isSnapStub(path)) ?? null;
}

/** @returns {string[]} */
function chromiumPaths() {
  if (process.platform === 'darwin') {
    const names = ['Google Chrome', 'Chromium', 'Microsoft Edge'];
    return ['/Applications', join(homedir(), 'Applications')].flatMap((folder) =>
      names.map((name) => join(folder, `${name}.app`, 'Contents', 'MacOS', name)),
    );
  }
  if (process.platform === 'win32') {
    const folders = ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].flatMap((name) => process.env[name] ?? []);
    const places = [['Google', 'Chrome', 'Application', 'chrome.exe'], ['Chromium', 'Application', 'chrome.exe'], ['Microsoft', 'Edge', 'Application', 'msedge.exe']];
    return folders.flatMap((folder) => places.map((place) => join(folder, ...place)));
  }
  return [
    '/usr/lib/chromium/chromium',
    '/usr/lib64/chromium-browser/chromium-browser',
    '/usr/lib/chromium-browser/chromium-browser',
    '/opt/google/chrome/chrome',
    '/usr/bin/chromium',
    '/usr/bin/google-chrome',
    '/usr/bin/chromium-browser',
    '/snap/bin/chromium',
  ];
}

/**
 * Ubuntu ships a script under Chromium's name that only asks for the snap.
 * @param {string} path
 */
function isSnapStub(path) {
  if (!path.startsWith('/usr/bin/') || existsSync('/snap/bin/chromium')) return false;
  const isScript = statSync(path).size < 20_000;
  return isScript && readFileSync(path, 'utf8').includes('/snap/bin/chromium');
}
