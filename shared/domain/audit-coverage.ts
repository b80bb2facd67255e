// The coverage map: which stretches of the audit log are held completely, which are not, and why.
import { z } from '../zod.ts';
import { isoInstant } from './time.ts';

/**
 * complete: everything the server holds for this stretch was read. own-org: complete for the caller's organisation; rows of others and rows without an
 * organisation cannot be read completely here. gap: something is missing, `reason` says what. unread: never asked for, or the walk has not got there.
 */
export const COVERAGE_STATES = ['complete', 'own-org', 'gap', 'unread'] as const;
export const coverageSegment = z.strictObject({
  /** Inclusive; null: from the beginning of time. */
  from: isoInstant.nullable(),
  /** Inclusive; null: until the present. */
  to: isoInstant.nullable(),
  state: z.enum(COVERAGE_STATES),
  /** Why, for a gap; what else is to be said, for the others; null when nothing is. */
  reason: z.string().nullable(),
  /** When the server last confirmed it; null for what was never read. */
  observedAt: isoInstant.nullable(),
});
export type CoverageSegment = z.infer<typeof coverageSegment>;
