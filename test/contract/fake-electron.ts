// A stand-in for the `electron` module, for machines without Electron's binary: it keeps what the host asks of Electron and lets a test play Chromium. Typed against Electron's own declarations.
import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import type * as Electron from 'electron';

type Listener = (...args: never[]) => void;
const listen = (emitter: EventEmitter, event: string, listener: Listener): never => emitter.on(event, listener as () => void) as never;
interface Frame { readonly frameToken: string; readonly processId: number; readonly origin: string; readonly parent: Frame | null }
type InvokeHandler = (event: Electron.IpcMainInvokeEvent, ...args: unknown[]) => unknown;
type UrlHandler = Parameters<Electron.Protocol['handle']>[1];

/** An event that remembers whether it was prevented. */
export function cancellable(): { defaultPrevented: boolean; preventDefault(): void } {
  const event = { defaultPrevented: false, preventDefault: () => { event.defaultPrevented = true; } };
  return event;
}

/** What one start of the host did, and what a test may do to it. */
export interface FakeState {
  isPackaged: boolean;
  appPath: string;
  isReady: boolean;
  isFirstInstance: boolean;
  readonly calls: string[];
  readonly switches: Map<string, string | undefined>;
  readonly paths: Map<string, string>;
  readonly schemes: Electron.CustomScheme[];
  readonly handlers: Map<string, InvokeHandler>;
  readonly sessions: Map<string, FakeSession>;
  readonly windows: FakeWindow[];
  readonly forks: FakeChild[];
  readonly dialogs: Electron.MessageBoxOptions[];
  dialogAnswer: number;
  menu: unknown;
  clipboard: string;
  readonly exits: number[];
  readonly app: EventEmitter;
  readonly power: EventEmitter;
  /** Loads the preload script for a page; set by the test. */
  runPreload: (page: FakePage) => Promise<void>;
  page: FakePage | null;
}

const fresh = (): FakeState => ({
  isPackaged: true, appPath: '/nowhere', isReady: false, isFirstInstance: true, calls: [], switches: new Map(), paths: new Map(), schemes: [], handlers: new Map(),
  sessions: new Map(), windows: [], forks: [], dialogs: [], dialogAnswer: 0, menu: undefined, clipboard: '', exits: [], app: new EventEmitter(), power: new EventEmitter(),
  runPreload: () => Promise.resolve(), page: null,
});

/** The start that is looked at now. */
export let state: FakeState = fresh();

/** Forgets everything: the next import of the host begins anew. */
export function resetElectron(over: Partial<FakeState>): FakeState {
  for (const window of state.windows) window.destroy();
  state = Object.assign(fresh(), over);
  return state;
}

export class FakeSession extends EventEmitter {
  readonly handlers = new Map<string, unknown>();
  readonly urlHandlers = new Map<string, UrlHandler>();
  readonly partition: string;
  spellChecker = true;
  onBeforeRequest: ((details: { url: string }, answer: (response: { cancel?: boolean }) => void) => void) | null = null;
  readonly protocol = { handle: (scheme: string, handler: UrlHandler): void => { this.urlHandlers.set(scheme, handler); } } satisfies Pick<Electron.Protocol, 'handle'>;
  readonly webRequest = { onBeforeRequest: (listener: unknown): void => { this.onBeforeRequest = listener as FakeSession['onBeforeRequest']; } } satisfies Pick<Electron.WebRequest, 'onBeforeRequest'>;

  constructor(partition: string) {
    super();
    this.partition = partition;
    state.app.emit('session-created', this);
  }

  readonly setPermissionRequestHandler = (handler: unknown): void => void this.handlers.set('permission-request', handler);
  readonly setPermissionCheckHandler = (handler: unknown): void => void this.handlers.set('permission-check', handler);
  readonly setDevicePermissionHandler = (handler: unknown): void => void this.handlers.set('device', handler);
  readonly setDisplayMediaRequestHandler = (handler: unknown): void => void this.handlers.set('display-media', handler);
  readonly setBluetoothPairingHandler = (handler: unknown): void => void this.handlers.set('bluetooth-pairing', handler);
  readonly setCertificateVerifyProc = (handler: unknown): void => void this.handlers.set('certificate', handler);
  readonly setSpellCheckerEnabled = (isOn: boolean): void => { this.spellChecker = isOn; };

  /** As Chromium asks for a URL of this session: refused by the filter, or answered by the scheme's handler. */
  async load(url: string, method = 'GET'): Promise<Response | 'refused'> {
    let isRefused = false;
    this.onBeforeRequest?.({ url }, (answer) => { isRefused = answer.cancel === true; });
    if (isRefused) return 'refused';
    const handler = this.urlHandlers.get(new URL(url).protocol.slice(0, -1));
    return handler === undefined ? 'refused' : handler({ url, method } as Parameters<UrlHandler>[0]) as unknown as Response;
  }
}
type SessionPart = Pick<Electron.Session, 'setPermissionRequestHandler' | 'setPermissionCheckHandler' | 'setDevicePermissionHandler' | 'setDisplayMediaRequestHandler' | 'setBluetoothPairingHandler' | 'setCertificateVerifyProc' | 'setSpellCheckerEnabled'>;

/** One loaded document: its main world, and the listeners of its preload script. */
export class FakePage {
  readonly world: Record<string, unknown> = {};
  readonly renderer = new EventEmitter();
  isGone = false;
}

export class FakeContents extends EventEmitter {
  readonly session: FakeSession;
  mainFrame: Frame;
  windowOpenHandler: ((details: Electron.HandlerDetails) => Electron.WindowOpenHandlerResponse) | null = null;
  webRtc = 'default';
  crashes = 0;
  readonly sent: { channel: string; args: unknown[] }[] = [];
  isGone = false;

  constructor(session: FakeSession) {
    super();
    this.session = session;
    this.mainFrame = { frameToken: `main-${Math.random()}`, processId: 41, origin: 'null', parent: null };
    state.app.emit('web-contents-created', cancellable(), this);
  }

  readonly setWindowOpenHandler = (handler: FakeContents['windowOpenHandler'] & object): void => { this.windowOpenHandler = handler; };
  readonly setWebRTCIPHandlingPolicy = (policy: string): void => { this.webRtc = policy; };
  readonly isDestroyed = (): boolean => this.isGone;
  readonly send = (channel: string, ...args: unknown[]): void => {
    this.sent.push({ channel, args });
    // Real messages are copies, and arrive later.
    const page = state.page;
    const copies = structuredClone(args);
    if (page === null || page.isGone) return;
    setImmediate(() => page.renderer.emit(channel, { sender: 'electron event object' }, ...copies));
  };
  readonly forcefullyCrashRenderer = (): void => {
    this.crashes += 1;
    this.crash('killed');
  };

  /** The renderer's process ends; Electron says so a turn later. */
  crash(reason: Electron.RenderProcessGoneDetails['reason']): void {
    if (state.page !== null) state.page.isGone = true;
    setImmediate(() => { if (!this.isGone) this.emit('render-process-gone', cancellable(), { reason, exitCode: 1 }); });
  }
}
type ContentsPart = Pick<Electron.WebContents, 'setWindowOpenHandler' | 'setWebRTCIPHandlingPolicy' | 'isDestroyed' | 'send' | 'forcefullyCrashRenderer'>;

export class FakeWindow extends EventEmitter {
  readonly options: Electron.BrowserWindowConstructorOptions;
  readonly webContents: FakeContents;
  readonly loaded: string[] = [];
  readonly shown: string[] = [];
  isGone = false;
  wasReady: boolean;

  constructor(options: Electron.BrowserWindowConstructorOptions) {
    super();
    this.options = options;
    this.wasReady = state.isReady;
    const own = options.webPreferences?.session as unknown as FakeSession | undefined;
    this.webContents = new FakeContents(own ?? fromPartition(''));
    this.minimum = { width: options.minWidth ?? 0, height: options.minHeight ?? 0 };
    state.windows.push(this);
  }

  readonly loadURL = async (url: string): Promise<void> => {
    this.loaded.push(url);
    const answer = await this.webContents.session.load(url);
    if (answer === 'refused' || answer.status !== 200) throw new Error(`ERR_FAILED loading ${url}`);
    if (state.page !== null) state.page.isGone = true;
    const { protocol, host } = new URL(url);
    this.webContents.mainFrame = { ...this.webContents.mainFrame, frameToken: `main-${Math.random()}`, origin: `${protocol}//${host}` };
    const page = new FakePage();
    state.page = page;
    this.webContents.emit('did-navigate', cancellable(), url, 200, 'OK');
    await state.runPreload(page);
    this.emit('ready-to-show');
  };
  readonly show = (): void => void this.shown.push('show');
  readonly restore = (): void => void this.shown.push('restore');
  readonly focus = (): void => void this.shown.push('focus');
  readonly isMinimized = (): boolean => true;
  /** Where it is and how it stands, as Electron would tell. */
  bounds: Electron.Rectangle = { x: 100, y: 50, width: 1280, height: 800 };
  minimum = { width: 0, height: 0 };
  isTop = false;
  topLevel: string | undefined = undefined;
  /** False on a desktop that keeps no window above others. */
  canBeOnTop = true;
  isLarge = false;
  isFull = false;
  readonly getNormalBounds = (): Electron.Rectangle => ({ ...this.bounds });
  readonly setBounds = (bounds: Partial<Electron.Rectangle>): void => {
    const next = { ...this.bounds, ...bounds };
    // A window does not get smaller than its smallest size.
    this.bounds = { ...next, width: Math.max(next.width, this.minimum.width), height: Math.max(next.height, this.minimum.height) };
  };
  readonly setMinimumSize = (width: number, height: number): void => {
    this.minimum = { width, height };
    this.setBounds({});
  };
  readonly setAlwaysOnTop = (flag: boolean, level?: string): void => { this.isTop = flag && this.canBeOnTop; this.topLevel = flag ? level : undefined; };
  readonly isAlwaysOnTop = (): boolean => this.isTop;
  readonly isMaximized = (): boolean => this.isLarge;
  readonly maximize = (): void => { this.isLarge = true; };
  readonly unmaximize = (): void => { this.isLarge = false; };
  readonly isFullScreen = (): boolean => this.isFull;
  readonly setFullScreen = (flag: boolean): void => { this.isFull = flag; };
  readonly isDestroyed = (): boolean => this.isGone;
  readonly destroy = (): void => {
    if (this.isGone) return;
    this.isGone = true;
    this.webContents.isGone = true;
    this.webContents.emit('destroyed');
    this.emit('closed');
  };
}
type WindowPart = Pick<Electron.BrowserWindow, 'getNormalBounds' | 'setBounds' | 'setMinimumSize' | 'setAlwaysOnTop' | 'isAlwaysOnTop' | 'isMaximized' | 'maximize' | 'unmaximize' | 'isFullScreen' | 'setFullScreen' | 'loadURL' | 'show' | 'restore' | 'focus' | 'isMinimized' | 'isDestroyed' | 'destroy'>;

export class FakeChild extends EventEmitter {
  readonly stdout = new PassThrough();
  readonly path: string;
  readonly args: readonly string[];
  readonly options: Electron.ForkOptions;
  isKilled = false;
  constructor(path: string, args: readonly string[], options: Electron.ForkOptions) {
    super();
    this.path = path;
    this.args = args;
    this.options = options;
  }
  readonly kill = (): boolean => {
    if (this.isKilled) return false;
    this.isKilled = true;
    setImmediate(() => this.emit('exit', 0));
    return true;
  };
}

function fromPartition(partition: string): FakeSession {
  const known = state.sessions.get(partition);
  if (known !== undefined) return known;
  const made = new FakeSession(partition);
  state.sessions.set(partition, made);
  return made;
}

const requireNotReady = (what: string): void => {
  if (state.isReady) throw new Error(`${what} must come before ready`);
  state.calls.push(what);
};

const app = {
  get isPackaged() { return state.isPackaged; },
  getAppPath: () => state.appPath,
  enableSandbox: () => requireNotReady('enableSandbox'),
  commandLine: { appendSwitch: (name: string, value?: string) => { requireNotReady(`switch ${name}`); state.switches.set(name, value); } } satisfies Pick<Electron.CommandLine, 'appendSwitch'>,
  setPath: (name: string, path: string) => void state.paths.set(name, path),
  requestSingleInstanceLock: () => { requireNotReady('requestSingleInstanceLock'); return state.isFirstInstance; },
  whenReady: async () => { await new Promise((settle) => setImmediate(settle)); state.isReady = true; },
  exit: (code = 0) => { state.exits.push(code); state.app.emit('exited', code); },
  focus: () => undefined,
  on: (event: string, listener: Listener) => listen(state.app, event, listener),
};
app satisfies Pick<Electron.App, 'isPackaged' | 'getAppPath' | 'enableSandbox' | 'setPath' | 'requestSingleInstanceLock' | 'whenReady' | 'exit' | 'focus' | 'on'>;

const ipcMain = {
  handle: (channel: string, handler: InvokeHandler) => {
    if (state.handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`);
    state.handlers.set(channel, handler);
  },
  removeHandler: (channel: string) => void state.handlers.delete(channel),
} satisfies Pick<Electron.IpcMain, 'handle' | 'removeHandler'>;

/** As Electron: the handler gets a copy, the caller a copy back, and nobody an answer for a page that is gone. */
const ipcRenderer = {
  invoke: async (channel: string, ...args: unknown[]): Promise<unknown> => {
    const page = state.page;
    const contents = state.windows.at(-1)?.webContents;
    const handler = state.handlers.get(channel);
    if (handler === undefined || contents === undefined) throw new Error(`No handler registered for '${channel}'`);
    const answer = structuredClone(await handler({ sender: contents, senderFrame: contents.mainFrame } as unknown as Electron.IpcMainInvokeEvent, ...structuredClone(args)));
    return page?.isGone === true ? new Promise(() => undefined) : answer;
  },
  on: (channel: string, listener: Listener) => listen(state.page?.renderer ?? new EventEmitter(), channel, listener),
} satisfies Pick<Electron.IpcRenderer, 'invoke' | 'on'>;

/** What crosses between the worlds is copied; functions become functions of the other world. */
function cross(value: unknown): unknown {
  if (typeof value === 'function') return Object.freeze((...args: unknown[]) => cross((value as (...given: unknown[]) => unknown)(...args.map(cross))));
  if (value instanceof Promise) return value.then(cross);
  // A File arrives as the same file.
  if (value instanceof File) return value;
  return structuredClone(value);
}

const contextBridge = {
  exposeInMainWorld: (key: string, api: Record<string, unknown>) => {
    const { page } = state;
    if (page === null) return;
    if (Object.hasOwn(page.world, key)) throw new Error('Cannot bind an API on top of an existing property on the window object');
    const copy = Object.freeze(Object.fromEntries(Object.entries(api).map(([name, value]) => [name, cross(value)])));
    Object.defineProperty(page.world, key, { value: copy, writable: false, configurable: false, enumerable: true });
  },
} satisfies Pick<Electron.ContextBridge, 'exposeInMainWorld'>;

/** Where the system's files lie; the test says it, as the person's choice would. */
export const pathsOfFiles = new WeakMap<File, string>();

const webUtils = {
  getPathForFile: (file: unknown): string => {
    if (!(file instanceof File)) throw new TypeError("The 'file' argument must be a File");
    return pathsOfFiles.get(file) ?? '';
  },
} satisfies Pick<Electron.WebUtils, 'getPathForFile'>;

const clipboard = {
  writeText: (text: string) => { state.clipboard = text; return Promise.resolve(); },
  readText: () => Promise.resolve(state.clipboard),
} satisfies Pick<Electron.Clipboard, 'writeText' | 'readText'>;

const dialog = {
  showMessageBox: (options: Electron.MessageBoxOptions) => {
    state.dialogs.push(options);
    return Promise.resolve({ response: state.dialogAnswer, checkboxChecked: false });
  },
} satisfies { showMessageBox(options: Electron.MessageBoxOptions): Promise<Electron.MessageBoxReturnValue> };

/** The module, as far as the host uses it. A part that is missing here is a part the host must not use without a thought. */
export const electronModule = {
  app, ipcMain, ipcRenderer, contextBridge, clipboard, dialog, webUtils,
  BrowserWindow: FakeWindow as unknown as typeof Electron.BrowserWindow,
  session: { fromPartition: (partition: string) => fromPartition(partition) as unknown as Electron.Session } satisfies Pick<typeof Electron.session, 'fromPartition'>,
  protocol: { registerSchemesAsPrivileged: (schemes: Electron.CustomScheme[]) => { requireNotReady('registerSchemesAsPrivileged'); state.schemes.push(...schemes); } } satisfies Pick<Electron.Protocol, 'registerSchemesAsPrivileged'>,
  nativeTheme: { shouldUseDarkColors: true } satisfies Pick<Electron.NativeTheme, 'shouldUseDarkColors'>,
  powerMonitor: { on: (event: string, listener: Listener) => listen(state.power, event, listener), off: (event: string, listener: Listener): never => state.power.off(event, listener as () => void) as never } satisfies Pick<Electron.PowerMonitor, 'on' | 'off'>,
  utilityProcess: { fork: (path: string, args: string[] = [], options: Electron.ForkOptions = {}) => { const child = new FakeChild(path, args, options); state.forks.push(child); return child as unknown as Electron.UtilityProcess; } } satisfies Pick<typeof Electron.utilityProcess, 'fork'>,
  Menu: { setApplicationMenu: (menu: Electron.Menu | null) => { state.menu = menu; }, buildFromTemplate: (template: unknown[]) => template as unknown as Electron.Menu } satisfies Pick<typeof Electron.Menu, 'setApplicationMenu' | 'buildFromTemplate'>,
};

// The classes are held to Electron's declarations as well; a class cannot say `satisfies`.
type MustFit<Part, Fake extends Part> = Pick<Fake, keyof Part>;
export type FakesFit = [MustFit<SessionPart, FakeSession>, MustFit<ContentsPart, FakeContents>, MustFit<WindowPart, FakeWindow>];
