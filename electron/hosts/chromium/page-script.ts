// Runs inside the page before any script of its own: makes the one global `holdfast` and leaves no other trace. It must stand alone: only its text is sent.
import { MAX_MESSAGE_BYTES } from '#shared/contract.ts';

export interface PageScriptOptions {
  /** The only origin that gets a bridge. */
  readonly origin: string;
  /** Global function that Chromium adds; taken and removed here. */
  readonly binding: string;
  /** Marks the one console message that hands over the way back; not known to any page script. */
  readonly mark: string;
  readonly maxBytes: number;
}

/** What the script needs of the page's globals; the types of the DOM are not those of this program. */
interface PageGlobals {
  readonly top: unknown;
  readonly location: { readonly protocol: string; readonly origin: string };
  reportError(error: unknown): void;
  readonly console: { debug(...values: unknown[]): void };
  readonly JSON: typeof JSON;
  readonly Promise: typeof Promise;
  readonly RangeError: typeof RangeError;
  readonly Error: typeof Error;
  readonly File: { readonly prototype: object };
  readonly Object: typeof Object;
  readonly Reflect: typeof Reflect;
  [name: string]: unknown;
}

/**
 * The source to be evaluated in every new document.
 * @returns JavaScript text
 */
export function pageScript(options: Omit<PageScriptOptions, 'maxBytes'>): string {
  return `(${installBridge.toString()})(globalThis, ${JSON.stringify({ ...options, maxBytes: MAX_MESSAGE_BYTES })})`;
}

function installBridge(page: PageGlobals, options: PageScriptOptions): void {
  const post = page[options.binding] as ((text: string) => void) | undefined;
  delete page[options.binding];
  // A blob: document carries its maker's origin; the protocol tells it apart.
  if (page.top !== page || page.location.protocol !== 'https:' || page.location.origin !== options.origin || post === undefined) return;

  // Taken now: a page script may replace them later.
  const { stringify, parse } = page.JSON;
  const { Promise: LaterValue, RangeError: TooDeep, Error: Failure } = page;
  const { apply } = page.Reflect;
  const timeOfFile = page.Object.getOwnPropertyDescriptor(page.File.prototype, 'lastModified')?.get;
  const settles = new Map<number, (envelope: unknown) => void>();
  const listeners = new Set<(event: unknown) => void>();
  // Files whose path is asked for; the host reaches them through the function that is handed over below, and no script of the page does.
  const files = new Map<number, { readonly file: unknown; settle(path: string | null): void; fail(error: unknown): void }>();
  let lastId = 0;

  const write = (id: number, name: unknown, input: unknown): string => {
    const unsendable = (why: string): string => `{"id":${id},"unsendable":"${why}"}`;
    try {
      // The id comes first, so that it can be read from a message that is not parsed.
      const text = stringify({ id, name, input });
      return text.length > options.maxBytes ? unsendable('too_large') : text;
    } catch (error) {
      return unsendable(error instanceof TooDeep ? 'too_deep' : 'not_plain');
    }
  };

  // One listener that throws must not cost the others their event, nor the next message its answer.
  const tell = (listener: (event: unknown) => void, event: unknown): void => {
    try {
      listener(event);
    } catch (error) {
      page.reportError(error);
    }
  };

  const take = (text: string): void => {
    for (const message of parse(text) as { id?: number; envelope?: unknown; event?: unknown; fileId?: number; path?: string | null; refused?: string }[]) {
      if (message.fileId !== undefined) {
        const asked = files.get(message.fileId);
        files.delete(message.fileId);
        if (message.refused === undefined) asked?.settle(message.path ?? null);
        else asked?.fail(new Failure(message.refused));
        continue;
      }
      if (message.id === undefined) {
        for (const listener of listeners) tell(listener, message.event);
        continue;
      }
      const settle = settles.get(message.id);
      settles.delete(message.id);
      settle?.(message.envelope);
    }
  };

  // Only a real File answers this; an object that looks like one does not.
  const isFile = (value: unknown): boolean => {
    try {
      return timeOfFile !== undefined && typeof apply(timeOfFile, value, []) === 'number';
    } catch {
      return false;
    }
  };

  const bridge = Object.freeze({
    call: (name: unknown, input: unknown) => new LaterValue((settle) => {
      const id = lastId += 1;
      settles.set(id, settle);
      post(write(id, name, input));
    }),
    onEvent: (listener: (event: unknown) => void) => {
      listeners.add(listener);
      return () => { listeners.delete(listener); };
    },
    pathOf: (file: unknown) => new LaterValue<string | null>((settle, fail) => {
      if (!isFile(file)) return settle(null);
      const id = lastId += 1;
      files.set(id, { file, settle, fail });
      post(`{"fileId":${id}}`);
    }),
  });
  Object.freeze(bridge.call);
  Object.freeze(bridge.onEvent);
  Object.freeze(bridge.pathOf);
  Object.defineProperty(page, 'holdfast', { value: bridge, writable: false, configurable: false, enumerable: true });
  page.console.debug(options.mark, take, (id: number) => files.get(id)?.file);
}
