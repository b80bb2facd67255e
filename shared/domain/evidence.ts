// Evidence behind a statement: where it came from, the exact place in the answer, the raw value and when; it draws no conclusion.
import { z } from '../zod.ts';
import { isoInstant } from './time.ts';

/** declared: the server says so of itself, or a configuration file of it. observed: a probe saw it. derived: computed from what is cached. attested: a named person says so. */
export const EVIDENCE_KINDS = ['declared', 'observed', 'derived', 'attested'] as const;
export const evidenceKind = z.enum(EVIDENCE_KINDS);
export type EvidenceKind = z.infer<typeof evidenceKind>;

/** The source of what this console itself holds of a deployment: its address, its environment, its pin. */
export const OWN_SOURCE = 'this console';

export const evidence = z.strictObject({
  kind: evidenceKind,
  /** The request line or the local query, for example GET /api/admin/security/status. */
  source: z.string(),
  /** JSON path into the answer, for example $.jwt.enabled; null where the whole answer counts. */
  path: z.string().nullable(),
  /** The raw value as JSON text; null when there was none. */
  value: z.string().nullable(),
  observedAt: isoInstant,
});
export type Evidence = z.infer<typeof evidence>;

export const CHECK_STATES = ['pass', 'fail', 'unknown', 'stale', 'not-applicable'] as const;
export const checkState = z.enum(CHECK_STATES);
export type CheckState = z.infer<typeof checkState>;

export const severity = z.enum(['critical', 'high', 'medium', 'low']);
export type Severity = z.infer<typeof severity>;

/** Somebody answers for a failing check until a day; afterwards it fails again. */
export const exception = z.strictObject({
  id: z.int(),
  checkId: z.string(),
  owner: z.string(),
  reason: z.string(),
  /** The last day on which it holds, in UTC: YYYY-MM-DD. */
  until: z.iso.date(),
  createdAt: isoInstant,
  isExpired: z.boolean(),
});
export type Exception = z.infer<typeof exception>;

export const securityCheck = z.strictObject({
  id: z.string(),
  title: z.string(),
  group: z.string(),
  severity,
  state: checkState,
  /** True for a check that compares what is declared with what was seen. */
  isContradiction: z.boolean(),
  /** What was seen, as one sentence. */
  seen: z.string(),
  /** Why the state is what it is; for unknown and stale always the reason. */
  reason: z.string(),
  why: z.string(),
  fix: z.string(),
  references: z.array(z.string()),
  evidence: z.array(evidence),
  observedAt: isoInstant.nullable(),
  /** For stale: the state that the old evidence gave when it was fresh. */
  lastKnown: checkState.nullable(),
  /** The newest exception, also when it has expired; null when there is none. A failing check with an unexpired one counts as accepted. */
  exception: exception.nullable(),
});
export type SecurityCheck = z.infer<typeof securityCheck>;

/** `accepted` is a part of no other count: failing checks with an unexpired exception. */
export const checkCounts = z.strictObject({
  pass: z.int(), fail: z.int(), accepted: z.int(), unknown: z.int(), stale: z.int(), 'not-applicable': z.int(),
});
export type CheckCounts = z.infer<typeof checkCounts>;

/** Whether an exception speaks for a failing check today. */
export const isAccepted = (check: { readonly state: CheckState; readonly exception: { readonly isExpired: boolean } | null }): boolean => check.state === 'fail' && check.exception?.isExpired === false;

/** Counts checks by state; every state is present. */
export function countStates(checks: readonly { readonly state: CheckState; readonly exception: { readonly isExpired: boolean } | null }[]): CheckCounts {
  const counts: CheckCounts = { pass: 0, fail: 0, accepted: 0, unknown: 0, stale: 0, 'not-applicable': 0 };
  for (const check of checks) counts[isAccepted(check) ? 'accepted' : check.state] += 1;
  return counts;
}

/** "41 of 52 known and fresh: 37 pass, 3 fail, 1 accepted". Never a bare percentage; what does not apply is left out. */
export function summariseCounts({ pass, fail, accepted, unknown, stale }: CheckCounts): string {
  const known = pass + fail + accepted;
  const all = known + unknown + stale;
  if (known === 0) return `0 of ${all} known and fresh`;
  return `${known} of ${all} known and fresh: ${[`${pass} pass`, ...(fail > 0 ? [`${fail} fail`] : []), ...(accepted > 0 ? [`${accepted} accepted`] : [])].join(', ')}`;
}
