import { expect, test } from 'vitest';
import { daysOfText, ownDays } from './days-text.ts';

test('nothing means kept, a whole number of days is taken, anything else is refused', () => {
  expect(['', '  ', '1', ' 90 ', '36500'].map(daysOfText)).toEqual([null, null, 1, 90, 36_500]);
  for (const text of ['0', '-1', '1.5', '36501', '1e3', '9 0', '٣', 'ninety', '9999999']) expect(daysOfText(text)).toBeUndefined();
});

test('days in words', () => {
  expect([null, 1, 90].map(ownDays)).toEqual(['kept', '1 day', '90 days']);
});
