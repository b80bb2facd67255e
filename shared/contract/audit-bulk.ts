// Calls that open many payloads at once. The ledger names the exact set before the first plaintext; results lie in memory only.
import { z } from '../zod.ts';
import { auditCheck, bulkCounts, bulkOutcome, bulkPlan, bulkRow, bulkRun, bulkSelection } from '../domain/audit-bulk.ts';
import { reason } from '../domain/audit-event.ts';
import { deploymentId } from '../domain/deployment.ts';
import { call } from './call.ts';

const selection = z.strictObject({ deploymentId, selection: bulkSelection });

export const auditBulkCalls = {
  'audit.bulkPlan': call({ effect: 'read', errors: ['deployment_not_found', 'invalid_query', 'cancelled'], input: selection, output: bulkPlan }),
  /** Long: reports job.progressed; job.cancel ends it within 250 ms and drops what was opened. `digest` must be that of the plan that was shown. */
  'audit.bulkDecrypt': call({
    effect: 'write', errors: ['deployment_not_found', 'invalid_query', 'no_key', 'plan_expired', 'too_large', 'ledger_broken', 'cancelled'],
    input: selection.extend({ reason, digest: z.string().length(64) }), output: bulkRun,
  }),
  /** Rows of a run, newest first; `text` searches the opened payloads, in memory. */
  'audit.bulkResults': call({
    effect: 'read', errors: ['bulk_gone'],
    input: z.strictObject({ bulkId: z.string().max(64), text: z.string().max(256).default(''), outcome: bulkOutcome.nullable().default(null), offset: z.int().min(0).default(0), limit: z.int().min(1).max(200).default(100) }),
    output: z.strictObject({ rows: z.array(bulkRow), matching: z.int() }),
  }),
  'audit.bulkList': call({ effect: 'read', errors: [], input: z.strictObject({ deploymentId }), output: z.strictObject({ runs: z.array(bulkRun) }) }),
  'audit.bulkForget': call({ effect: 'read', errors: [], input: z.strictObject({ bulkId: z.string().max(64) }), output: z.strictObject({}) }),
  /**
   * Long. Opens the selection and writes it to a file: encrypted to age recipients, or in the clear after the deployment's name was typed (`confirmName`).
   * An entry with the digest of the ids is in the ledger before the first plaintext; a second one names the file's digest.
   */
  'audit.bulkExport': call({
    effect: 'write', errors: ['deployment_not_found', 'invalid_query', 'no_key', 'plan_expired', 'invalid_recipient', 'confirmation_mismatch', 'file_exists', 'file_unwritable', 'disk_full', 'ledger_broken', 'cancelled'],
    input: selection.extend({
      reason, digest: z.string().length(64).nullable().default(null), path: z.string().min(1).max(4096),
      protection: z.union([z.strictObject({ kind: z.literal('age'), recipients: z.array(z.string().min(1).max(2048)).min(1).max(20) }), z.strictObject({ kind: z.literal('plaintext'), confirmName: z.string().max(256) })]),
    }),
    output: z.strictObject({ path: z.string(), rows: z.int(), counts: bulkCounts, bytes: z.int(), sha256: z.string(), digest: z.string(), ledgerEntry: z.int() }),
  }),
  /** What the cached rows show without any key. */
  'audit.checks': call({ effect: 'read', errors: ['deployment_not_found', 'cancelled'], input: z.strictObject({ deploymentId }), output: z.strictObject({ checks: z.array(auditCheck) }) }),
} as const;
