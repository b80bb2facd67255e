// The thread that gives back the space of what was removed: it merges the text index, writes the cache anew and shortens its log, so that the window goes on meanwhile.
import { setImmediate } from 'node:timers/promises';
import { workerData } from 'node:worker_threads';
import type { ThreadDatabase } from '../db/open.ts';
import { openThreadDatabase } from '../db/thread-connection.ts';
import { translateDatabaseError } from '../db/sqlite-errors.ts';
import { serveThread, stepBehind } from './serve-thread.ts';

export type CompactCalls = Readonly<{ compact: { readonly input: null; readonly output: { readonly isCompacted: boolean } } }>;

/** SQLite makes the new cache in memory first, since a file of it in a temporary folder would not be encrypted. */
const MEMORY_BYTES = 1_073_741_824;
/** A step of merging the text index writes about this many pages: some milliseconds. */
const MERGE_PAGES = 256;

stepBehind();
serveThread<CompactCalls>({
  async compact(_input, context) {
    const { raw, close } = openThreadDatabase({ ...(workerData as ThreadDatabase), mode: 'write' });
    const changes = (): number => Number(raw.prepare('SELECT total_changes()').pluck().get());
    try {
      // Words of rows that went stay in the index until its parts are merged. The first step marks all of them for that.
      for (let pages = -MERGE_PAGES; ; pages = MERGE_PAGES) {
        context.throwIfCancelled();
        const before = changes();
        raw.exec(`INSERT INTO audit_text (audit_text, rank) VALUES ('merge', ${pages})`);
        if (changes() - before < 2) break;
        context.giveWay();
        await setImmediate();
      }
      const used = (Number(raw.pragma('page_count', { simple: true })) - Number(raw.pragma('freelist_count', { simple: true }))) * Number(raw.pragma('page_size', { simple: true }));
      const isCompacted = used <= MEMORY_BYTES;
      context.throwIfCancelled();
      if (isCompacted) raw.exec('VACUUM');
      raw.pragma('wal_checkpoint(TRUNCATE)');
      return { isCompacted };
    } catch (error) {
      throw translateDatabaseError(error, 'writing');
    } finally {
      close();
    }
  },
});
