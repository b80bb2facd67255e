// The forms of a report with the sentence that helps to choose, and the name that a file begins with.
import type { ReportFormat } from '#shared/contract/security-report.ts';
import { OCSF_VERSION } from '#shared/domain/audit-export.ts';
import { fileStem } from '../../../components/file-name.ts';

export interface ReportForm { readonly id: ReportFormat; readonly title: string; readonly text: string; readonly extension: string }

export const REPORT_FORMS: readonly ReportForm[] = [
  { id: 'html', title: 'HTML', text: 'One page to read and hand on. Opens from disk, needs no network.', extension: 'html' },
  { id: 'pdf', title: 'PDF', text: 'Pages to print, sign and file.', extension: 'pdf' },
  { id: 'csv', title: 'CSV', text: 'One line a check, for spreadsheets. Cells that one would run as a formula are made harmless.', extension: 'csv' },
  { id: 'sarif', title: 'SARIF 2.1.0', text: 'For code scanning and build gates that show findings.', extension: 'sarif' },
  { id: 'oscal', title: 'OSCAL 1.2.1', text: 'Assessment results, for compliance platforms that follow NIST.', extension: 'oscal.json' },
  { id: 'ocsf', title: `OCSF ${OCSF_VERSION}`, text: 'Compliance Finding (2003), one JSON object a line, for a security data lake.', extension: 'ocsf.jsonl' },
  { id: 'cklb', title: 'CKLB', text: 'A checklist that STIG Viewer 3 opens.', extension: 'cklb' },
  { id: 'json', title: 'JSON', text: 'The whole view as Holdfast holds it, for scripts of your own.', extension: 'json' },
];

export function reportForm(format: ReportFormat): ReportForm {
  const form = REPORT_FORMS.find(({ id }) => id === format);
  if (form === undefined) throw new Error(`no form for ${format}`);
  return form;
}

/** Deployment and day (UTC), without an extension. `nowMs` is milliseconds since the epoch. */
export function reportStem(deploymentName: string, nowMs: number): string {
  return `${fileStem(deploymentName)}-security-${new Date(nowMs).toISOString().slice(0, 10)}`;
}
