// The threads of one piece of bulk work: started for it, ended with it, and ended at once when it is cancelled or the profile locks.
import { AppError } from '#shared/errors.ts';
import type { Session } from '../../session.ts';
import { startThread } from '../../workers/thread.ts';
import type { Thread } from '../../workers/thread.ts';
import type { BulkCalls, RowsAsked } from './thread-calls.ts';

/** A cancelled thread wipes what it holds and answers; one that does not within this time is ended in its work. */
const CANCEL_MS = 120;
/** Rows that a thread takes on at once; it gives them back in parts. */
const CHUNK_ROWS = 2048;

export type BulkThread = Thread<BulkCalls>;
type PartCall = 'open' | 'lines';
export type Part<N extends PartCall> = BulkCalls[N]['output'];

export interface Pool {
  /** For what one thread does alone. */
  readonly first: BulkThread;
  /** Aborted by the caller's signal, and when the profile locks. */
  readonly stop: AbortSignal;
  unlock(keys: BulkCalls['unlock']['input']['keys']): Promise<void>;
  /** Every row once, in no order; `take` gets each part with the place of its first row in `seqs`. */
  each<N extends PartCall>(call: N, seqs: Float64Array, take: (at: number, part: Part<N>) => void): Promise<void>;
  /** Every row once, in order: a part waits until those before it were taken. */
  inOrder<N extends PartCall>(call: N, seqs: Float64Array, take: (at: number, part: Part<N>) => Promise<void>): Promise<void>;
}

const cancelled = (): AppError => new AppError('cancelled', { message: 'Cancelled. What had been opened was dropped.', hint: 'Start it again when you need it.' });

/**
 * Runs work with `size` threads over the open cache. An abort of `signal`, or the profile's lock, ends it within about 150 ms, whatever the threads do.
 * @throws AppError cancelled then; else what the work throws
 */
export async function withPool<T>({ session, size, signal }: { readonly session: Session; readonly size: number; readonly signal: AbortSignal }, work: (pool: Pool) => Promise<T>): Promise<T> {
  session.read();
  const database = session.database();
  if (database === null) throw new Error('the session is open without a database');
  const threads = Array.from({ length: size }, () => startThread<BulkCalls>('bulk-decrypt', database.forThread()));
  const [first] = threads;
  if (first === undefined) throw new Error('a pool has at least one thread');
  const closing = new AbortController();
  const stopListening = session.onClosing(() => { closing.abort(); });
  const stop = AbortSignal.any([signal, closing.signal]);
  const endAll = (): Promise<unknown> => Promise.all(threads.map((thread) => thread.end()));
  let timer: NodeJS.Timeout | null = null;
  // A call that waits for an ended thread is rejected at once, also while the thread is deep in the database.
  const abort = (): void => { timer = setTimeout(() => void endAll(), CANCEL_MS); };
  if (stop.aborted) abort();
  stop.addEventListener('abort', abort, { once: true });
  try {
    if (stop.aborted) throw cancelled();
    return await work(poolOf(threads, first, stop));
  } catch (error) {
    throw stop.aborted ? cancelled() : error;
  } finally {
    // Keys and plaintexts are overwritten before the memory goes back; a thread that is stuck loses it unwritten.
    await Promise.allSettled(threads.map((thread) => thread.call('forget', null)));
    stop.removeEventListener('abort', abort);
    stopListening();
    if (timer !== null) clearTimeout(timer);
    const ended = endAll();
    if (!stop.aborted) await ended;
  }
}

function poolOf(threads: readonly BulkThread[], first: BulkThread, signal: AbortSignal): Pool {
  /** `take` gets `turn`: fulfilled when all rows before this chunk were taken. */
  async function run<N extends PartCall>(call: N, seqs: Float64Array, take: (at: number, part: Part<N>, turn: () => Promise<void>) => Promise<void> | void): Promise<void> {
    const failed = new AbortController();
    const stop = AbortSignal.any([signal, failed.signal]);
    const stopped = new Promise<never>((_, reject) => { stop.addEventListener('abort', () => reject(cancelled()), { once: true }); });
    stopped.catch(() => undefined);
    let nextChunk = 0;
    let lastTaken: Promise<void> = Promise.resolve();

    async function serve(thread: BulkThread): Promise<void> {
      while (nextChunk * CHUNK_ROWS < seqs.length) {
        const from = nextChunk * CHUNK_ROWS;
        nextChunk += 1;
        const before = lastTaken;
        let done: () => void = () => undefined;
        const allTaken = new Promise<void>((resolve) => { done = resolve; });
        lastTaken = before.then(() => allTaken);
        // A copy: a view would carry all of them to the thread.
        const chunk = seqs.slice(from, from + CHUNK_ROWS);
        for (let at = 0; at < chunk.length;) {
          const part = await thread.call(call, { seqs: chunk, first: at } satisfies RowsAsked, { signal: stop }) as Part<N>;
          if (stop.aborted) {
            wipePart(part);
            throw cancelled();
          }
          // When another thread fails, the turn never comes.
          await take(from + at, part, () => Promise.race([before, stopped]));
          at += part.taken;
        }
        done();
      }
    }

    const settled = await Promise.allSettled(threads.map((thread) => serve(thread).catch((error: unknown) => {
      failed.abort();
      throw error;
    })));
    const problems = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    // The others were only told to stop.
    const own = problems.find((problem) => !(problem instanceof AppError && problem.code === 'cancelled')) ?? problems[0];
    if (own !== undefined) throw own;
  }

  return {
    first,
    stop: signal,
    async unlock(keys) {
      await Promise.all(threads.map((thread) => thread.call('unlock', { keys }, { signal })));
    },
    each: (call, seqs, take) => run(call, seqs, (at, part) => { take(at, part); }),
    inOrder: (call, seqs, take) => run(call, seqs, async (at, part, turn) => {
      try {
        await turn();
      } catch (error) {
        wipePart(part);
        throw error;
      }
      await take(at, part);
    }),
  };
}

/** Overwrites the plaintext of a part, for the thread as well. */
export function wipePart(part: Part<PartCall>): void {
  new Uint8Array('plaintext' in part ? part.plaintext : part.lines).fill(0);
}
