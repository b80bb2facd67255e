// Worker threads as the main thread sees them: start one by name, call it, cancel a call, end it. A thread that dies fails the calls that wait for it.
import { Worker } from 'node:worker_threads';
import type { ResourceLimits } from 'node:worker_threads';
import { AppError } from '#shared/errors.ts';
import { fromPlain } from './thread-messages.ts';
import type { CallMessage, EndMessage, ThreadMessage } from './thread-messages.ts';

/** What a thread can do: name -> input and output, both such as structured clone carries. */
export type ThreadCalls = Readonly<Record<string, { readonly input: unknown; readonly output: unknown; readonly progress?: unknown }>>;

export interface ThreadCallOptions<P> {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: P) => void;
  readonly transfer?: readonly ArrayBuffer[];
}

export interface Thread<C extends ThreadCalls> {
  /** Rejects with what the thread threw. After an abort it settles when the thread has noticed, so that what it undoes is undone. */
  call<N extends keyof C & string>(name: N, input: C[N]['input'], options?: ThreadCallOptions<C[N]['progress']>): Promise<C[N]['output']>;
  /** Rejects calls that wait with `cancelled`, at once; then lets the thread end what it is in the midst of. Settles when it has ended. */
  end(): Promise<void>;
  isAlive(): boolean;
}

interface Waiting { readonly resolve: (value: unknown) => void; readonly reject: (error: unknown) => void; readonly onProgress: ((progress: unknown) => void) | undefined; readonly cancel: () => void; readonly forget: () => void }

/** Beside this module in the tree, and beside the bundle of a thread that starts another; else in the folder `workers` beside the bundle. */
function entryOf(name: string): URL {
  if (import.meta.url.endsWith('/workers/thread.ts')) return new URL(`./${name}.ts`, import.meta.url);
  return new URL(new URL('.', import.meta.url).pathname.endsWith('/workers/') ? `./${name}.js` : `./workers/${name}.js`, import.meta.url);
}

/** Bulk work makes much that lives for an instant: without a limit its nursery alone takes 48 MB for each thread, and two threads open fewer tokens a second. */
export const THREAD_LIMITS: ResourceLimits = { maxYoungGenerationSizeMb: 8 };

/** Of all threads that were started from here. */
const calls = new SharedArrayBuffer(4);

/**
 * A thread that is torn off while it is inside the database, or while it loads it, takes the whole program with it: native code finds no way back into a
 * script that ended under it. So it is asked, and only one that does not hear for so long is torn off.
 */
const END_MS = 5000;
const ending = new Set<Promise<void>>();

/** Settles when every thread that was told to end has ended: before that, nobody may take the cache away or leave the program. */
export async function threadsEnded(): Promise<void> {
  while (ending.size > 0) await Promise.all(ending);
}

/** Starts electron/core/workers/<name>.ts. `data` reaches its `serveThread`. */
export function startThread<C extends ThreadCalls>(name: string, data: unknown): Thread<C> {
  // Nothing of the environment is needed there, and no standard stream of ours. Only where Node keeps compiled sources: otherwise each thread would strip them anew.
  const cache = process.env['NODE_COMPILE_CACHE'];
  const worker = new Worker(entryOf(name), { workerData: data, env: cache === undefined ? {} : { NODE_COMPILE_CACHE: cache }, execArgv: [], stdin: false, resourceLimits: THREAD_LIMITS });
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let dead: unknown = null;
  let ended: Promise<void> | null = null;
  let hasExited = false;

  function fail(error: unknown): void {
    dead ??= error;
    for (const call of waiting.values()) {
      call.forget();
      call.reject(error);
    }
    waiting.clear();
  }

  worker.on('message', (message: ThreadMessage) => {
    const call = waiting.get(message.id);
    if (call === undefined) return;
    if ('progress' in message) {
      call.onProgress?.(message.progress);
      return;
    }
    waiting.delete(message.id);
    call.forget();
    if ('error' in message) call.reject(fromPlain(message.error));
    else call.resolve(message.value);
  });
  worker.on('error', fail);
  const exited = new Promise<void>((resolve) => {
    worker.once('exit', (code) => {
      hasExited = true;
      fail(new Error(`the thread ${name} ended with exit code ${code}`));
      resolve();
    });
  });
  // A thread that waits for work must not keep a finished program alive.
  worker.unref();

  async function leave(): Promise<void> {
    for (const { cancel } of waiting.values()) cancel();
    fail(endedError());
    if (hasExited) return;
    worker.ref();
    worker.postMessage({ end: true } satisfies EndMessage);
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([exited, new Promise<void>((resolve) => { timer = setTimeout(resolve, END_MS); })]);
    clearTimeout(timer);
    if (!hasExited) await worker.terminate();
  }

  return {
    call(callName, input, { signal, onProgress, transfer = [] } = {}) {
      if (dead !== null) return Promise.reject(dead);
      if (signal?.aborted === true) return Promise.reject(endedError());
      const id = lastId += 1;
      const flag = new SharedArrayBuffer(4);
      Atomics.add(new Int32Array(calls), 0, 1);
      const abort = (): void => { Atomics.store(new Int32Array(flag), 0, 1); };
      signal?.addEventListener('abort', abort, { once: true });
      return new Promise((resolve, reject) => {
        worker.ref();
        const forget = (): void => {
          signal?.removeEventListener('abort', abort);
          if (waiting.size <= 1) worker.unref();
        };
        waiting.set(id, { resolve: resolve as (value: unknown) => void, reject, onProgress: onProgress as ((progress: unknown) => void) | undefined, cancel: abort, forget });
        worker.postMessage({ id, name: callName, input, flag, calls } satisfies CallMessage, [...transfer]);
      });
    },
    end() {
      if (ended === null) {
        const mine = leave().finally(() => { ending.delete(mine); });
        ended = mine;
        ending.add(mine);
      }
      return ended;
    },
    isAlive: () => dead === null,
  };
}

function endedError(): AppError {
  return new AppError('cancelled', { message: 'This was stopped before its end. What was saved before is kept.', hint: 'Start it again when you need it.' });
}
