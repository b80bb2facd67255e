// Keeps: request lines and changes are counted, never lost, and a run of looks ends where the state was another.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CHANGES } from '#shared/domain/posture.ts';
import type { CheckChange } from '#shared/domain/posture.ts';
import { CHANGE_WORDS, dayAfter, diffSentence, lastRun, leastTime, repeatedLines } from './posture-words.ts';

const change = (kind: CheckChange['change']): CheckChange => ({ checkId: 'a', title: 'A', severity: 'low', change: kind, from: 'pass', to: 'fail', seenBefore: null, seenNow: null });

test('equal lines that follow each other are counted, and none is lost', () => {
  expect(repeatedLines(['GET /a', 'GET /a', 'GET /b', 'GET /a'])).toEqual([{ line: 'GET /a', times: 2 }, { line: 'GET /b', times: 1 }, { line: 'GET /a', times: 1 }]);
  fc.assert(fc.property(fc.array(fc.constantFrom('a', 'b', 'c')), (lines) => {
    expect(repeatedLines(lines).flatMap(({ line, times }) => Array.from({ length: times }, () => line))).toEqual(lines);
  }));
});

test('every kind of change has its words', () => {
  expect(new Set(CHANGE_WORDS.map(({ change: kind }) => kind))).toEqual(new Set(CHANGES));
  expect(diffSentence({ changes: [change('fixed'), change('broken'), change('broken')], unchanged: 47 })).toBe('2 broken, 1 fixed; 47 unchanged.');
  expect(diffSentence({ changes: [], unchanged: 50 })).toBe('Nothing changed in 50 checks.');
});

test('a run counts back to where the state was another', () => {
  const point = (state: string, at: string) => ({ state, at });
  expect(lastRun([])).toBeNull();
  expect(lastRun([point('fail', '1'), point('pass', '2'), point('fail', '3'), point('fail', '4')])).toEqual({ state: 'fail', since: '3', looks: 2 });
});

test('times and days', () => {
  expect(leastTime(23)).toBe('12 s');
  expect(dayAfter(Date.UTC(2026, 11, 31, 23), 1)).toBe('2027-01-01');
});
