// Questions to the cached log at its full size: pages, a rare word, counts over time, each as the search thread answers them.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { openThreadDatabase } from '#core/db/thread-connection.ts';
import { createRunner } from '#core/audit/search/runner.ts';
import type { Question } from '#core/audit/search/runner.ts';
import { turnOfThread } from '#core/audit/search/turn.ts';
import { NEWEST_FIRST } from '#shared/domain/audit-search.ts';
import { writeDataset } from './dataset.ts';
import type { BenchOptions } from './main.ts';
import { quantile } from './measure.ts';
import type { Verdict } from './measure.ts';

const REPEATS = 200;
/** As in the thread: nobody else waits. */
const turn = turnOfThread({ throwIfCancelled: () => undefined });
const PAGE = { limitMs: 5, stretch: 'p95 <= 1 ms' };
const NOW_US = Date.UTC(2026, 10, 22) * 1000;

export async function benchQueries({ rows, folder }: BenchOptions): Promise<readonly Verdict[]> {
  const key = randomBytes(32);
  const data = writeDataset({ jsonl: join(folder, 'queries.jsonl'), csv: join(folder, 'queries.csv') }, rows);
  execFileSync(process.execPath, [join(import.meta.dirname, 'import-child.ts'), join(folder, 'queries'), data.jsonl, 'with', key.toString('hex')], { stdio: 'ignore' });
  const { read, close } = openThreadDatabase({ path: join(folder, 'queries', 'cache.db'), key: Uint8Array.from(key), mode: 'read' });
  try {
    const runner = createRunner(read);
    const ask = (query: string): Question => ({ dep: 1, query, anchor: null, nowUs: NOW_US });
    const page = (query: string, over: { cursor?: string | null; offset?: number | null } = {}) => runner.search({ ...ask(query), sort: NEWEST_FIRST, cursor: over.cursor ?? null, offset: over.offset ?? null, limit: 200, absent: { kind: 'not-synced' } }, turn);

    // Deep: the cursor behind nine tenths of the rows.
    const { nextCursor } = await page('', { offset: Math.floor(rows * 0.9) });
    const verdicts: Verdict[] = [];
    const time = async (job: string, { limitMs, stretch }: typeof PAGE, run: (index: number) => Promise<unknown>): Promise<void> => {
      const times: number[] = [];
      for (let index = 0; index < REPEATS + 20; index += 1) {
        const start = performance.now();
        await run(index);
        if (index >= 20) times.push(performance.now() - start);
      }
      const p95 = quantile(times, 0.95);
      verdicts.push({ job, figures: { 'p50 ms': quantile(times, 0.5), 'p95 ms': p95 }, unit: 'ms', ratio: null, ratioOf: '', floor: `p95 <= ${limitMs} ms`, stretch, isMet: p95 <= limitMs, note: null });
    };
    await time(`first page at ${rows} rows`, PAGE, () => page(''));
    await time(`first page of one organisation at ${rows} rows`, PAGE, (index) => page(`org:${index % 2 === 0 ? 'acme' : 'globex'}`));
    await time(`deep page by key at ${rows} rows`, PAGE, () => page('', { cursor: nextCursor }));
    await time(`rare word at ${rows} rows`, PAGE, () => page('needle'));
    // Each time another range, so that no answer is one that was kept.
    await time(`histogram by day at ${rows} rows`, { limitMs: 15, stretch: 'p95 <= 10 ms' }, (index) => runner.histogram({ ...ask(`since:${new Date(Date.UTC(2026, 7, 1, 0, index)).toISOString()}`), buckets: 100 }, turn));
    return verdicts;
  } finally {
    close();
  }
}
