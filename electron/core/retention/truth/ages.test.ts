// Rows by age over a real cache, against counting them one by one: whatever order rows and payloads come in, however they are cut, and whether or not the roll-up was kept.
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { sql } from '#core/db/sql.ts';
import { temporaryFolder } from '../../../../test/support/ports.ts';
import { benchRow, HELD, NOW_US, openRetentionBench, OTHER } from '../../../../test/support/retention-bench.ts';
import { agesOf, barsOf, MAX_BARS, olderThan, stepDaysFor } from './ages.ts';
import { ageGroups } from './age-queries.ts';
import { gapsBefore } from './gaps.ts';

const isLong = process.env['HOLDFAST_TEST_LONG'] === '1';
const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 1);
const DAY_US = 86_400_000_000;
const HOUR_US = 3_600_000_000;
const cleanups: (() => unknown)[] = [];
afterEach(async () => { for (const clean of cleanups.splice(0).reverse()) await clean(); });
const pause = async (): Promise<void> => undefined;

describe('ages', () => {
  it('are exact at every cutoff, with the bytes of payloads that came late', async () => {
    const folder = temporaryFolder('ages');
    cleanups.push(folder.remove);
    const ageUs = fc.oneof(fc.integer({ min: 0, max: 400 * 24 }).map((hours) => hours * HOUR_US), fc.integer({ min: -1000, max: 30_000_000 }).map((n) => n * 1_000_003), fc.constant(NOW_US + DAY_US));
    const step = fc.oneof(
      fc.record({ kind: fc.constant('rows' as const), ages: fc.array(ageUs, { minLength: 1, maxLength: 20 }) }), fc.record({ kind: fc.constant('payloads' as const), from: fc.integer({ min: 1, max: 40 }) }),
      fc.record({ kind: fc.constant('others' as const) }), fc.record({ kind: fc.constant('count' as const) }), fc.record({ kind: fc.constant('remove other' as const) }),
    );
    let cases = 0;
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 10 }), fc.array(ageUs, { minLength: 1, maxLength: 5 }), async (steps, cutoffs) => {
      cases += 1;
      const bench = await openRetentionBench(join(folder.path, String(cases)));
      try {
        let last = 0;
        let isOtherHere = true;
        for (const one of steps) {
          if (one.kind === 'rows') bench.store(one.ages.map((age) => { last += 1; return benchRow(last, { createdAtUs: NOW_US - age }); }));
          if (one.kind === 'payloads') bench.payloads([one.from, one.from + 1].filter((id) => id <= last));
          if (one.kind === 'others' && isOtherHere) bench.store([benchRow(1), benchRow(2)], { id: OTHER });
          if (one.kind === 'count') await bench.truth.countAfterSync(HELD);
          if (one.kind === 'remove other' && isOtherHere) {
            isOtherHere = false;
            const { token } = bench.deployments.planRemoval(OTHER);
            await bench.deployments.remove({ id: OTHER, token, confirmName: OTHER });
          }
        }
        const { session } = bench;
        const db = session.read();
        const dep = bench.dep();
        const inMemory = await agesOf({ session: { ...session, access: () => 'read' as const }, dep, pause });
        const groups = await agesOf({ session, dep, pause });
        expect(ageGroups(db, dep).reduce((sum, { rows }) => sum + rows, 0)).toBe(last);
        for (const cutoff of [...cutoffs.map((age) => NOW_US - age), NOW_US + 2 * DAY_US]) {
          const counted = db.get(sql`SELECT count(*) AS n, total(length(CAST(created_raw AS BLOB)) + length(route) + length(method) + length(event_type) + coalesce(length(org), 0) + coalesce(length(actor_sub), 0) + coalesce(length(p.body), 0)) AS bytes
            FROM audit_event e LEFT JOIN audit_payload p ON p.seq = e.seq WHERE dep = ${dep} AND created_at < ${cutoff}`, (row) => ({ rows: Number(row['n']), bytes: Number(row['bytes']) }));
          expect(olderThan(db, { dep, groups }, cutoff)).toEqual(counted);
          expect(olderThan(db, { dep, groups: inMemory }, cutoff)).toEqual(counted);
        }
      } finally {
        await bench.close();
      }
    }), { seed, numRuns: isLong ? 150 : 25 });
  }, 600_000);

  it('are bars without holes, at most 400, with the cutoff where it fits', () => {
    const anyDay = fc.integer({ min: -20_000, max: 60_000 });
    fc.assert(fc.property(fc.record({ fromDay: anyDay, days: fc.integer({ min: 0, max: 9_000 }), cutoffDay: fc.option(anyDay, { nil: null }) }), ({ fromDay, days, cutoffDay }) => {
      const [oldestUs, newestUs] = [fromDay * DAY_US + 5, (fromDay + days) * DAY_US + 7];
      const groups = [{ hour: fromDay * 24, batch: 1, rows: 2, bytes: 5 }, { hour: (fromDay + days) * 24 + 23, batch: 1, rows: 3, bytes: 7 }];
      const { stepDays, bars } = barsOf({ groups, oldestUs, newestUs, cutoffUs: cutoffDay === null ? null : cutoffDay * DAY_US, heldBySteps: () => new Map() });
      expect(bars.length).toBeLessThanOrEqual(MAX_BARS);
      expect(stepDays).toBe(stepDaysFor(oldestUs, newestUs));
      expect([bars.reduce((sum, bar) => sum + bar.rows, 0), bars.reduce((sum, bar) => sum + bar.bytes, 0)]).toEqual([5, 12]);
      bars.slice(1).forEach((bar, index) => expect(bar.from).toBe(bars[index]?.to));
    }), { seed, numRuns: 200 });
  });
});

describe('gaps before a cutoff', () => {
  const segment = ([from, to]: readonly [string | null, string | null], state: 'complete' | 'own-org' | 'gap' | 'unread', reason: string | null = null) => ({ from, to, state, reason, observedAt: null });

  it('end at it, and what nobody read is one', () => {
    const cutoffUs = Date.UTC(2026, 0, 10) * 1000;
    expect(gapsBefore([segment([null, null], 'unread')], cutoffUs)).toEqual([{ from: null, to: '2026-01-09T23:59:59.999999Z', reason: 'Never read.' }]);
    const segments = [segment([null, '2026-01-04T23:59:59.999999Z'], 'gap', 'x'), segment(['2026-01-05T00:00:00Z', '2026-01-07T23:59:59.999999Z'], 'complete'), segment(['2026-01-08T00:00:00Z', '2026-01-20T00:00:00Z'], 'own-org', 'ours'), segment(['2026-01-20T00:00:00.000001Z', null], 'unread', 'later')];
    expect(gapsBefore(segments, cutoffUs)).toEqual([{ from: null, to: '2026-01-04T23:59:59.999999Z', reason: 'x' }, { from: '2026-01-08T00:00:00Z', to: '2026-01-09T23:59:59.999999Z', reason: 'ours' }]);
    expect(gapsBefore(segments, null)).toHaveLength(2);
  });
});
