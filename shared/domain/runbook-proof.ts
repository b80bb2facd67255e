// Whether a step may be called done by what its author knew: a check that passed and is fresh, a decision, a timer that ran out, evidence that is there. A later answer proves no earlier claim.
import type { RunbookStep } from './runbook-pack.ts';
import type { EventOf } from './runbook-registers.ts';

const DEFAULT_STALE_MINUTES = 60;
/** Minutes after which the answer of a live check is stale. */
export const staleMinutesOf = (step: RunbookStep): number => step.stale_minutes ?? DEFAULT_STALE_MINUTES;
export const msAfter = (at: string, minutes: number): number => Date.parse(at) + minutes * 60_000;

/** What is known of one step: of each kind what nothing known has replaced; more than one where people did not know of each other. */
export interface KnownOfStep {
  readonly checks: readonly EventOf<'check'>[];
  /** Of the checks those that the console itself made; an attestation takes the place of none. */
  readonly seen: readonly EventOf<'check'>[];
  readonly decisions: readonly EventOf<'decision'>[];
  readonly timers: readonly EventOf<'timer'>[];
  readonly starts: readonly EventOf<'timer'>[];
  readonly hasEvidence: boolean;
}

/** Two decisions of one step that do not know each other and differ. */
export const isSplit = (decisions: readonly EventOf<'decision'>[]): boolean => new Set(decisions.map(({ body }) => body.option)).size > 1;

/** One sentence that says what is lacking; null: proven. @param atMs when it is called done, milliseconds */
export function whyUnproven(step: RunbookStep, known: KnownOfStep, atMs: number): string | null {
  const lacking = whyKindUnproven(step, known, atMs);
  if (lacking !== null) return lacking;
  return step.evidence !== undefined && !known.hasEvidence ? 'Its evidence is not there.' : null;
}

function whyKindUnproven(step: RunbookStep, known: KnownOfStep, atMs: number): string | null {
  switch (step.kind) {
    case 'live-check': return whyCheckFails(step, known, atMs);
    case 'decision':
      if (known.decisions.length === 0) return 'Nothing was decided.';
      return isSplit(known.decisions) ? 'People decided differently.' : null;
    case 'timer': return whyTimerRuns(step, known, atMs);
    case 'sign-off': return 'It is done by a signature.';
    default: return null;
  }
}

function whyCheckFails(step: RunbookStep, { checks, seen }: KnownOfStep, atMs: number): string | null {
  if (checks.length === 0) return 'Its check was not run.';
  if (checks.some(({ body }) => body.result !== 'pass')) return checks.every(({ body }) => body.result !== 'fail') ? 'Its check could not tell.' : 'Its check failed.';
  // By hand is for what the console cannot see: nobody talks down what it saw a moment before, on whichever machine.
  const isTalkedDown = checks.every(({ at, body }) => body.attestedBy !== null && seen.some((own) => own.body.result === 'fail' && Date.parse(at) <= msAfter(own.body.observedAt, staleMinutesOf(step))));
  if (isTalkedDown) return 'The console itself saw its check fail just before it was attested.';
  // What was seen after the claim says nothing of the claim.
  const isFresh = checks.some(({ body }) => Date.parse(body.observedAt) <= atMs && atMs <= msAfter(body.observedAt, staleMinutesOf(step)));
  return isFresh ? null : 'The answer of its check is stale.';
}

function whyTimerRuns(step: RunbookStep, { timers, starts }: KnownOfStep, atMs: number): string | null {
  const started = starts.at(-1);
  if (started === undefined) return 'Its timer was not started.';
  const due = msAfter(started.at, step.minutes ?? 0);
  if (timers.some(({ body, at }) => body.action === 'stopped' && Date.parse(at) < due)) return 'Its timer was stopped before it ran out.';
  return atMs >= due ? null : 'Its timer has not run out.';
}
