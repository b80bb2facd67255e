// The thread that checks every page of the cache, so that a large one does not hold up the window; it reads only.
import { workerData } from 'node:worker_threads';
import { checkEveryTable } from '../db/integrity.ts';
import type { ThreadDatabase } from '../db/open.ts';
import { openThreadDatabase } from '../db/thread-connection.ts';
import { serveThread, stepBehind } from './serve-thread.ts';

/** 'ok', or one sentence for each problem. Cancelled between two tables. */
export type CheckCalls = Readonly<{ check: { readonly input: null; readonly output: 'ok' | string[] } }>;

// A cache of a gigabyte takes some seconds after each start, just when somebody begins to scroll.
stepBehind();
serveThread<CheckCalls>({
  async check(_input, context) {
    const { raw, close } = openThreadDatabase({ ...(workerData as ThreadDatabase), mode: 'read' });
    try {
      return await checkEveryTable(raw, { get aborted() { return context.isCancelled(); } });
    } finally {
      close();
    }
  },
});
