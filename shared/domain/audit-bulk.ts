// Opening many payloads at once: what would be opened, how each one ended, and the checks that need no key.
import { z } from '../zod.ts';
import { auditEvent, auditEventId } from './audit-event.ts';
import { isoInstant } from './time.ts';

/** opened: with the key named. no-key: no key held authenticates it. damaged: not a whole Fernet token, or altered. not-object: opened, but not a JSON object. */
export const BULK_OUTCOMES = ['opened', 'no-key', 'damaged', 'not-object'] as const;
export const bulkOutcome = z.enum(BULK_OUTCOMES);
export type BulkOutcome = z.infer<typeof bulkOutcome>;

/** Which rows: those of a query, or those named. */
export const bulkSelection = z.union([z.strictObject({ query: z.string().max(4096) }), z.strictObject({ ids: z.array(auditEventId).min(1).max(100_000) })]);
export type BulkSelection = z.infer<typeof bulkSelection>;

export const bulkPlan = z.strictObject({
  /** Encrypted rows in the selection. */
  rows: z.int(),
  /** Rows in the selection whose payload is held and not encrypted, so that nothing is opened. */
  others: z.int(),
  /** Rows in the selection without a payload here: not synced, or not offered. Whether they are encrypted is not known. */
  withoutPayload: z.int(),
  byKey: z.array(z.strictObject({ keyId: z.string().nullable(), rows: z.int(), isHeld: z.boolean() })),
  /** SHA-256, hex, over the ids in ascending order, each in decimal with a line end: the same set has the same digest. */
  digest: z.string(),
  /** False when the opened payloads would not fit into memory: then they can only be exported. */
  fitsInMemory: z.boolean(),
});
export type BulkPlan = z.infer<typeof bulkPlan>;

export const bulkCounts = z.strictObject({ opened: z.int(), noKey: z.int(), damaged: z.int(), notObject: z.int() });
export type BulkCounts = z.infer<typeof bulkCounts>;

/** The opened payloads of one run; they lie in memory only, and are gone at lock. */
export const bulkRun = z.strictObject({
  bulkId: z.string(),
  deploymentId: z.string(),
  rows: z.int(),
  digest: z.string(),
  counts: bulkCounts,
  byKey: z.array(z.strictObject({ keyId: z.string(), rows: z.int() })),
  reason: z.string(),
  ledgerEntry: z.int(),
  openedAt: isoInstant,
  seconds: z.number(),
});
export type BulkRun = z.infer<typeof bulkRun>;

export const bulkRow = z.strictObject({
  event: auditEvent,
  outcome: bulkOutcome,
  keyId: z.string().nullable(),
  sealedAt: isoInstant.nullable(),
  /** JSON text of an opened payload, cut at `PAYLOAD_SHOWN` characters; null when it was not opened. */
  payload: z.string().nullable(),
  isCut: z.boolean(),
});
export type BulkRow = z.infer<typeof bulkRow>;
export const PAYLOAD_SHOWN = 4096;

/** A check over the cached rows that needs no key. `rows` 0 with state clean; unknown when there is nothing to judge by. */
export const auditCheck = z.strictObject({
  id: z.enum(['sealed-time', 'plain-while-encrypted', 'failure-markers', 'malformed', 'new-key-ids']),
  title: z.string(),
  state: z.enum(['clean', 'found', 'unknown']),
  rows: z.int(),
  /** One sentence: what was found, or why nothing can be said. */
  message: z.string(),
  /** The query that lists the rows; null when a query cannot. */
  query: z.string().nullable(),
  examples: z.array(auditEventId),
});
export type AuditCheck = z.infer<typeof auditCheck>;
