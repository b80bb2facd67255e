// Keeps R60: the bar never holds a character that acts or hides, and gives back the very query that was put in.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hasHidden } from '../../../lib/hostile-text.ts';
import { shownOffset, toQuery, toShown } from './query-text.ts';

const seed = process.env['HOLDFAST_TEST_SEED'];
const RUNS = { numRuns: process.env['HOLDFAST_TEST_LONG'] === '1' ? 20_000 : 4000, ...(seed === undefined ? {} : { seed: Number(seed) }) };
const PIECES = ['route:="', 'a', '⟨', '⟩', '⟨U+202E⟩', '⟨U+27E8⟩', 'U+', '\u202e', '\u200b', '\u0000', '\ud800', '\udc00', '\u00a0', 'e\u0301\u0302\u0303\u0304\u0305', '😀', ' ', '"'];
const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.array(fc.constantFrom(...PIECES), { maxLength: 20 }).map((parts) => parts.join('')));

test('R60: what is shown hides nothing, and reads back as the query', () => {
  fc.assert(fc.property(text, (query) => {
    const shown = toShown(query);
    expect(hasHidden(shown)).toBe(false);
    expect(toQuery(shown)).toBe(query);
  }), RUNS);
});

test('characters are spelled, and spellings can be typed', () => {
  expect(toShown('a\u202eb')).toBe('a⟨U+202E⟩b');
  expect(toQuery('route:⟨U+200B⟩x')).toBe('route:\u200bx');
  expect(toQuery('⟨U+FFFFFF⟩')).toBe('⟨U+FFFFFF⟩');
  expect(shownOffset('a\u202eb c', 4)).toBe(11);
});
