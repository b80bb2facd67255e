// Exports of cached rows: the formats with their pinned versions, and the manifest that goes with each file.
import { z } from '../zod.ts';
import { coverageSegment } from './audit-coverage.ts';
import { isoInstant } from './time.ts';

/** ocsf: Open Cybersecurity Schema Framework, API Activity (6003), one JSON object a line. cef: ArcSight Common Event Format 0. syslog: RFC 5424. */
export const EXPORT_FORMATS = ['jsonl', 'csv', 'ocsf', 'cef', 'syslog'] as const;
export const exportFormat = z.enum(EXPORT_FORMATS);
export type ExportFormat = z.infer<typeof exportFormat>;
export const OCSF_VERSION = '1.4.0';

/**
 * The members of a row in our own formats (JSONL, CSV, and what goes to the clipboard), in this order. created_at and sealed_at are instants in UTC.
 * payload_state is null exactly when no payload was obtained; otherwise payload is the stored JSON, character for character (in CSV: its text).
 */
export const EXPORT_COLUMNS = ['id', 'created_at', 'method', 'route', 'event_type', 'org_key', 'actor_sub', 'actor_email', 'resource_id', 'status_code', 'payload_state', 'key_id', 'sealed_at', 'payload'] as const;
export type ExportColumn = (typeof EXPORT_COLUMNS)[number];
/** The time as the server wrote it stands behind them, so that our import gives the same row back. */
export const EXPORT_MEMBERS = [...EXPORT_COLUMNS, 'created_at_raw'] as const;
/** Columns of a CSV that hold numbers: they are never neutralised. */
export const EXPORT_NUMBERS: ReadonlySet<string> = new Set<ExportColumn>(['id', 'status_code']);

/**
 * What makes a spreadsheet calculate: a formula's first character, its full-width, small and mathematical look-alikes, also behind white space or
 * invisible characters; and white space that ends or moves a cell. A quote is ours.
 */
const TRIGGER = /^(?:['\t\r\n]|[\s\p{Cc}\p{Cf}]*[=+\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212])/u;

/** The text of a CSV cell, before RFC 4180 quoting: nothing for null, a lone quote for an empty text, one quote in front of what a spreadsheet would calculate. */
export function neutralCell(value: string | null): string {
  if (value === null) return '';
  return value === '' || TRIGGER.test(value) ? `'${value}` : value;
}

/** The value of a text cell that neutralCell wrote, after RFC 4180 unquoting. */
export function restoredCell(cell: string): string | null {
  if (cell === '') return null;
  return cell.startsWith("'") ? cell.slice(1) : cell;
}

/** Stands beside the export under `<file>.manifest.json`. The same rows give the same bytes, so the digest depends on the data alone. */
export const exportManifest = z.strictObject({
  kind: z.literal('holdfast-audit-export-1'),
  file: z.string(),
  format: exportFormat,
  formatVersion: z.string(),
  deployment: z.strictObject({ name: z.string(), url: z.string() }),
  query: z.string(),
  order: z.literal('created_at, id, ascending'),
  rows: z.int(),
  bytes: z.int(),
  /** SHA-256 of the file, hex. */
  sha256: z.string(),
  oldestAt: isoInstant.nullable(),
  newestAt: isoInstant.nullable(),
  coverage: z.array(coverageSegment),
  exportedAt: isoInstant,
  program: z.string(),
});
export type ExportManifest = z.infer<typeof exportManifest>;

export const exportResult = z.strictObject({ path: z.string(), manifestPath: z.string(), rows: z.int(), bytes: z.int(), sha256: z.string() });
export type ExportResult = z.infer<typeof exportResult>;
