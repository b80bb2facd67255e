// Keeps R60: the raw view gives every byte back, and prints nothing that could act.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesOf } from './raw-bytes.ts';

const seed = process.env['HOLDFAST_TEST_SEED'];
const RUNS = { numRuns: process.env['HOLDFAST_TEST_LONG'] === '1' ? 5000 : 1000, ...(seed === undefined ? {} : { seed: Number(seed) }) };

test('R60: the hex is the bytes, and print is plain ASCII', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
    const view = bytesOf(text, Infinity);
    const hex = view.lines.flatMap((line) => line.hex.trim().split(' ')).filter((byte) => byte !== '');
    expect(Buffer.from(hex.join(''), 'hex').toString('utf8')).toBe(Buffer.from(text, 'utf8').toString('utf8'));
    expect(view.bytes).toBe(hex.length);
    expect(view.lines.map((line) => line.print).join('')).toMatch(/^[\x20-\x7e]*$/);
  }), RUNS);
});

test('it says how much is left out, and that halves of characters were replaced', () => {
  const view = bytesOf('a\u202eb', 3);
  expect(view).toMatchObject({ bytes: 5, rest: 2, hasLoneSurrogates: false });
  expect(view.lines).toEqual([{ offset: '0000', hex: '61 e2 80               ', print: 'a..' }]);
  expect(bytesOf('\ud800', 10)).toMatchObject({ bytes: 3, hasLoneSurrogates: true });
  expect(bytesOf('', 10)).toEqual({ bytes: 0, lines: [], rest: 0, hasLoneSurrogates: false });
});
