// The verdict from signs: the newest decides, of two at once the one that accuses, and what is old or only hinted at decides nothing.
import { describe, expect, it } from 'vitest';
import type { Sign } from './verdict.ts';
import { FRESH_US, verdictOf } from './verdict.ts';

const NOW_US = Date.UTC(2026, 10, 22) * 1000;
const policy = { state: 'on' as const, days: 90, reason: 'why', overdue: { said: 0, rows: null, reason: 'not shown' } };
const sign = (kind: Sign['kind'], agoUs: number): Sign => ({ kind, atUs: NOW_US - agoUs, source: 'a look', text: `${kind} ${agoUs}` });
const state = (signs: readonly Sign[]): string => verdictOf({ policy, doubtedNoneUs: null, signs, lack: 'nothing', nowUs: NOW_US }).state;

describe('a verdict', () => {
  it('follows the newest sign that decides', () => {
    expect(state([])).toBe('unknown');
    expect(state([sign('hint', 1)])).toBe('unknown');
    expect(state([sign('gone', 5), sign('there', 9), sign('hint', 1)])).toBe('deleting');
    expect(state([sign('gone', 9), sign('there', 5)])).toBe('not-deleting');
    expect(state([sign('gone', 5), sign('there', 5)])).toBe('not-deleting');
  });

  it('does not say how it is from what was seen too long ago, and keeps the evidence', () => {
    const old = verdictOf({ policy, doubtedNoneUs: null, signs: [sign('gone', FRESH_US + 1)], lack: 'nothing', nowUs: NOW_US });
    expect(old).toMatchObject({ state: 'unknown', evidence: [{ source: 'a look' }] });
    expect(state([sign('gone', FRESH_US)])).toBe('deleting');
  });

  it('does not say deleting once something spoke against a newer count of none', () => {
    const after = (doubtedAgoUs: number | null, kind: Sign['kind'] = 'gone') => verdictOf({
      policy: { ...policy, overdue: { said: 0, rows: null, reason: 'Its database may be down.' } }, doubtedNoneUs: doubtedAgoUs === null ? null : NOW_US - doubtedAgoUs, signs: [sign(kind, 5_000_000)], lack: 'nothing', nowUs: NOW_US,
    });
    expect(after(4_500_000)).toMatchObject({ state: 'unknown', message: expect.stringContaining('Its database may be down.') as string, evidence: [{ source: 'a look' }] });
    expect(after(4_500_000, 'there').state).toBe('not-deleting');
    for (const agoUs of [null, 5_000_000, 5_500_000]) expect(after(agoUs).state).toBe('deleting');
  });

  it('is unknown where nothing is configured, whatever was seen', () => {
    for (const off of ['off', 'unknown'] as const) expect(verdictOf({ policy: { ...policy, state: off }, doubtedNoneUs: null, signs: [sign('gone', 1)], lack: '', nowUs: NOW_US }).state).toBe('unknown');
  });
});
