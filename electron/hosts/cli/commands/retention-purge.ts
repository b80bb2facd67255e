// Carrying a purge plan out, and settling one whose answer was lost: exit code 0 only for what was answered within the plan.
import { resolve } from 'node:path';
import { isWithinPlan } from '#shared/domain/retention-outcome.ts';
import type { PurgePlan, PurgeRun } from '#shared/domain/retention-plan.ts';
import { AppError } from '#shared/errors.ts';
import { command } from '../command.ts';
import type { Command, Failing } from '../command.ts';
import { say } from '../print.ts';
import { deploymentNamed, NAME } from './named.ts';
import { describeRun, isOpenRun, quoted } from './retention-text.ts';

function failingOf(run: PurgeRun, isWithin: boolean, name: string): Failing | undefined {
  if (isWithin) return undefined;
  if (run.state === 'refused') return { code: 'request_refused', message: `${run.message} The plan has ended.`, hint: 'Mend that, then make a new plan.' };
  if (run.state === 'answered') return { code: 'purge_off_plan', message: run.message, hint: `See what is there: holdfast retention verify ${quoted(name)} --run ${run.id}` };
  return { code: 'purge_unsettled', message: run.message, hint: `Nothing more is sent before somebody has looked: holdfast retention settle ${quoted(name)}` };
}

const purge = command({
  words: ['retention', 'purge'],
  summary: 'Carry a purge plan out: the deployment deletes rows of EVERY organisation, and nobody can bring them back.',
  arguments: [NAME],
  options: {
    plan: { type: 'text', value: 'PLAN', required: true, about: 'the plan file that this profile made' },
    approval: { type: 'text', value: 'FILE', about: 'the approval of somebody else; in production without it only 24 hours after the plan' },
    confirm: { type: 'text', value: '"NAME COUNT"', required: true, about: 'the name of the deployment and the number of rows that go, as the plan says' },
  },
  notes: [
    'It looks anew and compares with the plan first; whatever differs is a refusal. The ledger entry is on disk before the request leaves.',
    'Exit code 0 only when the deployment answered, and its answer is within the plan; 3 also when nobody knows whether it happened.',
  ],
}, async ({ args: [name], options }, context) => {
  const path = resolve(options.plan);
  const { run, called } = await context.serve(['deployment.list', 'retention.readPlan', 'retention.arm', 'retention.purge'], async (app) => {
    const { id: deploymentId, name: found } = await deploymentNamed(app, name);
    const plan: PurgePlan = await app.call('retention.readPlan', { path });
    const armed = await app.call('retention.arm', { deploymentId, planId: plan.id });
    if (armed.planDigest !== plan.digest) throw new AppError('plan_damaged', { message: 'This file is not the plan that this profile made under that number. Nothing was sent.', hint: 'Use the file as retention plan wrote it, or make a new plan.' });
    const done = await app.call('retention.purge', { deploymentId, planId: plan.id, token: armed.token, confirm: options.confirm, approvalPath: options.approval === undefined ? null : resolve(options.approval) });
    return { run: done, called: found };
  });
  const isWithin = run.state === 'answered' && isWithinPlan(run);
  const next = isWithin ? `\n\n${say`To prove it: holdfast retention verify ${quoted(called)} --run ${run.id}`}` : '';
  return { document: { ...run, isWithinPlan: isWithin }, text: `${describeRun(run, context.look)}${next}`, failing: failingOf(run, isWithin, called) };
});

const settle = command({
  words: ['retention', 'settle'],
  summary: 'Look whether a purge whose answer was lost has happened. Deletes nothing.',
  arguments: [NAME],
  options: { run: { type: 'text', value: 'ID', about: 'the purge, see retention show; left out: the one that is open, else the newest' } },
  notes: ['Exit code 0 when looking showed whether it happened, or nothing was open; 3 while it is unknown. A request that was given up may still be at work for two minutes.'],
}, async ({ args: [name], options }, context) => {
  const { run, called } = await context.serve(['deployment.list', 'retention.show', 'retention.settle'], async (app) => {
    const { id: deploymentId, name: found } = await deploymentNamed(app, name);
    const { runs } = await app.call('retention.show', { deploymentId });
    const wanted = options.run ?? runs.find(isOpenRun)?.id ?? runs[0]?.id;
    return { run: wanted === undefined ? null : await app.call('retention.settle', { deploymentId, runId: wanted }), called: found };
  });
  if (run === null) return { document: { run }, text: 'There was no purge of this deployment from here: nothing is to be settled.' };
  const failing: Failing | undefined = isOpenRun(run) ? { code: 'purge_unsettled', message: run.message, hint: `Look again: holdfast retention settle ${quoted(called)}` } : undefined;
  return { document: { run }, text: describeRun(run, context.look), failing };
});

export const retentionPurgeCommands: readonly Command[] = [purge, settle];
