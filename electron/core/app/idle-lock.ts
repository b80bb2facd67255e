// Locks after a time without activity, and when the clock shows that the machine slept.
import type { Clock } from '../ports.ts';

const LOOK_EVERY_MS = 5_000;
/** A gap between two looks that no busy machine makes: the machine was asleep. */
const SLEPT_MS = 60_000;

export interface IdleLock { touch(): void; stop(): void }

export function startIdleLock({ clock, limitMs, lock }: { clock: Clock; limitMs: () => number; lock: (why: 'idle' | 'system') => void }): IdleLock {
  let lastTouch = clock.monotonicMs();
  let lastLook = { wall: clock.now(), monotonic: clock.monotonicMs() };
  let cancel: () => void = () => undefined;

  function look(): void {
    const now = { wall: clock.now(), monotonic: clock.monotonicMs() };
    // A sleeping machine stops one clock or both: either jump counts.
    const slept = Math.max(now.wall - lastLook.wall, now.monotonic - lastLook.monotonic) > SLEPT_MS + LOOK_EVERY_MS;
    lastLook = now;
    if (slept) lock('system');
    else if (now.monotonic - lastTouch >= limitMs()) lock('idle');
    cancel = clock.after(LOOK_EVERY_MS, look);
  }

  cancel = clock.after(LOOK_EVERY_MS, look);
  return {
    touch: () => {
      lastTouch = clock.monotonicMs();
    },
    stop: () => cancel(),
  };
}
