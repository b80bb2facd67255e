// The steps of a run on the command line: outcomes, live checks, attesting, decisions, timers and signatures. What is not proven is refused, not recorded.
import { resolve } from 'node:path';
import type { RunbookStep } from '#shared/domain/runbook-pack.ts';
import type { StepStanding } from '#shared/domain/runbook-run.ts';
import { isSettled } from '#shared/domain/runbook-steps.ts';
import type { RunView } from '#shared/domain/runbook-view.ts';
import { AppError } from '#shared/errors.ts';
import type { WireError } from '#shared/errors.ts';
import { command } from '../command.ts';
import type { Command, Context, Failing, Result, Served } from '../command.ts';
import { Refused, UsageError } from '../failure.ts';
import { counted, say, table, wrapped } from '../print.ts';
import type { Cell, Look } from '../print.ts';
import { RUN, STEP, stepNamed, stepsOf, viewNamed } from './runbook-named.ts';
import { checkSentence } from './runbook-pack-text.ts';
import { ownName, recorded } from './runbook-run.ts';
import { checkCell, checkWords, stateCell, stepLines } from './runbook-step-text.ts';
import { nextText } from './runbook-text.ts';

/** The one of these flags that was given. */
function oneOf<K extends string>(options: Readonly<Record<K, boolean>>, names: readonly K[], topic: readonly string[]): K {
  const given = names.filter((name) => options[name]);
  const [only] = given;
  if (only !== undefined && given.length === 1) return only;
  throw new UsageError(`Give one of ${names.map((name) => `--${name}`).join(', ')}${given.length > 1 ? ', not more' : ''}.`, topic);
}

/** How a step stands after it was recorded, and what comes next. */
function standingResult(after: RunView, step: RunbookStep, context: Pick<Context, 'look'>): Result {
  const standing = standingIn(after, step);
  const { text } = stateCell(after.pack, standing);
  const head = say`${step.id}: ${text}. ${step.title}`;
  const next = after.next === step.id ? [] : nextText(after, context.look);
  return { document: { run: after.runId, ...standing }, text: [[head, ...stepLines(step, standing).map((line) => wrapped(line, '  ', context.look))].join('\n'), ...next].join('\n\n') };
}

function standingIn({ steps }: RunView, { id }: RunbookStep): StepStanding {
  const standing = steps.find((each) => each.step === id);
  if (standing === undefined) throw new Error('a step that was found is not there');
  return standing;
}

const OUTCOME_OF = { done: 'done', failed: 'failed', skip: 'skipped', 'not-applicable': 'not-applicable', reopen: 'reopened' } as const;

const step = command({
  words: ['runbook', 'step'],
  summary: 'Record what became of a step. What is not proven cannot be called done.',
  arguments: [RUN, STEP],
  options: {
    done: { type: 'flag', about: 'it is done' }, failed: { type: 'flag', about: 'it failed' }, skip: { type: 'flag', about: 'it is skipped; needs --note' }, 'not-applicable': { type: 'flag', about: 'it does not apply' }, reopen: { type: 'flag', about: 'it is open again' },
    note: { type: 'text', value: 'TEXT', about: 'what is to be said of it' },
    evidence: { type: 'texts', value: 'FILE', about: 'a file that shows it: kept encrypted, its digest goes into the event' },
    override: { type: 'text', value: 'REASON', about: 'with --done, where the step allows it: call it done without its proof. The reason stays visible' },
  },
  notes: ['A live check that did not pass, a decision that was not taken, a timer that did not run out, evidence that is not there: exit code 3, and nothing is recorded.'],
}, async ({ args: [run, typed], options }, context) => {
  const given = oneOf(options, ['done', 'failed', 'skip', 'not-applicable', 'reopen'], ['runbook', 'step']);
  const { after, meant } = await context.serve(['run.list', 'run.show', 'run.step'], async (app) => {
    const view = await viewNamed(app, run);
    const found = stepNamed(view, typed);
    await app.call('run.step', { runId: view.runId, step: found.id, outcome: OUTCOME_OF[given], note: options.note ?? '', evidence: options.evidence.map((file) => resolve(file)), override: options.override ?? null });
    return { meant: found, after: await app.call('run.show', { runId: view.runId }) };
  });
  return standingResult(after, meant, context);
});

/** Refusals that say something of this one check; anything else ends the command. */
const OF_ALL: ReadonlySet<string> = new Set(['cancelled', 'run_not_found', 'run_ended', 'ledger_broken', 'internal', 'profile_locked', 'profile_in_use', 'disk_full', 'database_read_only', 'busy']);

interface Asked { readonly step: RunbookStep; readonly standing: StepStanding | null; readonly error: WireError | null }

async function askAll(app: Served<'run.check'>, runId: string, steps: readonly RunbookStep[]): Promise<Asked[]> {
  const asked: Asked[] = [];
  for (const one of steps) {
    const answer = await app.attempt('run.check', { runId, step: one.id });
    if (!answer.ok && OF_ALL.has(answer.error.code)) throw new Refused(answer.error);
    asked.push(answer.ok ? { step: one, standing: answer.value, error: null } : { step: one, standing: null, error: answer.error });
  }
  return asked;
}

const passed = ({ standing }: Asked): boolean => standing?.check?.result === 'pass';

function describeAsked(asked: readonly Asked[], leftOut: readonly RunbookStep[], look: Look): string {
  if (asked.length === 0) return 'Nothing was asked.';
  const [, ...lines] = table([{ title: '' }, { title: '' }, { title: '', cut: true }], asked.map(({ step: { id, title }, standing }): Cell[] => [standing?.check === null || standing === null ? { text: 'not asked', tone: 'bad' } : checkCell(standing.check.result), id, title]), look).split('\n');
  return [
    ...asked.flatMap(({ step: { check }, standing, error }, index) => [
      lines[index] ?? '', ...(check === undefined ? [] : [wrapped(`asks whether ${checkSentence(check)}`, '    ', look)]),
      ...(standing?.check === null || standing === null ? [] : [wrapped(checkWords(standing.check), '    ', look)]),
      ...(error === null ? [] : [wrapped(`${error.message} (${error.code})`, '    ', look)]),
    ]),
    ...leftOut.map(({ id }) => say`left out, skipped or not applicable: ${id}`),
  ].join('\n');
}

function failingOf(asked: readonly Asked[], runId: string): Failing | undefined {
  const bad = asked.filter((each) => !passed(each));
  const unasked = bad.filter(({ error }) => error !== null);
  if (asked.length === 0) return { code: 'step_unproven', message: 'This run has no live check that could be asked. Nothing is proven by that.', hint: 'Record its steps by hand: see runbook status.' };
  if (bad.length === 0) return undefined;
  const hints = [...new Set(unasked.map(({ error }) => error?.code === 'probes_off' ? 'Allow the requests with "holdfast security probes NAME --allow probes".' : error?.hint ?? ''))].slice(0, 2);
  const attest = unasked.length === 0 ? '' : ` By hand: holdfast runbook attest ${runId.slice(0, 16)} STEP --pass --by WHO --seen TEXT`;
  return {
    code: asked.length === 1 && unasked[0]?.error !== undefined && unasked[0].error !== null ? unasked[0].error.code : 'step_unproven',
    message: `${bad.length} of ${counted(asked.length, 'live check')} did not pass${unasked.length === 0 ? '' : `; ${unasked.length} of them could not be asked, and nothing was recorded for ${unasked.length === 1 ? 'it' : 'them'}`}.`,
    hint: `${hints.length === 0 ? 'Mend what is named, then check again.' : hints.join(' ')}${attest}`,
  };
}

const check = command({
  words: ['runbook', 'check'],
  summary: 'Ask a live check of a run, or all of them one after the other, and record what was seen.',
  arguments: [RUN, { ...STEP, optional: true }],
  options: {},
  notes: ['It only reads. Exit code 0 when every check that was asked passed; 3 when one did not pass or could not be asked. A check that passed ticks nothing: runbook step --done does.', 'Without STEP, those that were skipped or do not apply are left out, and named.'],
}, async ({ args: [run, typed] }, context) => {
  const { runId, asked, leftOut } = await context.serve(['run.list', 'run.show', 'run.check'], async (app) => {
    const view = await viewNamed(app, run);
    const named = typed === null ? null : stepNamed(view, typed);
    if (named !== null && named.check === undefined) throw new AppError('invalid_input', { message: `"${named.title}" has no live check. Nothing was asked.`, hint: `Live checks of this run: ${stepsOf(view.pack).flatMap(({ id, check: own }) => (own === undefined ? [] : [id])).join(', ') || 'none'}.` });
    const isLeftOut = ({ id }: RunbookStep): boolean => ['skipped', 'not-applicable'].includes(view.steps.find((each) => each.step === id)?.state ?? '');
    const all = named === null ? stepsOf(view.pack).filter((each) => each.check !== undefined) : [named];
    const left = named === null ? all.filter(isLeftOut) : [];
    return { runId: view.runId, asked: await askAll(app, view.runId, all.filter((each) => !left.includes(each))), leftOut: left };
  });
  const failing = failingOf(asked, runId);
  return {
    document: { run: runId, checks: asked.map(({ step: { id, title }, standing, error }) => ({ step: id, title, result: standing?.check?.result ?? null, check: standing?.check ?? null, error: error === null ? null : { code: error.code, message: error.message, hint: error.hint } })), leftOut: leftOut.map(({ id }) => id) },
    text: `${describeAsked(asked, leftOut, context.look)}${asked.some(passed) ? say`\n\nA check that passed ticks nothing: holdfast runbook step ${runId.slice(0, 16)} STEP --done` : ''}`, ...(failing === undefined ? {} : { failing }),
  };
});

const attest = command({
  words: ['runbook', 'attest'],
  summary: 'Say by hand, with a name, what a live check would have seen, when it cannot be asked from here.',
  arguments: [RUN, STEP],
  options: {
    pass: { type: 'flag', about: 'it would have passed' }, fail: { type: 'flag', about: 'it would have failed' },
    by: { type: 'text', value: 'WHO', required: true, about: 'who saw it' }, seen: { type: 'text', value: 'TEXT', required: true, about: 'what was seen' },
  },
  notes: ['It stands as attested by hand wherever it is shown, and grows stale like the answer of the check itself.'],
}, async ({ args: [run, typed], options }, context) => {
  const result = oneOf(options, ['pass', 'fail'], ['runbook', 'attest']);
  const { after, meant } = await context.serve(['run.list', 'run.show', 'run.attest'], async (app) => {
    const view = await viewNamed(app, run);
    const found = stepNamed(view, typed);
    await app.call('run.attest', { runId: view.runId, step: found.id, by: options.by, result, seen: options.seen });
    return { meant: found, after: await app.call('run.show', { runId: view.runId }) };
  });
  return standingResult(after, meant, context);
});

const decide = command({
  words: ['runbook', 'decide'],
  summary: 'Take the decision of a step, or note one that no step asks for.',
  arguments: [RUN, { ...STEP, optional: true }],
  options: { option: { type: 'text', value: 'ID', required: true, about: 'what is decided: an option of the step; without a step, in words' }, reason: { type: 'text', value: 'TEXT', required: true, about: 'why' } },
}, async ({ args: [run, typed], options }, context) => {
  const { after, meant } = await context.serve(['run.list', 'run.show', 'run.decide'], async (app) => {
    const view = await viewNamed(app, run);
    const found = typed === null ? null : stepNamed(view, typed);
    return { meant: found, after: await app.call('run.decide', { runId: view.runId, step: found?.id ?? null, option: options.option, reason: options.reason }) };
  });
  const chosen = meant?.options?.find(({ id }) => id === options.option)?.title ?? options.option;
  return recorded(after, say`Decided: ${chosen}.${after.ended === null ? '' : ' The run has ended with it.'}`, context);
});

const TIMER_OF = { start: 'started', ack: 'acknowledged', stop: 'stopped' } as const;

const timer = command({
  words: ['runbook', 'timer'],
  summary: 'Start, acknowledge or stop the timer of a step.',
  arguments: [RUN, STEP],
  options: { start: { type: 'flag', about: 'it runs from now' }, ack: { type: 'flag', about: 'it rang, and somebody saw it' }, stop: { type: 'flag', about: 'it no longer runs' } },
}, async ({ args: [run, typed], options }, context) => {
  const given = oneOf(options, ['start', 'ack', 'stop'], ['runbook', 'timer']);
  const { after, meant } = await context.serve(['run.list', 'run.show', 'run.timer'], async (app) => {
    const view = await viewNamed(app, run);
    const found = stepNamed(view, typed);
    await app.call('run.timer', { runId: view.runId, step: found.id, action: TIMER_OF[given] });
    return { meant: found, after: await app.call('run.show', { runId: view.runId }) };
  });
  return standingResult(after, meant, context);
});

/** The sign-off that a role still owes; null: the run itself is signed. @throws AppError step_not_found where there are several */
function owedBy(view: RunView, role: string): RunbookStep | null {
  const owed = stepsOf(view.pack).filter(({ id, signs }) => signs === role && !view.steps.some((each) => each.step === id && isSettled(each)));
  if (owed.length > 1) throw new AppError('step_not_found', { message: `${counted(owed.length, 'step')} wait for the signature of ${role}. Nothing was signed.`, hint: `Name one with --step: ${owed.map(({ id }) => id).join(', ')}. Or sign the run itself with --whole.` });
  return owed[0] ?? null;
}

const sign = command({
  words: ['runbook', 'sign'],
  summary: 'Sign a sign-off step, or the run itself, with the key of this profile.',
  arguments: [RUN],
  options: {
    role: { type: 'text', value: 'ROLE', required: true, about: 'as what you sign: id of a role of the runbook' },
    step: { type: 'text', value: 'STEP', about: 'the step; left out: the one that waits for this role, or else the run itself' },
    whole: { type: 'flag', about: 'sign the run itself, also where a step waits for this role' },
    name: { type: 'text', value: 'WHO', about: 'who signs; left out: what this profile is called' },
    verdict: { type: 'text', value: 'VERDICT', choices: ['approved', 'conditional', 'refused'], fallback: 'approved', about: 'the judgement' },
    statement: { type: 'text', value: 'TEXT', about: 'what is said with it; needed for conditional and refused' },
  },
  notes: ['It covers what the run holds now: what is recorded later makes it outdated.'],
}, async ({ args: [run], options }, context) => {
  if (options.step !== undefined && options.whole) throw new UsageError('Give either --step STEP or --whole.', ['runbook', 'sign']);
  const { after, meant, name } = await context.serve(['run.list', 'run.show', 'identity.list', 'run.sign'], async (app) => {
    const view = await viewNamed(app, run);
    const found = options.step !== undefined ? stepNamed(view, options.step) : options.whole ? null : owedBy(view, options.role);
    const who = options.name ?? await ownName(app);
    return { meant: found, name: who, after: await app.call('run.sign', { runId: view.runId, step: found?.id ?? null, role: options.role, name: who, verdict: options.verdict, statement: options.statement ?? '' }) };
  });
  return recorded(after, say`${{ approved: 'Approved', conditional: 'Approved with conditions', refused: 'Refused' }[options.verdict]} by ${name} as ${options.role}: ${meant === null ? 'the run itself' : `${meant.id}, ${meant.title}`}.`, context);
});

export const runbookStepCommands: readonly Command[] = [step, check, attest, decide, timer, sign];
