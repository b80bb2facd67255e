// Checks over what is known: stale and unknown are no pass, and a zero that may mean nothing proves nothing.
import { describe, expect, it } from 'vitest';
import type { RotationView } from '#shared/contract/rotation.ts';
import type { SecurityView } from '#shared/contract/security.ts';
import type { Json } from '#shared/domain/posture-expression.ts';
import { overdueFound, rotationFound, securityFound } from './known.ts';

const NOW = Date.UTC(2026, 10, 22, 12);
const SEEN = '2026-11-22T11:00:00Z';

describe('a check of the posture', () => {
  const view = (state: string, observedAt: string | null = SEEN, exception: unknown = null): SecurityView => ({ baseline: { id: 'b', version: '1.0.0' }, checks: [{ id: 'a', title: 'A', state, seen: 's', reason: 'r', observedAt, exception }] }) as unknown as SecurityView;
  it.each([['pass', 'pass'], ['fail', 'fail'], ['unknown', 'unknown'], ['stale', 'unknown'], ['not-applicable', 'unknown']])('%s: %s, as of when it was seen', (state, result) => {
    expect(securityFound({ asks: 'security-check', check: 'a' }, view(state), NOW)).toMatchObject({ result, observedAt: SEEN });
  });
  it('ends what was seen like a sentence, once', () => {
    const seenOf = (seen: string): string => { const shown = view('unknown'); return securityFound({ asks: 'security-check', check: 'a' }, { ...shown, checks: shown.checks.map((each) => ({ ...each, seen })) }, NOW).seen; };
    expect([seenOf('Not known'), seenOf('It is off.')]).toEqual(['A: unknown. Not known.', 'A: unknown. It is off.']);
  });
  it('does not know what is not there, or was seen at no time', () => {
    expect(securityFound({ asks: 'security-check', check: 'b' }, view('pass'), NOW).result).toBe('unknown');
    expect(securityFound({ asks: 'security-check', check: 'a' }, view('pass', null), NOW).result).toBe('unknown');
  });
});

describe('overdue rows', () => {
  const of = (status: Json, isDatabaseThere = true, atMost = 0) => overdueFound({ asks: 'overdue-rows', at_most: atMost }, { status, atMs: NOW, isDatabaseThere }).result;
  const retention = (enabled: Json, count: Json): Json => ({ audit_retention: { enabled, overdue_count: count } });
  it.each<[Json, boolean, number, string]>([
    [retention(true, 0), true, 0, 'pass'], [retention(true, 0), false, 0, 'unknown'], [retention(false, 0), true, 0, 'unknown'], [retention(null, 0), true, 0, 'unknown'], [retention(true, 2), true, 0, 'fail'], [retention(true, 2), true, 2, 'pass'],
    [retention(true, 2), false, 5, 'pass'], [retention(true, -1), true, 0, 'unknown'], [retention(true, 1.5), true, 5, 'unknown'], [retention(true, '0'), true, 0, 'unknown'], [retention(true, null), true, 0, 'unknown'], [{}, true, 0, 'unknown'], [null, true, 0, 'unknown'], [[], true, 0, 'unknown'],
  ])('%j, database there %s, at most %i: %s', (status, ...[isThere, atMost, result]) => {
    expect(of(status, isThere, atMost)).toBe(result);
  });
});

describe('the rotation', () => {
  const view = (phase: string, outcome = 'open', verdict = outcome === 'open' ? 'open' : 'intact'): RotationView => ({ rotationId: 'r_0', outcome, phase, record: { verdict, message: 'm' } }) as unknown as RotationView;
  it.each([
    [view('prepare'), 'deploy', 'fail'], [view('deploy'), 'deploy', 'pass'], [view('cutover'), 'deploy', 'pass'], [view('cutover'), 'finished', 'fail'], [view('cutover', 'finished'), 'finished', 'pass'], [view('cutover', 'finished'), 'validate', 'pass'],
    [view('cutover', 'finished', 'key-unknown'), 'finished', 'unknown'], [view('cutover', 'open', 'broken'), 'deploy', 'unknown'], [view('validate', 'abandoned'), 'deploy', 'fail'], [null, 'prepare', 'unknown'],
  ] as const)('%#: %s', (rotation, phase, result) => {
    expect(rotationFound({ asks: 'rotation', phase }, rotation, NOW).result).toBe(result);
  });
});
