// Rows that were let go leave a gap in the map, and nothing else changes.
import { expect, it } from 'vitest';
import type { CoverageSegment } from '#shared/domain/audit-coverage.ts';
import { formatInstantUs } from '#shared/domain/time.ts';
import { withLetGo } from './let-go-coverage.ts';

const at = (us: number): string => formatInstantUs(us);
const segment = (over: Partial<CoverageSegment>): CoverageSegment => ({ from: null, to: null, state: 'complete', reason: null, observedAt: at(9), ...over });

it('splits what was read at the newest row that went', () => {
  expect(withLetGo([segment({})], { rows: 3, newestUs: 1000, atUs: 5000 })).toEqual([
    segment({ to: at(1000), state: 'gap', reason: `This workstation let 3 rows up to ${at(1000)} go by its own rule, the last time on ${at(5000)}. They were read before, and are not held any more.` }),
    segment({ from: at(1001) }),
  ]);
});

it('leaves gaps, what was never read, and what is newer as they are', () => {
  const others = [segment({ to: at(10), state: 'unread' }), segment({ from: at(11), to: at(20), state: 'gap', reason: 'lost' }), segment({ from: at(2000) })];
  expect(withLetGo(others, { rows: 1, newestUs: 1000, atUs: 5000 })).toEqual(others);
  expect(withLetGo([segment({})], null)).toEqual([segment({})]);
  expect(withLetGo([segment({ from: at(21), to: at(1000), state: 'own-org', reason: 'ours' })], { rows: 1, newestUs: 1000, atUs: 5000 })).toMatchObject([{ state: 'gap', from: at(21), to: at(1000) }]);
});
