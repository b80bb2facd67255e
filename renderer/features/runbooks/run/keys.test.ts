// The keys of a run: which press means what, and that arrows stay with what they move.
import { expect, it } from 'vitest';
import { RUN_KEYS, runKeyOf } from './keys.ts';

it('letters in either case and arrows where the focus is free', () => {
  expect(['n', 'N', 'j', 'k', 'g', 'l', 'w', '?', 'ArrowDown', 'ArrowUp'].map((key) => runKeyOf({ key, isFree: true }))).toEqual(['entry', 'entry', 'down', 'up', 'next', 'large', 'compact', 'help', 'down', 'up']);
  expect(['ArrowDown', 'ArrowUp'].map((key) => runKeyOf({ key, isFree: false }))).toEqual([null, null]);
  expect(['Enter', 'Escape', 'Delete', 'Backspace', ' ', 'd', 'e', 'x', 's', 'Tab', 'constructor'].map((key) => runKeyOf({ key, isFree: true }))).toEqual(Array.from({ length: 11 }, () => null));
});
it('no key means two things', () => {
  const all = Object.values(RUN_KEYS).flatMap(({ keys }) => keys);
  expect(new Set(all).size).toBe(all.length);
});
