// Answers where a file lies that a person picked or dropped in the page: Chromium tells it for the File object itself, and for nothing else. One at a time, within the limits of calls.
import { CALL_LIMITS } from '#core/bridge/connection.ts';
import { Allowance } from '#core/bridge/allowance.ts';
import { ChromiumGone, CommandRefused } from './pipe.ts';
import type { Fields } from './pipe.ts';

export interface FilePathsOptions {
  /** The page's function that gives the File of a number; no script of the page can reach it. */
  readonly fileOfId: string;
  readonly ask: (method: string, params: Fields) => Promise<Fields>;
  /** Sends `{"fileId":7,"path":"/…"}` (null: it has none), or `{"fileId":7,"refused":"too_many_calls"}`. */
  readonly send: (text: string) => void;
  readonly monotonicMs: () => number;
}

const QUESTION = /^\{"fileId":(\d{1,15})\}$/;

export class FilePaths {
  readonly #options: FilePathsOptions;
  readonly #allowance: Allowance;
  #waiting: number[] = [];
  #isBusy = false;
  #isClosed = false;

  constructor(options: FilePathsOptions) {
    this.#options = options;
    this.#allowance = new Allowance(CALL_LIMITS, options.monotonicMs());
  }

  /** @returns false for a message that asks for something else */
  receive(text: string): boolean {
    const id = QUESTION.exec(text)?.[1];
    if (id === undefined) return false;
    if (this.#waiting.length >= CALL_LIMITS.pending || !this.#allowance.take(this.#options.monotonicMs())) this.#answer({ fileId: Number(id), refused: 'too_many_calls' });
    else this.#waiting.push(Number(id));
    if (!this.#isBusy) void this.#work();
    return true;
  }

  /** The page is gone: nobody waits any more. */
  close(): void {
    this.#isClosed = true;
    this.#waiting = [];
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    for (let id = this.#waiting.shift(); id !== undefined; id = this.#waiting.shift()) this.#answer({ fileId: id, path: await this.#pathOf(id) });
    this.#isBusy = false;
  }

  async #pathOf(id: number): Promise<string | null> {
    try {
      const { result } = await this.#options.ask('Runtime.callFunctionOn', { objectId: this.#options.fileOfId, functionDeclaration: 'function (id) { return this(id); }', arguments: [{ value: id }] });
      const { objectId } = result as { objectId?: string };
      if (objectId === undefined) return null;
      try {
        const { path } = await this.#options.ask('DOM.getFileInfo', { objectId });
        return typeof path === 'string' && path !== '' ? path : null;
      } finally {
        await this.#options.ask('Runtime.releaseObject', { objectId });
      }
    } catch (error) {
      // No file of the system, or the page is gone.
      if (error instanceof ChromiumGone || error instanceof CommandRefused) return null;
      throw error;
    }
  }

  #answer(answer: Readonly<Record<string, unknown>>): void {
    if (!this.#isClosed) this.#options.send(JSON.stringify(answer));
  }
}
