// The hook through which a screen reads: shows what is known at once, and loads again when core says that it changed; it never blanks a screen.
import { useCallback, useSyncExternalStore } from 'react';
import type { AppEvent, CallInput, CallName, CallOutput } from '#shared/contract.ts';
import { call, onEvent } from './client.ts';
import { createQueryCache, queryKey } from './query-cache.ts';
import type { QueryState } from './query-cache.ts';
import { staleKeys } from './stale-keys.ts';

const cache = createQueryCache();
const IDLE: QueryState<never> = { data: undefined, error: null, loading: false };
const noop = (): void => undefined;

export interface Query<T> extends QueryState<T> {
  /** Asks again; resolves when the answer is there. */
  reload(): Promise<void>;
}

/** Reads a call of the contract through the cache. `null` as input means: not now. */
export function useQuery<N extends CallName>(name: N, input: CallInput<N> | null): Query<CallOutput<N>> {
  const key = input === null ? null : queryKey(name, input as object);
  const subscribe = useCallback((listener: () => void) => (key === null ? noop : cache.subscribe(key, listener)), [key]);
  const state = useSyncExternalStore(subscribe, () => (key === null || input === null ? IDLE : cache.read(key, () => call(name, input))));
  const reload = useCallback(() => (key === null ? Promise.resolve() : cache.reload(key)), [key]);
  return { ...state, reload };
}

/** Puts the answer of a write where the screens read it, so that nothing flickers back. */
export function putAnswer<N extends CallName>(name: N, input: CallInput<N>, answer: CallOutput<N>): void {
  cache.put(queryKey(name, input as object), answer);
}

/** Loads again what an event made old. */
export function applyEvent(event: AppEvent): void {
  const matches = staleKeys(event);
  if (matches !== null) cache.invalidate(matches);
}

/** Loads every answer of these calls again. */
export function refetch(...names: readonly CallName[]): void {
  cache.invalidate((key) => names.some((name) => key.startsWith(`${name} `)));
}

/** Forgets every answer: after this nothing readable is left in this page's memory of core. */
export function forgetAnswers(): void {
  cache.clear();
}

/** Keeps the cache in step with core for as long as the page lives. Returns the way to stop. */
export function followEvents(): () => void {
  return onEvent(applyEvent);
}
