// How a long search stays short to stop: between two slices it looks whether it is still wanted.
import { AppError } from '#shared/errors.ts';

export interface Turn {
  /** Called between two slices of work. @throws AppError cancelled */
  pause(): Promise<void>;
}

/** In a thread of its own: nobody else waits for it, so it need not step aside. */
export function turnOfThread(thread: { throwIfCancelled(): void }): Turn {
  return { pause: async () => { thread.throwIfCancelled(); } };
}

/**
 * In the process of the caller: lets timers and signals run, then looks at the signal.
 * @param confirm throws when the cache that is read was closed meanwhile
 */
export function turnOfProcess(signal: AbortSignal, confirm: () => void): Turn {
  return {
    async pause() {
      await new Promise<void>((resolve) => { setImmediate(resolve); });
      if (signal.aborted) throw cancelledError();
      confirm();
    },
  };
}

export function cancelledError(): AppError {
  return new AppError('cancelled', { message: 'The search was cancelled, or a newer one took its place.', hint: 'Search again.' });
}
