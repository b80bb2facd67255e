// The bridge between one page and core over Electron's messages: it serves the main frame of our origin in our window and nobody else.
import { randomUUID } from 'node:crypto';
import { ipcMain } from 'electron';
import type { IpcMainInvokeEvent, WebContents } from 'electron';
import type { AppEvent } from '#shared/contract.ts';
import { AppError } from '#shared/errors.ts';
import { Connection } from '#core/bridge/connection.ts';
import type { Door } from '#core/bridge/connection.ts';
import type { Log } from '#core/ports.ts';
import { CALL_CHANNEL, EVENT_CHANNEL, ORIGIN } from './page.ts';

export interface TransportOptions {
  readonly contents: WebContents;
  readonly door: Door;
  readonly log: Log;
  readonly monotonicMs: () => number;
}

interface LoadedPage {
  readonly connection: Connection;
  /** By the page's own number for the call. */
  readonly waiting: Map<number, (answer: string) => void>;
}

export class Transport {
  /** Messages that came from somewhere else than our page. */
  refusedCallers = 0;
  readonly #options: TransportOptions;
  #page: LoadedPage | null = null;

  constructor(options: TransportOptions) {
    this.#options = options;
    const { contents } = options;
    ipcMain.handle(CALL_CHANNEL, (event, text: unknown) => this.#receive(event, text));
    // Committed: whatever was asked before was asked by another document.
    contents.on('did-navigate', () => this.lost());
    contents.on('render-process-gone', () => this.lost());
    contents.on('destroyed', () => this.close());
  }

  /** Passes an event of core on to the page, when one has asked for something. */
  tell(event: AppEvent): void {
    this.#page?.connection.tell(event);
  }

  /** The page is gone (closed, reloaded, crashed): its calls are aborted. */
  lost(): void {
    this.#page?.connection.close();
    this.#page = null;
  }

  /** Serves nobody any more. */
  close(): void {
    this.lost();
    ipcMain.removeHandler(CALL_CHANNEL);
  }

  #receive(event: IpcMainInvokeEvent, text: unknown): Promise<string> {
    const stranger = strangerIn(event, this.#options.contents);
    if (stranger !== null) return this.#refuse(stranger);
    this.#page ??= this.#welcome();
    const { connection, waiting } = this.#page;
    const id = typeof text === 'string' ? idOf(text) : null;
    if (typeof text !== 'string' || id === null || waiting.has(id)) {
      const reason = new AppError('invalid_input', { message: 'The window sent something that is not a request. Nothing was done.', hint: 'Reload the window.' });
      connection.refuse(reason, null);
      return Promise.resolve(refusal(reason));
    }
    return new Promise((settle) => {
      waiting.set(id, settle);
      connection.receive(text);
    });
  }

  #welcome(): LoadedPage {
    const { contents, door, log, monotonicMs } = this.#options;
    const waiting: LoadedPage['waiting'] = new Map();
    const send = (text: string): void => {
      const id = idOf(text);
      if (id !== null) {
        const settle = waiting.get(id);
        waiting.delete(id);
        settle?.(text);
      } else if (!contents.isDestroyed()) {
        contents.send(EVENT_CHANNEL, text);
      }
    };
    return { waiting, connection: new Connection({ door, log, monotonicMs, send }) };
  }

  #refuse(stranger: string): Promise<string> {
    this.refusedCallers += 1;
    // The first, the tenth, the hundredth: a flood of them does not fill the log.
    if (/^10*$/.test(String(this.refusedCallers))) this.#options.log.error('a caller that is not our page was refused', { code: 'caller_refused', stranger, count: this.refusedCallers });
    return Promise.resolve(refusal(new AppError('caller_refused', { message: 'Only the window of Holdfast may ask. Nothing was done.', hint: 'Use the window.' })));
  }
}

/** What is wrong with a sender; null when it is the main frame of our page. */
function strangerIn(event: IpcMainInvokeEvent, contents: WebContents): string | null {
  try {
    const frame = event.senderFrame;
    if (frame === null) return 'a frame that is gone';
    if (event.sender !== contents) return 'another window';
    if (frame.frameToken !== contents.mainFrame.frameToken || frame.processId !== contents.mainFrame.processId) return 'a frame inside the page';
    if (frame.origin !== ORIGIN) return 'another origin';
    return null;
  } catch {
    // Electron throws for a frame that went while it was looked at.
    return 'a frame that is gone';
  }
}

/** Requests and answers begin with their number; events have none. */
function idOf(text: string): number | null {
  const id = /^\{"id":(\d{1,15})[,}]/.exec(text)?.[1];
  return id === undefined ? null : Number(id);
}

function refusal(reason: AppError): string {
  return JSON.stringify({ envelope: { ok: false, error: { code: reason.code, message: reason.message, hint: reason.hint, id: randomUUID() } } });
}
