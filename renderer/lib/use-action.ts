// One write at a time from one control: busy while it runs, its refusal kept until the next try; it swallows nothing.
import { useCallback, useLayoutEffect, useRef, useState } from 'react';
import type { ClientError } from './client.ts';
import { toClientError } from './client.ts';

export interface Action<A extends readonly unknown[]> {
  readonly busy: boolean;
  readonly error: ClientError | null;
  /** Runs unless it runs already. Resolves with true on success. */
  run(...args: A): Promise<boolean>;
  clear(): void;
}

export function useAction<A extends readonly unknown[]>(perform: (...args: A) => Promise<unknown>): Action<A> {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ClientError | null>(null);
  const running = useRef(false);
  const latest = useRef(perform);
  useLayoutEffect(() => { latest.current = perform; });
  const run = useCallback(async (...args: A): Promise<boolean> => {
    if (running.current) return false;
    running.current = true;
    setBusy(true);
    setError(null);
    try {
      await latest.current(...args);
      return true;
    } catch (caught) {
      setError(toClientError(caught));
      return false;
    } finally {
      running.current = false;
      setBusy(false);
    }
  }, []);
  const clear = useCallback(() => setError(null), []);
  return { busy, error, run, clear };
}
