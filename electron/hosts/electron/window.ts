// The one place that makes a window. It shows our page and nothing else, comes back after a crash, and lets go of everything when the profile locks.
import { app, BrowserWindow, dialog, nativeTheme, session } from 'electron';
import type { BrowserWindowConstructorOptions, Rectangle, Session } from 'electron';
import type { AppEvent } from '#shared/contract.ts';
import type { WindowShape } from '#shared/contract/app.ts';
import { Allowance } from '#core/bridge/allowance.ts';
import type { Door } from '#core/bridge/connection.ts';
import type { PageFiles } from '#core/bridge/page-files.ts';
import type { Clock, Log } from '#core/ports.ts';
import { HOME } from './page.ts';
import { servePage } from './protocol.ts';
import { Transport } from './transport.ts';

export interface WindowOptions {
  readonly files: PageFiles;
  /** Absolute path of the built preload script. */
  readonly preload: string;
  readonly door: Door;
  readonly log: Log;
  readonly clock: Clock;
  readonly isRelease: boolean;
}

/** Not `persist:`: cookies, storage and caches of this session never reach the disk. */
const PARTITION = 'holdfast';
/** Crashes that are mended without a word; beyond that the admin is asked. */
const MENDING = { burst: 3, perSecond: 1 / 20 };
/** A page that answers nothing for so long is started anew. */
const SILENCE_LIMIT_MS = 15_000;
const MIN_SIZE = { width: 900, height: 600 };
const COMPACT_SIZE = { width: 400, height: 600 };
const COMPACT_MIN_SIZE = { width: 320, height: 360 };

/** Makes the window; nothing is loaded yet. */
export function createWindow(options: WindowOptions): ConsoleWindow {
  const own = session.fromPartition(PARTITION);
  servePage(own, options.files);
  return new ConsoleWindow(new BrowserWindow(windowOptions(options, own)), options);
}

function windowOptions({ preload, isRelease }: WindowOptions, own: Session): BrowserWindowConstructorOptions {
  return {
    title: 'Holdfast',
    width: 1280,
    height: 800,
    minWidth: MIN_SIZE.width,
    minHeight: MIN_SIZE.height,
    show: false,
    autoHideMenuBar: true,
    // Before the first paint; the page has its own colours.
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#0e1116' : '#ffffff',
    // Each is said even where it is Electron's default: a default may change, and a test asks for every line.
    webPreferences: {
      preload,
      session: own,
      sandbox: true,
      contextIsolation: true,
      webSecurity: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webviewTag: false,
      plugins: false,
      experimentalFeatures: false,
      allowRunningInsecureContent: false,
      navigateOnDragDrop: false,
      disableDialogs: true,
      spellcheck: false,
      webgl: false,
      v8CacheOptions: 'none',
      devTools: !isRelease,
    },
  };
}

export class ConsoleWindow {
  readonly transport: Transport;
  /** Settles when the window is closed. */
  readonly closed: Promise<void>;
  readonly #window: BrowserWindow;
  readonly #options: WindowOptions;
  readonly #mending: Allowance;
  /** The renderer is ended on purpose, and started again when it is gone. */
  #isRenewing = false;
  /** The place to go back to while the window is small. */
  #before: { readonly bounds: Rectangle; readonly isMaximized: boolean } | null = null;

  constructor(window: BrowserWindow, options: WindowOptions) {
    const { door, log, clock } = options;
    this.#window = window;
    this.#options = options;
    this.#mending = new Allowance(MENDING, clock.monotonicMs());
    this.transport = new Transport({ contents: window.webContents, door, log, monotonicMs: clock.monotonicMs });
    this.closed = new Promise((settle) => { window.once('closed', () => settle()); });
    window.once('ready-to-show', () => window.show());
    window.webContents.on('render-process-gone', (_event, { reason }) => this.#gone(reason));
    this.#watchSilence();
  }

  /** Loads our page, whatever is shown now. @throws Error when it cannot be loaded */
  load(): Promise<void> {
    return this.#window.loadURL(HOME);
  }

  /**
   * Starts the page anew in a process of its own: with the old process its whole memory goes, not only what the page let go of.
   * The page comes back when Electron reports that the process is gone.
   */
  renew(): void {
    if (this.#window.isDestroyed()) return;
    this.#isRenewing = true;
    this.transport.lost();
    this.#window.webContents.forcefullyCrashRenderer();
  }

  /** Brings the window to the front, also out of the task bar. */
  front(): void {
    if (this.#window.isDestroyed()) return;
    if (this.#window.isMinimized()) this.#window.restore();
    this.#window.show();
    app.focus({ steal: true });
    this.#window.focus();
  }

  /** Small and above other windows, in the top right corner of where it was; or back to that place. @returns on-top only where Electron says that it holds */
  shape(isCompact: boolean): WindowShape {
    if (this.#window.isDestroyed()) return 'full';
    if (!isCompact) this.#giveBack();
    else if (this.#before === null) this.#makeSmall();
    if (this.#before === null) return 'full';
    return this.#window.isAlwaysOnTop() && !isWayland() ? 'on-top' : 'small';
  }

  tell(event: AppEvent): void {
    this.transport.tell(event);
  }

  close(): void {
    if (!this.#window.isDestroyed()) this.#window.destroy();
  }

  #gone(reason: string): void {
    if (this.#window.isDestroyed()) return;
    // The next page begins in a whole window.
    this.#giveBack();
    if (this.#isRenewing) {
      this.#isRenewing = false;
      this.#reload();
      return;
    }
    const isPatient = this.#mending.take(this.#options.clock.monotonicMs());
    this.#options.log.error('the page of the window ended', { reason, next: isPatient ? 'opened again' : 'asked' });
    if (isPatient) this.#reload();
    else void this.#ask();
  }

  /** A page that loads badly again and again must not turn in circles: the admin decides. */
  async #ask(): Promise<void> {
    const { response } = await dialog.showMessageBox({
      type: 'error', title: 'Holdfast', message: 'The window stopped several times in a row.',
      detail: 'Everything that was saved is kept. Reports of it are in the log of this profile.',
      buttons: ['Open it again', 'Close Holdfast'], defaultId: 0, cancelId: 1,
    });
    if (response === 0) this.#reload();
    else this.close();
  }

  #reload(): void {
    if (this.#window.isDestroyed()) return;
    this.load().catch((error: unknown) => this.#options.log.error('the page could not be loaded', { cause: String(error) }));
  }

  #makeSmall(): void {
    const window = this.#window;
    if (window.isFullScreen()) window.setFullScreen(false);
    const isMaximized = window.isMaximized();
    const bounds = window.getNormalBounds();
    this.#before = { bounds, isMaximized };
    if (isMaximized) window.unmaximize();
    // Smaller than its smallest size it does not get.
    window.setMinimumSize(COMPACT_MIN_SIZE.width, COMPACT_MIN_SIZE.height);
    window.setBounds({ x: Math.max(bounds.x, bounds.x + bounds.width - COMPACT_SIZE.width), y: bounds.y, ...COMPACT_SIZE });
    window.setAlwaysOnTop(true, 'floating');
  }

  #giveBack(): void {
    if (this.#before === null) return;
    const { bounds, isMaximized } = this.#before;
    this.#before = null;
    this.#window.setAlwaysOnTop(false);
    this.#window.setBounds(bounds);
    this.#window.setMinimumSize(MIN_SIZE.width, MIN_SIZE.height);
    if (isMaximized) this.#window.maximize();
  }

  #watchSilence(): void {
    let forget: () => void = () => undefined;
    this.#window.on('unresponsive', () => {
      this.#options.log.error('the page of the window does not answer', { limitMs: SILENCE_LIMIT_MS });
      forget();
      forget = this.#options.clock.after(SILENCE_LIMIT_MS, () => {
        if (!this.#window.isDestroyed()) this.#window.webContents.forcefullyCrashRenderer();
      });
    });
    for (const event of ['responsive', 'closed'] as const) this.#window.on(event as 'closed', () => forget());
    this.#window.webContents.on('render-process-gone', () => forget());
  }
}

/** There a program cannot put itself above others, whatever it asks for. */
function isWayland(): boolean {
  return process.platform === 'linux' && process.env['XDG_SESSION_TYPE'] === 'wayland';
}
