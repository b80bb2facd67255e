// Long work on the main thread in short slices: lets everyone else have their turn in between, and ends when it was cancelled.
import { AppError } from '#shared/errors.ts';

/** How long one slice may take before others have their turn, ms. */
const SLICE_MS = 10;

export interface Pace {
  /** Call it every millisecond or so. @throws AppError cancelled */
  turn(): Promise<void>;
}

export const cancelled = (): AppError => new AppError('cancelled', { message: 'Cancelled. What was saved before is kept.', hint: 'Start it again when you need it.' });

export function createPace(signal: AbortSignal | null, monotonicMs: () => number): Pace {
  let began = monotonicMs();
  const refuseCancelled = (): void => {
    if (signal?.aborted === true) throw cancelled();
  };
  return {
    async turn() {
      refuseCancelled();
      if (monotonicMs() - began < SLICE_MS) return;
      await new Promise<void>((resolve) => { setImmediate(resolve); });
      refuseCancelled();
      began = monotonicMs();
    },
  };
}
