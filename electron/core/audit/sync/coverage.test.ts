// The algebra of the map: stretches never overlap, the newest reading counts, and what is shown runs from the beginning to the present.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BEGINNING, coverageSegments, overlay, PRESENT, uncovered, withGaps } from './coverage.ts';
import type { Stretch } from './coverage.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 1);
const RUNS = process.env['HOLDFAST_TEST_LONG'] === '1' ? 2000 : 400;

const stretch = fc.record({ fromUs: fc.integer({ min: 0, max: 30 }), length: fc.integer({ min: 0, max: 12 }), state: fc.constantFrom('complete' as const, 'gap' as const), observedAtUs: fc.integer({ min: 1, max: 9 }), walk: fc.integer({ min: 1, max: 3 }) })
  .map(({ fromUs, length, state, observedAtUs, walk }): Stretch => ({ fromUs, toUs: fromUs + length, state, reason: state === 'gap' ? 'why' : null, observedAtUs, walk }));
const stateAt = (map: readonly Stretch[], us: number): string | null => map.find(({ fromUs, toUs }) => fromUs <= us && us <= toUs)?.state ?? null;

it('a map is disjoint and ascending, and every instant says what was laid on it last', () => {
  fc.assert(fc.property(fc.array(stretch, { maxLength: 12 }), (laid) => {
    const map = laid.reduce<Stretch[]>((held, next) => overlay(held, next), []);
    map.forEach((next, index) => { if (index > 0) expect(next.fromUs).toBeGreaterThan(map[index - 1]?.toUs ?? 0); });
    for (let us = -1; us <= 45; us += 1) {
      const last = laid.findLast(({ fromUs, toUs }) => fromUs <= us && us <= toUs);
      expect(stateAt(map, us)).toBe(last?.state ?? null);
      const found = map.find(({ fromUs, toUs }) => fromUs <= us && us <= toUs);
      // Nothing looks fresher than it is.
      if (last !== undefined) expect(found?.observedAtUs).toBeLessThanOrEqual(last.observedAtUs);
      if (last !== undefined) expect(found?.walk).toBe(last.walk);
    }
  }), { seed, numRuns: RUNS });
});

it('what is uncovered and what covers make the whole, once', () => {
  fc.assert(fc.property(fc.array(stretch, { maxLength: 8 }), (ranges) => {
    const free = uncovered(ranges, { fromUs: 0, toUs: 40 });
    for (let us = 0; us <= 40; us += 1) {
      const isFree = free.filter(({ fromUs, toUs }) => fromUs <= us && us <= toUs).length;
      expect(isFree).toBe(ranges.some(({ fromUs, toUs }) => fromUs <= us && us <= toUs) ? 0 : 1);
    }
  }), { seed, numRuns: RUNS });
});

it('holes are taken out of a stretch and kept as gaps with their reasons', () => {
  const whole = { fromUs: 10, toUs: 20, state: 'complete' as const, reason: null };
  expect(withGaps(whole, [{ fromUs: 12, toUs: 13, reason: 'a' }, { fromUs: 19, toUs: 40, reason: 'b' }])).toEqual([
    { ...whole, fromUs: 10, toUs: 11 }, { ...whole, fromUs: 14, toUs: 18 }, { fromUs: 12, toUs: 13, state: 'gap', reason: 'a' }, { fromUs: 19, toUs: 20, state: 'gap', reason: 'b' },
  ]);
  expect(withGaps(whole, [])).toEqual([whole]);
});

describe('the map as it is shown', () => {
  const own: Stretch = { fromUs: BEGINNING, toUs: 2_000_000, state: 'complete', reason: null, observedAtUs: 9_000_000, walk: 1 };
  it('nothing read is unread, from the beginning to the present', () => {
    expect(coverageSegments([], [])).toEqual([{ from: null, to: null, state: 'unread', reason: null, observedAt: null }]);
  });
  it('our own organisation alone is own-org; with the list it is complete; after the newest row it is unread', () => {
    const all: Stretch = { fromUs: 1_000_000, toUs: 2_000_000, state: 'complete', reason: null, observedAtUs: 8_000_000, walk: 2 };
    expect(coverageSegments([own], [all]).map(({ from, to, state, observedAt }) => [from, to, state, observedAt])).toEqual([
      [null, '1970-01-01T00:00:00.999999Z', 'own-org', '1970-01-01T00:00:09Z'], ['1970-01-01T00:00:01Z', '1970-01-01T00:00:02Z', 'complete', '1970-01-01T00:00:08Z'], ['1970-01-01T00:00:02.000001Z', null, 'unread', null],
    ]);
  });
  it('a gap of our own organisation is a gap, whatever the list shows', () => {
    const gap: Stretch = { ...own, fromUs: 1_500_000, toUs: 1_500_000, state: 'gap', reason: 'ties' };
    const all: Stretch = { fromUs: BEGINNING, toUs: PRESENT - 1, state: 'complete', reason: null, observedAtUs: 1, walk: 2 };
    expect(coverageSegments([{ ...own, toUs: 1_499_999 }, gap], [all]).find(({ state }) => state === 'gap')).toMatchObject({ from: '1970-01-01T00:00:01.500000Z', to: '1970-01-01T00:00:01.500000Z', reason: 'ties' });
  });
  it('segments meet end to end and every gap has a reason', () => {
    const disjoint = fc.array(stretch, { maxLength: 10 }).map((laid) => laid.reduce<Stretch[]>((held, next) => overlay(held, next), []));
    fc.assert(fc.property(disjoint, disjoint, (first, second) => {
      const segments = coverageSegments(first, second);
      expect([segments[0]?.from, segments.at(-1)?.to]).toEqual([null, null]);
      segments.forEach((segment, index) => {
        const before = segments[index - 1];
        if (before !== undefined) expect([before.to === null, before.state === segment.state && before.reason === segment.reason]).toEqual([false, false]);
        if (segment.state === 'gap') expect(segment.reason).toBe('why');
        expect(segment.observedAt === null).toBe(segment.state === 'unread');
      });
    }), { seed, numRuns: RUNS });
  });
});
