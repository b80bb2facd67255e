// Common Event Format 0, one event a line. Whatever would end a field, a record or act on a display is escaped or spelled out.
import { createdAt, hostOf, outcomeOf, sealedAt } from './export-row.ts';
import type { ExportForm, ExportOrigin, ExportRow } from './export-row.ts';
import { shownLine } from './shown-text.ts';

/** 0 to 3 is low, 4 to 6 medium. */
const SEVERITIES = { normal: 3, refused: 5, failed: 6, unknown: 3 } as const;
const OUTCOMES = { normal: 'success', refused: 'failure', failed: 'failure', unknown: null } as const;

/** Of the header: a pipe ends a field, a backslash escapes; a line break has no escape there. */
function header(text: string): string {
  return shownLine(text).replace(/[\\|]/g, '\\$&');
}

/** Of the extension: an equals sign begins a value, a backslash escapes, line breaks have escapes of their own. */
function extension(text: string): string {
  if (!/[\r\n]/.test(text)) return shownLine(text).replace(/[\\=]/g, '\\$&');
  return text.split(/(\r|\n)/).map((part) => (part === '\n' ? '\\n' : part === '\r' ? '\\r' : shownLine(part).replace(/[\\=]/g, '\\$&'))).join('');
}

export function cefForm(origin: ExportOrigin): ExportForm {
  const host = hostOf(origin.url);
  return {
    version: '0',
    head: '',
    line(row) {
      const head = ['CEF:0', 'Holdfast', 'audit export', '1', header(row.eventType), header(`${row.method} ${row.route}`), String(SEVERITIES[outcomeOf(row)])];
      const members = membersOf(row, host).flatMap(([key, value]) => (value === null ? [] : [`${key}=${extension(String(value))}`]));
      return `${head.join('|')}|${members.join(' ')}\n`;
    },
  };
}

function membersOf(row: ExportRow, host: string | null): readonly (readonly [key: string, value: string | number | null])[] {
  return [
    ['rt', Math.floor(row.createdAtUs / 1000)], ['externalId', row.id], ['dhost', host], ['requestMethod', row.method], ['request', row.route], ['outcome', OUTCOMES[outcomeOf(row)]],
    ['suid', row.actorSub], ['suser', row.actorEmail],
    ...labelled('cn1', 'status', row.statusCode), ...labelled('cs1', 'org', row.org), ...labelled('cs2', 'resource', row.resourceId), ...labelled('cs3', 'payloadState', row.state),
    ...labelled('cs4', 'keyId', row.keyId), ...labelled('cs5', 'sealedAt', sealedAt(row)), ...labelled('cs6', 'payload', row.body),
    ...labelled('flexString1', 'createdAt', createdAt(row)), ...labelled('flexString2', 'createdAtRaw', row.createdAtRaw),
  ];
}

/** A field of the format's spare ones, with its name; neither when there is no value. */
function labelled(field: string, label: string, value: string | number | null): readonly (readonly [string, string | number | null])[] {
  return [[`${field}Label`, value === null ? null : label], [field, value]];
}
