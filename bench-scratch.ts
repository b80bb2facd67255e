import { join } from 'node:path';
import { existsSync } from 'node:fs';
import { openRetentionBench, benchRow, HELD, NOW_US, addressOf } from './test/support/retention-bench.ts';
import { sql } from '#core/db/sql.ts';
const dir = '/tmp/retention-bench-work/p';
const fresh = !existsSync(join(dir, 'cache.db'));
const b = await openRetentionBench(dir);
const N = 1_000_000;
const DAY = 86_400_000_000;
if (fresh) {
  const t = performance.now();
  const cipher = 'gAAAAA' + 'x'.repeat(300);
  for (let at = 0; at < N; at += 1000) {
    const seen = NOW_US - Math.floor((N - at) / N * 120 * DAY) + 3600e6;
    b.store(Array.from({ length: 1000 }, (_, i) => { const id = at + i + 1; return { ...benchRow(id, { createdAtUs: NOW_US - Math.floor((N - id) / N * 120 * DAY) }), payload: { state: 'plain' as const, keyId: null, body: JSON.stringify({ n: id, c: cipher.slice(0, 100 + id % 200) }) } }; }), { atUs: Math.min(seen, NOW_US) });
  }
  console.log('filled', performance.now() - t);
}
b.status({ enabled: true, retention_days: 90, overdue_count: 5, cutoff_iso: new Date((NOW_US - 90 * DAY) / 1000).toISOString() });
const lap = async (name: string, run: () => Promise<unknown>): Promise<void> => { const t = performance.now(); const out = await run(); console.log(name, Math.round(performance.now() - t), 'ms', JSON.stringify(out)?.slice(0, 300) ?? ''); };
if (process.argv[2] === 'first') await lap('count ages first', async () => { b.session.write().run(sql`DELETE FROM age_hour`); b.session.write().run(sql`DELETE FROM age_mark`); await b.truth.countAfterSync(HELD); });
await lap('show', async () => (await b.truth.show(HELD)).verdict);
await lap('show again', async () => (await b.truth.show(HELD)).ages.pastCutoff);
b.status({ enabled: true, retention_days: 90, overdue_count: 0, cutoff_iso: new Date((NOW_US - 90 * DAY) / 1000).toISOString() });
b.session.write().run(sql`INSERT INTO audit_walk (id, dep, address, scope, kind, started_at, ended_at) VALUES ((SELECT coalesce(max(id),0)+1 FROM audit_walk), ${b.dep()}, ${addressOf(HELD)}, 'all', 'list', ${NOW_US - 1000}, ${NOW_US - 10}), ((SELECT coalesce(max(id),0)+2 FROM audit_walk), ${b.dep()}, ${addressOf(HELD)}, 'all', 'list', ${NOW_US + 10}, ${NOW_US + 100})`);
await lap('show none', async () => (await b.truth.show(HELD)).verdict);
await lap('preview all', async () => b.holds.preview({ deploymentId: HELD, query: '' }));
await lap('preview actor', async () => b.holds.preview({ deploymentId: HELD, query: 'actor:auth0|u3 method:DELETE' }));
await lap('preview word', async () => b.holds.preview({ deploymentId: HELD, query: '12345' }));
for (const hold of await b.holds.list(HELD)) console.log('hold', hold.caseId, hold.counts);
if (process.argv[2] === 'first') {
  await lap('add 10k', async () => (await b.add('id:1..10000')).counts);
  await lap('add 95k', async () => (await b.add('actor:auth0|u3 method:POST', { caseId: 'C-2' })).counts);
}
await lap('list', async () => (await b.holds.list(HELD)).length);
await lap('show with holds', async () => (await b.truth.show(HELD)).due);
await b.close();
