// An audit row as the cache serves it, and what is known of its payload; a payload that was not obtained is never called plain.
import { z } from '../zod.ts';
import { auditFinding } from './audit-witness.ts';
import { isoInstant } from './time.ts';

/** The server's row id: a positive integer that JavaScript can hold exactly. From FILE_ID_FLOOR on: made from the content of a row that came from a file without one. */
export const auditEventId = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
export const FILE_ID_FLOOR = 2 ** 52;

/** True for a row of a file that gives no ids (AI-Karen's logs): its id is made from its content, so that the same row is taken once. */
export function isFileId(id: number): boolean {
  return id >= FILE_ID_FLOOR;
}

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
  /** What comparisons with the server found about this row, newest first. Empty: unchanged since first seen. */
  findings: z.array(auditFinding),
});
export type AuditEventDetail = z.infer<typeof auditEventDetail>;

/** How the reason of a gap ends when an answer lacks rows that are held and should still be there. */
export const LACKS_HELD = 'it is cut short, or they were removed.';

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
  /** Findings of all comparisons with the server. */
  findings: z.int(),
});
export type AuditSummary = z.infer<typeof auditSummary>;

export const syncResult = z.strictObject({
  added: z.int(),
  payloadsAdded: z.int(),
  alreadyHeld: z.int(),
  /** Rows whose content differs from what was first seen; the first version is kept. */
  changed: z.int(),
  /** Findings that this sync added: vanished, changed or back-dated rows, ids that went backwards. */
  findings: z.int(),
  requests: z.int(),
  total: z.int(),
  complete: z.boolean(),
  gaps: z.array(auditGap),
  /** What else is to be said, one sentence each: for example that nothing could be signed. */
  notes: z.array(z.string()),
  syncedAt: isoInstant,
});
export type SyncResult = z.infer<typeof syncResult>;

/** Following the log: off; following; waiting (a failure, tried again at `nextAt`); failed (given up, `message` says why). */
export const tailState = z.strictObject({
  state: z.enum(['off', 'following', 'waiting', 'failed']),
  since: isoInstant.nullable(),
  lastAt: isoInstant.nullable(),
  nextAt: isoInstant.nullable(),
  added: z.int(),
  message: z.string().nullable(),
});
export type TailState = z.infer<typeof tailState>;

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
