// How audit events look on a terminal, as JSON lines and as CSV, and how an error of a query is shown under its text.
import type { AuditEvent } from '#shared/domain/audit-event.ts';
import { neutralCell } from '#shared/domain/audit-export.ts';
import { parseQuery } from '#shared/domain/audit-query.ts';
import { visibleJson, visibleLine } from '#shared/domain/visible-text.ts';
import { AppError } from '#shared/errors.ts';
import { bareUtc, counted, say, table, width } from '../print.ts';
import type { Look } from '../print.ts';

/** The query as it was given. @throws AppError invalid_query with the query and a mark under what is wrong */
export function checkedQuery(text: string): string {
  const parsed = parseQuery(text);
  if (parsed.ok) return text;
  const { column, length, message, hint } = parsed.error;
  const before = width(visibleLine(text.slice(0, column - 1)));
  const under = Math.max(1, width(visibleLine(text.slice(column - 1, column - 1 + length))));
  throw new AppError('invalid_query', { message: `Column ${column}: ${message}\n\n  ${visibleLine(text)}\n  ${' '.repeat(before)}${'^'.repeat(under)}\n`, hint });
}

export function eventTable(events: readonly AuditEvent[], look: Look): string {
  return table(
    [{ title: 'ID', align: 'right' }, { title: 'TIME (UTC)' }, { title: 'STATUS' }, { title: 'METHOD' }, { title: 'ROUTE', cut: true }, { title: 'ACTOR', cut: true }, { title: 'ORG', cut: true }, { title: 'TYPE', cut: true }, { title: 'PAYLOAD' }],
    events.map((event) => [event.id, bareUtc(event.createdAt), event.statusCode, event.method, event.route, event.actorEmail ?? event.actorSub, event.org, event.eventType, event.payloadState.replace('-', ' ')]),
    look,
  );
}

/** The table with how many there are, or why there is none. */
export function eventsText(found: { readonly events: readonly AuditEvent[]; readonly matching: number; readonly total: number }, { name, look }: { readonly name: string; readonly look: Look }): string {
  const { events, matching, total } = found;
  if (total === 0) return say`The cache holds no event of this deployment. Fetch them with: holdfast audit sync "${name}"`;
  if (events.length === 0) return `None of ${counted(total, 'cached event')} matches.`;
  return `${eventTable(events, look)}\n\n${events.length} of ${counted(matching, 'matching event')}, ${total} in the cache.`;
}

/** One JSON object a line; what would act on a terminal is escaped. */
export function eventLines(events: readonly AuditEvent[]): string {
  return events.map((event) => `${visibleJson(event, 0)}\n`).join('');
}

/** The columns of `audit export` that a search knows. */
const CSV: readonly (readonly [string, (event: AuditEvent) => string | number | null])[] = [
  ['id', (event) => event.id], ['created_at', (event) => event.createdAt], ['method', (event) => event.method], ['route', (event) => event.route], ['event_type', (event) => event.eventType], ['org_key', (event) => event.org],
  ['actor_sub', (event) => event.actorSub], ['actor_email', (event) => event.actorEmail], ['resource_id', (event) => event.resourceId], ['status_code', (event) => event.statusCode], ['payload_state', (event) => event.payloadState],
  ['key_id', (event) => event.keyId], ['created_at_raw', (event) => event.createdAtRaw],
];
export const CSV_HEAD = `${CSV.map(([title]) => title).join(',')}\r\n`;

/** RFC 4180 without its head. No cell begins what a spreadsheet would calculate; on a terminal, what would act on it is spelled out. */
export function eventRecords(events: readonly AuditEvent[], look: Look): string {
  const isTerminal = look.columns !== null;
  const cell = (value: string | number | null): string => {
    if (typeof value === 'number') return String(value);
    const text = neutralCell(value === null || !isTerminal ? value : visibleLine(value));
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return events.map((event) => `${CSV.map(([, of]) => cell(of(event))).join(',')}\r\n`).join('');
}
