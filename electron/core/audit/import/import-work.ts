// What the thread of imports does: looks at files, checks them, and loads them over a connection of its own while the main thread does not write.
import { setImmediate } from 'node:timers/promises';
import type { InspectedFile } from '#shared/domain/audit-import.ts';
import type { ThreadDatabase } from '../../db/open.ts';
import { translateDatabaseError } from '../../db/sqlite-errors.ts';
import { openThreadDatabase } from '../../db/thread-connection.ts';
import type { ThreadContext, ThreadHandlers } from '../../workers/serve-thread.ts';
import { startThread } from '../../workers/thread.ts';
import { checkFiles, inspectFiles } from './check-files.ts';
import type { Checked, ReadProgress, Watcher } from './check-files.ts';
import { carryOver, mergeText } from './import-queries.ts';
import { loadFiles } from './load-files.ts';
import type { Loaded, LoadOrder } from './load-files.ts';
import type { ReadCalls } from './read-ahead.ts';

export type ImportCalls = Readonly<{
  inspect: { readonly input: readonly string[]; readonly output: InspectedFile[] };
  check: { readonly input: readonly string[]; readonly output: Checked; readonly progress: ReadProgress };
  load: { readonly input: { readonly database: ThreadDatabase; readonly order: LoadOrder }; readonly output: Loaded; readonly progress: ReadProgress };
  /** What a load leaves to be done, in steps; it may be stopped at any of them. */
  settle: { readonly input: { readonly database: ThreadDatabase }; readonly output: null };
}>;

/** Progress travels at most this often, in milliseconds. */
const PROGRESS_EVERY_MS = 100;
/** A step of merging the text index writes about this many pages: some milliseconds. */
const MERGE_PAGES = 64;

function watcherOf(context: ThreadContext): Watcher {
  let last = 0;
  return {
    throwIfCancelled: () => context.throwIfCancelled(),
    progress(progress) {
      context.giveWay();
      const now = performance.now();
      if (now - last < PROGRESS_EVERY_MS) return;
      last = now;
      context.progress(progress);
    },
  };
}

export const importWork: ThreadHandlers<ImportCalls> = {
  inspect: (paths, context) => inspectFiles(paths, context),
  check: (paths, context) => checkFiles(paths, watcherOf(context)),
  async load({ database, order }, context) {
    const reader = startThread<ReadCalls>('audit-read', null);
    try {
      const db = openThreadDatabase({ ...database, mode: 'write' });
      try {
        return await loadFiles({ db, reader }, order, watcherOf(context));
      } finally {
        db.close();
      }
    } finally {
      await reader.end();
    }
  },
  async settle({ database }, context) {
    const { raw, close } = openThreadDatabase({ ...database, mode: 'write' });
    try {
      carryOver(raw);
      // Between two steps whoever waits to write gets his turn.
      while (!context.isCancelled() && mergeText(raw, MERGE_PAGES)) {
        context.giveWay();
        await setImmediate();
      }
      carryOver(raw);
    } catch (error) {
      throw translateDatabaseError(error, 'writing');
    } finally {
      close();
    }
    return null;
  },
};
