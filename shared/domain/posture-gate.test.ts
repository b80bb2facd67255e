import { describe, expect, it } from 'vitest';
import type { CheckState, Exception } from './evidence.ts';
import { judgeGate } from './posture-gate.ts';

const exception = (isExpired: boolean): Exception => ({ id: 1, checkId: 'c', owner: 'A. Owner', reason: 'Known', until: '2026-12-31', createdAt: '2026-11-22T00:00:00Z', isExpired });
const check = (state: CheckState, given: Exception | null = null, severity: 'critical' | 'high' | 'medium' = 'high') => ({ id: state, title: 'C', severity, state, lastKnown: null as CheckState | null, seen: 's', reason: 'r', exception: given });
const strict = { allowUnknown: false };

describe('the gate', () => {
  it('opens only where every check that is asked about is known, fresh and passing', () => {
    expect(judgeGate([check('pass'), check('pass', null, 'critical'), check('not-applicable'), check('fail', null, 'medium')], strict).passes).toBe(true);
    for (const state of ['fail', 'unknown', 'stale'] as const) expect([state, judgeGate([check('pass'), check(state)], strict).passes]).toEqual([state, false]);
    expect(judgeGate([check('not-applicable'), check('pass', null, 'medium')], strict)).toMatchObject({ passes: false, asked: 0 });
  });
  it.each(['fail', 'unknown', 'stale'] as const)('an exception that holds answers for a check that is %s; one that has expired does not', (state) => {
    expect(judgeGate([check('pass'), check(state, exception(false))], strict)).toMatchObject({ passes: true, failing: [], unknown: [], stale: [], accepted: [{ id: state }] });
    expect(judgeGate([check('pass'), check(state, exception(true))], strict)).toMatchObject({ passes: false, accepted: [] });
  });
  it('an exception beside a passing check is no acceptance', () => expect(judgeGate([check('pass', exception(false))], strict)).toMatchObject({ passes: true, accepted: [] }));
  it('unknown and stale may be allowed, failing never', () => {
    expect(judgeGate([check('unknown'), check('stale')], { allowUnknown: true })).toMatchObject({ passes: true, unknown: [{ id: 'unknown' }], stale: [{ id: 'stale' }] });
    expect(judgeGate([check('fail')], { allowUnknown: true }).passes).toBe(false);
    expect(judgeGate([check('pass'), { ...check('stale'), lastKnown: 'pass' as const }], { allowUnknown: true }).passes).toBe(true);
    expect(judgeGate([check('pass'), { ...check('stale'), lastKnown: 'fail' as const }], { allowUnknown: true }).passes, 'stale, and it failed when it was looked at last').toBe(false);
  });
});
