// Owns which parts of the browser may live: the one page of the window and our clipboard page. A second window is closed before it loads, a frame or worker never starts.
import type { Log } from '#core/ports.ts';
import type { Fields, Pipe } from './pipe.ts';

export interface PageTarget {
  readonly type: string;
  readonly targetId: string;
  readonly sessionId: string;
  readonly browserContextId: string | undefined;
}

/** How long the page has to open the floating window that it was allowed. */
const FLOATING_LIMIT_MS = 10_000;

/** Every new target stops before its first step, so that it can be looked at. */
const AUTO_ATTACH = { autoAttach: true, waitForDebuggerOnStart: true, flatten: true };

export class Targets {
  readonly #pipe: Pipe;
  readonly #log: Log;
  readonly #expected = new Map<string, (target: PageTarget) => void>();
  #settlePage: ((target: PageTarget) => void) | null = null;
  /** One window of this opener may float until the time is over; null: none may. */
  #floating: { readonly openerId: string; readonly prepare: (target: PageTarget) => Promise<void>; readonly forget: NodeJS.Timeout } | null = null;

  constructor(pipe: Pipe, log: Log) {
    this.#pipe = pipe;
    this.#log = log;
    pipe.onEvent((event) => {
      if (event.method === 'Target.attachedToTarget') this.#judge(readTarget(event.params), { isPartOfPage: event.sessionId !== undefined, openerId: (event.params['targetInfo'] as Fields)['openerId'] });
      if (event.method === 'Target.targetCreated' || event.method === 'Target.targetInfoChanged') this.#closeDeveloperTools(event.params['targetInfo'] as Fields);
    });
  }

  /** Takes hold of the app window's page; from then on every other target is refused. */
  async takePage(): Promise<PageTarget> {
    const taken = new Promise<PageTarget>((settle) => { this.#settlePage = settle; });
    // Both wait in the pipe until Chromium listens.
    await Promise.all([this.#pipe.send('Target.setDiscoverTargets', { discover: true }), this.#pipe.send('Target.setAutoAttach', AUTO_ATTACH)]);
    return taken;
  }

  /** From now on a frame or worker of this page stops before its first step, as every other target does. */
  async holdPartsOf({ sessionId }: PageTarget): Promise<void> {
    await this.#pipe.send('Target.setAutoAttach', AUTO_ATTACH, sessionId);
  }

  /** The next window that this page opens within some seconds may live, once `prepare` has shut it in; it is let go on then. */
  allowFloating({ targetId }: PageTarget, prepare: (target: PageTarget) => Promise<void>): void {
    this.refuseFloating();
    this.#floating = { openerId: targetId, prepare, forget: setTimeout(() => this.refuseFloating(), FLOATING_LIMIT_MS).unref() };
  }

  refuseFloating(): void {
    if (this.#floating !== null) clearTimeout(this.#floating.forget);
    this.#floating = null;
  }

  /** The one target that is going to appear in this browser context. */
  expectIn(browserContextId: string): Promise<PageTarget> {
    return new Promise((settle) => this.#expected.set(browserContextId, settle));
  }

  #judge(target: PageTarget, { isPartOfPage, openerId }: { readonly isPartOfPage: boolean; readonly openerId: unknown }): void {
    const settleExpected = this.#expected.get(target.browserContextId ?? '');
    if (settleExpected !== undefined) {
      this.#expected.delete(target.browserContextId ?? '');
      settleExpected(target);
      return;
    }
    if (this.#settlePage !== null && target.type === 'page') {
      this.#settlePage(target);
      this.#settlePage = null;
      return;
    }
    const floating = this.#floating;
    if (floating !== null && target.type === 'page' && openerId === floating.openerId && !isPartOfPage) {
      this.refuseFloating();
      void this.#float(target, floating.prepare);
      return;
    }
    // Chromium's own panels come with every window; they stay stopped like frames and workers.
    if (target.type === 'browser_ui') return;
    this.#log.info('a new part of the window was refused', { kind: target.type });
    if (!isPartOfPage) void this.#shut(target);
  }

  /** R12: Chromium has no switch against its own developer tools, so they are closed as soon as they appear. */
  #closeDeveloperTools(info: Fields): void {
    if (!String(info['url']).startsWith('devtools:')) return;
    this.#pipe.send('Target.closeTarget', { targetId: info['targetId'] }).catch((error: unknown) => this.#log.info('developer tools were gone before they could be closed', { cause: String(error) }));
  }

  /** Whatever of the preparation fails, the window does not live. */
  async #float(target: PageTarget, prepare: (target: PageTarget) => Promise<void>): Promise<void> {
    try {
      await prepare(target);
      await this.#pipe.send('Runtime.runIfWaitingForDebugger', {}, target.sessionId);
    } catch (error) {
      this.#log.error('the floating window could not be shut in, and was closed', { cause: String(error) });
      await this.#shut(target);
    }
  }

  /** The opener waits for a stopped window, so it must go on; but all its requests are held for ever, and it is closed at once. */
  async #shut({ targetId, sessionId, type }: PageTarget): Promise<void> {
    const results = await Promise.allSettled([
      this.#pipe.send('Fetch.enable', {}, sessionId),
      this.#pipe.send('Runtime.runIfWaitingForDebugger', {}, sessionId),
      this.#pipe.send('Target.closeTarget', { targetId }),
    ]);
    if (results[2].status === 'rejected') this.#log.error('a new window could not be closed', { kind: type, cause: String(results[2].reason) });
  }
}

function readTarget(params: Fields): PageTarget {
  const info = params['targetInfo'] as Fields;
  return { type: String(info['type']), targetId: String(info['targetId']), sessionId: String(params['sessionId']), browserContextId: info['browserContextId'] as string | undefined };
}
