// Keeps: keys never lead outside the rows.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rowForKey } from './row-keys.ts';

test('every key stays inside the rows', () => {
  fc.assert(fc.property(fc.constantFrom('ArrowDown', 'ArrowUp', 'j', 'k', 'Home', 'End', 'PageDown', 'PageUp'), fc.integer({ min: 1, max: 500 }), fc.nat(499), (key, count, at) => {
    const to = rowForKey(key, { count, index: Math.min(at, count - 1) });
    expect(to).toBeGreaterThanOrEqual(0);
    expect(to).toBeLessThan(count);
  }));
});

test('j and k are down and up; other keys are not ours; no rows, no move', () => {
  expect(rowForKey('j', { count: 5, index: 1 })).toBe(2);
  expect(rowForKey('k', { count: 5, index: 1 })).toBe(0);
  expect(rowForKey('x', { count: 5, index: 1 })).toBeNull();
  expect(rowForKey('j', { count: 0, index: 0 })).toBeNull();
});
