// A clock that ticks each second, for what counts down; it wakes only while something shows it.
import { useSyncExternalStore } from 'react';

const TICK_MS = 1000;
const listeners = new Set<() => void>();
let nowMs = Date.now();
let timer: ReturnType<typeof setInterval> | null = null;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    nowMs = Date.now();
    for (const each of listeners) each();
  }, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  };
}

/** Milliseconds since the epoch, renewed each second. */
export function useSecond(): number {
  return useSyncExternalStore(subscribe, () => {
    if (Math.abs(Date.now() - nowMs) > TICK_MS) nowMs = Date.now();
    return nowMs;
  });
}
