// What may be recorded in a run as it stands now, and in which words it is refused. A tick needs its proof; a reason may stand in for it only where the step allows that.
import type { ParsedInput } from '#shared/contract.ts';
import { byTime } from '#shared/domain/runbook-history.ts';
import { msAfter, staleMinutesOf } from '#shared/domain/runbook-proof.ts';
import type { RunbookStep } from '#shared/domain/runbook-pack.ts';
import { isKind } from '#shared/domain/runbook-registers.ts';
import type { EventOf } from '#shared/domain/runbook-registers.ts';
import type { EvidenceRef, RunEventBody } from '#shared/domain/runbook-run.ts';
import { isSettled, SETTLED } from '#shared/domain/runbook-steps.ts';
import { AppError } from '#shared/errors.ts';
import { stepDigest } from '../packs/packs.ts';
import { findStep, stepsIn } from './store.ts';
import type { LoadedRun } from './store.ts';

const invalid = (message: string, hint: string): AppError => new AppError('invalid_input', { message: `${message} Nothing was recorded.`, hint });

export function refuseWaiting(run: LoadedRun, stepId: string): void {
  const { step, found } = findStep(run, stepId);
  if (!found.isHeldBack) return;
  const section = run.pack.sections.find(({ steps }) => steps.includes(step));
  const before = section?.steps.slice(0, section.steps.indexOf(step)).find(({ id, gate }) => gate === 'blocks' && !isSettled(findStep(run, id).found.standing));
  const isStrange = before !== undefined && SETTLED.has(findStep(run, before.id).found.standing.state);
  throw new AppError('step_waits', { message: `"${step.title}" waits for "${before?.title ?? 'a step before it'}"${isStrange ? ', which only somebody who is not trusted yet settled' : ''}. Nothing was recorded.`, hint: isStrange ? 'Trust the key of that person once you compared its fingerprint, or settle that step yourself.' : 'Settle that step first.' });
}

/** The time that a step or an option stands for, where none was noted by somebody who is trusted. */
function marked(run: LoadedRun, what: RunbookStep['marks'], at: string | null): readonly RunEventBody[] {
  return what === undefined || at === null || (run.state.milestones[what] ?? null) !== null ? [] : [{ kind: 'milestone', what, occurredAt: at }];
}

/** @param lost why the evidence that is named does not count; null: it is there @throws AppError step_not_found, step_waits, step_unproven, invalid_input */
export function stepBodies(run: LoadedRun, input: ParsedInput<'run.step'>, { files, lost, at }: { readonly files: readonly EvidenceRef[]; readonly lost: string | null; /** Now; null where nobody knows when it was. */ readonly at: string | null }): readonly RunEventBody[] {
  const { step, found } = findStep(run, input.step);
  const { outcome, note, override } = input;
  if (outcome !== 'reopened') refuseWaiting(run, step.id);
  if (outcome === 'skipped' && note.trim() === '') throw invalid(`"${step.title}" can be skipped only with a reason.`, 'Say in the note why it is skipped.');
  if (override !== null && (outcome !== 'done' || !step.can_override)) throw invalid(outcome === 'done' ? `"${step.title}" cannot be overridden.` : 'Only what is called done can be overridden.', outcome === 'done' ? 'Prove it, let it fail, or skip it with a reason.' : 'Leave the override out.');
  const evidence = files.map(({ digest, name, bytes, type }): RunEventBody => ({ kind: 'evidence', digest, name, bytes, type, step: step.id, note: '', source: 'file' }));
  if (outcome === 'done') {
    // Files that come with the tick are evidence that is there; nothing else can be proven by them.
    const unproven = files.length > 0 ? (found.unproven === LACKS_EVIDENCE ? null : found.unproven) : found.unproven ?? lost;
    if (unproven !== null && override === null) throw new AppError('step_unproven', { message: `"${step.title}" cannot be called done. ${unproven} Nothing was recorded.`, hint: step.kind === 'sign-off' ? 'Sign it.' : step.can_override ? 'Prove it, or give a reason as an override: it stays visible.' : 'Prove it, let it fail, or skip it with a reason.' });
    // A reason that nothing needs would stand there as if something had been missing.
    if (unproven === null && override !== null) throw invalid(`"${step.title}" is proven and needs no override.`, 'Leave the override out.');
  }
  const refs = [...new Set([...found.standing.evidence.map(({ digest }) => digest), ...files.map(({ digest }) => digest)])].slice(-50);
  return [...evidence, { kind: 'step', step: step.id, text: stepDigest(step), outcome, note, evidence: refs, override, carried: null }, ...(outcome === 'done' ? marked(run, step.marks, at) : [])];
}

const LACKS_EVIDENCE = 'Its evidence is not there.';

/** @throws AppError step_not_found, step_unproven, invalid_input */
export function attestBodies(run: LoadedRun, { step: stepId, by, result, seen }: ParsedInput<'run.attest'>, at: string): readonly RunEventBody[] {
  const { step } = findStep(run, stepId);
  if (step.kind !== 'live-check') throw invalid(`"${step.title}" has no live check to attest.`, 'Record its outcome as a step.');
  // By hand is for what the console cannot see; it does not talk down what the console saw, however often.
  const own = run.events.filter((event): event is EventOf<'check'> => isKind(event, 'check') && event.body.step === step.id && event.body.attestedBy === null && ['self', 'trusted'].includes(run.people.trustOf(event.author))).sort(byTime).at(-1)?.body;
  if (result === 'pass' && own?.result === 'fail' && Date.parse(at) <= msAfter(own.observedAt, staleMinutesOf(step))) throw new AppError('step_unproven', { message: `The check of "${step.title}" failed at ${own.observedAt}, seen by the console itself. Nothing was recorded.`, hint: 'Run the check again.' });
  return [{ kind: 'check', step: step.id, result, seen, because: 'Attested by hand.', source: `attested by ${by}`, observedAt: at, attestedBy: by }];
}

/** A decision of a step ticks the step, when nothing before it is open; one that ends the run ends it: as stopped, where a step that blocks is not settled. @throws AppError step_not_found, invalid_input */
export function decisionBodies(run: LoadedRun, { step: stepId, option, reason }: ParsedInput<'run.decide'>, { lost, at }: { readonly lost: string | null; readonly at: string }): readonly RunEventBody[] {
  if (stepId === null) return [{ kind: 'decision', step: null, option, reason }];
  const { step, found } = findStep(run, stepId);
  const chosen = step.options?.find(({ id }) => id === option);
  if (step.kind !== 'decision' || step.options === undefined) throw invalid(`"${step.title}" is no decision.`, 'Name a step that is one, or leave the step out.');
  if (chosen === undefined) throw invalid(`"${step.title}" has no option ${option}.`, `Choose one of: ${step.options.map(({ id }) => id).join(', ')}.`);
  const decision: RunEventBody = { kind: 'decision', step: step.id, option, reason };
  const lacksEvidence = step.evidence !== undefined && (found.standing.evidence.length === 0 || lost !== null);
  const tick: RunEventBody[] = found.isHeldBack || lacksEvidence ? [] : [{ kind: 'step', step: step.id, text: stepDigest(step), outcome: 'done', note: '', evidence: found.standing.evidence.map(({ digest }) => digest).slice(0, 50), override: null, carried: null }];
  const severity: RunEventBody[] = chosen.severity === undefined || chosen.severity === run.state.severity ? [] : [{ kind: 'severity', severity: chosen.severity, reason }];
  const isWhole = openBlocks(run).every(({ id }) => id === step.id && tick.length > 0);
  const marks = [...marked(run, chosen.marks, at), ...(tick.length === 0 || step.marks === chosen.marks ? [] : marked(run, step.marks, at))];
  return [decision, ...severity, ...tick, ...marks, ...(chosen.ends === true ? [{ kind: 'ended', outcome: isWhole ? 'completed' : 'stopped', note: `${step.title}: ${chosen.title}` } as const] : [])];
}

/** @throws AppError step_not_found, invalid_input */
export function timerBodies(run: LoadedRun, { step: stepId, action }: ParsedInput<'run.timer'>): readonly RunEventBody[] {
  const { step, found } = findStep(run, stepId);
  if (step.kind !== 'timer') throw invalid(`"${step.title}" has no timer.`, 'Name a step that has one.');
  const { timer } = found.standing;
  if (action !== 'started' && (timer === null || timer.state === 'stopped')) throw invalid(`The timer of "${step.title}" does not run.`, 'Start it first.');
  if (action === 'acknowledged' && timer?.state === 'running') throw invalid(`The timer of "${step.title}" has not run out yet.`, `It is due at ${timer.dueAt}.`);
  return [{ kind: 'timer', step: step.id, action }];
}

/** @throws AppError step_not_found, step_waits, invalid_input */
export function signBodies(run: LoadedRun, { step: stepId, role, name, verdict, statement }: ParsedInput<'run.sign'>): readonly RunEventBody[] {
  if (!run.pack.roles.some(({ id }) => id === role)) throw invalid(`This runbook has no role ${role}.`, rolesHint(run));
  if (stepId !== null) {
    const { step } = findStep(run, stepId);
    if (step.kind !== 'sign-off' || step.signs !== role) throw invalid(step.kind === 'sign-off' ? `"${step.title}" is signed by another role.` : `"${step.title}" is not signed.`, step.kind === 'sign-off' ? `Sign as ${step.signs ?? ''}.` : 'Leave the step out to sign the run.');
    refuseWaiting(run, step.id);
  }
  if (verdict !== 'approved' && statement === '') throw invalid('A refusal and a condition need a statement.', 'Say what is refused, or what the condition is.');
  return [{ kind: 'sign', step: stepId, role, name, verdict, statement }];
}

const rolesHint = ({ pack }: LoadedRun): string => (pack.roles.length === 0 ? 'It has no roles.' : `Choose one of: ${pack.roles.map(({ id }) => id).join(', ')}.`);

export function roleBodies(run: LoadedRun, { role, name }: ParsedInput<'run.role'>): readonly RunEventBody[] {
  if (!run.pack.roles.some(({ id }) => id === role)) throw invalid(`This runbook has no role ${role}.`, rolesHint(run));
  return [{ kind: 'role', role, name }];
}

export function severityBodies(run: Pick<LoadedRun, 'pack'>, { severity, reason }: { readonly severity: string; readonly reason: string }): readonly RunEventBody[] {
  refuseSeverity(run, severity);
  return [{ kind: 'severity', severity, reason }];
}

export function refuseSeverity({ pack }: Pick<LoadedRun, 'pack'>, severity: string): void {
  if (severity === '' || (pack.severities.length > 0 && !pack.severities.some(({ id }) => id === severity))) throw invalid(`This runbook has no severity ${severity === '' ? 'without a name' : severity}.`, pack.severities.length === 0 ? 'Name one.' : `Choose one of: ${pack.severities.map(({ id }) => id).join(', ')}.`);
}

export function milestoneBodies({ what, occurredAt }: ParsedInput<'run.milestone'>, at: string): readonly RunEventBody[] {
  return [{ kind: 'milestone', what, occurredAt: timeOf(occurredAt, at) ?? at }];
}

/** A time that somebody gives: real, and not later than now. */
export function timeOf(given: string | null, now: string): string | null {
  if (given === null) return null;
  const ms = Date.parse(given);
  if (!Number.isFinite(ms) || !/^2[01]/.test(given)) throw invalid(`${given} is not a time.`, 'Write it as 2026-01-31T08:00:00Z.');
  if (ms > Date.parse(now)) throw invalid(`${given} has not come yet.`, 'Say when it happened.');
  return given;
}

/** Steps that block and are not settled. */
const openBlocks = ({ pack, state }: LoadedRun): readonly RunbookStep[] => stepsIn(pack).filter(({ gate }, index) => { const standing = state.steps[index]; return gate === 'blocks' && (standing === undefined || !isSettled(standing)); });

/** Completed only when every step that blocks is settled; stopped at any time. @throws AppError step_unproven */
export function endBodies(run: LoadedRun, { outcome, note }: ParsedInput<'run.end'>): readonly RunEventBody[] {
  const open = openBlocks(run);
  if (outcome === 'completed' && open.length > 0) {
    throw new AppError('step_unproven', { message: `${open.length === 1 ? 'A step that blocks is' : `${open.length} steps that block are`} not settled: ${open.slice(0, 3).map(({ title }) => `"${title}"`).join(', ')}${open.length > 3 ? ' and others' : ''}. The run goes on.`, hint: 'Settle them (not applicable is an answer too), or end the run as stopped.' });
  }
  return [{ kind: 'ended', outcome, note }];
}

/** @throws AppError review_refused */
export function reviewBodies(run: LoadedRun, { of, verdict, feedback }: ParsedInput<'run.review'>, own: string): readonly RunEventBody[] {
  const submission = run.events.find(({ digest, body }) => digest === of && body.kind === 'submitted');
  const refuse = (message: string, hint: string): AppError => new AppError('review_refused', { message: `${message} Nothing was recorded.`, hint });
  if (submission === undefined || !run.state.reviews.some((review) => review.submission === of)) throw refuse('This run has no such submission.', 'See the submissions of the run.');
  if (submission.author === own || run.people.trustOf(submission.author) === 'self') throw refuse('This is your own submission.', 'Let somebody else review it.');
  if (verdict === 'rejected' && feedback.trim() === '') throw refuse('A rejection needs feedback.', 'Say what is to be changed.');
  return [{ kind: 'review', of, verdict, feedback }];
}
