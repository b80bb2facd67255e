// Owns the clipboard: a hidden page of our own in a browser context of its own may use it; the page of the window never gets the permission to read it.
import type { Clipboard } from '#core/ports.ts';
import { AppError } from '#shared/errors.ts';
import type { Fields, Pipe } from './pipe.ts';
import type { Targets } from './targets.ts';

const CLIPBOARD_ORIGIN = 'https://clipboard.localhost';
/** An answer that takes longer waits for something that will not come (a desktop that asks, another program that hangs). */
const LIMIT_MS = 2000;
/** An empty document that may run nothing of its own. */
const EMPTY_PAGE = { responseCode: 200, responseHeaders: [{ name: 'Content-Type', value: 'text/html' }, { name: 'Content-Security-Policy', value: "default-src 'none'" }], body: '' };

/** The clipboard port before there is a window: it can be attached once, later. */
export class PageClipboard implements Clipboard {
  #run: ((script: string, text?: string) => Promise<unknown>) | null = null;

  /** Opens the hidden page. */
  async attach(pipe: Pipe, targets: Targets): Promise<void> {
    const { browserContextId } = await pipe.send('Target.createBrowserContext', { disposeOnDetach: true });
    const expected = targets.expectIn(String(browserContextId));
    await pipe.send('Browser.grantPermissions', { origin: CLIPBOARD_ORIGIN, browserContextId, permissions: ['clipboardReadWrite', 'clipboardSanitizedWrite'] });
    await pipe.send('Target.createTarget', { url: 'about:blank', browserContextId, hidden: true });
    const { sessionId } = await expected;
    const send = (method: string, params: Fields = {}): Promise<Fields> => pipe.send(method, params, sessionId);
    const loaded = new Promise<void>((settle) => {
      pipe.onEvent((event) => {
        if (event.sessionId !== sessionId) return;
        if (event.method === 'Page.loadEventFired') settle();
        if (event.method === 'Fetch.requestPaused') send('Fetch.fulfillRequest', { requestId: event.params['requestId'], ...EMPTY_PAGE }).catch(() => undefined);
      });
    });
    await send('Fetch.enable', { patterns: [{ urlPattern: '*' }] });
    await send('Page.enable');
    await send('Runtime.runIfWaitingForDebugger');
    await send('Page.navigate', { url: `${CLIPBOARD_ORIGIN}/` });
    await loaded;
    // The clipboard answers a focused document only; nobody can focus this one.
    await send('Emulation.setFocusEmulationEnabled', { enabled: true });
    const { result: world } = await send('Runtime.evaluate', { expression: 'globalThis' });
    const objectId = (world as Fields)['objectId'];
    this.#run = async (script, text) => {
      const answer = await limited(send('Runtime.callFunctionOn', { objectId, functionDeclaration: script, arguments: [{ value: text ?? null }], awaitPromise: true, returnByValue: true, userGesture: true }));
      if (answer['exceptionDetails'] !== undefined) throw new Error('the clipboard page failed');
      return (answer['result'] as Fields)['value'];
    };
  }

  async write(text: string): Promise<void> {
    try {
      if (this.#run === null) throw new Error('there is no window yet');
      await this.#run('function (text) { return navigator.clipboard.writeText(text); }', text);
    } catch (cause) {
      throw new AppError('busy', { message: 'The clipboard did not take the text. Nothing was copied.', hint: 'Try again in a moment.', cause });
    }
  }

  async read(): Promise<string | null> {
    try {
      const text = await this.#run?.('function () { return navigator.clipboard.readText(); }');
      return typeof text === 'string' ? text : null;
    } catch {
      // The port says null for "not at this moment"; core tries again.
      return null;
    }
  }
}

async function limited<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_settle, fail) => { timer = setTimeout(() => fail(new Error(`no answer within ${LIMIT_MS} ms`)), LIMIT_MS); });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
