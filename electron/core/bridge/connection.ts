// Owns the talk with one loaded page, whatever carries it: reads messages, limits them, calls core, answers. It gives up all pending calls when the page goes.
import { randomUUID } from 'node:crypto';
import { isCallName } from '#shared/contract.ts';
import type { AppEvent, Envelope } from '#shared/contract.ts';
import { AppError } from '#shared/errors.ts';
import type { ErrorCode } from '#shared/errors.ts';
import type { CallContext } from '../dispatch.ts';
import type { Log } from '../ports.ts';
import { Allowance } from './allowance.ts';
import { MessageRefused, readMessage } from './message.ts';
import type { PageMessage } from './message.ts';
import { Turns } from './turns.ts';

/** The way into core for a caller that is not trusted. */
export type Door = (name: unknown, input: unknown, context: Partial<CallContext>) => Promise<Envelope>;

export interface ConnectionOptions {
  readonly door: Door;
  /** Sends one answer or event to the page: `{"id":7,"envelope":…}` or `{"event":…}`. */
  readonly send: (text: string) => void;
  readonly log: Log;
  readonly monotonicMs: () => number;
}

/** Per call name. A page that scrolls or types stays far below; only a loop gets here. */
export const CALL_LIMITS = { burst: 100, perSecond: 200, pending: 64 } as const;
const LOG_EVERY_MS = 10_000;
const UNKNOWN = 'unknown';

interface Channel {
  readonly allowance: Allowance;
  pending: number;
}

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #channels = new Map<string, Channel>();
  readonly #turns = new Turns();
  readonly #gone = new AbortController();
  readonly #refused = new Map<ErrorCode, { count: number; loggedAtMs: number }>();

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /** Takes one message of the page. Never throws: what cannot be served is answered with an error, or counted when nobody can be answered. */
  receive(text: string): void {
    if (this.#gone.signal.aborted) return;
    try {
      const message = readMessage(text);
      const name = typeof message.name === 'string' && isCallName(message.name) ? message.name : UNKNOWN;
      const channel = this.#channel(name);
      if (channel.pending >= CALL_LIMITS.pending || !channel.allowance.take(this.#options.monotonicMs())) throw new MessageRefused(message.id, tooMany());
      channel.pending += 1;
      this.#turns.add(name, () => void this.#serve(channel, message));
    } catch (error) {
      if (!(error instanceof MessageRefused)) throw error;
      this.refuse(error.reason, error.id);
    }
  }

  /** Answers (when there is an id to answer to) and counts a message that is not served. */
  refuse(reason: AppError, id: number | null): void {
    const errorId = randomUUID();
    this.#count(reason.code, errorId);
    if (id === null) return;
    this.#answer(id, { ok: false, error: { code: reason.code, message: reason.message, hint: reason.hint, id: errorId } });
  }

  /** Tells the page something unasked. */
  tell(event: AppEvent): void {
    if (!this.#gone.signal.aborted) this.#options.send(JSON.stringify({ event: { name: event.name, payload: event.payload } }));
  }

  /** The page is gone: aborts what runs, forgets what waits, sends nothing more. */
  close(): void {
    this.#turns.clear();
    this.#gone.abort();
  }

  async #serve(channel: Channel, { id, name, input }: PageMessage): Promise<void> {
    const envelope = await this.#options.door(name, input, { signal: this.#gone.signal });
    channel.pending -= 1;
    this.#answer(id, envelope);
  }

  #answer(id: number, envelope: Envelope): void {
    if (!this.#gone.signal.aborted) this.#options.send(JSON.stringify({ id, envelope }));
  }

  #channel(name: string): Channel {
    const known = this.#channels.get(name);
    if (known !== undefined) return known;
    const channel = { allowance: new Allowance(CALL_LIMITS, this.#options.monotonicMs()), pending: 0 };
    this.#channels.set(name, channel);
    return channel;
  }

  /** A flood must not fill the log: one line per code and ten seconds, with the count so far. */
  #count(code: ErrorCode, errorId: string): void {
    const nowMs = this.#options.monotonicMs();
    const seen = this.#refused.get(code) ?? { count: 0, loggedAtMs: Number.NEGATIVE_INFINITY };
    seen.count += 1;
    this.#refused.set(code, seen);
    if (nowMs - seen.loggedAtMs < LOG_EVERY_MS) return;
    seen.loggedAtMs = nowMs;
    this.#options.log.info('message of the window refused', { code, id: errorId, count: seen.count });
  }
}

function tooMany(): AppError {
  return new AppError('too_many_calls', { message: 'The window asked for this too often. Nothing was done.', hint: 'Wait a moment and try again.' });
}
