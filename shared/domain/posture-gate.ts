// Whether a deployment may pass a gate: every check of severity critical or high that applies is known, fresh and passing, or has an exception that holds.
import { isAccepted } from './evidence.ts';
import type { SecurityCheck } from './evidence.ts';

type Judged = Pick<SecurityCheck, 'id' | 'title' | 'severity' | 'state' | 'seen' | 'reason' | 'exception'>;

export interface Gate {
  readonly passes: boolean;
  readonly failing: readonly Judged[];
  readonly unknown: readonly Judged[];
  readonly stale: readonly Judged[];
  /** Failing, with an exception that holds. */
  readonly accepted: readonly Judged[];
  /** How many checks were asked about. */
  readonly asked: number;
}

/** @param allowUnknown unknown and stale checks do not close the gate; failing ones always do */
export function judgeGate(checks: readonly Judged[], { allowUnknown }: { readonly allowUnknown: boolean }): Gate {
  const asked = checks.filter(({ severity, state }) => (severity === 'critical' || severity === 'high') && state !== 'not-applicable');
  const failing = asked.filter((check) => check.state === 'fail' && !isAccepted(check));
  const unknown = asked.filter(({ state }) => state === 'unknown');
  const stale = asked.filter(({ state }) => state === 'stale');
  // Nothing asked is nothing proven.
  const passes = asked.length > 0 && failing.length === 0 && (allowUnknown || (unknown.length === 0 && stale.length === 0));
  return { passes, failing, unknown, stale, accepted: asked.filter(isAccepted), asked: asked.length };
}
