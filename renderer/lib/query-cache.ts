// Answers of core kept for the screens: cache first, refetched when an event says so; it never forgets good data because a newer attempt failed.
import { toClientError } from './client.ts';
import type { ClientError } from './client.ts';

export interface QueryState<T> {
  /** The last good answer; stays through later failures. */
  readonly data: T | undefined;
  /** Why the last attempt failed; cleared by a success. */
  readonly error: ClientError | null;
  readonly loading: boolean;
}

interface Entry {
  state: QueryState<unknown>;
  readonly load: () => Promise<unknown>;
  /** Counts attempts, so that an answer that was overtaken is dropped. */
  attempt: number;
  settled: Promise<void>;
}

export interface QueryCache {
  /** The state now; the first read starts the load. The object stays the same until something changes. */
  read<T>(key: string, load: () => Promise<T>): QueryState<T>;
  subscribe(key: string, listener: () => void): () => void;
  /** Loads again every entry that matches and is on a screen; the others are dropped. Old data stays visible meanwhile. */
  invalidate(matches: (key: string) => boolean): void;
  /** Loads one entry again; resolves when it has settled. */
  reload(key: string): Promise<void>;
  /** Puts an answer that came another way. */
  put(key: string, data: unknown): void;
  /** Forgets everything (lock). */
  clear(): void;
}

/** Answers that no screen shows are kept up to this many, so that going back is instant; the oldest go first. */
export const MAX_UNSHOWN = 60;

export function createQueryCache(): QueryCache {
  const entries = new Map<string, Entry>();
  // Apart from the entries: a screen stays subscribed to its key when the entry behind it is made anew.
  const listeners = new Map<string, Set<() => void>>();

  const isShown = (key: string): boolean => (listeners.get(key)?.size ?? 0) > 0;

  function set(key: string, entry: Entry, state: QueryState<unknown>): void {
    entry.state = state;
    for (const listener of listeners.get(key) ?? []) listener();
  }

  function start(key: string, entry: Entry): void {
    entry.attempt += 1;
    const { attempt } = entry;
    if (!entry.state.loading) set(key, entry, { ...entry.state, loading: true });
    entry.settled = entry.load().then(
      (data) => {
        if (entry.attempt === attempt) set(key, entry, { data, error: null, loading: false });
      },
      (error: unknown) => {
        if (entry.attempt === attempt) set(key, entry, { data: entry.state.data, error: toClientError(error), loading: false });
      },
    );
  }

  function trim(): void {
    const unshown = [...entries.keys()].filter((key) => !isShown(key));
    for (const key of unshown.slice(0, Math.max(0, unshown.length - MAX_UNSHOWN))) entries.delete(key);
  }

  return {
    read<T>(key: string, load: () => Promise<T>): QueryState<T> {
      let entry = entries.get(key);
      if (entry === undefined) {
        trim();
        entry = { state: { data: undefined, error: null, loading: true }, load, attempt: 0, settled: Promise.resolve() };
        entries.set(key, entry);
        start(key, entry);
      }
      return entry.state as QueryState<T>;
    },
    subscribe(key, listener) {
      const known = listeners.get(key) ?? new Set();
      listeners.set(key, known);
      const entry = entries.get(key);
      // A screen that comes back to a failure asks once more instead of showing an old complaint.
      if (known.size === 0 && entry !== undefined && entry.state.error !== null && !entry.state.loading) start(key, entry);
      known.add(listener);
      return () => {
        known.delete(listener);
        if (known.size === 0 && listeners.get(key) === known) listeners.delete(key);
      };
    },
    invalidate(matches) {
      for (const [key, entry] of entries) {
        if (!matches(key)) continue;
        if (isShown(key)) start(key, entry);
        else entries.delete(key);
      }
    },
    async reload(key) {
      const entry = entries.get(key);
      if (entry === undefined) return;
      start(key, entry);
      await entry.settled;
    },
    put(key, data) {
      const entry = entries.get(key);
      if (entry === undefined) return;
      entry.attempt += 1;
      set(key, entry, { data, error: null, loading: false });
    },
    clear() {
      for (const entry of entries.values()) entry.attempt += 1;
      entries.clear();
    },
  };
}

/** One key for a call and its input; the order of the input's fields does not matter. */
export function queryKey(name: string, input: object): string {
  const fields = Object.entries(input).filter(([, value]) => value !== undefined).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `${name} ${JSON.stringify(Object.fromEntries(fields))}`;
}
