// Owns the debugging pipe to one Chromium: NUL-separated JSON over two file descriptors. It opens no socket and keeps no message larger than its limit.
import type { Readable, Writable } from 'node:stream';

/**
 * Largest message taken from Chromium, in bytes. A bridge payload of MAX_MESSAGE_BYTES grows at most sixfold when it is
 * written into JSON once more; a screenshot fits as well.
 */
export const MAX_PIPE_MESSAGE_BYTES = 16_777_216;

/** Chromium ended, or its pipe broke, before it answered. */
export class ChromiumGone extends Error {
  constructor(method: string) {
    super(`Chromium ended before it answered ${method}.`);
    this.name = 'ChromiumGone';
  }
}

/** Chromium answered a command with an error. */
export class CommandRefused extends Error {
  readonly method: string;
  readonly code: number;

  constructor(method: string, code: number, detail: string) {
    super(`Chromium refused ${method}: ${detail}`);
    this.name = 'CommandRefused';
    this.method = method;
    this.code = code;
  }
}

export type Fields = Readonly<Record<string, unknown>>;

export interface PipeEvent {
  readonly method: string;
  readonly params: Fields;
  /** Absent for events of the browser itself. */
  readonly sessionId: string | undefined;
}

interface Waiting {
  readonly method: string;
  readonly settle: (result: Fields) => void;
  readonly fail: (error: Error) => void;
}

/** A conversation with Chromium. Answers are matched by id; events go to every listener in the order they came. */
export class Pipe {
  /** Messages that were dropped because they were larger than the limit. */
  oversized = 0;
  /** Settles once when the pipe has ended, for whatever reason. */
  readonly ended: Promise<void>;
  readonly #toChromium: Writable;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Set<(event: PipeEvent) => void>();
  readonly #limitBytes: number;
  #parts: Buffer[] = [];
  #partBytes = 0;
  #isSkipping = false;
  #lastId = 0;
  #isOpen = true;
  #settleEnded: () => void = () => undefined;

  constructor(toChromium: Writable, fromChromium: Readable, limitBytes = MAX_PIPE_MESSAGE_BYTES) {
    this.#toChromium = toChromium;
    this.#limitBytes = limitBytes;
    this.ended = new Promise((settle) => { this.#settleEnded = settle; });
    fromChromium.on('data', (chunk: Buffer) => this.#take(chunk));
    for (const name of ['end', 'close', 'error']) fromChromium.on(name, () => this.#end());
    toChromium.on('error', () => this.#end());
  }

  /**
   * Sends one command and waits for its answer.
   * @param sessionId the target it is meant for; absent for the browser itself
   * @throws {ChromiumGone} when the pipe is or gets closed
   * @throws {CommandRefused} when Chromium answers with an error
   */
  send(method: string, params: Fields = {}, sessionId?: string): Promise<Fields> {
    if (!this.#isOpen) return Promise.reject(new ChromiumGone(method));
    const id = ++this.#lastId;
    return new Promise((settle, fail) => {
      this.#waiting.set(id, { method, settle, fail });
      this.#toChromium.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }

  /** Hears every event until the function it returns is called. */
  onEvent(listener: (event: PipeEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #take(chunk: Buffer): void {
    let from = 0;
    for (let end = chunk.indexOf(0); end !== -1; end = chunk.indexOf(0, from)) {
      this.#keep(chunk.subarray(from, end));
      this.#finish();
      from = end + 1;
    }
    if (from < chunk.length) this.#keep(chunk.subarray(from));
  }

  #keep(part: Buffer): void {
    if (this.#isSkipping) return;
    this.#parts.push(part);
    this.#partBytes += part.length;
    if (this.#partBytes <= this.#limitBytes) return;
    this.#isSkipping = true;
    this.#dropOversized(Buffer.concat(this.#parts).subarray(0, 64).toString('latin1'));
    this.#parts = [];
  }

  /** An answer that is too large still ends its wait; an event that is too large is counted and forgotten. */
  #dropOversized(head: string): void {
    this.oversized += 1;
    const id = Number(/^\{"id":(\d+)/.exec(head)?.[1] ?? 0);
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    waiting.fail(new CommandRefused(waiting.method, 0, `the answer is larger than ${this.#limitBytes} bytes`));
  }

  #finish(): void {
    const isWhole = !this.#isSkipping;
    const text = isWhole ? Buffer.concat(this.#parts).toString('utf8') : '';
    this.#parts = [];
    this.#partBytes = 0;
    this.#isSkipping = false;
    if (isWhole && text !== '') this.#deliver(JSON.parse(text) as Record<string, unknown>);
  }

  #deliver(message: Record<string, unknown>): void {
    if (typeof message['id'] !== 'number') {
      const event: PipeEvent = { method: String(message['method']), params: (message['params'] ?? {}) as Fields, sessionId: message['sessionId'] as string | undefined };
      for (const listener of this.#listeners) listener(event);
      return;
    }
    const waiting = this.#waiting.get(message['id']);
    if (waiting === undefined) return;
    this.#waiting.delete(message['id']);
    const error = message['error'] as { code?: number; message?: string } | undefined;
    if (error === undefined) waiting.settle((message['result'] ?? {}) as Fields);
    else waiting.fail(new CommandRefused(waiting.method, error.code ?? 0, error.message ?? 'no reason given'));
  }

  #end(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    for (const waiting of this.#waiting.values()) waiting.fail(new ChromiumGone(waiting.method));
    this.#waiting.clear();
    this.#parts = [];
    this.#settleEnded();
  }
}
