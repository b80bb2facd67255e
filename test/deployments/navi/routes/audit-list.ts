// Owns GET /api/audit (section 3.1): metadata of every organisation, newest first; refuses payloads and paging, as the backend does.
import { publicColumns, type AuditRow } from '../audit-row.ts';
import { requireRole } from '../caller.ts';
import { DIALECTS } from '../config.ts';
import type { RouteContext } from '../context.ts';
import { readQuery, type ParameterSpec } from '../parameters.ts';
import { isoFormat } from '../python-text.ts';
import { HttpProblem, jsonReply, type Reply } from '../reply.ts';
import type { Route } from '../router.ts';
import { DatabaseUnreachable } from '../store.ts';

const PARAMETERS: readonly ParameterSpec[] = [
  { kind: 'string', name: 'org' },
  { kind: 'string', name: 'actor' },
  { kind: 'integer', name: 'limit', minimum: 1, maximum: 1000, default: 100 },
];

function listAudit(context: RouteContext): Reply {
  requireRole(context, 'admin');
  const query = readQuery(PARAMETERS, context.request.query);
  const rows = driverTextOn('Failed to retrieve audit logs', () =>
    context.backend.store.list({ org: query.string('org'), actor: query.string('actor'), limit: query.integer('limit') ?? 0 }));
  // SQLite keeps no zone, so its timestamps come out naive; only the list shows that, the export adds the zone.
  const zone = context.config.database.flavour === 'sqlite' ? 'naive' : 'aware';
  return jsonReply(200, rows.map((row) => publicColumns(row, isoFormat(row.createdAtMicros, zone))));
}

/** List and export give the driver's own words, host and port included, to the client. */
export function driverTextOn(prefix: string, read: () => readonly AuditRow[]): readonly AuditRow[] {
  try {
    return read();
  } catch (error) {
    if (error instanceof DatabaseUnreachable) throw new HttpProblem(500, `${prefix}: ${error.message}`);
    throw error;
  }
}

export const AUDIT_LIST_ROUTES: readonly Route[] = [
  { method: 'GET', path: '/api/audit', dialects: DIALECTS, summary: 'List Audit Logs', isInSchema: true, access: 'admin', parameters: PARAMETERS, handle: listAudit },
];
