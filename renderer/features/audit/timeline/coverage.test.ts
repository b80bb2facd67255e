// Keeps R61: the strip covers its axis without holes, and says complete only where a segment says so.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CoverageSegment } from '#shared/domain/audit-coverage.ts';
import { COVERAGE_STATES } from '#shared/domain/audit-coverage.ts';
import { formatInstantUs, parseInstantUs } from '#shared/domain/time.ts';
import { headlineOf, stretchesOn } from './coverage.ts';

const seed = process.env['HOLDFAST_TEST_SEED'];
const RUNS = { numRuns: process.env['HOLDFAST_TEST_LONG'] === '1' ? 5000 : 1000, ...(seed === undefined ? {} : { seed: Number(seed) }) };
const segment = (from: string | null, to: string | null, state: CoverageSegment['state']): CoverageSegment => ({ from, to, state, reason: state === 'gap' ? 'cut off' : null, observedAt: null });
const at = (iso: string): number => Date.parse(iso) / 1000;
const instant = fc.option(fc.integer({ min: 0, max: 200 }).map((seconds) => formatInstantUs(seconds * 1_000_000 + (seconds % 3) * 333_333)), { nil: null, freq: 6 });
const anySegment = fc.tuple(instant, instant, fc.constantFrom(...COVERAGE_STATES)).map(([from, to, state]) => segment(from, to, state));

test('R61: the axis is covered end to end, and green is only where every segment over it says complete', () => {
  fc.assert(fc.property(fc.array(anySegment, { maxLength: 8 }), fc.integer({ min: 0, max: 100 }), fc.integer({ min: 1, max: 150 }), (segments, start, length) => {
    const axis = { startSeconds: start, endSeconds: start + length };
    const stretches = stretchesOn(segments, axis);
    expect(stretches[0]?.startSeconds).toBe(axis.startSeconds);
    expect(stretches.at(-1)?.endSeconds).toBe(axis.endSeconds);
    for (const [index, stretch] of stretches.entries()) {
      expect(stretch.endSeconds).toBeGreaterThan(stretch.startSeconds);
      if (index > 0) expect(stretch.startSeconds).toBe(stretches[index - 1]?.endSeconds);
      const middleUs = Math.floor(((stretch.startSeconds + stretch.endSeconds) / 2) * 1_000_000);
      const over = segments.filter(({ from, to }) => (from === null || (parseInstantUs(from) ?? 0) <= middleUs) && (to === null || (parseInstantUs(to) ?? 0) >= middleUs) && (from === null || to === null || (parseInstantUs(from) ?? 0) <= (parseInstantUs(to) ?? 0)));
      if (stretch.state === 'complete') {
        expect(over.length).toBeGreaterThan(0);
        expect(over.every(({ state }) => state === 'complete')).toBe(true);
      }
      if (over.length === 0) expect(stretch.state).toBe('unread');
    }
  }), RUNS);
});

test('what no segment speaks of is unread', () => {
  expect(stretchesOn([], { startSeconds: 0, endSeconds: 10 })).toEqual([{ startSeconds: 0, endSeconds: 10, state: 'unread', segment: null }]);
});

test('the headline speaks of the newest stretch that was proven, and counts gaps', () => {
  const segments = [segment(null, '2026-07-31T23:59:59.999999Z', 'unread'), segment('2026-08-01T00:00:00Z', '2026-11-03T00:00:00Z', 'complete'), segment('2026-11-03T00:00:00.000001Z', '2026-11-22T14:02:00Z', 'complete'), segment('2026-11-22T14:02:00.000001Z', null, 'unread')];
  expect(headlineOf(segments)).toEqual({ state: 'complete', since: '2026-08-01T00:00:00Z', allSince: null, gaps: 0 });
  const broken = segments.with(1, segment('2026-08-01T00:00:00Z', '2026-11-03T00:00:00Z', 'gap'));
  expect(headlineOf(broken)).toEqual({ state: 'complete', since: '2026-11-03T00:00:00.000001Z', allSince: null, gaps: 1 });
  expect(headlineOf(segments.with(2, segment('2026-11-03T00:00:00.000001Z', '2026-11-22T14:02:00Z', 'own-org')))).toEqual({ state: 'own-org', since: '2026-08-01T00:00:00Z', allSince: null, gaps: 0 });
  expect(headlineOf(segments.with(1, segment(null, '2026-11-03T00:00:00Z', 'own-org')))).toEqual({ state: 'own-org', since: null, allSince: '2026-11-03T00:00:00.000001Z', gaps: 0 });
  expect(headlineOf([])).toEqual({ state: null, since: null, allSince: null, gaps: 0 });
  expect(headlineOf([segment(null, null, 'unread')])).toEqual({ state: null, since: null, allSince: null, gaps: 0 });
  expect(headlineOf([segment(null, '2026-11-22T14:02:00Z', 'complete')])).toEqual({ state: 'complete', since: null, allSince: null, gaps: 0 });
});

test('a hole between two complete stretches ends what is proven', () => {
  expect(headlineOf([segment('2026-08-01T00:00:00Z', '2026-08-02T00:00:00Z', 'complete'), segment('2026-08-03T00:00:00Z', '2026-08-04T00:00:00Z', 'complete')])).toMatchObject({ since: '2026-08-03T00:00:00Z' });
  expect(stretchesOn([segment('2026-08-01T00:00:00Z', '2026-08-02T00:00:00Z', 'complete')], { startSeconds: at('2026-08-01T00:00:00Z'), endSeconds: at('2026-08-03T00:00:00Z') }).map(({ state }) => state)).toEqual(['complete', 'unread']);
});
