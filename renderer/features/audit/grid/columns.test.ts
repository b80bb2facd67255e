// Keeps: columns stay in order, at least one is left, and what is shown fits where it can.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AUDIT_COLUMNS, DEFAULT_COLUMNS, NEWEST_FIRST, SORT_KEYS } from '#shared/domain/audit-search.ts';
import { columnsThatFit, columnTracks, inOrder, leastPx, nextSort } from './columns.ts';

const seed = process.env['HOLDFAST_TEST_SEED'];
const RUNS = { numRuns: 1000, ...(seed === undefined ? {} : { seed: Number(seed) }) };

test('whatever is chosen and however narrow it is, something is shown, in order', () => {
  fc.assert(fc.property(fc.subarray([...AUDIT_COLUMNS], { minLength: 1 }), fc.integer({ min: 100, max: 2500 }), fc.boolean(), (chosen, widthPx, hasYear) => {
    const columns = inOrder(new Set(chosen));
    const shown = columnsThatFit(columns, widthPx, hasYear);
    expect(shown.length).toBeGreaterThan(0);
    expect(shown).toEqual(columns.filter((column) => shown.includes(column)));
    expect(columnTracks(shown, { widthPx, hasYear }).match(/px/g)).toHaveLength(shown.length);
    if (shown.length < columns.length) expect(shown).not.toContain('org');
    if (leastPx(columns, hasYear) > widthPx && columns.includes('org') && columns.length > 1) expect(shown).not.toContain('org');
  }), RUNS);
});

test('the usual columns fit where there is room; the org goes first where there is not', () => {
  expect(columnsThatFit(DEFAULT_COLUMNS, 1200, false)).toEqual(DEFAULT_COLUMNS);
  expect(columnsThatFit(DEFAULT_COLUMNS, 730, false)).toEqual(DEFAULT_COLUMNS.filter((column) => column !== 'org'));
});

test('where the usual columns fit, a sealed payload has room for its key id', () => {
  const narrow = columnsThatFit(DEFAULT_COLUMNS, 704, false);
  expect(narrow).toEqual(['time', 'route', 'actor', 'status', 'payload']);
  expect(columnTracks(narrow, { widthPx: 704, hasYear: false })).toBe('128px minmax(140px, 2fr) minmax(110px, 1.2fr) 60px minmax(208px, 2fr)');
  expect(columnTracks(narrow, { widthPx: 500, hasYear: false })).toBe('128px minmax(96px, 2fr) minmax(80px, 1.2fr) 60px minmax(118px, 2fr)');
});

test('every column orders, and a second click turns it round', () => {
  for (const column of AUDIT_COLUMNS) {
    expect(SORT_KEYS).toContain(column);
    const first = nextSort(column === 'time' ? { by: 'id', direction: 'asc' } : NEWEST_FIRST, column);
    expect(first.by).toBe(column);
    expect(nextSort(first, column).direction).not.toBe(first.direction);
  }
});
