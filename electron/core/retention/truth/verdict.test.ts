// The verdict from signs: the newest decides, of two at once the one that accuses, and what is old or only hinted at decides nothing.
import { describe, expect, it } from 'vitest';
import { formatInstantUs } from '#shared/domain/time.ts';
import type { Sign } from './verdict.ts';
import { FRESH_US, verdictOf } from './verdict.ts';

const NOW_US = Date.UTC(2026, 10, 22) * 1000;
const policy = { state: 'on' as const, days: 90, reason: 'why', overdue: { said: 0, rows: null, reason: 'not shown' }, observedAt: null };
const sign = (kind: Sign['kind'], agoUs: number): Sign => ({ kind, atUs: NOW_US - agoUs, source: 'a look', text: `${kind} ${agoUs}` });
const state = (signs: readonly Sign[]): string => verdictOf({ policy, signs, lack: 'nothing', nowUs: NOW_US }).state;

describe('a verdict', () => {
  it('follows the newest sign that decides', () => {
    expect(state([])).toBe('unknown');
    expect(state([sign('hint', 1)])).toBe('unknown');
    expect(state([sign('gone', 5), sign('there', 9), sign('hint', 1)])).toBe('deleting');
    expect(state([sign('gone', 9), sign('there', 5)])).toBe('not-deleting');
    expect(state([sign('gone', 5), sign('there', 5)])).toBe('not-deleting');
  });

  it('does not say how it is from what was seen too long ago, and keeps the evidence', () => {
    const old = verdictOf({ policy, signs: [sign('gone', FRESH_US + 1)], lack: 'nothing', nowUs: NOW_US });
    expect(old).toMatchObject({ state: 'unknown', evidence: [{ source: 'a look' }] });
    expect(state([sign('gone', FRESH_US)])).toBe('deleting');
  });

  it('does not say deleting once a newer count of none is not shown to come from the database', () => {
    const after = (overdue: { said: number | null; rows: number | null }, agoUs: number, kind: Sign['kind'] = 'gone') => verdictOf({
      policy: { ...policy, overdue: { ...overdue, reason: 'Its database may be down.' }, observedAt: formatInstantUs(NOW_US - agoUs) }, signs: [sign(kind, 5_000_000)], lack: 'nothing', nowUs: NOW_US,
    });
    expect(after({ said: 0, rows: null }, 4_500_000)).toMatchObject({ state: 'unknown', message: expect.stringContaining('Its database may be down.'), evidence: [{ source: 'a look' }] });
    expect(after({ said: 0, rows: null }, 4_500_000, 'there').state).toBe('not-deleting');
    for (const [overdue, agoUs] of [[{ said: 0, rows: 0 }, 1], [{ said: 3, rows: 3 }, 1], [{ said: 0, rows: null }, 5_000_000], [{ said: 0, rows: null }, 5_500_000]] as const) expect(after(overdue, agoUs).state).toBe('deleting');
  });

  it('is unknown where nothing is configured, whatever was seen', () => {
    for (const off of ['off', 'unknown'] as const) expect(verdictOf({ policy: { ...policy, state: off }, signs: [sign('gone', 1)], lack: '', nowUs: NOW_US }).state).toBe('unknown');
  });
});
