// Evidence behind a statement: where it came from, the exact place in the answer, the raw value and when; it draws no conclusion.
import { z } from '../zod.ts';
import { isoInstant } from './time.ts';

/** declared: the server says so of itself. observed: a probe saw it. derived: computed from cached rows. */
export const evidenceKind = z.enum(['declared', 'observed', 'derived']);
export type EvidenceKind = z.infer<typeof evidenceKind>;

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

export const securityCheck = z.strictObject({
  id: z.string(),
  title: z.string(),
  severity,
  state: checkState,
  /** What was seen, as one sentence. */
  seen: z.string(),
  /** Why the state is what it is; for unknown and stale always the reason. */
  reason: z.string(),
  why: z.string(),
  fix: z.string(),
  evidence: z.array(evidence),
  observedAt: isoInstant.nullable(),
  /** For stale: the state that the old evidence gave when it was fresh. */
  lastKnown: checkState.nullable(),
});
export type SecurityCheck = z.infer<typeof securityCheck>;

export const checkCounts = z.strictObject({
  pass: z.int(), fail: z.int(), unknown: z.int(), stale: z.int(), 'not-applicable': z.int(),
});
export type CheckCounts = z.infer<typeof checkCounts>;

/** Counts checks by state; every state is present. */
export function countStates(checks: readonly { readonly state: CheckState }[]): CheckCounts {
  const counts: CheckCounts = { pass: 0, fail: 0, unknown: 0, stale: 0, 'not-applicable': 0 };
  for (const check of checks) counts[check.state] += 1;
  return counts;
}
