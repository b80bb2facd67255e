// Keeps: colouring never loses or moves a character, and never throws.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inked } from './query-ink.ts';

const seed = process.env['HOLDFAST_TEST_SEED'];
const RUNS = { numRuns: process.env['HOLDFAST_TEST_LONG'] === '1' ? 20_000 : 4000, ...(seed === undefined ? {} : { seed: Number(seed) }) };
const PIECES = ['a', 'OR', 'NOT', '-', '(', ')', '"', '\\', '*', ',', ':', ' ', 'actor:', 'status:', '>=400', 'acter:', '😀'];

test('parts joined are the text', () => {
  fc.assert(fc.property(fc.oneof(fc.string({ maxLength: 60 }), fc.array(fc.constantFrom(...PIECES), { maxLength: 25 }).map((parts) => parts.join(''))), (text) => {
    expect(inked(text).map((part) => part.text).join('')).toBe(text);
  }), RUNS);
});

test('fields, values and signs have their colours, also before a mistake', () => {
  expect(inked('status:>=400 -a OR x')).toEqual([
    { text: 'status:', tone: 'field' }, { text: '>=400', tone: 'value' }, { text: ' ', tone: 'plain' }, { text: '-', tone: 'sign' }, { text: 'a', tone: 'plain' }, { text: ' ', tone: 'plain' }, { text: 'OR', tone: 'sign' }, { text: ' ', tone: 'plain' }, { text: 'x', tone: 'plain' },
  ]);
  expect(inked('org:acme "open')).toEqual([{ text: 'org:', tone: 'field' }, { text: 'acme', tone: 'value' }, { text: ' "open', tone: 'plain' }]);
});
