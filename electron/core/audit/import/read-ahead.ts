// Reads a file in a thread of its own while this one writes: a few batches ahead at most, so that neither memory nor waiting grows with the file.
import type { ThreadHandlers } from '../../workers/serve-thread.ts';
import type { Thread } from '../../workers/thread.ts';
import { readThrough } from './check-files.ts';
import { openImportFile } from './import-file.ts';
import type { Shape } from './read-rows.ts';
import { createRowBatcher } from './row-batches.ts';
import type { RowBatch } from './row-batches.ts';

/** Batches that are read and not yet written. */
const MOST_AHEAD = 4;
const SEND_EVERY_MS = 100;
/** How often a reader that waits for room looks whether it was told to end. */
const LOOK_EVERY_MS = 100;

export interface FileToRead { readonly path: string; readonly shape: Shape }
export interface ReadFile { readonly bytes: number; readonly sha256: string }

export type ReadCalls = Readonly<{
  /** `room[0]` is how many batches may still be sent: the reader takes from it and waits at 0, the writer gives back. */
  read: { readonly input: FileToRead & { readonly room: SharedArrayBuffer }; readonly output: ReadFile; readonly progress: RowBatch };
}>;

/** The reader's side. */
export const readWork: ThreadHandlers<ReadCalls> = {
  async read({ path, shape, room }, context) {
    const left = new Int32Array(room);
    const file = openImportFile(path);
    try {
      const total = { bytes: 0, all: file.bytes };
      let sentAt = performance.now();
      const sink = createRowBatcher(() => total.bytes, (batch) => {
        // Whoever ends this thread while nobody gives room must not wait for it.
        while (Atomics.wait(left, 0, 0, LOOK_EVERY_MS) === 'timed-out') context.throwIfCancelled();
        Atomics.sub(left, 0, 1);
        context.progress(batch);
        sentAt = performance.now();
      });
      // Long stretches may give no row: the writer hears of them all the same, and can be cancelled.
      const progress = (): void => { if (performance.now() - sentAt > SEND_EVERY_MS) sink.flush(); };
      const read = await readThrough({ file, shape, sink, watcher: { throwIfCancelled: () => context.throwIfCancelled(), progress }, total, rows: () => 0 });
      sink.flush();
      return read;
    } finally {
      file.close();
    }
  },
};

/**
 * The writer's side: `take` gets the batches in the order of the file.
 * @throws what `take` throws; then the thread is at its end. What reading throws, as readThrough does
 */
export async function readAhead(thread: Thread<ReadCalls>, file: FileToRead, take: (batch: RowBatch) => void): Promise<ReadFile> {
  const room = new SharedArrayBuffer(4);
  const left = new Int32Array(room);
  left[0] = MOST_AHEAD;
  let failure: { readonly error: unknown } | null = null;
  try {
    return await thread.call('read', { path: file.path, shape: file.shape, room }, {
      onProgress(batch) {
        if (failure !== null) return;
        try {
          take(batch);
        } catch (error) {
          failure = { error };
          // It may be waiting for room, which nobody will give.
          void thread.end();
          return;
        }
        Atomics.add(left, 0, 1);
        Atomics.notify(left, 0);
      },
    });
  } catch (error) {
    throw (failure as { readonly error: unknown } | null)?.error ?? error;
  }
}
