import { describe, expect, it } from 'vitest';
import { linesOf, placeBars, placeOf, roundTop, spanOf } from './age-scale.ts';

const bar = (day: number, rows = 0, held = 0) => ({ from: `2026-11-${String(day).padStart(2, '0')}T00:00:00Z`, to: `2026-11-${String(day + 1).padStart(2, '0')}T00:00:00Z`, rows, bytes: rows * 10, held });

describe('the picture of ages', () => {
  it('spans the bars, and the cutoff where it lies outside', () => {
    const bars = [bar(1), bar(2), bar(3)];
    const inside = spanOf(bars, '2026-11-02T12:00:00Z');
    expect(inside).toEqual({ startSeconds: Date.UTC(2026, 10, 1) / 1000, endSeconds: Date.UTC(2026, 10, 4) / 1000 });
    const before = spanOf(bars, '2026-10-01T00:00:00Z');
    expect(before?.startSeconds).toBeLessThan(Date.UTC(2026, 9, 1) / 1000);
    expect(before?.endSeconds).toBe(inside?.endSeconds);
    const after = spanOf(bars, '2026-12-01T00:00:00Z');
    expect(after?.endSeconds).toBeGreaterThan(Date.UTC(2026, 11, 1) / 1000);
    expect(spanOf([], '2026-12-01T00:00:00Z')).toBeNull();
    expect(spanOf(bars, null)).toEqual(inside);
  });

  it('keeps every bar with rows visible, and none without', () => {
    const bars = [bar(1, 1, 1), bar(2, 0), bar(3, 100_000, 50_000)];
    const span = spanOf(bars, null);
    if (span === null) throw new Error('no span');
    const placed = placeBars(bars, span, { widthPx: 300, heightPx: 100, top: 100_000 });
    expect(placed.map(({ height, heldHeight }) => [height, heldHeight])).toEqual([[2, 2], [0, 0], [100, 50]]);
    expect(placed.map(({ x, width }) => [x, width])).toEqual([[0, 99], [100, 99], [200, 99]]);
    expect(placeOf(span.endSeconds, span, 300)).toBe(300);
  });

  it.each([[0, 1], [1, 1], [2, 2], [3, 5], [7, 10], [11, 20], [450, 500], [501, 1000], [1_000_000, 1_000_000]])('the axis of %i rows ends at %i', (most, top) => {
    expect(roundTop(most)).toBe(top);
    for (const line of linesOf(top)) expect(Number.isInteger(line)).toBe(true);
    expect(linesOf(top).at(-1)).toBe(top);
  });
});
