// What an admin adds to the posture of a deployment: consents for probes, evidence, exceptions, baselines.
import { resolve } from 'node:path';
import { PROBE_CONSENTS } from '#shared/domain/posture.ts';
import type { ProbePlan } from '#shared/domain/posture.ts';
import { command } from '../command.ts';
import type { Command } from '../command.ts';
import { UsageError } from '../failure.ts';
import { counted, fields, say, table, utc } from '../print.ts';
import type { Look } from '../print.ts';
import { deploymentNamed, NAME } from './named.ts';

const CHECK = { name: 'CHECK', type: 'text', about: 'id of the check, see security show' } as const;

const probes = command({
  words: ['security', 'probes'],
  summary: 'List the requests that a look sends, and allow or forbid a group of them.',
  arguments: [NAME],
  options: {
    allow: { type: 'text', value: 'GROUP', choices: PROBE_CONSENTS, about: 'allow this group for this deployment' },
    forbid: { type: 'text', value: 'GROUP', choices: PROBE_CONSENTS, about: 'forbid it' },
  },
  notes: ['probes are on, except in production. burst (at most 45 GETs) and header-bypass are off until they are allowed.'],
}, async ({ args: [name], options }, context) => {
  if (options.allow !== undefined && options.forbid !== undefined) throw new UsageError('Either --allow or --forbid.', ['security', 'probes']);
  const consent = options.allow ?? options.forbid;
  const plan = consent === undefined
    ? await context.serve(['deployment.list', 'security.plan'], async (app) => app.call('security.plan', { deploymentId: (await deploymentNamed(app, name)).id }))
    : await context.serve(['deployment.list', 'security.setConsent'], async (app) => app.call('security.setConsent', { deploymentId: (await deploymentNamed(app, name)).id, consent, isAllowed: options.allow !== undefined }));
  return { document: plan, text: describePlan(plan, context.look) };
});

function describePlan(plan: ProbePlan, look: Look): string {
  const rows = [...(plan.status === null ? [] : [['status', 'always', 'will run', `${plan.status} (with your token)`]]), ...plan.probes.flatMap((probe) => probe.requests.map((request, index) => [index === 0 ? probe.id : '', index === 0 ? probe.consent : '', index === 0 ? (probe.willRun ? 'will run' : 'off') : '', request]))];
  const consents = plan.consents.map((one) => `${one.consent} ${one.isAllowed ? 'allowed' : 'off'}${one.decidedAt === null ? '' : ` since ${utc(one.decidedAt)}`}`).join('; ');
  return [table([{ title: 'PROBE' }, { title: 'GROUP' }, { title: '' }, { title: 'REQUEST', cut: true }], rows, look), '', say`${counted(plan.requests + (plan.status === null ? 0 : 1), 'request')} will be sent, at most two a second. ${consents}.`].join('\n');
}

const addEvidence = command({
  words: ['security', 'evidence', 'add'],
  summary: 'Keep a configuration file as declared evidence, or a file beside a statement about a check.',
  arguments: [NAME, { name: 'FILE', type: 'text', about: 'production.json, security_production.yml, or any file of at most 1 MiB beside a statement' }],
  options: {
    check: { type: 'text', value: 'CHECK', about: 'the check that a statement is about' },
    by: { type: 'text', value: 'NAME', about: 'who states it' },
    on: { type: 'text', value: 'YYYY-MM-DD', about: 'on which day; left out: today' },
    statement: { type: 'text', value: 'TEXT', about: 'what is stated' },
    'does-not-hold': { type: 'flag', about: 'the statement says that the check does not hold' },
  },
  notes: ['Without --check the file must be a configuration that is known by its content.'],
}, async ({ args: [name, file], options }, context) => {
  const { check, by, statement } = options;
  const given = [check, by, statement].filter((one) => one !== undefined).length;
  if (given !== 0 && given !== 3) throw new UsageError('A statement needs --check, --by and --statement.', ['security', 'evidence', 'add']);
  const attests = check === undefined || by === undefined || statement === undefined ? null : { checkId: check, by, statement, on: options.on ?? new Date().toISOString().slice(0, 10), holds: !options['does-not-hold'] };
  const added = await context.serve(['deployment.list', 'security.addEvidence'], async (app) => app.call('security.addEvidence', { deploymentId: (await deploymentNamed(app, name)).id, path: resolve(file), attests }));
  return { document: added, text: fields([['Kept as', added.about], ['Source', added.source], ['SHA-256', added.digest]], context.look) };
});

const except = command({
  words: ['security', 'except'],
  summary: 'Answer for a check until a day; it counts as accepted in the gate until then, no longer afterwards.',
  arguments: [NAME, CHECK],
  options: {
    owner: { type: 'text', value: 'NAME', required: true, about: 'who answers for it' },
    reason: { type: 'text', value: 'TEXT', required: true, about: 'why it is acceptable' },
    until: { type: 'text', value: 'YYYY-MM-DD', required: true, about: 'the last day, in UTC' },
  },
}, async ({ args: [name, checkId], options }, context) => {
  const made = await context.serve(['deployment.list', 'security.except'], async (app) => app.call('security.except', { deploymentId: (await deploymentNamed(app, name)).id, checkId, owner: options.owner, reason: options.reason, until: options.until }));
  return { document: made, text: say`${made.checkId} is accepted until ${made.until}; ${made.owner} answers for it.` };
});

const endException = command({
  words: ['security', 'unexcept'],
  summary: 'End the exception of a check before its day.',
  arguments: [NAME, CHECK],
  options: { reason: { type: 'text', value: 'TEXT', required: true, about: 'why it ends' } },
}, async ({ args: [name, checkId], options }, context) => {
  const ended = await context.serve(['deployment.list', 'security.endException'], async (app) => app.call('security.endException', { deploymentId: (await deploymentNamed(app, name)).id, checkId, reason: options.reason }));
  return { document: ended, text: ended.ended === 0 ? say`${checkId} had no exception.` : say`The exception of ${checkId} was ended.` };
});

const review = command({
  words: ['security', 'review'],
  summary: 'Note that a look was reviewed; security history marks it.',
  arguments: [NAME, { name: 'ID', type: 'id', about: 'the look, see security history' }],
  options: {},
}, async ({ args: [name, snapshotId] }, context) => {
  const head = await context.serve(['deployment.list', 'security.markReviewed'], async (app) => app.call('security.markReviewed', { deploymentId: (await deploymentNamed(app, name)).id, snapshotId }));
  return { document: head, text: say`Look ${head.id} is noted as reviewed: ${head.summary}.` };
});

const baselines = command({
  words: ['security', 'baselines'],
  summary: 'List the baselines, with their digests; or import one.',
  arguments: [],
  options: { import: { type: 'text', value: 'FILE', about: 'a baseline in YAML; a broken one is refused with its line' } },
}, async ({ options }, context) => {
  if (options.import !== undefined) {
    const path = resolve(options.import);
    const added = await context.serve(['security.importBaseline'], async (app) => app.call('security.importBaseline', { path }));
    return { document: added, text: say`Imported ${added.id} ${added.version}: ${counted(added.checks, 'check')}, sha256 ${added.digest}.` };
  }
  const found = await context.serve(['security.baselines'], async (app) => app.call('security.baselines', {}));
  return { document: found, text: table([{ title: 'ID' }, { title: 'VERSION' }, { title: 'KIND' }, { title: 'CHECKS', align: 'right' }, { title: 'ORIGIN' }, { title: 'SHA-256' }, { title: 'TITLE', cut: true }], found.baselines.map((one) => [one.id, one.version, one.kind, one.checks, one.origin, one.digest.slice(0, 16), one.title]), context.look) };
});

export const securityWorkCommands: readonly Command[] = [probes, addEvidence, except, endException, review, baselines];
