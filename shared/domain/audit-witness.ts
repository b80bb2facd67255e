// The witness: a Merkle log over what was synced, signed checkpoints, and the findings of every comparison with the server; each with what it cannot prove.
import { z } from '../zod.ts';
import { isoInstant } from './time.ts';

/**
 * vanished: a row that was held, inside its retention, that the server no longer gives (older than the retention's cutoff it is expected, and no finding).
 * changed: the server gives a row with other content. payload-changed: its payload differs. id-backwards: a newer row with a lower id than one held before.
 * back-dated: a row that appeared inside a stretch that had been read completely before.
 */
export const FINDING_KINDS = ['vanished', 'changed', 'payload-changed', 'id-backwards', 'back-dated'] as const;
export const findingKind = z.enum(FINDING_KINDS);
export type FindingKind = z.infer<typeof findingKind>;

export const auditFinding = z.strictObject({
  seq: z.int(),
  kind: findingKind,
  eventId: z.int(),
  /** The row's own time as it was held. */
  createdAt: isoInstant.nullable(),
  foundAt: isoInstant,
  /** One sentence. */
  message: z.string(),
  /** The version held since first seen, as JSON text; null when there was none. */
  held: z.string().nullable(),
  /** What the server gave now, as JSON text; null when it gave nothing. */
  found: z.string().nullable(),
});
export type AuditFinding = z.infer<typeof auditFinding>;

export const auditCheckpoint = z.strictObject({
  size: z.int(),
  /** RFC 6962 Merkle tree hash, hex. */
  root: z.string(),
  at: isoInstant,
  /** The signed note: origin, size, root and signature lines (C2SP tlog-checkpoint form). */
  note: z.string(),
});
export type AuditCheckpoint = z.infer<typeof auditCheckpoint>;

/** A place where the cached log does not fit what was signed. */
export const witnessProblem = z.strictObject({
  kind: z.enum(['row-removed', 'row-changed', 'row-inserted', 'payload-changed', 'order-changed', 'root-mismatch', 'signature-invalid', 'tail-removed', 'older-database', 'head-missing', 'key-missing']),
  /** Position in the log, from 0; null where none can be named. */
  position: z.int().nullable(),
  eventId: z.int().nullable(),
  message: z.string(),
});
export type WitnessProblem = z.infer<typeof witnessProblem>;

export const witnessVerdict = z.strictObject({
  /**
   * intact: every row fits the last checkpoint, which is signed and remembered. unsigned-tail: rows after the last checkpoint fit but are not signed yet.
   * empty: nothing was witnessed yet. broken: see problems. doubtful: the rows fit, but the key or the remembered head is missing.
   */
  verdict: z.enum(['intact', 'unsigned-tail', 'empty', 'broken', 'doubtful']),
  leaves: z.int(),
  root: z.string().nullable(),
  checkpoint: auditCheckpoint.nullable(),
  checkpoints: z.int(),
  /** The public key, base64 of its 32 bytes; null when there is none. */
  publicKey: z.string().nullable(),
  problems: z.array(witnessProblem),
  problemCount: z.int(),
  findings: z.int(),
  message: z.string(),
  /** What this proves and what it cannot. */
  limits: z.string(),
});
export type WitnessVerdict = z.infer<typeof witnessVerdict>;
