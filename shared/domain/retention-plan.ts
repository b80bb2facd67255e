// A purge as it is planned, approved, carried out and proven. A plan names the exact rows; nothing is deleted that it does not name.
import { z } from '../zod.ts';
import { auditEventId, auditGap } from './audit-event.ts';
import { dialect, environment } from './deployment.ts';
import { retentionDays } from './retention.ts';
import { isoInstant } from './time.ts';

export const PLAN_FORMAT = 'holdfast.retention-plan/1';
export const APPROVAL_FORMAT = 'holdfast.retention-approval/1';
export const CERTIFICATE_FORMAT = 'holdfast.retention-certificate/1';
export const PLAN_MINUTES = 15;
export const DELAY_HOURS = 24;

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const counted = z.array(z.strictObject({ /** null: rows without one. */ value: z.string().nullable(), rows: z.int() }));
const endRow = z.strictObject({ id: auditEventId, createdAt: isoInstant, route: z.string(), eventType: z.string() });

/** What a purge at a cutoff would take, from the cache; exact for the rows that are cached, and it says what is not. */
export const purgePreview = z.strictObject({
  days: retentionDays,
  /** Frozen: rows before it would go. */
  cutoff: isoInstant,
  rows: z.int(),
  bytes: z.int(),
  byType: counted, byOrg: counted, byActor: counted,
  byDay: z.array(z.strictObject({ /** YYYY-MM-DD, UTC. */ day: z.string(), rows: z.int() })),
  /** Values or days beyond the listed ones exist. */
  isShortened: z.boolean(),
  first: endRow.nullable(),
  last: endRow.nullable(),
  /** Active holds that the rows, or those that also come due, are under. A plan with any is refused. */
  held: z.array(z.strictObject({ holdId: z.string(), caseId: z.string(), rows: z.int() })),
  heldRows: z.int(),
  /** Stretches before the cutoff that were never synced: what is in them goes too, and nobody could restore it. */
  gaps: z.array(auditGap),
  /** Rows that come due until the plan ends: the deployment counts days from the moment it is asked, so these may go as well. `until`: of the rows' own times, exclusive; the deployment's cutoff is never later. */
  alsoDue: z.strictObject({ until: isoInstant, rows: z.int(), held: z.int() }),
  /** What the deployment itself counts as due, where it was asked for the same days and its answer is believed. */
  serverCount: z.strictObject({ rows: z.int().nullable(), at: isoInstant.nullable(), reason: z.string() }),
  /** SHA-256, hex, over the ids of the rows in ascending order, each in decimal with a line end. */
  rowsDigest: digest,
  alsoDueDigest: digest,
  /** What must be known before, the gravest first. */
  warnings: z.array(z.string()),
});
export type PurgePreview = z.infer<typeof purgePreview>;

/** Rows that go as far as anybody knows, and that a person must type: those that are named, or all that the deployment counts where it counts more than were read. */
export function rowsToGo({ rows, alsoDue, serverCount }: Pick<PurgePreview, 'rows' | 'alsoDue' | 'serverCount'>): number {
  return serverCount.rows !== null && serverCount.rows > rows + alsoDue.rows ? serverCount.rows : rows;
}

export const purgePlan = z.strictObject({
  format: z.literal(PLAN_FORMAT),
  id: z.string().regex(/^p_[0-9a-f]{16}$/),
  deployment: z.strictObject({ name: z.string(), url: z.string(), environment, dialect: dialect.nullable() }),
  madeAt: isoInstant,
  /** The operating system user. */
  madeBy: z.string(),
  /** SHA-256 of the public key of the profile that made it, hex: an approval must be by another. */
  madeByKey: digest,
  /** When it may be carried out with what: `days` goes to the deployment, so that its cutoff is never later than the plan's end. */
  windows: z.array(z.strictObject({ kind: z.enum(['now', 'approved', 'delayed']), from: isoInstant, until: isoInstant, days: retentionDays })).min(1),
  preview: purgePreview,
  /** SHA-256, hex, over everything above in canonical JSON. */
  digest,
});
export type PurgePlan = z.infer<typeof purgePlan>;

export const purgeApproval = z.strictObject({
  format: z.literal(APPROVAL_FORMAT),
  planDigest: digest,
  /** What the approver saw: repeated so that the file can be read by itself. */
  deployment: z.string(), url: z.string(), rows: z.int(), cutoff: isoInstant,
  approvedBy: z.string().min(1).max(120),
  approvedAt: isoInstant,
  note: z.string().max(500),
  /** 32 bytes, base64. */
  publicKey: z.string(),
  /** A signed note (C2SP signed-note, Ed25519) over the fields above. */
  seal: z.string(),
});
export type PurgeApproval = z.infer<typeof purgeApproval>;

/**
 * requested: the ledger entry is on disk, and the request may have left. answered: the deployment said how many rows it deleted. refused: it said no, or the request never left; nothing was deleted.
 * unknown: no answer came; nothing is sent again before somebody has looked. found-done, found-not-done: what looking showed.
 */
export const PURGE_STATES = ['requested', 'answered', 'refused', 'unknown', 'found-done', 'found-not-done'] as const;
export const purgeRun = z.strictObject({
  id: z.string().regex(/^r_[0-9a-f]{16}$/),
  deploymentId: z.string(),
  planId: z.string(), planDigest: digest,
  startedAt: isoInstant,
  endedAt: isoInstant.nullable(),
  state: z.enum(PURGE_STATES),
  planned: z.int(), alsoDue: z.int(), days: retentionDays, cutoff: isoInstant,
  /** As the deployment answered; null when it did not. */
  deleted: z.int().nullable(),
  serverCutoff: isoInstant.nullable(),
  approvedBy: z.string().nullable(),
  message: z.string(),
  ledgerEntry: z.int(),
});
export type PurgeRun = z.infer<typeof purgeRun>;

/** One thing that was checked. could-not: said, never counted as held. */
export const retentionCheck = z.strictObject({
  id: z.enum(['rows-gone', 'rows-kept', 'holds-intact', 'witness', 'overdue', 'count', 'policy']),
  title: z.string(),
  state: z.enum(['holds', 'fails', 'could-not']),
  message: z.string(),
  /** Rows that were asked for, and the requests with which. */
  asked: z.int(), source: z.string(),
});
export type RetentionCheck = z.infer<typeof retentionCheck>;

export const retentionCertificate = z.strictObject({
  format: z.literal(CERTIFICATE_FORMAT),
  id: z.string().regex(/^c_[0-9a-f]{16}$/),
  issuedAt: isoInstant,
  issuedBy: z.string(),
  program: z.string(),
  deployment: z.strictObject({ name: z.string(), url: z.string(), environment, dialect: dialect.nullable() }),
  policy: z.strictObject({ state: z.enum(['on', 'off', 'unknown']), days: z.int().nullable(), cutoff: isoInstant.nullable(), observedAt: isoInstant.nullable() }),
  /** Null on an ordinary day. */
  purge: z.strictObject({ plan: purgePlan, approval: purgeApproval.nullable(), run: purgeRun }).nullable(),
  /** Rows past the cutoff in the cache, before and after, and how many of them are known to be gone at the deployment. */
  counts: z.strictObject({ before: z.int().nullable(), after: z.int().nullable(), gone: z.int().nullable() }),
  holds: z.array(z.strictObject({ caseId: z.string(), owner: z.string(), rows: z.int(), preserved: z.int(), vanished: z.int() })),
  checks: z.array(retentionCheck),
  /** holds: every check holds. fails: one fails. open: none fails, but something could not be checked. */
  outcome: z.enum(['holds', 'fails', 'open']),
  /** 32 bytes, base64. */
  publicKey: z.string(),
  /** A signed note over SHA-256 of everything above in canonical JSON. */
  seal: z.string(),
});
export type RetentionCertificate = z.infer<typeof retentionCertificate>;

/** What a certificate file of whoever is worth here. What it says counts only when it is valid and its signer is known. */
export const certificateReading = z.strictObject({
  /** Of the file. */
  name: z.string(),
  /** As it was signed by the key that it names, and whole in itself. */
  isValid: z.boolean(),
  /** Why not; empty when it is valid. */
  problems: z.array(z.string()),
  /** self: a key of this profile. trusted, distrusted: as this profile judged it. unknown: nobody here vouched for it. Null: the file is not valid. */
  signer: z.enum(['self', 'trusted', 'distrusted', 'unknown']).nullable(),
  /** What this profile calls the signer; null where it knows nobody. */
  signerName: z.string().nullable(),
  /** SHA-256 of the public key, hex; null when the file is not valid. */
  fingerprint: z.string().nullable(),
  /** What was signed; null when the file is not valid. */
  certificate: retentionCertificate.nullable(),
});
export type CertificateReading = z.infer<typeof certificateReading>;
