// Keeps: every figure on a screen is exact, and every time says its zone.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatAge, formatBytes, formatCount, formatDuration, formatShortCount, formatTime, plural } from './format.ts';

const nowMs = Date.UTC(2026, 10, 22, 17, 2, 0);

describe('times', () => {
  test('each style in UTC', () => {
    const iso = '2026-11-22T14:43:52.285987Z';
    const write = (style: Parameters<typeof formatTime>[1]['style']) => formatTime(iso, { zone: 'utc', style, nowMs });
    expect(write('full')).toBe('22 Nov 2026 14:43:52 UTC');
    expect(write('minute')).toBe('14:43 UTC');
    expect(write('row')).toBe('22 Nov 14:43:52');
    expect(write('clock')).toBe('14:43 UTC');
    expect(write('day')).toBe('22 Nov');
  });

  test('another day says its day, another year its year', () => {
    expect(formatTime('2026-11-21T14:43:52Z', { zone: 'utc', style: 'minute', nowMs })).toBe('21 Nov 14:43 UTC');
    expect(formatTime('2024-02-29T00:00:00Z', { zone: 'utc', style: 'row', nowMs })).toBe('29 Feb 2024 00:00:00');
  });

  test('a time that cannot be read is shown as it came', () => {
    expect(formatTime('yesterday', { zone: 'utc', style: 'full', nowMs })).toBe('yesterday');
    expect(formatAge('yesterday', nowMs)).toBe('at an unknown time');
  });

  test('ages, past and ahead', () => {
    expect(formatAge('2026-11-22T14:02:00Z', nowMs)).toBe('3 h ago');
    expect(formatAge('2026-11-22T17:01:50Z', nowMs)).toBe('now');
    expect(formatAge('2026-11-22T17:07:00Z', nowMs)).toBe('in 5 min');
    expect(formatAge('2026-11-13T17:02:00Z', nowMs)).toBe('9 d ago');
  });
});

test('durations use the largest whole unit and never round up to it', () => {
  expect([0, 59, 60, 3599, 3600, 86_399, 86_400].map(formatDuration)).toEqual(['0 s', '59 s', '1 min', '59 min', '1 h', '23 h', '1 d']);
});

test('counts keep every digit', () => {
  fc.assert(fc.property(fc.nat(), (count) => {
    expect(Number(formatCount(count).replaceAll(',', ''))).toBe(count);
    expect(formatCount(count)).toMatch(/^\d{1,3}(,\d{3})*$/u);
  }));
  expect(formatShortCount(1_299_999)).toBe('1.2M');
  expect(formatShortCount(999_999)).toBe('999k');
  expect(plural(1, 'gap')).toBe('1 gap');
  expect(plural(2, 'entry', 'entries')).toBe('2 entries');
  expect(formatBytes(5_242_880)).toBe('5.0 MiB');
});
