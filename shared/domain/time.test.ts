// Times of both database kinds and of people, read exactly to the microsecond.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatInstantUs, isoInstant, parseInstantUs } from './time.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 1);

describe('parseInstantUs', () => {
  it('reads what the backends write: with offset, naive (UTC), without a fraction, date only', () => {
    const us = Date.UTC(2026, 10, 22, 5, 37, 8, 285) * 1000 + 987;
    expect(parseInstantUs('2026-11-22T05:37:08.285987+00:00')).toBe(us);
    expect(parseInstantUs('2026-11-22T05:37:08.285987')).toBe(us);
    expect(parseInstantUs('2026-11-22T07:37:08.285987+02:00')).toBe(us);
    expect(parseInstantUs('2026-11-22 05:37:08.285987Z')).toBe(us);
    expect(parseInstantUs('2026-11-22T05:37:08')).toBe(Date.UTC(2026, 10, 22, 5, 37, 8) * 1000);
    expect(parseInstantUs('2026-11-22')).toBe(Date.UTC(2026, 10, 22) * 1000);
  });
  it('refuses what is no time, and days that no calendar has', () => {
    for (const text of ['', 'yesterday', '2026-02-30', '2026-13-01', '2026-11-22T24:00:00', '2026-11-22T10:60:00', '2026-11-22T10:00:00+25:00', '22.11.2026', '2026-11-22T10:00:00 00:00', '1795325829']) expect(parseInstantUs(text), text).toBeNull();
  });
  it('is the inverse of formatInstantUs', () => {
    fc.assert(fc.property(fc.integer({ min: -2_208_988_800_000_000, max: 4_102_444_800_000_000 }), (us) => {
      const text = formatInstantUs(us);
      expect(isoInstant.safeParse(text).success).toBe(true);
      expect(parseInstantUs(text)).toBe(us);
    }), { seed, numRuns: 2000 });
  });
});
