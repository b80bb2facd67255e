// From what is typed for a run, a step or a runbook to the one that it means; what means none or more than one is refused with the nearest choices.
import type { RunHead } from '#shared/contract/runbook.ts';
import type { RunView } from '#shared/domain/runbook-view.ts';
import type { RunbookPack, RunbookStep } from '#shared/domain/runbook-pack.ts';
import { AppError } from '#shared/errors.ts';
import type { ErrorCode } from '#shared/errors.ts';
import type { ArgumentSpec } from '../args.ts';
import type { Served } from '../command.ts';
import { Refused } from '../failure.ts';
import { bareUtc } from '../print.ts';

export const RUN = { name: 'RUN', type: 'text', about: 'id of the run, or its beginning where no other begins so; run_ may be left out' } as const satisfies ArgumentSpec;
export const STEP = { name: 'STEP', type: 'text', about: 'id of the step, as runbook status shows it' } as const satisfies ArgumentSpec;
export const PACK = { name: 'ID', type: 'text', about: 'id of the runbook, as runbook list shows it' } as const satisfies ArgumentSpec;

const WHOLE = /^run_[0-9a-f]{32}$/;
/** As many as `run.list` gives at once. */
const LISTED = 1000;
const NEAREST = 5;

/** Edits from one text to the other, letter by letter. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) next.push(Math.min((next[j - 1] ?? 0) + 1, (row[j] ?? 0) + 1, (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1)));
    row = next;
  }
  return row.at(-1) ?? 0;
}

/** Those of the choices that are most like it, the nearest first: they hold it, or few letters differ. */
export function nearest(typed: string, choices: readonly string[]): string[] {
  const wanted = typed.toLowerCase().slice(0, 80);
  const far = (choice: string): number => (choice.startsWith(wanted) ? -2 : choice.includes(wanted) ? -1 : distance(wanted, choice.toLowerCase()));
  const near = choices.map((choice) => ({ choice, far: far(choice) })).sort((a, b) => a.far - b.far);
  const like = near.filter((each) => each.far <= Math.max(2, Math.ceil(wanted.length / 2)));
  return (like.length > 0 ? like : near).slice(0, NEAREST).map(({ choice }) => choice);
}

/** @throws AppError with the nearest choices in its hint */
export function refuseUnknown(code: ErrorCode, { message, typed, choices, none }: { readonly message: string; readonly typed: string; readonly choices: readonly string[]; readonly none: string }): never {
  throw new AppError(code, { message, hint: choices.length === 0 ? none : `Nearest: ${nearest(typed, choices).join(', ')}.` });
}

/**
 * The id of the run that is meant.
 * @throws AppError run_not_found where none or more than one begins so, with those there are
 */
export async function runNamed(app: Served<'run.list'>, typed: string): Promise<string> {
  const wanted = typed.trim().toLowerCase();
  if (WHOLE.test(wanted)) return wanted;
  const { runs } = await app.call('run.list', { limit: LISTED });
  const meant = beginningSo(runs, wanted);
  const [only] = meant;
  if (meant.length === 1 && only !== undefined) return only.runId;
  throw unclear(runs, meant, typed);
}

type Listed = readonly RunHead[];

function beginningSo(runs: Listed, wanted: string): Listed {
  const digits = wanted.replace(/^run_/, '');
  return /^[0-9a-f]+$/.test(digits) ? runs.filter(({ runId }) => runId.slice(4).startsWith(digits)) : [];
}

function unclear(runs: Listed, meant: Listed, typed: string): AppError {
  const from = meant.length > 0 ? meant : runs;
  const shown = from.slice(0, NEAREST).map(({ runId, title, startedAt }) => `${runId.slice(0, 16)} (${title}, ${bareUtc(startedAt).slice(0, 16)})`);
  return new AppError('run_not_found', {
    message: meant.length > 0 ? `${meant.length} runs begin with "${typed}". Nothing was done.` : `No run in this profile is called "${typed}" or begins so. Nothing was done.`,
    hint: shown.length === 0 ? 'No run is here: start one with "holdfast runbook start ID", or import the file of one.' : `${meant.length > 0 ? 'Give more of the id' : 'There is'}: ${shown.join('; ')}${from.length > NEAREST ? '; "holdfast runbook status" lists all' : ''}.`,
  });
}

export type ReadsRun = 'run.list' | 'run.show';

/** The run that is meant, as it stands. @throws AppError run_not_found */
export async function viewNamed(app: Served<ReadsRun>, typed: string): Promise<RunView> {
  const runId = await runNamed(app, typed);
  const answer = await app.attempt('run.show', { runId });
  if (answer.ok) return answer.value;
  if (answer.error.code !== 'run_not_found') throw new Refused(answer.error);
  throw unclear((await app.call('run.list', { limit: LISTED })).runs, [], typed);
}

/** Steps of a runbook in their order. */
export const stepsOf = (pack: RunbookPack): readonly RunbookStep[] => pack.sections.flatMap(({ steps }) => steps);

/** @throws AppError step_not_found with the nearest ids */
export function stepNamed({ pack }: Pick<RunView, 'pack'>, typed: string): RunbookStep {
  const wanted = typed.trim();
  const steps = stepsOf(pack);
  const found = steps.find(({ id }) => id === wanted) ?? steps.find(({ id }) => id === wanted.toLowerCase());
  return found ?? refuseUnknown('step_not_found', { message: `"${pack.title}" has no step "${wanted}". Nothing was done.`, typed: wanted, choices: steps.map(({ id }) => id), none: '' });
}

/** The id of a runbook that is here. @throws AppError runbook_not_found with the nearest ids */
export async function packNamed(app: Served<'runbook.list'>, typed: string): Promise<string> {
  const { runbooks } = await app.call('runbook.list', {});
  const wanted = typed.trim().toLowerCase();
  if (runbooks.some(({ id }) => id === wanted)) return wanted;
  return refuseUnknown('runbook_not_found', { message: `There is no runbook "${typed}". Nothing was done.`, typed: wanted, choices: runbooks.map(({ id }) => id), none: 'Import one with "holdfast runbook import FILE".' });
}
