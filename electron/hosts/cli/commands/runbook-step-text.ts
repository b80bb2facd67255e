// How one step of a run stands, as text for people: its word, and line by line what is claimed, what was seen and what is lacking. It calls nothing done that the run does not.
import { isSettled } from '#shared/domain/runbook-steps.ts';
import type { RunbookPack, RunbookStep } from '#shared/domain/runbook-pack.ts';
import type { StepOutcome, StepStanding } from '#shared/domain/runbook-run.ts';
import { counted, utc } from '../print.ts';
import type { Cell, Tone } from '../print.ts';
import { quoted, size } from './retention-text.ts';

type State = StepStanding['state'];

const STATES: Readonly<Record<State, { readonly word: string; readonly tone: Tone }>> = {
  open: { word: 'open', tone: 'quiet' }, waiting: { word: 'waiting', tone: 'quiet' }, done: { word: 'done', tone: 'good' }, claimed: { word: 'claimed', tone: 'doubtful' }, overridden: { word: 'overridden', tone: 'doubtful' },
  failed: { word: 'failed', tone: 'bad' }, skipped: { word: 'skipped', tone: 'doubtful' }, 'not-applicable': { word: 'not applicable', tone: 'quiet' }, conflict: { word: 'CONFLICT', tone: 'bad' },
};
export const OUTCOMES: Readonly<Record<StepOutcome, string>> = { done: 'done', failed: 'failed', skipped: 'skipped', 'not-applicable': 'not applicable', reopened: 'open again' };
const RESULTS: Readonly<Record<NonNullable<StepStanding['check']>['result'], { readonly word: string; readonly tone: Tone }>> = { pass: { word: 'passed', tone: 'good' }, fail: { word: 'FAILED', tone: 'bad' }, unknown: { word: 'unknown', tone: 'doubtful' } };
const TIMERS: Readonly<Record<NonNullable<StepStanding['timer']>['state'], string>> = { running: 'runs until', due: 'RANG at', acknowledged: 'acknowledged, rang at', stopped: 'stopped, would have rung at' };

/** In the runbook's own word where it has one, the common one beside it. */
export function stateCell({ words = {} }: Pick<RunbookPack, 'words'>, { state, isTrusted }: Pick<StepStanding, 'state' | 'isTrusted'>): Exclude<Cell, string | number | null> {
  const { word } = STATES[state];
  // What a stranger says is done is not.
  const tone = state === 'done' && !isTrusted ? 'doubtful' : STATES[state].tone;
  const own = state === 'open' || state === 'done' || state === 'overridden' || state === 'failed' ? words[state] : undefined;
  return { text: own === undefined || own.toLowerCase() === word.toLowerCase() ? word : `${own} (${word})`, tone };
}

export const checkCell = (result: keyof typeof RESULTS): Exclude<Cell, string | number | null> => ({ text: RESULTS[result].word, tone: RESULTS[result].tone });

const said = (text: string): string => (text.trim() === '' ? '' : `: ${text.trim()}`);

/** What was seen by the live check, in one sentence. */
export function checkWords({ result, seen, because, source, observedAt, attestedBy, isStale }: NonNullable<StepStanding['check']>): string {
  const how = attestedBy === null ? '' : `, attested by hand by ${attestedBy}`;
  return `${RESULTS[result].word}, ${utc(observedAt)}${how}${isStale ? ', STALE by now' : ''}. ${seen}${because === '' || attestedBy !== null ? '' : ` ${because}`}${attestedBy === null ? ` (${source})` : ''}`;
}

/** What a step that is not settled lacks. */
function lacking(step: RunbookStep, standing: StepStanding): string[] {
  if (isSettled(standing) || standing.state === 'conflict') return [];
  const [first] = standing.evidence;
  return [
    ...(step.kind === 'live-check' && standing.check === null ? ['check: not asked yet'] : []),
    ...(step.options !== undefined ? [`decide: ${step.options.map(({ id, title }) => `${id} (${title})`).join(', ')}`] : []),
    ...(step.minutes !== undefined && standing.timer === null ? [`timer: ${step.minutes} min, not started`] : []),
    ...(step.signs !== undefined ? [`to be signed as: ${step.signs}`] : []),
    ...(step.evidence !== undefined && first === undefined ? [`evidence needed: ${step.evidence}`] : []),
  ];
}

/** Lines under a step; nothing that a person or a check said of it is left out. */
export function stepLines(step: RunbookStep, standing: StepStanding): readonly string[] {
  const { state, by, at, note, isTrusted, override, check, timer, claims, carriedFrom, evidence, unproven } = standing;
  const isConflict = state === 'conflict';
  const who = by === null || at === null || isConflict ? [] : [`by ${by}, ${utc(at)}${isTrusted ? '' : ', NOT TRUSTED YET'}${carriedFrom === null ? '' : `, carried over from ${carriedFrom.slice(0, 16)}`}${said(note)}`];
  return [
    ...(state === 'claimed' ? [`said to be done, and nothing proves it${unproven === null ? '' : `. ${unproven}`}`] : []),
    ...who,
    ...(override === null ? [] : [`overridden without proof: ${override}`]),
    ...(isConflict ? claims.map((claim) => `${claim.by}${claim.isTrusted ? '' : ', NOT TRUSTED YET,'} says ${OUTCOMES[claim.outcome]}, ${utc(claim.at)}${said(claim.note)}`) : []),
    ...(check === null ? [] : [`check: ${checkWords(check)}`]),
    ...(timer === null ? [] : [`timer: ${TIMERS[timer.state]} ${utc(timer.dueAt)}`]),
    ...evidence.map(({ name, bytes, digest }) => `evidence: ${name}, ${size(bytes)}, ${digest.slice(0, 16)}`),
    ...lacking(step, standing),
  ];
}

/** The command that takes a step on, for somebody who types it. */
export function howTo(step: RunbookStep, { state, check, timer }: StepStanding, runId: string): string {
  const about = `${runId.slice(0, 16)} ${quoted(step.id)}`;
  const files = step.evidence === undefined ? '' : ' --evidence FILE';
  if (state === 'conflict') return `holdfast runbook step ${about} --reopen --note TEXT   (or --done, --failed)`;
  switch (step.kind) {
    case 'live-check': return check?.result === 'pass' && !check.isStale ? `holdfast runbook step ${about} --done${files}` : `holdfast runbook check ${about}`;
    case 'decision': return `holdfast runbook decide ${about} --option ID --reason TEXT`;
    case 'timer':
      if (timer === null || timer.state === 'stopped') return `holdfast runbook timer ${about} --start`;
      return timer.state === 'due' ? `holdfast runbook timer ${about} --ack` : `holdfast runbook step ${about} --done${files}${timer.state === 'running' ? '   (once the timer has run out)' : ''}`;
    case 'sign-off': return `holdfast runbook sign ${runId.slice(0, 16)} --role ${quoted(step.signs ?? '')} --step ${quoted(step.id)}`;
    case 'manual': case 'evidence': return `holdfast runbook step ${about} --done${files}`;
  }
}

/** "3 of 12 steps settled; 1 failed, 1 overridden", the worst named. */
export function progressWords(steps: readonly StepStanding[]): string {
  const count = (state: State): number => steps.filter((step) => step.state === state).length;
  const untrusted = steps.filter((step) => !step.isTrusted && isSettled({ ...step, isTrusted: true })).length;
  const others = (['conflict', 'failed', 'claimed', 'overridden', 'skipped', 'not-applicable'] as const).flatMap((state) => (count(state) === 0 ? [] : [`${count(state)} ${state === 'conflict' ? 'in conflict' : STATES[state].word}`]));
  const all = [...others, ...(untrusted === 0 ? [] : [`${untrusted} by a key that is not trusted`])];
  return `${steps.filter(isSettled).length} of ${counted(steps.length, 'step')} settled${all.length === 0 ? '' : `; ${all.join(', ')}`}`;
}
