// The verdict from signs: the newest decides, of two at once the one that accuses, and what is old or only hinted at decides nothing.
import { describe, expect, it } from 'vitest';
import type { Sign } from './verdict.ts';
import { FRESH_US, verdictOf } from './verdict.ts';

const NOW_US = Date.UTC(2026, 10, 22) * 1000;
const policy = { state: 'on' as const, days: 90, reason: 'why', overdue: { said: 0, rows: null, reason: 'not shown' } };
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

  it('is unknown where nothing is configured, whatever was seen', () => {
    for (const off of ['off', 'unknown'] as const) expect(verdictOf({ policy: { ...policy, state: off }, signs: [sign('gone', 1)], lack: '', nowUs: NOW_US }).state).toBe('unknown');
  });
});
