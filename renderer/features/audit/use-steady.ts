// Keeps the last answer on the screen while the next one is on its way, and says so; it never passes an old figure off as a new one.
import { useState } from 'react';
import type { CallInput, CallName, CallOutput } from '#shared/contract.ts';
import type { ClientError } from '../../lib/client.ts';
import { useQuery } from '../../lib/query.ts';

export interface Steady<T> {
  readonly data: T | undefined;
  /** True while `data` is of an earlier question. */
  readonly isOld: boolean;
  readonly error: ClientError | null;
  readonly reload: () => Promise<void>;
}

/** Reads a call as useQuery does. `null` as input means: not now. */
export function useSteadyQuery<N extends CallName>(name: N, input: CallInput<N> | null): Steady<CallOutput<N>> {
  const query = useQuery(name, input);
  const [last, setLast] = useState<CallOutput<N> | undefined>(undefined);
  if (query.data !== undefined && query.data !== last) setLast(query.data);
  return { data: query.data ?? last, isOld: query.data === undefined, error: query.error, reload: query.reload };
}
