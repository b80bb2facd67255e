// Lets at most two requests a second go to one address, one after the other; it drops none, and a cancelled one leaves the queue at once.
import type { Clock } from '../ports.ts';
import { pause } from './pause.ts';
import { cancelledError } from './http-errors.ts';

/**
 * From the end of one request to the start of the next, in milliseconds. Counted from the end, because a request arrives somewhere between its start and its
 * end: so any three arrivals at the server are more than a second apart, however long each was on its way.
 */
export const GAP_MS = 510;

export interface Pacer {
  /** Sends when it is its turn and the gap is over. @throws AppError cancelled while it waits; what `send` throws */
  send<T>(send: () => Promise<T>, signal: AbortSignal | undefined): Promise<T>;
  /** A request that did not wait here has ended: the next that does keeps its distance from it too. */
  note(): void;
}

export function createPacer(clock: Clock): Pacer {
  let lastTurn: Promise<void> = Promise.resolve();
  let freeAtMs = -Infinity;
  const note = (): void => { freeAtMs = clock.monotonicMs() + GAP_MS; };

  return {
    note,
    async send(send, signal) {
      const before = lastTurn;
      const mine = Promise.withResolvers<void>();
      lastTurn = mine.promise;
      try {
        await unlessCancelled(before, signal);
        // A timer may come early, and another request may have ended meanwhile.
        for (let waitMs = freeAtMs - clock.monotonicMs(); waitMs > 0; waitMs = freeAtMs - clock.monotonicMs()) await pause(clock, Math.ceil(waitMs), signal);
        if (signal?.aborted === true) throw cancelledError();
        try {
          return await send();
        } finally {
          note();
        }
      } finally {
        // Who left the queue early must not let the next one overtake those before.
        void before.then(() => mine.resolve());
      }
    },
  };
}

function unlessCancelled(wait: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return wait;
  if (signal.aborted) return Promise.reject(cancelledError());
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(cancelledError());
    signal.addEventListener('abort', onAbort, { once: true });
    void wait.then(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
  });
}
