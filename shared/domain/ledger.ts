// The ledger's entries and what its verification can say; it never holds a payload or a secret.
import { z } from '../zod.ts';
import { isoInstant } from './time.ts';

export const LEDGER_ACTIONS = ['audit.decrypt', 'audit.decrypt.requested', 'audit.bulk.decrypt', 'audit.bulk.decrypt.ended', 'audit.bulk.export', 'audit.bulk.export.ended', 'audit.imported', 'audit.witness.key.made', 'audit.key.added', 'audit.key.removed', 'deployment.added', 'deployment.edited', 'deployment.removed', 'deployment.token.stored', 'deployment.write.allowed', 'security.consent', 'security.reviewed', 'security.evidence.added', 'security.excepted', 'security.exception.ended', 'security.baseline.imported', 'security.rotation.started', 'security.rotation.token.stored', 'security.rotation.advanced', 'security.rotation.ended', 'retention.hold.added', 'retention.hold.released', 'retention.planned', 'retention.approved', 'retention.purge.requested', 'retention.purge.ended', 'retention.purge.settled', 'retention.certified', 'retention.own.policy', 'retention.own.purged', 'runbook.imported', 'run.started', 'run.signed', 'run.reviewed', 'run.ended', 'run.exported', 'run.imported', 'identity.renamed', 'identity.trusted', 'credentials.chosen', 'ledger.head.adopted'] as const;
export const ledgerAction = z.enum(LEDGER_ACTIONS);
export type LedgerAction = z.infer<typeof ledgerAction>;

export const ledgerEntry = z.strictObject({
  seq: z.int().min(1),
  at: isoInstant,
  /** The operating system user. */
  actor: z.string(),
  /** Name of the deployment at that time; null for the workstation itself. */
  deployment: z.string().nullable(),
  action: ledgerAction,
  subject: z.string(),
  reason: z.string().nullable(),
  outcome: z.string(),
  /** SHA-256, hex. */
  prevDigest: z.string(),
  digest: z.string(),
});
export type LedgerEntry = z.infer<typeof ledgerEntry>;

/** Verdicts that are neither proof nor breakage: shown as doubtful, never as good. */
export const DOUBTFUL_VERDICTS: ReadonlySet<string> = new Set(['head-adopted', 'head-behind', 'head-unknown']);

export const ledgerVerdict = z.strictObject({
  /**
   * intact-head-behind: one entry is newer than the remembered head, as a crash leaves it. head-behind: more than one is.
   * head-unknown: nothing is remembered. head-adopted: it was missing or behind at some entry and was taken over there.
   */
  verdict: z.enum(['intact', 'intact-head-behind', 'head-adopted', 'head-behind', 'head-unknown', 'broken', 'tail-removed']),
  entries: z.int(),
  headDigest: z.string().nullable(),
  /** Entry count that the secret store remembers; null when it holds none. */
  rememberedEntries: z.int().nullable(),
  firstBrokenSeq: z.int().nullable(),
  message: z.string(),
  /** What this verification cannot prove. */
  limits: z.string(),
});
export type LedgerVerdict = z.infer<typeof ledgerVerdict>;
