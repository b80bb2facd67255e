// Owns GET /api/audit/export (section 3.2, dialect C1): one organisation's rows as JSON or CSV; refuses other organisations.
import { publicColumns, type AuditRow } from '../audit-row.ts';
import { requireRole } from '../caller.ts';
import type { RouteContext } from '../context.ts';
import { readQuery, type ParameterSpec } from '../parameters.ts';
import { csvRow, isoFormat, parseIso, pythonJson } from '../python-text.ts';
import { HttpProblem, jsonReply, textReply, type Reply } from '../reply.ts';
import type { Route } from '../router.ts';
import { driverTextOn } from './audit-list.ts';

const PARAMETERS: readonly ParameterSpec[] = [
  { kind: 'string', name: 'export_format', pattern: '^(json|csv)$', default: 'json' },
  { kind: 'string', name: 'org' },
  { kind: 'string', name: 'actor' },
  { kind: 'string', name: 'since' },
  { kind: 'string', name: 'until' },
  { kind: 'boolean', name: 'include_payload', default: false },
  { kind: 'integer', name: 'limit', minimum: 1, maximum: 10_000, default: 1000 },
];

const COLUMNS = ['id', 'route', 'method', 'event_type', 'org_key', 'actor_sub', 'actor_email', 'resource_id', 'status_code', 'created_at'] as const;

function exportAudit(context: RouteContext): Reply {
  const caller = requireRole(context, 'admin');
  const query = readQuery(PARAMETERS, context.request.query);
  const org = query.string('org');
  if (org !== null && org !== '' && org !== caller.org) throw new HttpProblem(403, 'Cross-organization audit export not permitted');
  const sinceMicros = timestamp(query.string('since'));
  const untilMicros = timestamp(query.string('until'));
  const filter = { org: caller.org, actor: query.string('actor'), sinceMicros, untilMicros, limit: query.integer('limit') ?? 0 };
  const rows = driverTextOn('Failed to export audit logs', () => context.backend.store.list(filter));
  const includesPayload = query.boolean('include_payload');
  if (query.string('export_format') === 'csv') return csvReply(rows, includesPayload, context.backend.now());
  return jsonReply(200, rows.map((row) => ({ ...columnsOf(row), ...(includesPayload ? { payload: row.payload, payload_encoding: encodingOf(row) } : {}) })));
}

/** A `+` that was not escaped has become a space by now, and the zone with it unreadable. */
function timestamp(text: string | null): number | null {
  if (text === null || text === '') return null;
  const micros = parseIso(text);
  if (micros === null) throw new HttpProblem(400, `Invalid timestamp: ${text}`);
  return micros;
}

function columnsOf(row: AuditRow): Readonly<Record<string, string | number | null>> {
  return publicColumns(row, isoFormat(row.createdAtMicros, 'aware'));
}

function encodingOf(row: AuditRow): 'json' | null {
  return row.payload === null ? null : 'json';
}

/** No guard against formula injection: cells go out as they are stored. */
function csvReply(rows: readonly AuditRow[], includesPayload: boolean, now: Date): Reply {
  const header = csvRow([...COLUMNS, ...(includesPayload ? ['payload', 'payload_encoding'] : [])]);
  const lines = rows.map((row) => {
    const columns = columnsOf(row);
    const payload = typeof row.payload === 'string' ? row.payload : pythonJson(row.payload);
    return csvRow([...COLUMNS.map((name) => columns[name] ?? null), ...(includesPayload ? [payload, encodingOf(row)] : [])]);
  });
  const stamp = `${now.toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
  return textReply(200, header + lines.join(''), {
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': `attachment; filename="audit-logs-${stamp}.csv"`,
  });
}

export const AUDIT_EXPORT_ROUTES: readonly Route[] = [
  { method: 'GET', path: '/api/audit/export', dialects: ['C1'], summary: 'Export Audit Logs', isInSchema: true, access: 'admin', parameters: PARAMETERS, handle: exportAudit },
];
