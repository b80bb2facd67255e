// Calls that bring files into the audit log: look first, then write each file whole or not at all, with a report of every row.
import { z } from '../zod.ts';
import { importProblem, importReport, inspectedFile } from '../domain/audit-import.ts';
import { deploymentId } from '../domain/deployment.ts';
import { call } from './call.ts';

const paths = z.array(z.string().min(1).max(4096)).min(1).max(100);
const FILE_ERRORS = ['file_not_found', 'file_unreadable'] as const;

export const auditImportCalls = {
  'audit.importInspect': call({ effect: 'read', errors: ['deployment_not_found', 'cancelled', ...FILE_ERRORS], input: z.strictObject({ deploymentId, paths }), output: z.strictObject({ files: z.array(inspectedFile) }) }),
  /** Long: reports job.progressed; cancel with job.cancel, which leaves the cache as it was. A dry run writes nothing. */
  'audit.import': call({
    effect: 'write', errors: ['deployment_not_found', 'unknown_format', 'cancelled', 'ledger_broken', ...FILE_ERRORS],
    // One transaction holds the files that are written; in the mode all-or-nothing a file with a rejected row is not among them.
    input: z.strictObject({ deploymentId, paths, mode: z.enum(['all-or-nothing', 'keep-good']).default('all-or-nothing'), dryRun: z.boolean().default(false) }),
    output: importReport,
  }),
  'audit.importList': call({ effect: 'read', errors: ['deployment_not_found'], input: z.strictObject({ deploymentId }), output: z.strictObject({ imports: z.array(importReport) }) }),
  'audit.importProblems': call({
    effect: 'read', errors: ['import_not_found'], input: z.strictObject({ importId: z.int(), after: z.int().min(0).default(0), limit: z.int().min(1).max(1000).default(200) }),
    output: z.strictObject({ problems: z.array(importProblem), next: z.int().nullable() }),
  }),
} as const;
