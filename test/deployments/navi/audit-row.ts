// Owns the shape of one audit_log_enhanced row and what the backend's writer derives from a path; refuses to know storage.

/** One stored row (contract section 3.8). `createdAtMicros` is microseconds since the epoch, UTC. `payload` is any JSON value. */
export interface AuditRow {
  readonly id: number;
  readonly orgKey: string | null;
  readonly actorSub: string | null;
  readonly actorEmail: string | null;
  readonly route: string;
  readonly method: string;
  readonly eventType: string;
  readonly resourceId: string | null;
  readonly payload: unknown;
  readonly statusCode: number;
  readonly createdAtMicros: number;
}

/** A row to insert; without an id the store numbers it. */
export type NewAuditRow = Omit<AuditRow, 'id'> & { readonly id?: number };

const NOT_A_RESOURCE: ReadonlySet<string> = new Set(['api', 'plan', 'step', 'events', 'archive', 'cursor', 'heartbeat', 'join', 'leave', 'admin', 'rbac', 'audit']);

/** The last path segment that is a letter-and-digit word (ignoring - and _) and not one of the backend's stop words. */
export function resourceIdOf(path: string): string | null {
  const candidates = path.split('/').filter((part) => part !== '' && !NOT_A_RESOURCE.has(part));
  return candidates.findLast((part) => /^[\p{L}\p{N}]+$/u.test(part.replace(/[-_]/g, ''))) ?? null;
}

/** The list's and the export's common columns, with the timestamp as the caller formats it. */
export function publicColumns(row: AuditRow, createdAt: string): Readonly<Record<string, string | number | null>> {
  return {
    id: row.id,
    route: row.route,
    method: row.method,
    event_type: row.eventType,
    org_key: row.orgKey,
    actor_sub: row.actorSub,
    actor_email: row.actorEmail,
    resource_id: row.resourceId,
    status_code: row.statusCode,
    created_at: createdAt,
  };
}
