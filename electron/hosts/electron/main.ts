// Entry of the Electron host: closes what could be used against the program before Electron is ready, then opens the window, or runs a command without one.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { app, Menu } from 'electron';
import { readArguments, UsageError } from './arguments.ts';
import type { CommandArguments, WindowArguments } from './arguments.ts';
import { confineChromium } from './confine.ts';
import { guardEverything } from './guards.ts';
import { EXIT_REFUSED, giveWay, openHost, openHostLog } from './host.ts';
import { registerScheme } from './protocol.ts';

const EXIT_BUG = 1;
const EXIT_USAGE = 2;

const isRelease = app.isPackaged;
const programDir = app.getAppPath();
const say = (text: string): void => { process.stderr.write(`${text}\n`); };

app.enableSandbox();
registerScheme();

function readOurArguments(): WindowArguments | CommandArguments | null {
  try {
    return readArguments({ argv: process.argv, env: process.env, cwd: process.cwd(), isRelease, platform: process.platform });
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    say(error.message);
    return null;
  }
}

/**
 * `holdfast audit list …` of a packaged program. Electron cannot be run as a Node there (a fuse), so the command runs in this process,
 * without a window. It is started by path: hosts do not know each other.
 */
async function runCommand({ words }: CommandArguments): Promise<void> {
  // Chromium wants a folder even so; the profile's belongs to the window.
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-command-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  confineChromium(folder);
  const entry = new URL('../cli/bin/main.js', import.meta.url).href;
  process.argv = [process.execPath, entry, ...words];
  await import(/* @vite-ignore */ entry);
}

async function runWindow(args: WindowArguments): Promise<number> {
  // With the launcher's headless platform a window would open that nobody can see.
  if (process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) {
    say('There is no display here (DISPLAY and WAYLAND_DISPLAY are empty), so no window can open. The commands work: holdfast --help lists them.');
    return EXIT_REFUSED;
  }
  const log = openHostLog(args.profileDir);
  guardEverything({ log, isRelease });
  confineChromium(join(args.profileDir, 'window'));
  // The profile's own lock decides who writes; this one keeps a second Chromium out of the folder above before there is a profile lock to ask.
  if (!app.requestSingleInstanceLock()) return giveWay(args.profileDir, say);
  // Whoever listens decides when the program ends; without it Electron would, before the profile is closed.
  app.on('window-all-closed', () => undefined);
  app.on('child-process-gone', (_event, { type, reason, name }) => log.error('a part of Chromium ended', { type, reason, name }));
  await app.whenReady();
  setMenu();
  return openHost({ args, log, isRelease, programDir, sampleDir: isRelease ? join(process.resourcesPath, 'sample') : join(programDir, 'out', 'sample'), say });
}

/** macOS takes copy, paste and quit from the menu; elsewhere there is none, and with it no shortcut for reload or developer tools. */
function setMenu(): void {
  Menu.setApplicationMenu(process.platform === 'darwin' ? Menu.buildFromTemplate([{ role: 'appMenu' }, { role: 'editMenu' }, { role: 'windowMenu' }]) : null);
}

const args = readOurArguments();
const ended = args === null ? Promise.resolve(EXIT_USAGE) : args.kind === 'command' ? runCommand(args) : runWindow(args);
ended.then((code) => { if (code !== undefined) app.exit(code); }, (error: unknown) => {
  say(`Holdfast ended because of a bug: ${error instanceof Error ? error.stack ?? error.message : String(error)}`);
  app.exit(EXIT_BUG);
});
