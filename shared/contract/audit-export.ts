// Writing cached rows to a file, with its manifest; payloads go out as they are stored, never opened.
import { z } from '../zod.ts';
import { exportFormat, exportResult } from '../domain/audit-export.ts';
import { queryText } from '../domain/audit-search.ts';
import { deploymentId } from '../domain/deployment.ts';
import { call } from './call.ts';

export const auditExportCalls = {
  /** Long: reports job.progressed; job.cancel leaves no file. A file that exists is never written over. */
  'audit.export': call({
    effect: 'read', errors: ['deployment_not_found', 'invalid_query', 'file_exists', 'file_unwritable', 'disk_full', 'cancelled'],
    input: z.strictObject({ deploymentId, query: queryText.default(''), format: exportFormat, path: z.string().min(1).max(4096) }), output: exportResult,
  }),
} as const;
