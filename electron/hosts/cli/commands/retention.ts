// What is known of a deployment's retention, and plans for a purge: shown, previewed, made, read and approved. Nothing here asks a deployment or deletes.
import { resolve } from 'node:path';
import { actorName } from '#core/profile/surroundings.ts';
import type { RetentionView } from '#shared/contract/retention.ts';
import { MAX_RETENTION_DAYS } from '#shared/domain/retention.ts';
import { AppError } from '#shared/errors.ts';
import { command } from '../command.ts';
import type { Command } from '../command.ts';
import { Refused } from '../failure.ts';
import { counted, fields, say, table, utc } from '../print.ts';
import type { Look } from '../print.ts';
import { deploymentNamed, NAME } from './named.ts';
import { outFile, OVERWRITE, refuseExisting, requireFolder } from './out-file.ts';
import { bullets, confirmOf, describeAges, describeHolds, describePlan, describePreview, describeRun, describeRuns, describeTruth, holdWarnings, isOpenRun, quoted, size } from './retention-text.ts';

const DAYS = { type: 'count', value: 'N', max: MAX_RETENTION_DAYS, about: 'rows older than so many days; left out: the days of the policy' } as const;

function describe(view: RetentionView, name: string, look: Look): string {
  const { ages, policy, due, holds, plan, runs, certificates, purge } = view;
  const right = (title: string) => ({ title, align: 'right' as const });
  const standing = holds.filter(({ released }) => released === null);
  const open = runs.find(isOpenRun);
  const offer = `${purge.state.replace('-', ' ')}. ${purge.reason}`;
  return [
    describeTruth(view, look), describeAges(ages, policy.cutoff, look),
    due.length === 0 ? 'What comes due is not known: there is no cutoff.' : table([{ title: 'COMES DUE' }, { title: 'BY' }, right('ROWS'), right('CACHED'), right('HELD')], due.map((one) => [`in ${counted(one.days, 'day')}`, utc(one.by), one.rows, size(one.bytes), one.held]), look),
    holds.length === standing.length ? describeHolds(holds, look) : `${standing.length === 0 ? 'No legal hold stands.' : describeHolds(standing, look)}\nReleased: ${holds.length - standing.length}; see retention hold list.`,
    ...bullets('Holds need a look:', holdWarnings(holds)),
    say`Purging from here: ${offer}`,
    ...(open === undefined ? [] : [`${describeRun(open, look)}\n${say`Nobody knows yet whether it happened. Look: holdfast retention settle ${quoted(name)}`}`]),
    ...(plan === null ? [] : [say`Plan ${plan.id} of ${utc(plan.madeAt)}: ${counted(plan.preview.rows, 'row')} before ${plan.preview.cutoff}, until ${utc(plan.windows.at(-1)?.until ?? null)}.`]),
    ...(runs.length === 0 ? [] : [describeRuns(runs, look)]),
    ...(certificates.length === 0 ? [] : [table([{ title: 'CERTIFICATE' }, { title: 'ISSUED' }, { title: 'OUTCOME' }, { title: 'OF' }], certificates.map((one) => [one.id, utc(one.issuedAt), { text: one.outcome, tone: one.outcome === 'holds' ? 'good' : one.outcome === 'fails' ? 'bad' : 'doubtful' }, one.runId ?? 'a day']), look)]),
  ].join('\n\n');
}

const show = command({
  words: ['retention', 'show'],
  summary: 'Show policy and verdict, ages of rows, what comes due, holds, plan, purges and certificates. Asks nobody.',
  arguments: [NAME],
  options: {},
  notes: ['It rests on the last sync and the last look at the security status: audit sync reads both anew.'],
}, async ({ args: [name] }, context) => {
  const { view, called } = await context.serve(['deployment.list', 'retention.show'], async (app) => {
    const { id: deploymentId, name: found } = await deploymentNamed(app, name);
    return { view: await app.call('retention.show', { deploymentId }), called: found };
  });
  return { document: view, text: describe(view, called, context.look) };
});

const preview = command({
  words: ['retention', 'preview'],
  summary: 'Count what a purge would take, from the cache. Asks nobody, keeps nothing.',
  arguments: [NAME],
  options: { days: DAYS },
}, async ({ args: [name], options: { days } }, context) => {
  const found = await context.serve(['deployment.list', 'retention.preview'], async (app) => app.call('retention.preview', { deploymentId: (await deploymentNamed(app, name)).id, ...(days === undefined ? {} : { days }) }));
  return { document: found, text: describePreview(found, context.look) };
});

const plan = command({
  words: ['retention', 'plan'],
  summary: 'Make a purge plan that names its rows, and write it to a file. Deletes nothing.',
  arguments: [NAME],
  options: { days: DAYS, out: { type: 'text', value: 'PLAN', required: true, about: 'the file to write; one that exists is refused' }, overwrite: OVERWRITE },
  notes: [
    'Refused while a row of it is under a legal hold. It is valid for 15 minutes.',
    'In production somebody else approves the file with a profile of their own (retention approve), or it waits 24 hours. For that it asks the deployment for its clock.',
  ],
}, async ({ args: [name], options: { days, out, overwrite } }, context) => {
  const path = outFile(out, ['retention', 'plan']);
  refuseExisting(path, overwrite);
  // A plan takes the place of the one before it, which may be waiting for its day: none is made for a file that cannot be written.
  requireFolder(path);
  const { made, file } = await context.serve(['deployment.list', 'retention.plan', 'retention.writePlan', 'retention.dropPlan'], async (app) => {
    const { id: deploymentId } = await deploymentNamed(app, name);
    const planned = await app.call('retention.plan', { deploymentId, ...(days === undefined ? {} : { days }) });
    const written = await app.attempt('retention.writePlan', { deploymentId, planId: planned.id, path, overwrite });
    if (written.ok) return { made: planned, file: written.value };
    // Without its file nobody can use it.
    await app.attempt('retention.dropPlan', { deploymentId, planId: planned.id });
    throw new Refused(written.error);
  });
  const isProduction = made.windows.some(({ kind }) => kind === 'approved');
  const approval = isProduction ? `\n${say`In production first, with another profile: holdfast retention approve ${quoted(file.path)} --out APPROVAL`}` : '';
  const next = say`To carry it out: holdfast retention purge ${quoted(made.deployment.name)} --plan ${quoted(file.path)}${isProduction ? ' --approval APPROVAL' : ''} --confirm ${quoted(confirmOf(made))}`;
  return { document: { plan: made, file }, text: `${describePlan(made, context.look)}\n\n${fields([['File', file.path], ['SHA-256', file.sha256]], context.look)}${approval}\n${next}` };
});

const drop = command({
  words: ['retention', 'drop'],
  summary: 'Drop the newest plan of a deployment: nobody can carry it out any more.',
  arguments: [NAME],
  options: {},
}, async ({ args: [name] }, context) => {
  const dropped = await context.serve(['deployment.list', 'retention.show', 'retention.dropPlan'], async (app) => {
    const { id: deploymentId } = await deploymentNamed(app, name);
    const { plan: newest } = await app.call('retention.show', { deploymentId });
    if (newest === null) throw new AppError('plan_expired', { message: 'No plan of this deployment is open. Nothing was dropped.', hint: 'See retention show.' });
    await app.call('retention.dropPlan', { deploymentId, planId: newest.id });
    return newest;
  });
  return { document: { planId: dropped.id, digest: dropped.digest }, text: say`Plan ${dropped.id} was dropped.` };
});

const approve = command({
  words: ['retention', 'approve'],
  summary: 'Show the purge plan of somebody else; with --out, sign it with the key of this profile.',
  arguments: [{ name: 'PLAN', type: 'text', about: 'the plan file, as retention plan wrote it' }],
  options: {
    out: { type: 'text', value: 'APPROVAL', about: 'sign, and write the approval here; one that exists is refused. Left out: nothing is signed' },
    by: { type: 'text', value: 'WHO', about: 'who approves; left out: the user of this computer' },
    note: { type: 'text', value: 'TEXT', about: 'what the approver adds' },
    overwrite: OVERWRITE,
  },
  notes: ['The profile that made the plan cannot approve it. The file is read and checked against its digest; nobody is asked.'],
}, async ({ args: [file], options }, context) => {
  const path = resolve(file);
  if (options.out === undefined) {
    const read = await context.serve(['retention.readPlan'], (app) => app.call('retention.readPlan', { path }));
    return { document: { plan: read, approval: null, file: null }, text: `${describePlan(read, context.look)}\n\nNothing was signed: --out APPROVAL signs it.` };
  }
  const target = outFile(options.out, ['retention', 'approve']);
  refuseExisting(target, options.overwrite);
  const { read, approval, written } = await context.serve(['retention.readPlan', 'retention.approve', 'retention.writeApproval'], async (app) => {
    const shown = await app.call('retention.readPlan', { path });
    const signed = await app.call('retention.approve', { path, approvedBy: options.by ?? actorName(), ...(options.note === undefined ? {} : { note: options.note }) });
    if (signed.planDigest !== shown.digest) throw new AppError('plan_damaged', { message: 'The plan file changed while it was read. No approval was written.', hint: 'Look at the file, then approve again.' });
    return { read: shown, approval: signed, written: await app.call('retention.writeApproval', { planDigest: signed.planDigest, path: target, overwrite: options.overwrite }) };
  });
  return { document: { plan: read, approval, file: written }, text: `${describePlan(read, context.look)}\n\n${fields([['Approved by', approval.approvedBy], ['At', utc(approval.approvedAt)], ['Note', approval.note === '' ? null : approval.note], ['File', written.path], ['SHA-256', written.sha256]], context.look)}` };
});

export const retentionCommands: readonly Command[] = [show, preview, plan, drop, approve];
