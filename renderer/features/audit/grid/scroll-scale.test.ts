// Keeps: however one scrolls, every row can be reached, rows in sight are never lost, and no position is beyond what a browser can draw.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { afterScroll, MAX_TRACK_PX, placeAt, placeShowing, ROW_PX, rowsInSight, TOP, trackPx } from './scroll-scale.ts';
import type { Place, Track } from './scroll-scale.ts';

const seed = process.env['HOLDFAST_TEST_SEED'];
const RUNS = { numRuns: process.env['HOLDFAST_TEST_LONG'] === '1' ? 5000 : 1000, ...(seed === undefined ? {} : { seed: Number(seed) }) };
const track: fc.Arbitrary<Track> = fc.record({ rows: fc.oneof(fc.integer({ min: 1, max: 2000 }), fc.integer({ min: 500_000, max: 600_000 }), fc.integer({ min: 1_000_000, max: 6_000_000 })), viewPx: fc.integer({ min: 60, max: 1400 }) });
const offsetOf = (place: Place): number => place.scrollPx + place.basePx;
const endOf = ({ rows, viewPx }: Track): number => Math.max(0, rows * ROW_PX - viewPx);

test('a short list scrolls pixel by pixel', () => {
  expect(afterScroll(TOP, 1234.4, { rows: 1000, viewPx: 400 })).toEqual({ scrollPx: 1234, basePx: 0 });
  expect(trackPx(1000)).toBe(28_000);
});

test('both ends of five million rows can be reached by the bar', () => {
  const long: Track = { rows: 5_000_000, viewPx: 560 };
  expect(trackPx(long.rows)).toBe(MAX_TRACK_PX);
  const end = afterScroll(TOP, MAX_TRACK_PX - long.viewPx, long);
  expect(rowsInSight(end, long, 0).last).toBe(long.rows);
  expect(offsetOf(afterScroll(end, 0, long))).toBe(0);
});

test('any walk stays inside the list, shows rows in sight, and keeps rows drawable', () => {
  fc.assert(fc.property(track, fc.array(fc.oneof(fc.integer({ min: -900, max: 900 }), fc.integer({ min: -20_000_000, max: 20_000_000 })), { maxLength: 60 }), (list, moves) => {
    let place = TOP;
    const scrollEnd = Math.max(0, trackPx(list.rows) - list.viewPx);
    for (const move of moves) {
      place = afterScroll(place, Math.min(scrollEnd, Math.max(0, place.scrollPx + move)), list);
      expect(offsetOf(place)).toBeGreaterThanOrEqual(0);
      expect(offsetOf(place)).toBeLessThanOrEqual(endOf(list));
      expect(place.scrollPx).toBeGreaterThanOrEqual(0);
      expect(place.scrollPx).toBeLessThanOrEqual(scrollEnd);
      const { first, last } = rowsInSight(place, list, 0);
      expect(last).toBeGreaterThan(first);
      for (const row of [first, last - 1]) expect(Math.abs(row * ROW_PX - place.basePx)).toBeLessThan(2 ** 24);
    }
  }), RUNS);
});

test('small scrolls alone lead from one end to the other: no row is passed over', () => {
  fc.assert(fc.property(fc.integer({ min: 600_000, max: 5_000_000 }), fc.integer({ min: 100, max: 1000 }), fc.boolean(), (rows, viewPx, down) => {
    const list: Track = { rows, viewPx };
    const scrollEnd = trackPx(rows) - viewPx;
    // Begins near an end, where the bar's own end comes first.
    let place = placeAt(down ? endOf(list) - 300_000 : 300_000, list);
    for (let steps = 0; steps < 20_000 && offsetOf(place) !== (down ? endOf(list) : 0); steps += 1) {
      const before = rowsInSight(place, list, 0);
      place = afterScroll(place, Math.min(scrollEnd, Math.max(0, place.scrollPx + (down ? 97 : -97))), list);
      const after = rowsInSight(place, list, 0);
      expect(down ? after.first <= before.last : before.first <= after.last).toBe(true);
    }
    expect(offsetOf(place)).toBe(down ? endOf(list) : 0);
  }), { ...RUNS, numRuns: 50 });
});

test('showing a row shows all of it', () => {
  fc.assert(fc.property(track, fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (list, from, to) => {
    const row = Math.min(list.rows - 1, Math.floor(to * list.rows));
    const place = placeShowing(row, placeAt(from * endOf(list), list), list);
    expect(row * ROW_PX).toBeGreaterThanOrEqual(offsetOf(place));
    expect((row + 1) * ROW_PX).toBeLessThanOrEqual(offsetOf(place) + Math.max(ROW_PX, list.viewPx));
  }), RUNS);
});
