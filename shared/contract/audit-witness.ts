// Calls about the witness: verify the cached log against what was signed, and read what comparisons with the server found.
import { z } from '../zod.ts';
import { auditCheckpoint, auditFinding, witnessVerdict } from '../domain/audit-witness.ts';
import { deploymentId } from '../domain/deployment.ts';
import { call } from './call.ts';

export const auditWitnessCalls = {
  /** Long: hashes every row again. Reports job.progressed; cancel with job.cancel. */
  'audit.verify': call({ effect: 'read', errors: ['deployment_not_found', 'cancelled'], input: z.strictObject({ deploymentId }), output: witnessVerdict }),
  /** Newest first. */
  'audit.findings': call({
    effect: 'read', errors: ['deployment_not_found'], input: z.strictObject({ deploymentId, before: z.int().nullable().default(null), eventId: z.int().nullable().default(null), limit: z.int().min(1).max(500).default(100) }),
    output: z.strictObject({ findings: z.array(auditFinding), total: z.int() }),
  }),
  /** Newest first. */
  'audit.checkpoints': call({ effect: 'read', errors: ['deployment_not_found'], input: z.strictObject({ deploymentId, limit: z.int().min(1).max(500).default(50) }), output: z.strictObject({ checkpoints: z.array(auditCheckpoint), total: z.int() }) }),
} as const;
