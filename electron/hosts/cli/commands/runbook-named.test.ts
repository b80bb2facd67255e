// Tests of what a typed run, step or runbook means: one, or a refusal that names the nearest; never a guess.
import { describe, expect, it } from 'vitest';
import type { CallInput, CallName, CallOutput, Envelope } from '#shared/contract.ts';
import type { RunHead } from '#shared/contract/runbook.ts';
import { AppError } from '#shared/errors.ts';
import type { Served } from '../command.ts';
import { nearest, packNamed, refuseUnknown, runNamed } from './runbook-named.ts';

const A = `run_${'ab'.repeat(16)}`;
const B = `run_ac${'0'.repeat(30)}`;

function appWith(ids: readonly string[]): Served<'run.list' | 'runbook.list'> {
  const runs = ids.map((runId): RunHead => ({ runId, packId: 'p', packTitle: 'P', title: 'A title', severity: null, isDrill: false, deployment: null, startedAt: '2026-11-22T10:00:00.000000Z', endedAt: null, outcome: null, done: 0, steps: 1, conflicts: 0, people: 1 }));
  const runbooks = ['navi-incident', 'navi-deploy', 'post-mortem'].map((id) => ({ id, version: '1.0.0', title: id, kind: 'incident', digest: '', steps: 1, isShipped: true, importedAt: null, applies: [] }));
  const call = <K extends CallName>(name: K, _input: CallInput<K>): Promise<CallOutput<K>> => Promise.resolve((name === 'run.list' ? { runs } : { runbooks }) as unknown as CallOutput<K>);
  return { interrupted: new AbortController().signal, call, attempt: (): Promise<Envelope<never>> => Promise.reject(new Error('not called')) };
}

async function refusal(work: Promise<unknown>): Promise<{ code: string; message: string; hint: string }> {
  try {
    await work;
  } catch (error) {
    if (error instanceof AppError) return { code: error.code, message: error.message, hint: error.hint };
    throw error;
  }
  throw new Error('was accepted');
}

describe('what is typed for a run', () => {
  it('is its id, or a beginning that no other has, with and without run_, in any case', async () => {
    for (const typed of [A, 'abab', 'run_ab', ' RUN_AB ', A.slice(4), A.toUpperCase()]) expect(await runNamed(appWith([A, B]), typed)).toBe(A);
    expect(await runNamed(appWith([A, B]), 'ac')).toBe(B);
  });

  it('is refused when it means none or more than one, and those that there are get named', async () => {
    const two = await refusal(runNamed(appWith([A, B]), 'a'));
    expect(two).toMatchObject({ code: 'run_not_found', message: '2 runs begin with "a". Nothing was done.' });
    for (const id of [A, B]) expect(two.hint).toContain(id.slice(0, 16));
    for (const typed of ['ff', 'title', '', 'run_', '%']) {
      const none = await refusal(runNamed(appWith([A, B]), typed));
      expect(none).toMatchObject({ code: 'run_not_found' });
      expect(none.hint).toContain('(A title, 2026-11-22 10:00)');
    }
    expect((await refusal(runNamed(appWith([]), 'a'))).hint).toContain('holdfast runbook start');
  });
});

describe('what is typed for a runbook', () => {
  it('is its id; a wrong one is answered with the nearest first', async () => {
    expect(await packNamed(appWith([]), 'NAVI-incident')).toBe('navi-incident');
    const wrong = await refusal(packNamed(appWith([]), 'navi-incidnt'));
    expect(wrong).toMatchObject({ code: 'runbook_not_found' });
    expect(wrong.hint).toMatch(/^Nearest: navi-incident/);
    expect((await refusal(packNamed(appWith([]), 'mortem'))).hint).toMatch(/^Nearest: post-mortem/);
  });
});

describe('the nearest', () => {
  it('hold what was typed, or differ in few letters; of what is like none, some are named all the same', () => {
    expect(nearest('dashboards.redy', ['shift.pager', 'dashboards.ready', 'dashboards.errors'])[0]).toBe('dashboards.ready');
    expect(nearest('pager', ['shift.pager', 'paper'])[0]).toBe('shift.pager');
    expect(nearest('zzz', ['aaaaaaaa', 'bbbbbbbb'])).toHaveLength(2);
    expect(nearest('x'.repeat(100_000), Array.from({ length: 100 }, (_, index) => `step.${index}`))).toHaveLength(5);
    expect(() => refuseUnknown('step_not_found', { message: 'm', typed: 'x', choices: [], none: 'There is none.' })).toThrow(AppError);
  });
});
