// Owns one run of the program in a Chromium window: app, window, sample and summons live and end together.
import type { AppEvent } from '#shared/contract.ts';
import type { App } from '#core/app.ts';
import { openKeychain } from '#core/credentials/keychain.ts';
import { readProfileHolder } from '#core/db/profile-lock.ts';
import type { Log, Ports } from '#core/ports.ts';
import { openLogFile } from '#core/profile/log-file.ts';
import { passphraseFromFile } from '#core/profile/passphrase-file.ts';
import { summonWindow, watchForSummons } from '#core/profile/summon.ts';
import { actorName, forbidCoreDumps, programVersion, systemClock } from '#core/profile/surroundings.ts';
import type { Browser } from './browser.ts';
import { PageClipboard } from './clipboard.ts';
import { sampleProcess } from './sample.ts';
import type { StartOptions } from './start.ts';
import { openWindow } from './window.ts';
import type { ConsoleWindow } from './window.ts';

export interface Chromium {
  /** The one that is starting already; null where it had to wait for the profile. */
  readonly early: Browser | null;
  launch(): Browser;
}

const EXIT_DONE = 0;
const EXIT_REFUSED = 3;

/** What `start` promises, with the Chromium that it has started or not. */
export async function openHost(options: StartOptions, chromium: Chromium): Promise<number> {
  const { args, files, programDir, say } = options;
  const log = openLogFile({ profileDir: args.profileDir, clock: systemClock });
  if (!forbidCoreDumps()) log.info('core dumps could not be forbidden for this process');
  const sample = sampleProcess(programDir);
  const clipboard = new PageClipboard();
  let shown: Promise<ConsoleWindow> | null = null;
  const ports: Ports = {
    host: 'chromium', clock: systemClock, log, actor: actorName(), clipboard, sample,
    // The page may ask before its window is known to stand.
    window: { shape: async (wanted) => (await shown)?.shape(wanted) ?? 'full' },
    paths: { profileDir: args.profileDir, programDir },
    keychain: (service) => openKeychain(service),
  };
  const opening = openApp(options, ports);
  const show = (browser: Browser): Promise<ConsoleWindow> => shown = openWindow({
    browser, files, log, clipboard, monotonicMs: systemClock.monotonicMs,
    // The page may ask before the profile is open: it is answered then.
    door: async (name, input, context) => (await opening ?? await unanswered()).dispatchUnknown(name, input, context),
  });
  const showing = chromium.early === null ? null : show(chromium.early);
  // Looked at below; until then a window that did not open is nobody's surprise.
  showing?.catch(() => undefined);
  const app = await opening;
  if (app === null) {
    await chromium.early?.close();
    return giveWay(args.profileDir, say);
  }
  const browser = chromium.early ?? chromium.launch();
  browser.removeLeftovers();
  try {
    return await serve(options, { app, log, showing: showing ?? show(browser) });
  } finally {
    sample.stop();
  }
}

/** For a page whose Chromium is being ended. */
function unanswered(): Promise<never> {
  return new Promise(() => undefined);
}

/** The open app; null when another process holds the profile. */
async function openApp({ args, programDir }: StartOptions, ports: Ports): Promise<App | null> {
  // Not before the window has been asked for: core takes as long to load as Chromium to start.
  const { createApp } = await import('#core/app.ts');
  const app = await createApp(ports, { version: programVersion(programDir), secrets: { store: args.store, passphrase: passphraseFromFile(process.env) } });
  const status = await app.dispatch('app.status', {});
  if (!status.ok || status.value.problem?.code !== 'profile_in_use') return app;
  await app.close();
  return null;
}

async function giveWay(profileDir: string, say: (text: string) => void): Promise<number> {
  if (await summonWindow(profileDir)) {
    say('Holdfast is already open for this profile: its window was brought to the front.');
    return EXIT_DONE;
  }
  const holder = readProfileHolder(profileDir);
  say(`Another Holdfast holds this profile${holder === null ? '' : ` (${holder.host}, process ${holder.pid})`}, and it has no window that answers. Nothing was changed. Wait for it to end, or name another directory with --profile.`);
  return EXIT_REFUSED;
}

async function serve({ args, say }: StartOptions, { app, log, showing }: { app: App; log: Log; showing: Promise<ConsoleWindow> }): Promise<number> {
  if (process.platform === 'linux' && process.getuid?.() === 0) say('Running as root: Chromium starts without its sandbox (--no-sandbox). Use an account of your own for real work.');
  const { profileDir } = args;
  let window: ConsoleWindow;
  // What happens while the window opens is told to it as soon as it can hear.
  const early: AppEvent[] = [];
  const stopGathering = app.onEvent((event) => early.push(event));
  try {
    window = await showing;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    log.error('the window did not open', { cause: error.stack });
    say(error.message);
    await app.close();
    return EXIT_REFUSED;
  }
  stopGathering();
  const stopListening = connect({ app, window, log, early });
  // Before the first summons is answered: who sees the answer may ask for the end.
  const asked = askedToEnd();
  const stopWatching = watchForSummons(profileDir, () => {
    app.summoned();
    window.front().catch((error: unknown) => log.error('the window could not be brought to the front', { cause: String(error) }));
  });
  await Promise.race([window.closed, asked]);
  stopWatching();
  stopListening();
  // In this order: the app takes back what it put on the clipboard, and needs Chromium for it.
  await app.close();
  await window.close();
  return EXIT_DONE;
}

/** Ctrl-C, a logout or a service manager. */
function askedToEnd(): Promise<void> {
  return new Promise((settle) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => settle());
  });
}

/** Events go to the page; after a lock the page starts anew, so that nothing readable stays in it (R33). */
function connect({ app, window, log, early }: { app: App; window: ConsoleWindow; log: Log; early: readonly AppEvent[] }): () => void {
  const pass = (event: AppEvent): void => {
    window.tell(event);
    if (event.name === 'app.locked') window.reload().catch((error: unknown) => log.error('the window could not be reloaded after a lock', { cause: String(error) }));
  };
  for (const event of early) pass(event);
  return app.onEvent(pass);
}
