// Keeps: what needs the admin stands first, and filtering hides nothing it should not.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CHECK_STATES } from '#shared/domain/evidence.ts';
import type { SecurityCheck } from '#shared/domain/evidence.ts';
import { filterChecks, sortChecks } from './order.ts';

const check = (over: Partial<SecurityCheck>): SecurityCheck => ({ id: 'a', title: 'A', severity: 'low', state: 'pass', seen: '', reason: '', why: '', fix: '', evidence: [], observedAt: null, lastKnown: null, ...over });
const anyChecks = fc.array(fc.record({ id: fc.string(), title: fc.string(), state: fc.constantFrom(...CHECK_STATES), severity: fc.constantFrom('critical' as const, 'high' as const, 'medium' as const, 'low' as const) }).map(check), { maxLength: 30 });

test('failures stand first, then unknown, stale, pass, not applicable; among equals the graver first', () => {
  const sorted = sortChecks([check({ id: '1' }), check({ id: '2', state: 'fail', severity: 'low' }), check({ id: '3', state: 'unknown' }), check({ id: '4', state: 'fail', severity: 'critical' }), check({ id: '5', state: 'not-applicable' }), check({ id: '6', state: 'stale' })], { by: 'state', isDescending: false });
  expect(sorted.map(({ id }) => id)).toEqual(['4', '2', '3', '6', '1', '5']);
});

test('sorting keeps every check', () => {
  fc.assert(fc.property(anyChecks, fc.constantFrom('state' as const, 'severity' as const, 'title' as const), fc.boolean(), (checks, by, isDescending) => {
    const sorted = sortChecks(checks, { by, isDescending });
    expect(sorted).toHaveLength(checks.length);
    for (const item of checks) expect(sorted).toContain(item);
  }));
});

test('no state chosen shows every state; text looks at title, what was seen and id', () => {
  const checks = [check({ id: 'x', title: 'HSTS is sent', state: 'fail' }), check({ id: 'y', seen: 'not in any answer', state: 'pass' })];
  expect(filterChecks(checks, { text: '', states: new Set() })).toHaveLength(2);
  expect(filterChecks(checks, { text: 'hsts', states: new Set() })).toEqual([checks[0]]);
  expect(filterChecks(checks, { text: ' ANY answer ', states: new Set() })).toEqual([checks[1]]);
  expect(filterChecks(checks, { text: '', states: new Set(['pass']) })).toEqual([checks[1]]);
});
