// Side by side: both versions can be read back whole, equal lines are never marked, and a single change marks one row.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffLines } from './diff-lines.ts';

const SEED = Number(process.env['HOLDFAST_TEST_SEED'] ?? 7);
const RUNS = process.env['HOLDFAST_TEST_LONG'] === '1' ? 5000 : 1000;
const lines = fc.array(fc.constantFrom('a', 'b', 'c', '', '{'), { maxLength: 14 });

describe('two versions side by side', () => {
  it('holds every line of both, in order, and marks exactly what differs', () => {
    fc.assert(fc.property(lines, lines, (left, right) => {
      const rows = diffLines(left, right);
      expect(rows.map((row) => row.left).filter((line) => line !== null)).toEqual(left);
      expect(rows.map((row) => row.right).filter((line) => line !== null)).toEqual(right);
      for (const row of rows) {
        if (row.isSame) expect(row.left).toBe(row.right);
        else expect(row.left === null && row.right === null).toBe(false);
      }
    }), { seed: SEED, numRuns: RUNS });
  });

  it('marks nothing when nothing differs', () => {
    fc.assert(fc.property(lines, (text) => {
      expect(diffLines(text, text).every(({ isSame }) => isSame)).toBe(true);
    }), { seed: SEED, numRuns: RUNS });
  });

  it('keeps as many lines together as can be', () => {
    expect(diffLines(['a', 'b', 'c', 'd'], ['a', 'x', 'c', 'd'])).toEqual([
      { left: 'a', right: 'a', isSame: true }, { left: 'b', right: 'x', isSame: false }, { left: 'c', right: 'c', isSame: true }, { left: 'd', right: 'd', isSame: true },
    ]);
    expect(diffLines(['a', 'c'], ['a', 'b', 'c']).filter(({ isSame }) => !isSame)).toEqual([{ left: null, right: 'b', isSame: false }]);
    expect(diffLines([], ['a'])).toEqual([{ left: null, right: 'a', isSame: false }]);
  });

  it('stays cheap and whole on very long texts', () => {
    const left = Array.from({ length: 9000 }, (_, at) => `l${at}`);
    const right = Array.from({ length: 9000 }, (_, at) => (at === 4500 ? `l${at}` : `r${at}`));
    const rows = diffLines(left, right);
    expect(rows).toHaveLength(9000);
    expect(rows.map((row) => row.right)).toEqual(right);
  });
});
