// The thread that searches the audit log, so that a scan of a second does not hold up the window; it reads only.
import { workerData } from 'node:worker_threads';
import { createRunner } from '../audit/search/runner.ts';
import type { SearchCalls, SearchRunner } from '../audit/search/runner.ts';
import { turnOfThread } from '../audit/search/turn.ts';
import type { ThreadDatabase } from '../db/open.ts';
import { openThreadDatabase } from '../db/thread-connection.ts';
import { serveThread } from './serve-thread.ts';

/** KiB of pages that stay decrypted: those of the indexes are asked for again and again. */
const CACHE_KIB = 32_768;

let opened: SearchRunner | null = null;

/** With the first call: an error of opening then reaches the caller. */
function runner(): SearchRunner {
  if (opened === null) {
    const { read, raw } = openThreadDatabase({ ...(workerData as ThreadDatabase), mode: 'read' });
    raw.pragma(`cache_size = -${CACHE_KIB}`);
    opened = createRunner(read);
  }
  return opened;
}

serveThread<SearchCalls>({
  search: (input, context) => runner().search(input, turnOfThread(context)),
  count: (input, context) => runner().count(input, turnOfThread(context)),
  histogram: (input, context) => runner().histogram(input, turnOfThread(context)),
  facets: (input, context) => runner().facets(input, turnOfThread(context)),
  complete: (input, context) => runner().complete(input, turnOfThread(context)),
});
