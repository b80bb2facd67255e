// The worker's side of a thread: takes calls one after the other, tells progress, and lets a call see that it was cancelled.
import { setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { AppError } from '#shared/errors.ts';
import { toPlain } from './thread-messages.ts';
import type { CallMessage, EndMessage, ThreadMessage } from './thread-messages.ts';
import type { ThreadCalls } from './thread.ts';

export interface ThreadContext<P = unknown> {
  isCancelled(): boolean;
  /** @throws AppError cancelled */
  throwIfCancelled(): void;
  progress(progress: P): void;
  /** For background work, between two steps of some milliseconds: rests a while when another thread was called of late, so that a screen that asks for rows can draw them. */
  giveWay(): void;
}

export type ThreadHandlers<C extends ThreadCalls> = {
  readonly [N in keyof C]: (input: C[N]['input'], context: ThreadContext<C[N]['progress']>) => C[N]['output'] | Promise<C[N]['output']>;
};

/** How long after a call to another thread somebody is taken to look on, milliseconds. */
const LOOKS_ON_MS = 500;
/** One rest, milliseconds. */
const REST_MS = 8;

/** Rests when it is asked to and `calls[0]` was counted up of late: see CallMessage. */
export function createWayGiver(calls: Int32Array): () => void {
  const nothing = new Int32Array(new SharedArrayBuffer(4));
  let seen = Atomics.load(calls, 0);
  let until = 0;
  return () => {
    const now = performance.now();
    const count = Atomics.load(calls, 0);
    if (count !== seen) {
      seen = count;
      until = now + LOOKS_ON_MS;
    }
    if (now < until) Atomics.wait(nothing, 0, 0, REST_MS);
  };
}

/** What the window draws comes first where both want the same core. */
const BEHIND = 10;

/** Lets this thread step behind everybody else. On Linux a priority is a thread's own; elsewhere it would be that of the whole program, so it stays. */
export function stepBehind(): void {
  if (process.platform === 'linux') setPriority(BEHIND);
}

/** Serves calls until the thread is ended. Calls run one at a time, in the order in which they came; a cancelled one that has not begun is not begun. */
export function serveThread<C extends ThreadCalls>(handlers: ThreadHandlers<C>): void {
  const port = parentPort;
  if (port === null) throw new Error('this file runs in a worker thread only');
  const send = (message: ThreadMessage): void => port.postMessage(message);
  let queue: Promise<void> = Promise.resolve();
  port.on('message', (message: CallMessage | EndMessage) => { queue = queue.then(() => ('end' in message ? process.exit(0) : serve(message))); });

  async function serve({ id, name, input, flag, calls }: CallMessage): Promise<void> {
    const cancelled = new Int32Array(flag);
    const context: ThreadContext = {
      isCancelled: () => Atomics.load(cancelled, 0) === 1,
      throwIfCancelled() {
        if (Atomics.load(cancelled, 0) === 1) throw new AppError('cancelled', { message: 'Cancelled. Nothing was changed by what was cancelled.', hint: 'Start it again when you need it.' });
      },
      progress: (progress) => send({ id, progress }),
      giveWay: createWayGiver(new Int32Array(calls)),
    };
    try {
      context.throwIfCancelled();
      const handler = handlers[name];
      if (handler === undefined) throw new Error(`this thread knows no call ${name}`);
      send({ id, value: await handler(input as never, context as never) });
    } catch (error) {
      send({ id, error: toPlain(error) });
    }
  }
}
