// An audit row as the cache serves it, and what is known of its payload; a payload that was not obtained is never called plain.
import { z } from '../zod.ts';
import { isoInstant } from './time.ts';

/** The server's row id: a positive integer that JavaScript can hold exactly. */
export const auditEventId = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

/**
 * plain: stored unencrypted at the server. encrypted: a Fernet wrapper with a ciphertext.
 * failed: the server's own marker that encryption failed. malformed: says encrypted but holds no Fernet token, or is no object.
 * not-offered: this deployment gives no way to read it. not-synced: it could be read, but has not been yet.
 */
export const PAYLOAD_STATES = ['plain', 'encrypted', 'failed', 'malformed', 'not-offered', 'not-synced'] as const;
export const payloadState = z.enum(PAYLOAD_STATES);
export type PayloadState = z.infer<typeof payloadState>;

export const auditEvent = z.strictObject({
  id: auditEventId,
  createdAt: isoInstant,
  /** The time as the server wrote it. */
  createdAtRaw: z.string(),
  route: z.string(),
  method: z.string(),
  eventType: z.string(),
  org: z.string().nullable(),
  actorSub: z.string().nullable(),
  actorEmail: z.string().nullable(),
  resourceId: z.string().nullable(),
  statusCode: z.int(),
  payloadState,
  keyId: z.string().nullable(),
});
export type AuditEvent = z.infer<typeof auditEvent>;

export const auditEventDetail = auditEvent.extend({
  /** JSON text of a plain, failed or malformed payload; the wrapper of an encrypted one; null when none was obtained. */
  payload: z.string().nullable(),
  payloadObservedAt: isoInstant.nullable(),
  firstSeenAt: isoInstant,
  /** Routes that gave us this row. */
  source: z.string(),
  /** Time inside the Fernet token, when encrypted; seconds precision. */
  sealedAt: isoInstant.nullable(),
});
export type AuditEventDetail = z.infer<typeof auditEventDetail>;

export const METHOD_PATTERN = /^[A-Z]{1,16}$/;

/** Filters of the audit list. Times are inclusive. `status` is one code (404), a class (4xx) or a comparison (>=400). */
export const auditFilter = z.strictObject({
  text: z.string().max(256).optional(),
  actor: z.string().max(256).optional(),
  org: z.string().max(64).optional(),
  method: z.string().max(16).optional(),
  status: z.string().regex(/^([1-5]\d\d|[1-5]xx|(>=|<=|>|<)[1-5]\d\d)$/i, 'Use a code such as 404, a class such as 4xx, or a comparison such as >=400.').optional(),
  since: z.string().max(40).optional(),
  until: z.string().max(40).optional(),
});
export type AuditFilter = z.infer<typeof auditFilter>;

/** Reads a status filter into an inclusive range of codes. The text must already match the schema. */
export function statusRange(status: string): { readonly min: number; readonly max: number } {
  const text = status.toLowerCase();
  if (text.endsWith('xx')) {
    const base = Number(text[0]) * 100;
    return { min: base, max: base + 99 };
  }
  if (text.startsWith('>=')) return { min: Number(text.slice(2)), max: 999 };
  if (text.startsWith('<=')) return { min: 0, max: Number(text.slice(2)) };
  if (text.startsWith('>')) return { min: Number(text.slice(1)) + 1, max: 999 };
  if (text.startsWith('<')) return { min: 0, max: Number(text.slice(1)) - 1 };
  return { min: Number(text), max: Number(text) };
}

/** A stretch of the log that the console does not hold, and why. */
export const auditGap = z.strictObject({ from: isoInstant.nullable(), to: isoInstant.nullable(), reason: z.string() });
export type AuditGap = z.infer<typeof auditGap>;

export const auditSummary = z.strictObject({
  events: z.int(),
  encrypted: z.int(),
  plain: z.int(),
  notOffered: z.int(),
  oldestAt: isoInstant.nullable(),
  newestAt: isoInstant.nullable(),
  lastSyncAt: isoInstant.nullable(),
  lastSyncComplete: z.boolean().nullable(),
  gaps: z.array(auditGap),
});
export type AuditSummary = z.infer<typeof auditSummary>;

export const syncResult = z.strictObject({
  added: z.int(),
  payloadsAdded: z.int(),
  alreadyHeld: z.int(),
  /** Rows whose content differs from what was first seen; the first version is kept. */
  changed: z.int(),
  requests: z.int(),
  total: z.int(),
  complete: z.boolean(),
  gaps: z.array(auditGap),
  syncedAt: isoInstant,
});
export type SyncResult = z.infer<typeof syncResult>;

export const REASON_MIN = 3;
export const REASON_MAX = 256;
/** Why a payload is opened; goes into the ledger as written. */
export const reason = z.string().trim().min(REASON_MIN, `Give a reason of at least ${REASON_MIN} characters.`).max(REASON_MAX, `Keep the reason within ${REASON_MAX} characters.`);

/** The result of opening one payload: shown on demand, never cached. */
export const openedPayload = z.strictObject({
  id: auditEventId,
  /** Pretty JSON text. */
  payload: z.string(),
  wasEncrypted: z.boolean(),
  where: z.enum(['here', 'server']),
  /** The key that served: its id in our ring, or what the server named; null when the server named none. */
  keyId: z.string().nullable(),
  keyIdOnRow: z.string().nullable(),
  sealedAt: isoInstant.nullable(),
  ledgerEntry: z.int(),
  reason: z.string(),
});
export type OpenedPayload = z.infer<typeof openedPayload>;
