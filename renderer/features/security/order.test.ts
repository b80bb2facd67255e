// Keeps: what needs the admin stands first, an accepted failure is no plain failure and no pass, and filtering hides nothing it should not.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CHECK_STATES } from '#shared/domain/evidence.ts';
import type { SecurityCheck } from '#shared/domain/evidence.ts';
import { filterChecks, groupsOf, inGroups, NO_FILTER, shownState, sortChecks } from './order.ts';

const check = (over: Partial<SecurityCheck>): SecurityCheck => ({
  id: 'a', title: 'A', group: 'Tokens', severity: 'low', state: 'pass', isContradiction: false, seen: '', reason: '', why: '', fix: '', references: [], evidence: [], observedAt: null, lastKnown: null, exception: null, ...over,
});
const exception = (isExpired: boolean): SecurityCheck['exception'] => ({ id: 1, checkId: 'a', owner: 'o', reason: 'r', until: '2026-12-01', createdAt: '2026-11-01T00:00:00Z', isExpired });
const anyChecks = fc.array(fc.record({
  id: fc.string(), title: fc.string(), state: fc.constantFrom(...CHECK_STATES), severity: fc.constantFrom('critical' as const, 'high' as const, 'medium' as const, 'low' as const),
  isContradiction: fc.boolean(), exception: fc.constantFrom(null, exception(true), exception(false)),
}).map(check), { maxLength: 30 });

test('failures stand first, then unknown, stale, accepted, pass, not applicable; among equals the graver first', () => {
  const sorted = sortChecks([
    check({ id: '1' }), check({ id: '2', state: 'fail', severity: 'low' }), check({ id: '3', state: 'unknown' }), check({ id: '4', state: 'fail', severity: 'critical' }), check({ id: '5', state: 'not-applicable' }), check({ id: '6', state: 'stale' }),
    check({ id: '7', state: 'fail', severity: 'critical', exception: exception(false) }), check({ id: '8', state: 'fail', severity: 'medium', exception: exception(true) }),
  ], { by: 'state', isDescending: false });
  expect(sorted.map(({ id }) => id)).toEqual(['4', '8', '2', '3', '6', '7', '1', '5']);
});

test('only a failing check is accepted, and only while its exception holds', () => {
  expect(shownState(check({ state: 'fail', exception: exception(false) }))).toBe('accepted');
  expect(shownState(check({ state: 'fail', exception: exception(true) }))).toBe('fail');
  for (const state of CHECK_STATES) if (state !== 'fail') expect(shownState(check({ state, exception: exception(false) }))).toBe(state);
});

test('sorting and grouping keep every check', () => {
  fc.assert(fc.property(anyChecks, fc.constantFrom('state' as const, 'severity' as const, 'title' as const), fc.boolean(), (checks, by, isDescending) => {
    const sorted = sortChecks(checks, { by, isDescending });
    expect(sorted).toHaveLength(checks.length);
    for (const item of checks) expect(sorted).toContain(item);
    const { contradictions, others } = inGroups(sorted);
    expect(new Set([...contradictions, ...others])).toEqual(new Set(sorted));
    expect(contradictions.length + others.length).toBe(sorted.length);
    for (const item of contradictions) expect(item).toMatchObject({ isContradiction: true, state: 'fail' });
  }));
});

test('nothing chosen shows everything; text looks at title, what was seen, id and group', () => {
  const checks = [check({ id: 'x', title: 'HSTS is sent', state: 'fail', severity: 'high', group: 'Headers' }), check({ id: 'y', seen: 'not in any answer', state: 'pass' }), check({ id: 'z', state: 'fail', exception: exception(false) })];
  expect(filterChecks(checks, NO_FILTER)).toEqual(checks);
  expect(filterChecks(checks, { ...NO_FILTER, text: 'hsts' })).toEqual([checks[0]]);
  expect(filterChecks(checks, { ...NO_FILTER, text: ' ANY answer ' })).toEqual([checks[1]]);
  expect(filterChecks(checks, { ...NO_FILTER, text: 'headers' })).toEqual([checks[0]]);
  expect(filterChecks(checks, { ...NO_FILTER, states: new Set(['fail']) })).toEqual([checks[0]]);
  expect(filterChecks(checks, { ...NO_FILTER, states: new Set(['accepted']) })).toEqual([checks[2]]);
  expect(filterChecks(checks, { ...NO_FILTER, severity: 'high' })).toEqual([checks[0]]);
  expect(filterChecks(checks, { ...NO_FILTER, group: 'Tokens' })).toEqual([checks[1], checks[2]]);
  expect(groupsOf(checks)).toEqual(['Headers', 'Tokens']);
});
