// How a step of a run is called and marked: words, tones, what it waits for, and how long a timer still runs. It calls nothing done that is not, and nothing trusted that is not.
import type { RunbookPack, RunbookStep } from '#shared/domain/runbook-pack.ts';
import type { StepOutcome, StepStanding } from '#shared/domain/runbook-run.ts';
import { isSettled, SETTLED } from '#shared/domain/runbook-steps.ts';
import type { RunView } from '#shared/domain/runbook-view.ts';
import type { ChipTone } from '../../../components/WordChip.tsx';

export type StepState = StepStanding['state'];
export type MarkShape = StepState | 'not-trusted';
export interface StepLook { readonly word: string; readonly tone: ChipTone; readonly shape: MarkShape }

const WORDS: Readonly<Record<StepState, string>> = { open: 'open', waiting: 'waits', done: 'done', claimed: 'not proven', overridden: 'overridden', failed: 'failed', skipped: 'skipped', 'not-applicable': 'not applicable', conflict: 'conflict' };
const TONES: Readonly<Record<StepState, ChipTone>> = { open: 'none', waiting: 'none', done: 'pass', claimed: 'unknown', overridden: 'warn', failed: 'fail', skipped: 'none', 'not-applicable': 'none', conflict: 'fail' };

/** The word for a state, the pack's own where it has one. */
export function stateWordOf(state: StepState, words: RunbookPack['words']): string {
  if (state === 'open' || state === 'done' || state === 'overridden' || state === 'failed') return words?.[state] ?? WORDS[state];
  return WORDS[state];
}

/** How a standing is shown. What somebody says who is not trusted yet never looks settled. */
export function lookOf({ state, isTrusted }: Pick<StepStanding, 'state' | 'isTrusted'>, words: RunbookPack['words']): StepLook {
  const word = stateWordOf(state, words);
  if (SETTLED.has(state) && !isTrusted) return { word: `${word}, not trusted yet`, tone: 'unknown', shape: 'not-trusted' };
  return { word, tone: TONES[state], shape: state };
}

/** An outcome as the label of what records it. */
export function outcomeWord(outcome: StepOutcome, words: RunbookPack['words']): string {
  switch (outcome) {
    case 'done': return words?.done ?? 'Done';
    case 'failed': return words?.failed ?? 'Failed';
    case 'skipped': return 'Skipped';
    case 'not-applicable': return 'Not applicable';
    case 'reopened': return 'Reopened';
  }
}

export interface PlacedStep { readonly section: RunbookPack['sections'][number]; readonly step: RunbookStep; readonly standing: StepStanding; /** From 1, over the whole runbook. */ readonly number: number }

/** Every step with how it stands, in the order of the runbook. A step of which the run says nothing is left out. */
export function placedSteps(run: Pick<RunView, 'pack' | 'steps'>): readonly PlacedStep[] {
  const standings = new Map(run.steps.map((standing) => [standing.step, standing]));
  let number = 0;
  return run.pack.sections.flatMap((section) => section.steps.flatMap((step) => {
    number += 1;
    const standing = standings.get(step.id);
    return standing === undefined ? [] : [{ section, step, standing, number }];
  }));
}

/** The step that holds this one back: the first before it in its section that blocks and is not settled. Null: none. */
export function heldBackBy(placed: readonly PlacedStep[], stepId: string): RunbookStep | null {
  const own = placed.find(({ step }) => step.id === stepId);
  if (own === undefined) return null;
  return placed.find(({ section, step, standing, number }) => section === own.section && number < own.number && step.gate === 'blocks' && !isSettled(standing))?.step ?? null;
}

const two = (value: number): string => String(value).padStart(2, '0');

/** A stretch of time as a clock: 0:05, 12:30, 1:02:03, 2 d 01:00:00. Rounds up, so that 0:00 is only shown when nothing is left. */
export function clockText(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor(seconds / 3600) % 24;
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  if (days > 0) return `${days} d ${two(hours)}:${rest}`;
  return hours > 0 ? `${hours}:${rest}` : `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
}

/** The next moment after which the standings must be asked for again, because core would judge them differently: a timer runs out, or an answer grows old. Milliseconds; null: none. */
export function nextChangeMs(run: Pick<RunView, 'pack' | 'steps'>, nowMs: number, staleMinutesOf: (step: RunbookStep) => number): number | null {
  const moments = placedSteps(run).flatMap(({ step, standing: { timer, check } }) => [
    ...(timer?.state === 'running' ? [Date.parse(timer.dueAt)] : []),
    ...(check !== null && !check.isStale ? [Date.parse(check.observedAt) + staleMinutesOf(step) * 60_000] : []),
  ]).filter((ms) => ms > nowMs);
  return moments.length === 0 ? null : Math.min(...moments);
}
