// A clock that runs fast and says the same in every process that knows where it began.
import { fastClock } from './prober-bench.ts';
import type { Clock } from '#core/ports.ts';

/** How much faster than the world; as the clock of the prober's tests. */
const SPEED = 40;

/** @param originMs wall clock at which both clocks agree */
export function sharedFastClock(originMs: number): Clock {
  return { ...fastClock(), now: () => originMs + (Date.now() - originMs) * SPEED };
}
