import { describe, expect, it } from 'vitest';
import { PURGE_STATES } from '#shared/domain/retention-plan.ts';
import type { PurgeRun } from '#shared/domain/retention-plan.ts';
import { canLook, CHECK_LOOKS, deletedWord, holdWarnings, isUnsettled, OUTCOME_LOOKS, overdueWord, policyWord, RUN_LOOKS, VERDICT_LOOKS } from './retention-words.ts';

const policy = { state: 'on', days: 90, cutoff: '2026-08-24T00:00:00Z', overdue: { said: 0, rows: null, reason: 'x' }, observedAt: null, reason: '' } as const;
const counts = { rows: 10, preserved: 10, withoutPayload: 0, dueSoon: 0, due: 0, vanished: 0 };
const run = (state: PurgeRun['state'], id = 'r_0000000000000001') => ({ id, state }) as PurgeRun;

describe('the words of retention', () => {
  it('a count of none that was not proven is never a count', () => {
    expect(overdueWord(policy)).toEqual({ text: '0 said, which proves nothing', isProof: false });
    expect(overdueWord({ ...policy, overdue: { said: null, rows: null, reason: '' } })).toEqual({ text: 'not said', isProof: false });
    expect(overdueWord({ ...policy, overdue: { said: 0, rows: 0, reason: '' } })).toEqual({ text: '0 rows', isProof: true });
    expect(policyWord({ ...policy, state: 'off' })).toBe('Retention is switched off there');
    expect(policyWord({ ...policy, state: 'unknown', days: -1 })).toContain('not usable');
  });

  it('only what was proven is green: no state of a purge is', () => {
    expect(PURGE_STATES.filter((state) => RUN_LOOKS[state].tone === 'pass')).toEqual([]);
    expect([VERDICT_LOOKS.deleting.tone, VERDICT_LOOKS.unknown.tone, OUTCOME_LOOKS.open.tone, CHECK_LOOKS['could-not'].tone]).toEqual(['pass', 'unknown', 'unknown', 'unknown']);
  });

  it('what is to be looked at of a hold, and nothing of a released one', () => {
    const hold = { counts: { ...counts, vanished: 1, due: 2, dueSoon: 3, preserved: 6 }, isReviewOverdue: true, released: null };
    expect(holdWarnings(hold).map(({ word }) => word)).toEqual(['1 vanished', '2 due now', '3 due in 14 d', '4 not preserved', 'review overdue']);
    expect(holdWarnings({ ...hold, released: { at: '2026-11-22T00:00:00Z', reason: 'over' } })).toEqual([]);
    expect(holdWarnings({ counts, isReviewOverdue: false, released: null })).toEqual([]);
  });

  it('looking is offered where it can tell more', () => {
    const newest = run('found-not-done');
    expect(canLook(newest, newest)).toBe(true);
    expect(canLook(run('found-not-done', 'r_0000000000000002'), newest)).toBe(false);
    expect(canLook(run('unknown', 'r_0000000000000002'), newest)).toBe(true);
    for (const state of ['requested', 'answered', 'refused', 'found-done'] as const) expect(canLook(run(state), run(state))).toBe(false);
    expect(PURGE_STATES.filter((state) => isUnsettled(run(state)))).toEqual(['requested', 'unknown']);
  });

  it('an answer that did not come is no number', () => {
    expect(deletedWord({ deleted: null, planned: 6, alsoDue: 0 })).toBe('6 rows planned; how many went is not known');
    expect(deletedWord({ deleted: 7, planned: 6, alsoDue: 2 })).toBe('7 deleted by its answer; 6 rows planned, 2 more allowed');
  });
});
