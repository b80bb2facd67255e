// The formats of an export with the sentence that helps to choose, and the name that a file begins with.
import type { ExportFormat } from '#shared/domain/audit-export.ts';
import { OCSF_VERSION } from '#shared/domain/audit-export.ts';
import { fileStem } from '../../../components/file-name.ts';

export const FORMATS: readonly { readonly id: ExportFormat; readonly title: string; readonly text: string; readonly extension: string }[] = [
  { id: 'jsonl', title: 'JSON lines', text: 'Every field, one event a line. Holdfast imports it again without loss.', extension: 'jsonl' },
  { id: 'csv', title: 'CSV', text: 'For spreadsheets. Cells that one would run as a formula are made harmless; importing it here gives the same events.', extension: 'csv' },
  { id: 'ocsf', title: `OCSF ${OCSF_VERSION}`, text: 'API Activity (6003), one JSON object a line, for a security data lake.', extension: 'ocsf.jsonl' },
  { id: 'cef', title: 'CEF', text: 'ArcSight Common Event Format 0, one line an event, for a SIEM.', extension: 'cef' },
  { id: 'syslog', title: 'Syslog', text: 'RFC 5424 messages, one line an event, for a log collector.', extension: 'log' },
];

export function extensionOf(format: ExportFormat): string {
  return FORMATS.find(({ id }) => id === format)?.extension ?? format;
}

/** Deployment and day (UTC), without an extension. `nowMs` is milliseconds since the epoch. */
export function exportStem(deploymentName: string, what: string, nowMs: number): string {
  return `${fileStem(deploymentName)}-${what}-${new Date(nowMs).toISOString().slice(0, 10)}`;
}
