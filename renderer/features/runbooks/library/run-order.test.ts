// The list of runs: open ones first, and a filter over everything that a row shows.
import { describe, expect, it } from 'vitest';
import type { RunHead } from '#shared/contract/runbook.ts';
import { filterRuns, openFirst } from './run-order.ts';

const run = (over: Partial<RunHead>): RunHead => ({ runId: 'run_1', packId: 'p', packTitle: 'Pack', title: 'Run', severity: null, isDrill: false, deployment: null, startedAt: '2026-01-01T00:00:00.000Z', endedAt: null, outcome: null, done: 0, steps: 1, conflicts: 0, people: 1, ...over });

describe('the list of runs', () => {
  const early = run({ runId: 'early' });
  const late = run({ runId: 'late', startedAt: '2026-02-01T00:00:00.000Z', severity: 'sev1', title: 'Token replay' });
  const stopped = run({ runId: 'stopped', startedAt: '2026-03-01T00:00:00.000Z', endedAt: '2026-03-02T00:00:00.000Z', outcome: 'stopped' });
  const completed = run({ runId: 'completed', endedAt: '2026-03-03T00:00:00.000Z', outcome: 'completed', isDrill: true, deployment: 'acme-prod' });

  it('has the open ones first, each part the newest first', () => {
    const { open, ended } = openFirst([early, stopped, late, completed]);
    expect([open, ended].map((part) => part.map(({ runId }) => runId))).toEqual([['late', 'early'], ['completed', 'stopped']]);
  });

  it('is filtered by words in any order over what a row shows', () => {
    const all = [early, late, stopped, completed];
    const ids = (text: string): readonly string[] => filterRuns(all, text).map(({ runId }) => runId);
    expect(ids('  ')).toEqual(['early', 'late', 'stopped', 'completed']);
    expect(ids('SEV1 token')).toEqual(['late']);
    expect(ids('drill acme')).toEqual(['completed']);
    expect(ids('open')).toEqual(['early', 'late']);
    expect(ids('nothing such')).toEqual([]);
  });
});
