// Syslog by RFC 5424, one record a line (RFC 6587, 3.4.2). A record has no second line: control characters are spelled out, everything stands in structured data.
import { hostOf, outcomeOf, sealedAt } from './export-row.ts';
import type { ExportForm, ExportOrigin, ExportRow } from './export-row.ts';
import { isPlain, shownLine } from './shown-text.ts';

/** "log audit" */
const FACILITY = 13;
/** Informational, warning, error, notice. */
const SEVERITIES = { normal: 6, refused: 4, failed: 3, unknown: 5 } as const;
/** The enterprise number that is kept for documentation: ours claims nobody else's. */
const SD_ID = 'audit@32473';
const BOM = '\ufeff';

/** Printable ASCII without a space, at most so long; anything else is replaced. Nothing left: the nil value. */
function word(text: string, max: number): string {
  const kept = text.replace(/[^\x21-\x7e]/gu, '_').slice(0, max);
  return kept === '' ? '-' : kept;
}

function value(text: string): string {
  return shownLine(text).replace(/[\\"\]]/g, '\\$&');
}

export function syslogForm(origin: ExportOrigin): ExportForm {
  const host = word(hostOf(origin.url) ?? '', 255);
  return {
    version: 'RFC 5424',
    head: '',
    line(row) {
      const priority = FACILITY * 8 + SEVERITIES[outcomeOf(row)];
      const parameters = parametersOf(row).flatMap(([name, text]) => (text === null ? [] : [` ${name}="${value(String(text))}"`])).join('');
      const message = shownLine(`${row.method} ${row.route} ${row.statusCode}`);
      return `<${priority}>1 ${timestamp(row)} ${host} holdfast - ${word(row.eventType, 32)} [${SD_ID}${parameters}] ${isPlain(message) ? '' : BOM}${message}\n`;
    },
  };
}

function parametersOf(row: ExportRow): readonly (readonly [name: string, value: string | number | null])[] {
  return [
    ['id', row.id], ['createdAtRaw', row.createdAtRaw], ['method', row.method], ['route', row.route], ['eventType', row.eventType], ['org', row.org], ['actorSub', row.actorSub], ['actorEmail', row.actorEmail],
    ['resource', row.resourceId], ['status', row.statusCode], ['payloadState', row.state], ['keyId', row.keyId], ['sealedAt', sealedAt(row)], ['payload', row.body],
  ];
}

/** Always six digits behind the point, as many as the format allows. */
function timestamp(row: ExportRow): string {
  const ms = Math.floor(row.createdAtUs / 1000);
  return `${new Date(ms).toISOString().slice(0, 23)}${String(row.createdAtUs - ms * 1000).padStart(3, '0')}Z`;
}
