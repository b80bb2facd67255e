// One ticking clock for the page, so that ages on a screen move together; it wakes only while something shows an age.
import { useSyncExternalStore } from 'react';

const TICK_MS = 15_000;
const listeners = new Set<() => void>();
let nowMs = Date.now();
let timer: ReturnType<typeof setInterval> | null = null;

function tick(): void {
  nowMs = Date.now();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(tick, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  };
}

/** Milliseconds since the epoch, renewed every 15 s. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => {
    if (Date.now() - nowMs > TICK_MS) nowMs = Date.now();
    return nowMs;
  });
}
