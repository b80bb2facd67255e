// Tests of tables, fields and sentences: aligned, cut only on a terminal, and never moved by foreign text.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { visibleBlock } from '#shared/domain/visible-text.ts';
import { bareUtc, fields, lookOf, say, stateCell, table, utc, width, wrapped } from './print.ts';
import type { Look } from './print.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 20261122);

const PIPE: Look = { colour: false, columns: null };
const screen = (columns: number): Look => ({ colour: false, columns });

describe('printing', () => {
  it('aligns columns and puts figures to the right', () => {
    expect(table([{ title: 'ID', align: 'right' }, { title: 'WHO' }, { title: 'WHAT' }], [[7, 'ann', null], [1234, 'bo', 'x']], PIPE)).toBe(['  ID  WHO  WHAT', '   7  ann  -', '1234  bo   x'].join('\n'));
  });

  it('counts wide characters as two cells and marks as none', () => {
    expect(width('東京')).toBe(4);
    expect(width('e\u0301')).toBe(1);
    expect(table([{ title: 'A' }, { title: 'B' }], [['東京', 1], ['abcd', 2]], PIPE)).toBe(['A     B', '東京  1', 'abcd  2'].join('\n'));
  });

  it('cuts the columns that may be cut, on a terminal only', () => {
    const columns = [{ title: 'ID' }, { title: 'ROUTE', cut: true }] as const;
    const rows = [[1, '/api/'.repeat(20)]];
    expect(table(columns, rows, screen(40)).split('\n').every((line) => width(line) <= 40)).toBe(true);
    expect(table(columns, rows, screen(40))).toContain('…');
    expect(table(columns, rows, PIPE)).toContain('/api/'.repeat(20));
  });

  it('R60: a cell of hostile text stays in its cell and one line', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (first, second) => {
      const lines = table([{ title: 'A' }, { title: 'B' }], [[first, second]], PIPE).split('\n');
      expect(lines).toHaveLength(2);
      expect(lines[1]).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(fields([['Label', first]], PIPE).split('\n')).toHaveLength(1);
      expect(say`It says ${second}.`).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }), { numRuns: 500 });
  });

  it('colours on a terminal only, always beside the word, and not where NO_COLOR is set', () => {
    const terminal = { write: () => true, isTTY: true, columns: 80 };
    expect(lookOf(terminal, {})).toEqual({ colour: true, columns: 80 });
    expect(lookOf(terminal, { NO_COLOR: '1' }).colour).toBe(false);
    expect(lookOf(terminal, { TERM: 'dumb' }).colour).toBe(false);
    expect(lookOf({ write: () => true }, {})).toEqual({ colour: false, columns: null });
    const row = table([{ title: 'STATE' }], [[stateCell('fail')]], { colour: true, columns: 80 }).split('\n')[1];
    expect(row).toBe('\u001b[31mfail\u001b[0m');
    expect(stateCell('unknown')).not.toMatchObject({ tone: 'good' });
    expect(stateCell('stale')).not.toMatchObject({ tone: 'good' });
  });

  it('writes times in UTC and leaves what is no time as it is', () => {
    expect(utc('2026-11-22T05:37:08.285987Z')).toBe('2026-11-22 05:37:08 UTC');
    expect(bareUtc('2026-11-22T05:37:08Z')).toBe('2026-11-22 05:37:08');
    expect(utc(null)).toBe('never');
    expect(bareUtc('soon')).toBe('soon');
  });

  it('breaks lines at spaces on a terminal only, and later parts stand under the first word', () => {
    expect(wrapped('- one two three four\n\n10. alpha beta gamma', '  ', screen(16))).toBe(['  - one two', '    three four', '', '  10. alpha beta', '      gamma'].join('\n'));
    expect(wrapped('a '.repeat(200), '', PIPE).split('\n')).toHaveLength(1);
    expect(wrapped('x'.repeat(50), '  ', screen(20))).toBe(`  ${'x'.repeat(50)}`);
  });

  it('R60: no text acts on the display when it is broken, and no word is lost', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 90 }), (text, columns) => {
      const shown = wrapped(text, ' ', screen(columns));
      expect(/[\p{Cf}\p{Cs}]|[^\P{Cc}\n]/u.test(shown)).toBe(false);
      expect(shown.replaceAll(/\s+/gu, '')).toBe(visibleBlock(text).replaceAll(/\s+/gu, ''));
    }), { seed });
  });
});
