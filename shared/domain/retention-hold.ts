// Legal holds: which rows must stay, who says so, until when it is looked at again, and what is known of each row under one.
import { z } from '../zod.ts';
import { queryText } from './audit-search.ts';
import { isoInstant } from './time.ts';

export const holdId = z.string().regex(/^h_[0-9a-f]{16}$/);
export const caseId = z.string().trim().min(1).max(80).regex(/^[\p{L}\p{N}][\p{L}\p{N} ._/#-]*$/u, 'Use letters, digits, space and . _ / # -; begin with a letter or digit.');
/** What is asked of an admin who sets a hold. */
export const holdFields = {
  caseId,
  owner: z.string().trim().min(1).max(120),
  reason: z.string().trim().min(3).max(500),
  /** YYYY-MM-DD: when somebody asks again whether it is needed. A hold does not end by itself. */
  reviewOn: z.iso.date(),
  /** In the language of the audit search; times in it that count back from now are refused, because membership would slip away. */
  query: queryText,
};

export const holdCounts = z.strictObject({
  /** Rows in the cache that it matches, and rows kept for it that the cache no longer has. */
  rows: z.int(),
  /** Of these, rows in the sealed vault of this workstation. */
  preserved: z.int(),
  /** Preserved rows whose payload was never obtained. */
  withoutPayload: z.int(),
  /** Rows that come due within 14 days, and rows that are due now. */
  dueSoon: z.int(),
  due: z.int(),
  /** Rows that were looked for at the server and were not there. */
  vanished: z.int(),
});
export type HoldCounts = z.infer<typeof holdCounts>;

export const hold = z.strictObject({
  id: holdId,
  deploymentId: z.string(),
  ...holdFields,
  createdAt: isoInstant,
  /** Null while it stands. */
  released: z.strictObject({ at: isoInstant, reason: z.string() }).nullable(),
  counts: holdCounts,
  /** When the oldest of its rows comes due, by the policy as it is known; null where no policy is. */
  nextDue: isoInstant.nullable(),
  /** The review date has passed. */
  isReviewOverdue: z.boolean(),
});
export type Hold = z.infer<typeof hold>;
