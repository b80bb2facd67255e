// Our own formats, JSON lines and CSV: our import reads the same rows back from either. A CSV cell never begins with what a spreadsheet would calculate.
import { EXPORT_MEMBERS, EXPORT_NUMBERS, neutralCell } from '#shared/domain/audit-export.ts';
import type { ExportColumn } from '#shared/domain/audit-export.ts';
import { createdAt, sealedAt } from './export-row.ts';
import type { ExportForm, ExportRow } from './export-row.ts';
import { splicedPayload } from './json-text.ts';
import { shownJson } from './shown-text.ts';

type Plain = Exclude<ExportColumn, 'payload'> | 'created_at_raw';

const VALUES: Readonly<Record<Plain, (row: ExportRow) => string | number | null>> = {
  id: (row) => row.id,
  created_at: createdAt,
  method: (row) => row.method,
  route: (row) => row.route,
  event_type: (row) => row.eventType,
  org_key: (row) => row.org,
  actor_sub: (row) => row.actorSub,
  actor_email: (row) => row.actorEmail,
  resource_id: (row) => row.resourceId,
  status_code: (row) => row.statusCode,
  payload_state: (row) => row.state,
  key_id: (row) => row.keyId,
  sealed_at: sealedAt,
  created_at_raw: (row) => row.createdAtRaw,
};

/** A row as one JSON object on one line. The member payload_text is there only where payload cannot be the stored text itself. */
export function rowAsJson(row: ExportRow): string {
  const { json, exactText } = splicedPayload(row);
  const members = EXPORT_MEMBERS.map((name) => `"${name}":${name === 'payload' ? json : shownJson(VALUES[name](row))}`);
  if (exactText !== null) members.push(`"payload_text":${shownJson(exactText)}`);
  return `{${members.join(',')}}`;
}

/** A row as one record of RFC 4180, without its line end. */
export function rowAsCsv(row: ExportRow): string {
  return EXPORT_MEMBERS.map((name) => {
    const value = name === 'payload' ? row.body : VALUES[name](row);
    return EXPORT_NUMBERS.has(name) ? String(value) : quoted(neutralCell(value === null ? null : String(value)));
  }).join(',');
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

export const CSV_HEAD = EXPORT_MEMBERS.join(',');

export const jsonlForm: ExportForm = { version: '1', head: '', line: (row) => `${rowAsJson(row)}\n` };
export const csvForm: ExportForm = { version: '1 (RFC 4180)', head: `${CSV_HEAD}\r\n`, line: (row) => `${rowAsCsv(row)}\r\n` };
