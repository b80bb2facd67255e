// Keeps: request lines and changes are counted, never lost, and a run of looks ends where the state was another.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CHANGES } from '#shared/domain/posture.ts';
import type { CheckChange } from '#shared/domain/posture.ts';
import type { SecurityCheck } from '#shared/domain/evidence.ts';
import { agesOf, CHANGE_WORDS, dayAfter, diffSentence, firstEnd, lastRun, leastTime, repeatedLines, trendSentence } from './posture-words.ts';

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

test('the ages are of what came from outside; what this console says of itself has none', () => {
  const evidence = (source: string, observedAt: string) => ({ kind: 'declared' as const, source, path: null, value: null, observedAt });
  const checks = [{ evidence: [evidence('this console', '2026-11-22T10:00:00Z'), evidence('GET /a', '2026-11-20T10:00:00Z'), evidence('GET /a', '2026-11-19T10:00:00Z')] }] as unknown as SecurityCheck[];
  expect(agesOf(checks).map(({ kind, at }) => [kind, at])).toEqual([['declared', '2026-11-20T10:00:00Z'], ['observed', null], ['derived', null], ['attested', null]]);
});

test('the trend compares the first look with the newest, in figures', () => {
  const counts = (pass: number, fail: number) => ({ counts: { pass, fail, accepted: 1, unknown: 2, stale: 0, 'not-applicable': 5 } });
  expect(trendSentence([])).toBe('No look is kept yet.');
  expect(trendSentence([counts(3, 4)])).toBe('One look: 4 failing, 8 of 10 known and fresh.');
  expect(trendSentence([counts(3, 4), counts(1, 1), counts(6, 2)])).toBe('Over 3 looks: failing 4, now 2; known and fresh 8 of 10, now 9 of 11.');
});

test('of several exceptions the one that ends first is named; one that has expired is none', () => {
  const check = (until: string, isExpired = false) => ({ state: 'fail', exception: { until, isExpired } }) as unknown as SecurityCheck;
  expect(firstEnd([])).toBeNull();
  expect(firstEnd([check('2026-12-01', true)])).toBeNull();
  expect(firstEnd([check('2026-12-12')])).toEqual({ until: '2026-12-12', isOnly: true });
  expect(firstEnd([check('2026-12-12'), check('2026-12-03'), check('2026-12-01', true)])).toEqual({ until: '2026-12-03', isOnly: false });
});

test('times and days', () => {
  expect(leastTime(23)).toBe('12 s');
  expect(dayAfter(Date.UTC(2026, 11, 31, 23), 1)).toBe('2027-01-01');
});
