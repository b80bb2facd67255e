// What is known of a deployment's retention: its policy as it said it, what the cache shows of rows' ages, and whether it really deletes. What is not proven is unknown.
import { z } from '../zod.ts';
import { auditGap } from './audit-event.ts';
import { isoInstant } from './time.ts';

export const DAY_US = 86_400_000_000;
/** A deployment's clock may be a day off, and its answer takes its time. Further off it is not believed: the cutoff would move with it. */
export const FARTHEST_CLOCK_US = DAY_US + 3_600_000_000;
/** The longest that dialect A's route takes (contract section 3.5). */
export const MAX_RETENTION_DAYS = 3650;
export const retentionDays = z.int().min(1).max(MAX_RETENTION_DAYS);
/** Held rows that come due within this many days are warned of. */
export const DUE_SOON_DAYS = 14;

/** What the deployment says (contract sections 2 and 5). */
export const retentionPolicy = z.strictObject({
  state: z.enum(['on', 'off', 'unknown']),
  days: z.int().nullable(),
  /** By the deployment's own clock, as of now: rows older than this are due. Null unless on. */
  cutoff: isoInstant.nullable(),
  /** Rows past the cutoff, as it counts them over all organisations. 0 says nothing while retention is off, or where the database may not have been asked: then `rows` is null. */
  overdue: z.strictObject({ said: z.int().nullable(), rows: z.int().nullable(), reason: z.string() }),
  observedAt: isoInstant.nullable(),
  /** Why it is unknown, or what else is to be said. */
  reason: z.string(),
});
export type RetentionPolicy = z.infer<typeof retentionPolicy>;

/** Rows by age. `bytes`: what the cache holds of them, texts and stored payloads. `held`: under a legal hold. */
export const ageBar = z.strictObject({ /** Inclusive. */ from: isoInstant, /** Exclusive. */ to: isoInstant, rows: z.int(), bytes: z.int(), held: z.int() });
export type AgeBar = z.infer<typeof ageBar>;

export const retentionVerdict = z.strictObject({
  state: z.enum(['deleting', 'not-deleting', 'unknown']),
  /** One sentence. */
  message: z.string(),
  /** What it rests on, newest first. */
  evidence: z.array(z.strictObject({ source: z.string(), at: isoInstant, text: z.string() })),
});
export type RetentionVerdict = z.infer<typeof retentionVerdict>;

/** What comes due by then, from the rows that are cached. */
export const dueBy = z.strictObject({ days: z.int(), by: isoInstant, rows: z.int(), bytes: z.int(), held: z.int() });
export type DueBy = z.infer<typeof dueBy>;

export const cachedAges = z.strictObject({
  rows: z.int(),
  oldestAt: isoInstant.nullable(),
  newestAt: isoInstant.nullable(),
  /** Rows older than the cutoff, present at the server or not; null without a cutoff. */
  pastCutoff: z.int().nullable(),
  /** Of these, rows that the server was seen to have more than a day after they came due: such as came first so late, and single ones that were looked for, or that a sync gave again (at most 20 of a sync are noted). At least so many, therefore. */
  seenPastCutoff: z.int().nullable(),
  syncedAt: isoInstant.nullable(),
  /** Stretches before the cutoff that were never read: nobody knows what is in them. */
  gaps: z.array(auditGap),
  stepDays: z.int().min(1),
  /** Oldest first, without holes, at most 400. */
  bars: z.array(ageBar),
});
export type CachedAges = z.infer<typeof cachedAges>;

/** Whether and how this console can delete there. */
export const purgeOffer = z.strictObject({ state: z.enum(['offered', 'not-offered', 'unknown']), reason: z.string() });
