// Windows of a plan and the clock that counts them down.
import { describe, expect, it } from 'vitest';
import { clockText, hasClosed, planTime, windowsByKind } from './plan-time.ts';

const at = (text: string): number => Date.parse(text);
const window = (kind: 'now' | 'approved' | 'delayed', from: string, until: string) => ({ kind, from, until, days: 90 });
const PRODUCTION = { windows: [window('approved', '2026-11-22T12:00:00.000000Z', '2026-11-22T12:15:00.000000Z'), window('delayed', '2026-11-23T12:00:00.000000Z', '2026-11-23T12:15:00.000000Z')] };

describe('when a plan may be carried out', () => {
  it('says which window is open, what comes next, and when all is over (R65)', () => {
    expect(planTime(PRODUCTION, at('2026-11-22T12:05:00Z'))).toMatchObject({ kind: 'open', window: { kind: 'approved' }, leftMs: 600_000 });
    expect(planTime(PRODUCTION, at('2026-11-22T12:15:00Z'))).toMatchObject({ kind: 'open', leftMs: 0 });
    expect(planTime(PRODUCTION, at('2026-11-22T12:15:01Z'))).toMatchObject({ kind: 'waiting', next: { kind: 'delayed' } });
    expect(planTime(PRODUCTION, at('2026-11-23T12:15:01Z'))).toEqual({ kind: 'over' });
    expect(planTime(PRODUCTION, at('2026-11-22T11:59:59Z'))).toMatchObject({ kind: 'waiting', untilMs: 1000 });
    expect(PRODUCTION.windows.map((one) => hasClosed(one, at('2026-11-22T13:00:00Z')))).toEqual([true, false]);
    expect(windowsByKind(PRODUCTION)).toMatchObject({ approved: { kind: 'approved' }, delayed: { kind: 'delayed' } });
    expect(windowsByKind({ windows: PRODUCTION.windows.slice(0, 1) }).delayed).toBeUndefined();
  });

  it('counts down to the second and never promises more than is left', () => {
    expect([clockText(899_999), clockText(60_000), clockText(999), clockText(-5), clockText(85_500_000)]).toEqual(['14:59', '1:00', '0:00', '0:00', '23:45:00']);
  });
});
