import { describe, expect, test } from 'vitest';
import { placeOf, rowsAxis, timeMarks, unreadStretches } from './age-chart.ts';

const DAY = 86_400_000;
const START = Date.UTC(2026, 0, 1);
const iso = (ms: number): string => new Date(ms).toISOString();
const bars = (count: number) => Array.from({ length: count }, (_, at) => ({ from: iso(START + at * DAY), to: iso(START + (at + 1) * DAY), rows: at, bytes: 0, held: 0 }));

describe('the axis of rows', () => {
  test('ends in a round number at or above the highest bar, in at most five steps', () => {
    for (const most of [0, 1, 2, 3, 4, 5, 7, 9, 10, 11, 49, 99, 101, 3999, 18_204, 1_204_331]) {
      const { top, steps } = rowsAxis(most);
      expect(top).toBeGreaterThanOrEqual(Math.max(1, most));
      expect(steps.length).toBeLessThanOrEqual(6);
      expect(steps.every(Number.isInteger)).toBe(true);
      expect([steps[0], steps.at(-1)]).toEqual([0, top]);
    }
    expect(rowsAxis(93)).toEqual({ top: 100, steps: [0, 50, 100] });
  });
});

describe('the axis of time', () => {
  test('has at most seven marks, each at the left edge of its bar', () => {
    for (const count of [1, 6, 7, 8, 90, 400]) {
      const marks = timeMarks(bars(count));
      expect(marks.length).toBeLessThanOrEqual(7);
      for (const { at, iso: text } of marks) expect(placeOf(bars(count), text)).toBeCloseTo(at, 9);
    }
    expect(timeMarks([])).toEqual([]);
  });

  test('places the cutoff, and says so when it lies outside', () => {
    expect(placeOf(bars(4), iso(START + DAY))).toBe(0.25);
    expect(placeOf(bars(4), iso(START - 1))).toBeNull();
    expect(placeOf(bars(4), iso(START + 4 * DAY + 1))).toBeNull();
    expect(placeOf([], iso(START))).toBeNull();
  });

  test('cuts unread stretches to the axis, open ends to its edges', () => {
    const gap = (from: number | null, to: number | null) => ({ from: from === null ? null : iso(from), to: to === null ? null : iso(to), reason: '' });
    expect(unreadStretches({ bars: bars(4), gaps: [gap(null, START + DAY), gap(START + 3 * DAY, null), gap(START - 9 * DAY, START - DAY)] })).toEqual([{ from: 0, to: 0.25 }, { from: 0.75, to: 1 }]);
  });
});
