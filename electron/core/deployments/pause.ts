// Waits on the clock that it is given; a cancel ends the wait at once.
import type { Clock } from '../ports.ts';
import { cancelledError } from './http-errors.ts';

/** @throws AppError cancelled as soon as the signal says so */
export function pause(clock: Clock, waitMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(cancelledError());
      return;
    }
    const onAbort = (): void => {
      stop();
      reject(cancelledError());
    };
    const stop = clock.after(waitMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
