// The forms of a report by their names.
import { securityView } from '#shared/contract/security.ts';
import type { ReportFormat } from '#shared/contract/security-report.ts';
import { cklbReport } from './cklb.ts';
import { csvReport } from './csv.ts';
import { htmlReport } from './html.ts';
import { jsonReport } from './json-report.ts';
import { ocsfReport } from './ocsf.ts';
import { oscalReport } from './oscal.ts';
import { pdfReport } from './pdf.ts';
import { makeReport } from './report.ts';
import type { Report, ReportSource } from './report.ts';
import { sarifReport } from './sarif.ts';

type TextFormat = Exclude<ReportFormat, 'json' | 'pdf'>;

const TEXTS: Readonly<Record<TextFormat, (report: Report) => string>> = { html: htmlReport, csv: csvReport, sarif: sarifReport, oscal: oscalReport, ocsf: ocsfReport, cklb: cklbReport };

/** The report in a form: text as UTF-8, or the bytes of a PDF. Same source, same bytes. */
export async function writtenAs(format: ReportFormat, source: ReportSource): Promise<Buffer> {
  // As every other way out of core gives it: members in the order of the contract.
  if (format === 'json') return Buffer.from(jsonReport(securityView.parse(source.view)));
  const report = makeReport(source);
  return format === 'pdf' ? pdfReport(report) : Buffer.from(TEXTS[format](report));
}
