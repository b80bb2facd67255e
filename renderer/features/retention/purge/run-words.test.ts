// What a purge may be called, and what may be done about it.
import { describe, expect, it } from 'vitest';
import { PURGE_STATES } from '#shared/domain/retention-plan.ts';
import { isWithinPlan } from '#shared/domain/retention-outcome.ts';
import type { PurgeRun } from '#shared/domain/retention-plan.ts';
import { canLook, canVerify, isBeforeRequest, openRun, runLook } from './run-words.ts';

function run(over: Partial<PurgeRun> = {}): PurgeRun {
  return {
    id: 'r_0000000000000001', deploymentId: 'd', planId: 'p', planDigest: 'a'.repeat(64), startedAt: '2026-11-22T12:00:00.000000Z', endedAt: null, state: 'answered', planned: 60, alsoDue: 2, days: 90,
    cutoff: '2026-08-24T12:00:00.000000Z', deleted: 60, serverCutoff: '2026-08-24T12:03:00.000000Z', approvedBy: null, message: '', ledgerEntry: 1, ...over,
  };
}

describe('what became of a purge', () => {
  it('is within the plan only as the plan allows: the count, and a cutoff between its ends', () => {
    expect([60, 61, 62].map((deleted) => isWithinPlan(run({ deleted })))).toEqual([true, true, true]);
    expect([null, 0, 59, 63].map((deleted) => isWithinPlan(run({ deleted })))).toEqual([false, false, false, false]);
    expect(['2026-08-24T11:59:59.000000Z', '2026-08-24T12:15:00.000001Z', null].map((serverCutoff) => isWithinPlan(run({ serverCutoff })))).toEqual([false, false, false]);
  });

  it('is never green: an answer is no proof', () => {
    for (const state of PURGE_STATES) expect(runLook(run({ state })).tone).not.toBe('pass');
    expect(runLook(run({ deleted: 61_000 }))).toEqual({ tone: 'fail', word: 'not as planned' });
    expect(runLook(run({ state: 'unknown', deleted: null })).word).toBe('unknown');
  });

  it('nothing else is sent before what is open is settled, and only the newest can be looked at again', () => {
    const [first, open] = [run({ id: 'r_0000000000000002' }), run({ state: 'unknown' })];
    expect(openRun([first, open])).toBe(open);
    expect(openRun([run({ state: 'requested' })])?.state).toBe('requested');
    expect(openRun([first])).toBeUndefined();
    const missed = run({ state: 'found-not-done' });
    expect([canLook(missed, [missed]), canLook(missed, [first, missed]), canLook(open, [first, open]), canLook(first, [first])]).toEqual([true, false, true, false]);
    expect(PURGE_STATES.filter((state) => canVerify({ state }))).toEqual(['answered', 'found-done', 'found-not-done']);
    expect([isBeforeRequest('Comparing with the plan'), isBeforeRequest('Asked the deployment to delete')]).toEqual([true, false]);
  });
});
