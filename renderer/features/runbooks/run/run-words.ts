// What a run says beside its steps: the clock, the limits that time sets, the timers, and what stands in the way, in plain words. It counts nothing as settled that core does not.
import type { RunbookStep } from '#shared/domain/runbook-pack.ts';
import { isSettled, SETTLED } from '#shared/domain/runbook-steps.ts';
import type { RunView } from '#shared/domain/runbook-view.ts';
import { visibleLine } from '#shared/domain/visible-text.ts';
import { formatDuration, plural } from '../../../lib/format.ts';
import { placedSteps } from '../step/step-words.ts';
import type { PlacedStep } from '../step/step-words.ts';

const two = (value: number): string => String(value).padStart(2, '0');

/** Time since the start as a clock: 00:31:44, 2 d 03:00:00. Rounds down; never below zero, when another machine's clock is ahead. */
export function elapsedText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const days = Math.floor(seconds / 86_400);
  return `${days > 0 ? `${days} d ` : ''}${two(Math.floor(seconds / 3600) % 24)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/** Milliseconds from the start to now, or to the end. */
export const elapsedMs = (run: Pick<RunView, 'startedAt' | 'ended'>, nowMs: number): number => (run.ended === null ? nowMs : Date.parse(run.ended.at)) - Date.parse(run.startedAt);

/** A severity as a short mark and as the runbook names it. One that the runbook does not know keeps its own name. */
export function severityWords(run: Pick<RunView, 'pack' | 'severity'>): { readonly mark: string; readonly title: string } | null {
  if (run.severity === null) return null;
  const title = run.pack.severities.find(({ id }) => id === run.severity)?.title;
  const mark = visibleLine(run.severity);
  return { mark: title === undefined ? mark : mark.toUpperCase(), title: title ?? mark };
}

export interface AcknowledgeLimit { readonly minutes: number; readonly dueMs: number; readonly isOverdue: boolean }

/** The time by which this severity asks for an acknowledgement; null where it sets none, or where it came. What only a stranger says stops no clock. */
export function acknowledgeLimit(run: Pick<RunView, 'pack' | 'severity' | 'startedAt' | 'milestones' | 'doubts' | 'ended'>, nowMs: number): AcknowledgeLimit | null {
  const minutes = run.pack.severities.find(({ id }) => id === run.severity)?.acknowledge_minutes;
  if (minutes === undefined || run.ended !== null || (run.milestones.acknowledged !== null && run.doubts.acknowledged !== 'not-trusted')) return null;
  const dueMs = Date.parse(run.startedAt) + minutes * 60_000;
  return { minutes, dueMs, isOverdue: nowMs > dueMs };
}

/** How long after the start something was, as words. */
export const afterStart = (run: Pick<RunView, 'startedAt'>, at: string): string => {
  const seconds = (Date.parse(at) - Date.parse(run.startedAt)) / 1000;
  return seconds < 0 ? `${formatDuration(-seconds)} before the start` : `${formatDuration(seconds)} after the start`;
};

export interface RunTimer { readonly step: RunbookStep; readonly dueMs: number }

/** Timers that run, the next to ring first, and those that ring and nobody acknowledged, the longest first. A run that has ended has none. */
export function timersOf(run: Pick<RunView, 'pack' | 'steps' | 'ended'>, nowMs: number): { readonly running: readonly RunTimer[]; readonly due: readonly RunTimer[] } {
  if (run.ended !== null) return { running: [], due: [] };
  const all = placedSteps(run).flatMap(({ step, standing: { timer } }) => (timer !== null && (timer.state === 'running' || timer.state === 'due') ? [{ step, dueMs: Date.parse(timer.dueAt) }] : [])).sort((a, b) => a.dueMs - b.dueMs);
  return { running: all.filter(({ dueMs }) => dueMs > nowMs), due: all.filter(({ dueMs }) => dueMs <= nowMs) };
}

export const placedStep = (run: Pick<RunView, 'pack' | 'steps'>, stepId: string | null): PlacedStep | null => (stepId === null ? null : placedSteps(run).find(({ step }) => step.id === stepId) ?? null);

/** Steps that block and are not settled: with one of them a run cannot be completed. */
export const openGates = (run: Pick<RunView, 'pack' | 'steps'>): readonly PlacedStep[] => placedSteps(run).filter(({ step, standing }) => step.gate === 'blocks' && !isSettled(standing));

/** Steps whose outcome is said and does not stand as proven: whoever ends the run should know of them. */
export const unprovenSteps = (run: Pick<RunView, 'pack' | 'steps'>): readonly PlacedStep[] => placedSteps(run).filter(({ standing }) => standing.state === 'claimed' || standing.state === 'overridden' || standing.state === 'conflict' || (SETTLED.has(standing.state) && !standing.isTrusted));

export interface Concern { readonly id: string; readonly tone: 'bad' | 'age'; readonly text: string; /** The step that it is about. */ readonly step: string | null; readonly goesTo: 'step' | 'people' }

/** What everybody in the room should know: disagreement, another runbook than it seems, people who are not trusted yet, and events that are not here. */
export function concernsOf(run: Pick<RunView, 'pack' | 'isOtherText' | 'steps' | 'authors' | 'missing' | 'waiting'>): readonly Concern[] {
  const conflicts = run.steps.filter(({ state }) => state === 'conflict');
  const strangers = run.authors.filter(({ isTrusted }) => !isTrusted);
  const events = strangers.reduce((sum, author) => sum + author.events, 0);
  const first = conflicts[0]?.step ?? null;
  return [
    ...(conflicts.length === 0 ? [] : [{ id: 'conflicts', tone: 'bad', text: `${plural(conflicts.length, 'step')} in conflict: people say different things.`, step: first, goesTo: 'step' } as const]),
    ...(run.isOtherText ? [{ id: 'text', tone: 'age', text: `Its runbook is another text than the one that is here as ${run.pack.id} ${run.pack.version}.`, step: null, goesTo: 'people' } as const] : []),
    ...(strangers.length === 0 ? [] : [{ id: 'strangers', tone: 'age', text: `${plural(events, 'event')} of ${plural(strangers.length, 'person', 'people')} not trusted yet: shown, and not counted as proof.`, step: null, goesTo: 'people' } as const]),
    ...(run.missing.length === 0 ? [] : [{ id: 'missing', tone: 'bad', text: `${plural(run.missing.length, 'event')} missing: others name ${run.missing.length === 1 ? 'it' : 'them'}, and ${run.missing.length === 1 ? 'it has' : 'they have'} not come here.`, step: null, goesTo: 'people' } as const]),
    ...(run.waiting === 0 ? [] : [{ id: 'waiting', tone: 'age', text: `${plural(run.waiting, 'event')} kept and not counted before what ${run.waiting === 1 ? 'it builds' : 'they build'} on comes.`, step: null, goesTo: 'people' } as const]),
  ];
}

/** What is recorded under a local or UTC time of an input field; null when it is none. */
export function instantOf(typed: string, zone: 'utc' | 'local'): string | null {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?$/.test(typed)) return null;
  const ms = Date.parse(zone === 'utc' ? `${typed}Z` : typed);
  return Number.isFinite(ms) ? new Date(ms).toISOString() : null;
}

/** The same the other way, to the second, as such a field wants it. */
export function fieldTime(ms: number, zone: 'utc' | 'local'): string {
  const shifted = zone === 'utc' ? ms : ms - new Date(ms).getTimezoneOffset() * 60_000;
  return new Date(shifted).toISOString().slice(0, 19);
}
