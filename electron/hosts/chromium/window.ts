// Owns the one window: opens it on our page, keeps it there, brings it back after a crash, and ends with it. It lets the page go nowhere else.
import { setTimeout as pause } from 'node:timers/promises';
import type { AppEvent } from '#shared/contract.ts';
import type { WindowShape } from '#shared/contract/app.ts';
import { Allowance } from '#core/bridge/allowance.ts';
import type { Door } from '#core/bridge/connection.ts';
import type { PageFiles } from '#core/bridge/page-files.ts';
import type { Log } from '#core/ports.ts';
import type { Browser } from './browser.ts';
import type { PageClipboard } from './clipboard.ts';
import { HOME, ORIGIN, servePage, STOPPED, withStoppedPage } from './page-server.ts';
import { ChromiumGone, CommandRefused } from './pipe.ts';
import type { Fields, PipeEvent } from './pipe.ts';
import { Targets } from './targets.ts';
import type { PageTarget } from './targets.ts';
import { Transport } from './transport.ts';

export interface WindowOptions {
  /** Just started: nobody has spoken to it. It is ended when the window does not open. */
  readonly browser: Browser;
  readonly files: PageFiles;
  readonly door: Door;
  readonly log: Log;
  readonly monotonicMs: () => number;
  readonly clipboard: PageClipboard;
}

/** Crashes, and attempts to leave, that are mended without a word; beyond that the window says so. */
const MENDING = { burst: 3, perSecond: 1 / 20 };
const OPEN_LIMIT_MS = 20_000;
const LEAVE_LIMIT_MS = 1000;
const COMPACT_SIZE = { width: 400, height: 600 };

/** Opens the window and loads the page. @throws Error with Chromium's last words when it does not come up */
export async function openWindow(options: WindowOptions): Promise<ConsoleWindow> {
  const { browser } = options;
  const died = browser.ended.then(({ lastWords }) => { throw new Error(`Chromium did not open a window. ${lastWords}`.trim()); });
  const timer = setTimeout(() => void browser.close(), OPEN_LIMIT_MS);
  try {
    return await Promise.race([setUp(options), died]);
  } catch (error) {
    // The process says more about its end than the pipe does.
    if (error instanceof ChromiumGone) await died;
    await browser.close();
    throw error;
  } finally {
    clearTimeout(timer);
    died.catch(() => undefined);
  }
}

async function setUp(options: WindowOptions): Promise<ConsoleWindow> {
  const { pipe } = options.browser;
  const targets = new Targets(pipe, options.log);
  const page = await targets.takePage();
  const window = new ConsoleWindow(page, options);
  // Asked for at once, so that Chromium prepares for the page meanwhile; the first byte of it is held until everything stands.
  await Promise.all([window.secure(targets), window.goHome()]);
  // Nobody copies before there is something to see.
  await options.clipboard.attach(pipe, targets);
  return window;
}

export class ConsoleWindow {
  readonly transport: Transport;
  readonly #browser: Browser;
  readonly #page: PageTarget;
  readonly #options: WindowOptions;
  readonly #mending: Allowance;
  /** True from the moment our page is shown; false while we load it or have left it ourselves. */
  #isHome = false;
  #arrivals: (() => void)[] = [];
  #targets: Targets | null = null;
  /** The window that the page floats over others; null: none. */
  #floatingId: string | null = null;
  /** Where the window was before it became small. */
  #before: Fields | null = null;
  #settleClosed: () => void = () => undefined;
  readonly #closed = new Promise<void>((settle) => { this.#settleClosed = settle; });

  constructor(page: PageTarget, options: WindowOptions) {
    const { browser } = options;
    this.#browser = browser;
    this.#page = page;
    this.#options = options;
    this.#mending = new Allowance(MENDING, options.monotonicMs());
    const { door, log, monotonicMs } = options;
    this.transport = new Transport({ pipe: browser.pipe, sessionId: page.sessionId, mainFrameId: page.targetId, origin: ORIGIN, door, log, monotonicMs });
    browser.pipe.onEvent((event) => this.#hear(event));
    void browser.ended.then(() => this.#settleClosed());
  }

  get browserPid(): number {
    return this.#browser.pid;
  }

  /** Settles when the admin closed the window, or Chromium ended. What else is open of it stays until `close`. */
  get closed(): Promise<void> {
    return this.#closed;
  }

  /** Sends everything that must stand before the first byte of the page is loaded; the page server holds that byte until all of it is confirmed. */
  async secure(targets: Targets): Promise<void> {
    const { pipe } = this.#browser;
    this.#targets = targets;
    const guards = Promise.all([
      targets.holdPartsOf(this.#page),
      this.#send('Page.enable'),
      this.#send('Inspector.enable'),
      this.#send('Network.enable'),
      this.#send('Network.setCacheDisabled', { cacheDisabled: true }),
      pipe.send('Browser.setDownloadBehavior', { behavior: 'deny' }),
      this.#send('Page.setDownloadBehavior', { behavior: 'deny' }),
      this.transport.install(),
    ]);
    const { targetId: mainFrameId, sessionId } = this.#page;
    await Promise.all([guards, servePage({ pipe, sessionId, mainFrameId, files: withStoppedPage(this.#options.files), guards })]);
  }

  /** Loads our page, whatever is shown now. Settles when it has replaced what was there. */
  async goHome(): Promise<void> {
    const arrived = new Promise<void>((settle) => { this.#arrivals.push(settle); });
    await this.#send('Page.navigate', { url: HOME });
    await Promise.race([arrived, this.#browser.ended]);
  }

  /**
   * Starts the page anew and lets go of everything it held: the old document leaves for another process first, so that its heap goes as well,
   * and no history entry leads back.
   */
  async reload(): Promise<void> {
    this.#isHome = false;
    this.transport.lost();
    await this.#giveBack();
    const before = await this.#renderers();
    await this.#send('Page.navigate', { url: 'data:text/html,<title>Holdfast</title><style>html{color-scheme:light dark}</style>' });
    await this.#untilGone(before);
    await this.goHome();
    await this.#send('Page.resetNavigationHistory');
  }

  /** Going home at once would give the new page the old one's process. Of those before, the clipboard's may stay. */
  async #untilGone(before: ReadonlySet<unknown>): Promise<void> {
    for (let waitedMs = 0; waitedMs < LEAVE_LIMIT_MS; waitedMs += 20) {
      const left = await this.#renderers();
      if ([...before].filter((id) => left.has(id)).length <= 1) return;
      await pause(20);
    }
    this.#options.log.error('the process of the page did not end in time; its memory is freed later');
  }

  /** Process ids of the browser's pages. */
  async #renderers(): Promise<ReadonlySet<unknown>> {
    const { processInfo } = await this.#browser.pipe.send('SystemInfo.getProcessInfo');
    return new Set((processInfo as Fields[]).filter((info) => info['type'] === 'renderer').map((info) => info['id']));
  }

  /** Brings the window to the front, also out of the task bar. */
  async front(): Promise<void> {
    const { pipe } = this.#browser;
    const { windowId, bounds } = await pipe.send('Browser.getWindowForTarget', { targetId: this.#page.targetId });
    if ((bounds as Fields)['windowState'] === 'minimized') await pipe.send('Browser.setWindowBounds', { windowId, bounds: { windowState: 'normal' } });
    await this.#send('Page.bringToFront');
  }

  /**
   * Small, or back to its place. Chromium keeps no window of ours above others; a page that can float one of its own is allowed to, once.
   */
  async shape({ compact, canFloat }: { readonly compact: boolean; readonly canFloat: boolean }): Promise<WindowShape> {
    if (!compact) await this.#giveBack();
    else if (canFloat && this.#targets !== null) {
      this.#targets.allowFloating(this.#page, (target) => this.#holdFloating(target));
      return 'page';
    } else if (this.#before === null) await this.#makeSmall();
    return this.#before === null ? 'full' : 'small';
  }

  tell(event: AppEvent): void {
    this.transport.tell(event);
  }

  /** Ends Chromium. */
  close(): Promise<void> {
    return this.#browser.close();
  }

  /** It gets files of ours and nothing else, goes nowhere, and has no bridge: the page that opened it draws in it. */
  async #holdFloating(target: PageTarget): Promise<void> {
    const { pipe } = this.#browser;
    const { sessionId } = target;
    this.#floatingId = target.targetId;
    const guards = Promise.all([
      this.#targets?.holdPartsOf(target),
      pipe.send('Page.enable', {}, sessionId),
      pipe.send('Network.enable', {}, sessionId),
      pipe.send('Network.setCacheDisabled', { cacheDisabled: true }, sessionId),
      pipe.send('Page.setDownloadBehavior', { behavior: 'deny' }, sessionId),
    ]);
    // No frame of it is the main frame: every navigation is refused.
    await Promise.all([guards, servePage({ pipe, sessionId, mainFrameId: '', files: this.#options.files, guards })]);
  }

  async #makeSmall(): Promise<void> {
    const { pipe } = this.#browser;
    const { windowId, bounds } = await pipe.send('Browser.getWindowForTarget', { targetId: this.#page.targetId });
    const before = bounds as Fields;
    // Bounds can be set of a window in its normal state only.
    if (before['windowState'] !== 'normal') await pipe.send('Browser.setWindowBounds', { windowId, bounds: { windowState: 'normal' } });
    await pipe.send('Browser.setWindowBounds', { windowId, bounds: COMPACT_SIZE });
    this.#before = before;
  }

  async #giveBack(): Promise<void> {
    const { pipe } = this.#browser;
    this.#targets?.refuseFloating();
    const [floatingId, before] = [this.#floatingId, this.#before];
    this.#floatingId = null;
    this.#before = null;
    if (floatingId !== null) await pipe.send('Target.closeTarget', { targetId: floatingId }).catch(unlessGone);
    if (before === null) return;
    const { windowId } = await pipe.send('Browser.getWindowForTarget', { targetId: this.#page.targetId });
    const { windowState, ...place } = before;
    await pipe.send('Browser.setWindowBounds', { windowId, bounds: place });
    if (windowState !== 'normal') await pipe.send('Browser.setWindowBounds', { windowId, bounds: { windowState } });
  }

  #send(method: string, params: Fields = {}): Promise<Fields> {
    return this.#browser.pipe.send(method, params, this.#page.sessionId);
  }

  #hear({ method, params, sessionId }: PipeEvent): void {
    if (method === 'Target.targetDestroyed' && params['targetId'] === this.#page.targetId) this.#settleClosed();
    if (method === 'Target.targetDestroyed' && params['targetId'] === this.#floatingId) this.#floatingId = null;
    if (sessionId !== this.#page.sessionId) return;
    if (method === 'Inspector.targetCrashed') this.#mend('the page of the window crashed');
    else if (method === 'Page.frameNavigated') this.#checkPlace(params['frame'] as Fields);
    else if (method === 'Page.domContentEventFired' && this.#isHome) for (const settle of this.#arrivals.splice(0)) settle();
    // No dialog of the page may stop it, nor keep the window from closing.
    else if (method === 'Page.javascriptDialogOpening') this.#try(this.#send('Page.handleJavaScriptDialog', { accept: params['type'] === 'beforeunload' }));
  }

  #checkPlace(frame: Fields): void {
    if (frame['parentId'] !== undefined) return;
    const url = String(frame['url']).split('#', 1)[0];
    if (url === HOME || url === STOPPED) {
      this.#isHome = true;
    } else if (this.#isHome) {
      this.#mend('the window left its page');
    }
  }

  #mend(what: string): void {
    this.transport.lost();
    const isPatient = this.#mending.take(this.#options.monotonicMs());
    this.#options.log.error(what, { next: isPatient ? 'opened again' : 'stopped' });
    this.#try(this.#giveBack());
    this.#try(this.#send('Page.navigate', { url: isPatient ? HOME : STOPPED }));
  }

  /** For what is done because of an event: Chromium may be gone before it answers. */
  #try(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      if (!(error instanceof ChromiumGone || error instanceof CommandRefused)) throw error;
      this.#options.log.error('the window did not do as told', { cause: error.message });
    });
  }
}

/** A window that the admin has just closed cannot be closed again. */
function unlessGone(error: unknown): void {
  if (!(error instanceof CommandRefused)) throw error;
}
