// Whether a deployment may pass a gate: every check of severity critical or high that applies is known, fresh and passing, or has an exception that holds.
import type { SecurityCheck } from './evidence.ts';

type Judged = Pick<SecurityCheck, 'id' | 'title' | 'severity' | 'state' | 'lastKnown' | 'seen' | 'reason' | 'exception'>;

export interface Gate {
  readonly passes: boolean;
  readonly failing: readonly Judged[];
  readonly unknown: readonly Judged[];
  readonly stale: readonly Judged[];
  /** Failing, unknown or stale, with an exception that holds. */
  readonly accepted: readonly Judged[];
  /** How many checks were asked about. */
  readonly asked: number;
}

/** Somebody answers for it until a day to come, whether it fails or nobody can tell. The counts go on saying which. */
const isAnsweredFor = ({ exception }: Judged): boolean => exception?.isExpired === false;

/** @param allowUnknown unknown and stale checks do not close the gate; failing ones always do, and so does a stale one that failed when it was looked at last */
export function judgeGate(checks: readonly Judged[], { allowUnknown }: { readonly allowUnknown: boolean }): Gate {
  const asked = checks.filter(({ severity, state }) => (severity === 'critical' || severity === 'high') && state !== 'not-applicable');
  const open = asked.filter((check) => check.state !== 'pass' && !isAnsweredFor(check));
  const failing = open.filter(({ state }) => state === 'fail');
  const unknown = open.filter(({ state }) => state === 'unknown');
  const stale = open.filter(({ state }) => state === 'stale');
  // Nothing asked is nothing proven.
  const passes = asked.length > 0 && failing.length === 0 && (allowUnknown ? stale.every(({ lastKnown }) => lastKnown !== 'fail') : unknown.length === 0 && stale.length === 0);
  return { passes, failing, unknown, stale, accepted: asked.filter((check) => check.state !== 'pass' && isAnsweredFor(check)), asked: asked.length };
}
