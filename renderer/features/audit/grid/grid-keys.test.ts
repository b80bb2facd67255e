// Keeps: no key leads outside the grid, Shift never picks the header, and what is no key of ours stays with the page.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gridCommand } from './grid-keys.ts';

const seed = process.env['HOLDFAST_TEST_SEED'];
const RUNS = { numRuns: process.env['HOLDFAST_TEST_LONG'] === '1' ? 5000 : 1000, ...(seed === undefined ? {} : { seed: Number(seed) }) };
const KEYS = ['ArrowDown', 'ArrowUp', 'ArrowLeft', 'ArrowRight', 'PageDown', 'PageUp', 'Home', 'End', 'j', 'k', 'x', 'X', 'c', 'C', 'a', 'A', 'Enter', 'Escape', 'q', 'Tab', ' '];
const at = { row: 5, column: 2 };
const size = { rows: 20, columns: 7, pageRows: 8 };
const plain = { shift: false, control: false, alt: false };

test('any key leaves the place inside the grid', () => {
  fc.assert(fc.property(fc.constantFrom(...KEYS), fc.record({ shift: fc.boolean(), control: fc.boolean(), alt: fc.boolean() }), fc.record({ row: fc.integer({ min: -1, max: 30 }), column: fc.integer({ min: 0, max: 6 }) }), (key, held, place) => {
    const rows = 31;
    const command = gridCommand({ key, ...held }, place, { rows, columns: 7, pageRows: 8 });
    if (command?.kind !== 'move') return;
    expect(command.row).toBeGreaterThanOrEqual(-1);
    expect(command.row).toBeLessThan(rows);
    expect(command.column).toBeGreaterThanOrEqual(0);
    expect(command.column).toBeLessThan(7);
    if (command.extends) expect(command.row).toBeGreaterThanOrEqual(0);
    if (held.alt) throw new Error('a key with Alt is not ours');
  }), RUNS);
});

test.each([
  ['x', plain, { kind: 'pick' }], ['X', { ...plain, shift: true }, { kind: 'pick-from' }], ['a', { ...plain, control: true }, { kind: 'pick-all' }], ['c', plain, { kind: 'copy-json' }], ['C', { ...plain, shift: true }, { kind: 'copy-csv' }],
  ['Enter', plain, { kind: 'enter' }], ['Escape', plain, { kind: 'clear' }], ['j', plain, { kind: 'move', row: 6, column: 2, extends: false }], ['ArrowUp', { ...plain, shift: true }, { kind: 'move', row: 4, column: 2, extends: true }],
  ['c', { ...plain, control: true }, null], ['k', { ...plain, alt: true }, null], ['Tab', plain, null], ['q', plain, null],
])('%s is what it says', (key, held, command) => {
  expect(gridCommand({ key, ...held }, at, size)).toEqual(command);
});
