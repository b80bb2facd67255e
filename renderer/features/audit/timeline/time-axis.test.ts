// Keeps: marks lie inside the span, in order, never more than asked for, and say the time that stands there.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stretchWords, ticksOf } from './time-axis.ts';

const seed = process.env['HOLDFAST_TEST_SEED'];
const RUNS = { numRuns: process.env['HOLDFAST_TEST_LONG'] === '1' ? 3000 : 600, ...(seed === undefined ? {} : { seed: Number(seed) }) };
const at = (iso: string): number => Date.parse(iso) / 1000;

test.each(['utc', 'local'] as const)('any span in %s gets ordered marks inside it, at most one more than asked for', (zone) => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), fc.integer({ min: 1, max: 700_000_000 }), fc.integer({ min: 1, max: 30 }), (startSeconds, length, most) => {
    const ticks = ticksOf({ startSeconds, endSeconds: startSeconds + length }, most, zone);
    expect(ticks.length).toBeLessThanOrEqual(most + 1);
    for (const [index, tick] of ticks.entries()) {
      expect(tick.atSeconds).toBeGreaterThanOrEqual(startSeconds);
      expect(tick.atSeconds).toBeLessThanOrEqual(startSeconds + length);
      if (index > 0) expect(tick.atSeconds).toBeGreaterThan(ticks[index - 1]?.atSeconds ?? 0);
    }
  }), RUNS);
});

test('marks stand at whole days and hours', () => {
  const week = { startSeconds: at('2026-11-14T05:30:00Z'), endSeconds: at('2026-11-22T00:00:00Z') };
  expect(ticksOf(week, 9, 'utc').map(({ label }) => label)).toEqual(['15 Nov', '16 Nov', '17 Nov', '18 Nov', '19 Nov', '20 Nov', '21 Nov', '22 Nov']);
  expect(ticksOf({ startSeconds: at('2026-11-14T22:00:00Z'), endSeconds: at('2026-11-15T02:00:00Z') }, 5, 'utc').map(({ label }) => label)).toEqual(['22:00', '23:00', '15 Nov', '01:00', '02:00']);
  expect(ticksOf({ startSeconds: at('2025-11-01T00:00:00Z'), endSeconds: at('2026-04-02T00:00:00Z') }, 6, 'utc').map(({ label }) => label)).toEqual(['Nov', 'Dec', '2026', 'Feb', 'Mar', 'Apr']);
  expect(ticksOf({ startSeconds: 5, endSeconds: 5 }, 5, 'utc')).toEqual([]);
});

test.each([
  ['2026-11-18T00:00:00Z', '2026-11-19T00:00:00Z', '18 Nov UTC'],
  ['2026-11-18T00:00:00Z', '2026-11-21T00:00:00Z', '18 Nov – 20 Nov UTC'],
  ['2026-11-18T06:00:00Z', '2026-11-18T12:00:00Z', '18 Nov 06:00–12:00 UTC'],
  ['2026-11-18T06:00:00Z', '2026-11-20T12:00:00Z', '18 Nov 06:00 – 20 Nov 12:00 UTC'],
  ['2026-11-18T06:00:05Z', '2026-11-18T06:00:06Z', '18 Nov 06:00:05–06:00:06 UTC'],
])('%s to %s is %s', (from, to, words) => {
  expect(stretchWords({ startSeconds: at(from), endSeconds: at(to) }, 'utc')).toBe(words);
});
