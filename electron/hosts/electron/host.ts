// One run of the program in an Electron window: app, window, sample and summons live and end together.
import { join } from 'node:path';
import { app as electronApp, powerMonitor } from 'electron';
import { createApp } from '#core/app.ts';
import type { App } from '#core/app.ts';
import { readPageFiles } from '#core/bridge/page-files.ts';
import { openKeychain } from '#core/credentials/keychain.ts';
import { readProfileHolder } from '#core/db/profile-lock.ts';
import type { Log, Ports } from '#core/ports.ts';
import { openLogFile } from '#core/profile/log-file.ts';
import { passphraseFromFile } from '#core/profile/passphrase-file.ts';
import { summonWindow, watchForSummons } from '#core/profile/summon.ts';
import { actorName, forbidCoreDumps, programVersion, systemClock } from '#core/profile/surroundings.ts';
import type { WindowArguments } from './arguments.ts';
import { systemClipboard } from './clipboard.ts';
import { sampleProcess } from './sample.ts';
import { createWindow } from './window.ts';
import type { ConsoleWindow } from './window.ts';

export interface HostOptions {
  readonly args: WindowArguments;
  readonly log: Log;
  readonly isRelease: boolean;
  /** Where package.json and out/ lie: the archive of a packaged program, or the checkout. */
  readonly programDir: string;
  /** Where the sample lies: extra resources are beside the archive. */
  readonly sampleDir: string;
  /** Says something to whoever started the program. */
  readonly say: (text: string) => void;
}

export const EXIT_DONE = 0;
export const EXIT_REFUSED = 3;

/** The log of the profile. */
export function openHostLog(profileDir: string): Log {
  return openLogFile({ profileDir, clock: systemClock });
}

/**
 * Opens the profile and the window, and serves until the window is closed or the process is asked to end. Electron must be ready.
 * @returns exit code: 0 at the end, or when the window of an earlier start came to the front; 3 when the profile or the page cannot be used
 */
export async function openHost(options: HostOptions): Promise<number> {
  const { args, log, programDir, sampleDir, say } = options;
  const files = await readPageFiles(join(programDir, 'out', 'renderer'));
  if (files === null) {
    say('The page of the window is not built yet. Run npm start: it builds what is missing.');
    return EXIT_REFUSED;
  }
  if (!forbidCoreDumps()) log.info('core dumps could not be forbidden for this process');
  const sample = sampleProcess(join(sampleDir, 'navi.mjs'));
  let window: ConsoleWindow | null = null;
  const ports: Ports = {
    host: 'electron', clock: systemClock, log, actor: actorName(), clipboard: systemClipboard, sample, window: { shape: ({ compact }) => Promise.resolve(window?.shape(compact) ?? 'full') },
    paths: { profileDir: args.profileDir, programDir },
    keychain: (service) => openKeychain(service),
  };
  const app = await createApp(ports, { version: programVersion(programDir), secrets: { store: args.store, passphrase: passphraseFromFile(process.env) } });
  try {
    const status = await app.dispatch('app.status', {});
    if (status.ok && status.value.problem?.code === 'profile_in_use') return await giveWay(args.profileDir, say);
    window = createWindow({
      files, log, clock: systemClock, isRelease: options.isRelease, preload: join(programDir, 'out', 'preload', 'preload.cjs'),
      door: (name, input, context) => app.dispatchUnknown(name, input, context),
    });
    await serve(args.profileDir, app, window);
    return EXIT_DONE;
  } finally {
    // In this order: the app takes back what it put on the clipboard.
    await app.close();
    sample.stop();
  }
}

/** Another start of the program has this profile: its window comes to the front instead of ours. */
export async function giveWay(profileDir: string, say: (text: string) => void): Promise<number> {
  if (await summonWindow(profileDir)) {
    say('Holdfast is already open for this profile: its window was brought to the front.');
    return EXIT_DONE;
  }
  const holder = readProfileHolder(profileDir);
  say(`Another Holdfast holds this profile${holder === null ? '' : ` (${holder.host}, process ${holder.pid})`}, and it has no window that answers. Nothing was changed. Wait for it to end, or name another directory with --profile.`);
  return EXIT_REFUSED;
}

async function serve(profileDir: string, app: App, window: ConsoleWindow): Promise<void> {
  const stopListening = app.onEvent((event) => {
    window.tell(event);
    // Nothing readable may stay in the page, nor in the memory of its process (R33).
    if (event.name === 'app.locked') window.renew();
  });
  const stopWatching = watchForSummons(profileDir, () => {
    app.summoned();
    window.front();
  });
  const lock = (): void => void app.lock('system');
  powerMonitor.on('suspend', lock);
  powerMonitor.on('lock-screen', lock);
  const ending = Promise.race([window.closed, askedToEnd()]);
  // Only now: an event between the first call of the page and a listener that comes later would be lost.
  await Promise.race([window.load(), ending]);
  await ending;
  powerMonitor.off('suspend', lock);
  powerMonitor.off('lock-screen', lock);
  stopWatching();
  stopListening();
  window.close();
}

/** The menu's Quit, a logout, Ctrl-C or a service manager. Electron must not end before the profile is closed. */
function askedToEnd(): Promise<void> {
  return new Promise((settle) => {
    electronApp.on('before-quit', (event) => {
      event.preventDefault();
      settle();
    });
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => settle());
  });
}
