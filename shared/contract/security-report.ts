// The posture of a deployment as a report: in a form for people, or in one that other systems read. Made from the cache; it asks nobody.
import { z } from '../zod.ts';
import { deploymentId } from '../domain/deployment.ts';
import { call } from './call.ts';

/** json: the view as it is. sarif: 2.1.0. oscal: assessment results 1.2.1. ocsf: Compliance Finding, one JSON object a line. cklb: checklist of STIG Viewer 3. */
export const REPORT_FORMATS = ['json', 'html', 'pdf', 'csv', 'sarif', 'oscal', 'ocsf', 'cklb'] as const;
export const reportFormat = z.enum(REPORT_FORMATS);
export type ReportFormat = z.infer<typeof reportFormat>;

export const writtenReport = z.strictObject({
  format: reportFormat,
  path: z.string().nullable(),
  bytes: z.int(),
  /** SHA-256 of the report, hex. */
  sha256: z.string(),
  /** The report itself where no path was given; null where it was written to a file. */
  text: z.string().nullable(),
});
export type WrittenReport = z.infer<typeof writtenReport>;

export const securityReportCalls = {
  /** The same view gives the same bytes. A file that exists is never written over. Without a path the text comes back; a PDF is no text and needs one. */
  'security.report': call({
    effect: 'read',
    input: z.strictObject({ deploymentId, baselineId: z.string().min(1).max(64).optional(), format: reportFormat, path: z.string().min(1).max(4096).nullable().default(null) }),
    output: writtenReport, errors: ['deployment_not_found', 'baseline_not_found', 'file_exists', 'file_unwritable', 'disk_full'],
  }),
} as const;
