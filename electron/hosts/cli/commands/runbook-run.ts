// Runs on the command line: started, looked at, their log, roles and severity, submitted, reviewed and ended. Each command adds signed events and changes none.
import { actorName, systemClock } from '#core/profile/surroundings.ts';
import type { RunView } from '#shared/domain/runbook-view.ts';
import { AppError } from '#shared/errors.ts';
import { command } from '../command.ts';
import type { Command, Context, Result, Served } from '../command.ts';
import type { CallInput, CallName } from '#shared/contract.ts';
import { UsageError } from '../failure.ts';
import { counted, say, utc } from '../print.ts';
import { deploymentNamed } from './named.ts';
import { PACK, packNamed, refuseUnknown, RUN, runNamed, stepNamed, viewNamed } from './runbook-named.ts';
import type { ReadsRun } from './runbook-named.ts';
import { describeRun, describeRuns, describeStep, nextText } from './runbook-text.ts';

/** A run as a document: its id first, under the one key that every command gives. */
export function runDocument({ runId, ...view }: RunView): { readonly run: string } {
  return { run: runId, ...view };
}

/** What was recorded, then what comes next. */
export function recorded(view: RunView, sentence: string, context: Pick<Context, 'look'>): Result {
  return { document: runDocument(view), text: [sentence, ...nextText(view, context.look)].join('\n\n') };
}

const AT = { type: 'text', value: 'TIME', about: 'when it happened, as 2026-01-31T08:00:00Z; left out: now' } as const;
/** Milliseconds are not asked of people. */
function instant(text: string | undefined, topic: readonly string[]): string | null {
  if (text === undefined) return null;
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?Z$/.test(text) || !Number.isFinite(Date.parse(text))) throw new UsageError('--at must be a time in UTC, as 2026-01-31T08:00:00Z.', topic);
  return text;
}

/** Finds the run and records something that gives the whole run back. */
const record = <N extends CallName>(context: Context, { call, run, make }: { readonly call: N; readonly run: string; readonly make: (runId: string) => CallInput<N> }) =>
  context.serve(['run.list', call] as ('run.list' | N)[], async (app) => (app as Served<N>).call(call, make(await runNamed(app as unknown as Served<'run.list'>, run))));

const start = command({
  words: ['runbook', 'start'],
  summary: 'Start a run of a runbook. It pins the text of the runbook, and prints the id of the run.',
  arguments: [PACK],
  options: {
    deployment: { type: 'text', value: 'NAME', about: 'the deployment that the run is about; live checks ask it' },
    severity: { type: 'text', value: 'ID', about: 'one of the severities of the runbook' },
    title: { type: 'text', value: 'TEXT', about: 'what this run is called; left out: the title of the runbook' },
    drill: { type: 'flag', about: 'it is a drill: said wherever the run is shown' },
    'carry-from': { type: 'text', value: 'RUN', about: 'an earlier run about the same deployment: its results are taken over where the text of the step is the same' },
  },
}, async ({ args: [typed], options }, context) => {
  const view = await context.serve(['runbook.list', 'deployment.list', 'run.list', 'runbook.show', 'run.start'], async (app) => {
    const packId = await packNamed(app, typed);
    const carryFrom = options['carry-from'] === undefined ? null : await runNamed(app, options['carry-from']);
    const deploymentId = options.deployment === undefined ? null : (await deploymentNamed(app, options.deployment)).id;
    if (options.severity !== undefined) await refuseSeverity(app, packId, options.severity);
    return app.call('run.start', { packId, deploymentId, severity: options.severity ?? null, drill: options.drill, carryFrom, ...(options.title === undefined ? {} : { title: options.title }) });
  });
  const carried = view.steps.filter(({ carriedFrom }) => carriedFrom !== null).length;
  const asks = view.deployment === null && view.pack.sections.some(({ steps }) => steps.some(({ kind }) => kind === 'live-check'));
  return recorded(view, [
    say`${view.runId}`, say`Started${view.isDrill ? ' as a drill' : ''}: ${view.title}, ${view.pack.id} ${view.pack.version}, ${counted(view.steps.length, 'step')}.${options['carry-from'] === undefined ? '' : ` ${counted(carried, 'result')} carried over.`}`,
    ...(asks ? ['It is about no deployment, so its live checks cannot ask: they are attested by hand.'] : []),
  ].join('\n'), context);
});

/** Said with the choices before anything is started. */
async function refuseSeverity(app: Served<'runbook.show'>, id: string, severity: string): Promise<void> {
  const { pack } = await app.call('runbook.show', { id });
  if (pack.severities.length > 0 && !pack.severities.some((each) => each.id === severity)) refuseUnknown('invalid_input', { message: `"${pack.title}" has no severity "${severity}". Nothing was started.`, typed: severity, choices: pack.severities.map((each) => each.id), none: '' });
}

const status = command({
  words: ['runbook', 'status'],
  summary: 'Show how a run stands: every step, what was seen, who signed, and what comes next. Without a run: all runs.',
  arguments: [{ ...RUN, optional: true }, { name: 'STEP', type: 'text', about: 'only this step, with its text', optional: true }],
  options: { timeline: { type: 'flag', about: 'with the whole timeline' } },
}, async ({ args: [run, typed], options }, context) => {
  if (run === null) {
    const found = await context.serve(['run.list'], (app) => app.call('run.list', { limit: 1000 }));
    return { document: found, text: describeRuns(found.runs, context.look) };
  }
  const view = await context.serve<ReadsRun, RunView>(['run.list', 'run.show'], (app) => viewNamed(app, run));
  if (typed === null) return { document: runDocument(view), text: describeRun(view, { nowMs: systemClock.now(), isWhole: options.timeline, look: context.look }) };
  const step = stepNamed(view, typed);
  return { document: { run: view.runId, ...step, standing: view.steps.find((each) => each.step === step.id) ?? null }, text: describeStep(view, step.id, context.look) };
});

const note = command({
  words: ['runbook', 'note'],
  summary: 'Write a line into the timeline of a run.',
  arguments: [RUN, { name: 'TEXT', type: 'text', about: 'what happened' }],
  options: { at: AT },
}, async ({ args: [run, text], options }, context) => {
  const occurredAt = instant(options.at, ['runbook', 'note']);
  const view = await record(context, { call: 'run.entry', run, make: (runId) => ({ runId, text, occurredAt }) });
  return recorded(view, 'Noted.', context);
});

const role = command({
  words: ['runbook', 'role'],
  summary: 'Say who has a role in a run.',
  arguments: [RUN, { name: 'ROLE', type: 'text', about: 'id of the role, as runbook show lists it' }],
  options: { name: { type: 'text', value: 'WHO', about: 'who has it from now on' }, nobody: { type: 'flag', about: 'nobody has it any more' } },
}, async ({ args: [run, id], options }, context) => {
  if ((options.name === undefined) !== options.nobody) throw new UsageError('Give either --name WHO or --nobody.', ['runbook', 'role']);
  const view = await record(context, { call: 'run.role', run, make: (runId) => ({ runId, role: id, name: options.name ?? null }) });
  return recorded(view, say`${view.roles.find((each) => each.role === id)?.title ?? id}: ${options.name ?? 'nobody any more'}.`, context);
});

const severity = command({
  words: ['runbook', 'severity'],
  summary: 'Change the severity of a run, with a reason.',
  arguments: [RUN, { name: 'SEVERITY', type: 'text', about: 'one of the severities of its runbook' }],
  options: { reason: { type: 'text', value: 'TEXT', required: true, about: 'why' } },
}, async ({ args: [run, id], options }, context) => {
  const view = await record(context, { call: 'run.severity', run, make: (runId) => ({ runId, severity: id, reason: options.reason }) });
  return recorded(view, say`Severity: ${view.pack.severities.find((each) => each.id === id)?.title ?? id}.`, context);
});

const MILESTONES = ['acknowledged', 'mitigated', 'resolved'] as const;

const milestone = command({
  words: ['runbook', 'milestone'],
  summary: 'Note that an incident was acknowledged, mitigated or resolved.',
  arguments: [RUN, { name: 'WHAT', type: 'text', about: MILESTONES.join(', ') }],
  options: { at: AT },
}, async ({ args: [run, typed], options }, context) => {
  const what = MILESTONES.find((each) => each === typed);
  if (what === undefined) throw new UsageError(`WHAT must be one of: ${MILESTONES.join(', ')}.`, ['runbook', 'milestone']);
  const occurredAt = instant(options.at, ['runbook', 'milestone']);
  const view = await record(context, { call: 'run.milestone', run, make: (runId) => ({ runId, what, occurredAt }) });
  return recorded(view, `${what}: ${utc(view.milestones[what])}.`, context);
});

const ACTION_ID = /^a_[0-9a-f]{8}$/;

const action = command({
  words: ['runbook', 'action'],
  summary: 'Note what is to be done after the run, or change an action that is there.',
  arguments: [RUN, { name: 'ACTION', type: 'text', about: 'what is to be done; or the id of an action, to change it' }],
  options: { owner: { type: 'text', value: 'WHO', about: 'who does it; needed for a new one' }, due: { type: 'text', value: 'DATE', about: 'until when, as YYYY-MM-DD' }, done: { type: 'flag', about: 'it is done' } },
}, async ({ args: [run, typed], options }, context) => {
  const topic = ['runbook', 'action'];
  if (options.due !== undefined && !isDay(options.due)) throw new UsageError('--due must be a date that exists, as YYYY-MM-DD.', topic);
  const isKnown = ACTION_ID.test(typed);
  if (!isKnown && options.owner === undefined) throw new UsageError('--owner WHO is missing: an action that belongs to nobody is done by nobody.', topic);
  const view = await context.serve(['run.list', 'run.show', 'run.action'], async (app) => {
    const before = await viewNamed(app, run);
    const known = before.actions.find(({ id }) => id === typed);
    if (isKnown && known === undefined) refuseUnknown('invalid_input', { message: `This run has no action ${typed}. Nothing was recorded.`, typed, choices: before.actions.map(({ id }) => id), none: 'It has none yet.' });
    return app.call('run.action', { runId: before.runId, id: known?.id ?? null, text: known?.text ?? typed, owner: options.owner ?? known?.owner ?? '', due: options.due ?? known?.due ?? null, isDone: options.done });
  });
  const made = isKnown ? view.actions.find(({ id }) => id === typed) : view.actions.at(-1);
  return recorded(view, made === undefined ? 'Noted.' : say`${made.isDone ? 'Done' : 'To do'}: ${made.text} (${made.id}, ${made.owner}${made.due === null ? '' : `, until ${made.due}`}).`, context);
});

const isDay = (text: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(text) && Number.isFinite(Date.parse(text)) && new Date(text).toISOString().startsWith(text);

const submit = command({
  words: ['runbook', 'submit'],
  summary: 'Submit a run for review, by somebody with another key.',
  arguments: [RUN],
  options: { note: { type: 'text', value: 'TEXT', about: 'what the reviewer should know' } },
}, async ({ args: [run], options }, context) => {
  const view = await record(context, { call: 'run.submit', run, make: (runId) => ({ runId, note: options.note ?? '' }) });
  return recorded(view, say`Submitted. Hand the run on for review: holdfast runbook export ${view.runId.slice(0, 16)} --out FILE`, context);
});

const review = command({
  words: ['runbook', 'review'],
  summary: 'Accept or reject the newest submission of a run. Your own is refused.',
  arguments: [RUN],
  options: { accept: { type: 'flag', about: 'it is accepted' }, reject: { type: 'flag', about: 'it is rejected; needs --feedback' }, feedback: { type: 'text', value: 'TEXT', about: 'what the reviewer says' } },
}, async ({ args: [run], options }, context) => {
  if (options.accept === options.reject) throw new UsageError('Give either --accept or --reject.', ['runbook', 'review']);
  const view = await context.serve(['run.list', 'run.show', 'run.review'], async (app) => {
    const before = await viewNamed(app, run);
    const newest = before.reviews.at(-1);
    if (newest === undefined) throw new AppError('review_refused', { message: 'This run was not submitted. Nothing was recorded.', hint: 'Its author submits it with "holdfast runbook submit", and hands it on.' });
    return app.call('run.review', { runId: before.runId, of: newest.submission, verdict: options.accept ? 'accepted' : 'rejected', feedback: options.feedback ?? '' });
  });
  return recorded(view, say`Review: ${options.accept ? 'accepted' : 'rejected'}. The submission of ${view.reviews.at(-1)?.submittedBy ?? ''} stands as ${view.reviews.at(-1)?.state ?? 'open'}.`, context);
});

const end = command({
  words: ['runbook', 'end'],
  summary: 'End a run: completed, when every step that blocks is settled; or stopped.',
  arguments: [RUN],
  options: { stopped: { type: 'flag', about: 'it was not completed' }, note: { type: 'text', value: 'TEXT', about: 'what is to be said of it' } },
}, async ({ args: [run], options }, context) => {
  const view = await record(context, { call: 'run.end', run, make: (runId) => ({ runId, outcome: options.stopped ? 'stopped' : 'completed', note: options.note ?? '' }) });
  return recorded(view, say`${options.stopped ? 'Stopped' : 'Completed'}. The report: holdfast runbook report ${view.runId.slice(0, 16)} --format pdf --out FILE`, context);
});

/** Who signs and attests, unless somebody is named: what this profile is called, else the user of this computer. */
export async function ownName(app: Served<'identity.list'>): Promise<string> {
  return (await app.call('identity.list', {})).self?.name ?? actorName();
}

export const runbookRunCommands: readonly Command[] = [start, status];
export const runbookLogCommands: readonly Command[] = [note, role, severity, milestone, action];
export const runbookEndCommands: readonly Command[] = [submit, review, end];
