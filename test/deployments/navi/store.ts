// Owns the SQLite tables of the reference deployment; refuses every read and write while the database is declared down.
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { AuditRow, NewAuditRow } from './audit-row.ts';
import type { Role } from './config.ts';

/** What a driver raises when the database does not answer; its text reaches the client in list and export (section 3.1). */
export class DatabaseUnreachable extends Error {
  constructor() {
    super(
      '(psycopg.OperationalError) connection failed: connection to server at "127.0.0.1", port 15499 failed: Connection refused\n' +
        '\tIs the server running on that host and accepting TCP/IP connections?\n' +
        '(Background on this error at: https://sqlalche.me/e/20/e3q8)',
    );
  }
}

export interface AuditFilter {
  readonly org?: string | null;
  readonly actor?: string | null;
  readonly sinceMicros?: number | null;
  readonly untilMicros?: number | null;
  readonly limit: number;
}

interface StoredRow {
  readonly id: number;
  readonly org_key: string | null;
  readonly actor_sub: string | null;
  readonly actor_email: string | null;
  readonly route: string;
  readonly method: string;
  readonly event_type: string;
  readonly resource_id: string | null;
  readonly payload: string;
  readonly status_code: number;
  readonly created_at: number;
}

const SCHEMA = `
CREATE TABLE audit_log_enhanced (
  id INTEGER PRIMARY KEY, org_key TEXT, actor_sub TEXT, actor_email TEXT, route TEXT NOT NULL, method TEXT NOT NULL,
  event_type TEXT NOT NULL, resource_id TEXT, payload TEXT NOT NULL, status_code INTEGER NOT NULL, created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX ix_created ON audit_log_enhanced (created_at);
CREATE INDEX ix_org_created ON audit_log_enhanced (org_key, created_at);
CREATE INDEX ix_actor_created ON audit_log_enhanced (actor_sub, created_at);
CREATE TABLE user_roles (org_key TEXT NOT NULL, sub TEXT NOT NULL, role TEXT NOT NULL, PRIMARY KEY (org_key, sub)) STRICT;
`;

export interface NaviStore {
  /** Numbers rows from the highest id on, in one transaction; returns the ids. Works while the database is down (tests seed with it). */
  insert(rows: Iterable<NewAuditRow>): readonly number[];
  list(filter: AuditFilter): readonly AuditRow[];
  find(id: number): AuditRow | null;
  count(): number;
  countOlderThan(micros: number): number;
  deleteOlderThan(micros: number): number;
  /** Takes rows out, as somebody at the database would: no route does this. */
  remove(ids: readonly number[]): void;
  grantedRole(org: string, sub: string): Role | null;
  grant(org: string, sub: string, role: Role): void;
  revoke(org: string, sub: string): void;
  close(): void;
}

/** Opens an empty store in memory. `isReachable` is asked before every read, so a state change acts at once. */
export function openStore(isReachable: () => boolean): NaviStore {
  const database = new DatabaseSync(':memory:');
  database.exec(SCHEMA);
  const insertRow = database.prepare(
    'INSERT INTO audit_log_enhanced (id, org_key, actor_sub, actor_email, route, method, event_type, resource_id, payload, status_code, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const findRow = database.prepare('SELECT * FROM audit_log_enhanced WHERE id = ?');
  const countRows = database.prepare('SELECT count(*) AS n FROM audit_log_enhanced');
  const countOld = database.prepare('SELECT count(*) AS n FROM audit_log_enhanced WHERE created_at < ?');
  const deleteOld = database.prepare('DELETE FROM audit_log_enhanced WHERE created_at < ?');
  const findRole = database.prepare('SELECT role FROM user_roles WHERE org_key = ? AND sub = ?');

  function connect(): void {
    if (!isReachable()) throw new DatabaseUnreachable();
  }
  function numberOf(statement: StatementSync, ...values: SQLInputValue[]): number {
    const row = statement.get(...values) as { readonly n: number };
    return row.n;
  }

  return {
    insert(rows) {
      const ids: number[] = [];
      database.exec('BEGIN');
      try {
        for (const row of rows) {
          const { lastInsertRowid } = insertRow.run(
            row.id ?? null, row.orgKey, row.actorSub, row.actorEmail, row.route, row.method,
            row.eventType, row.resourceId, JSON.stringify(row.payload), row.statusCode, row.createdAtMicros,
          );
          ids.push(Number(lastInsertRowid));
        }
        database.exec('COMMIT');
      } catch (cause) {
        database.exec('ROLLBACK');
        throw cause;
      }
      return ids;
    },
    list(filter) {
      connect();
      const { where, values } = conditions(filter);
      // PostgreSQL was seen to give equal timestamps in insertion order when it read the whole table, and in the reverse
      // when it walked an index; there is no tie-break in the query, so a client may rely on neither.
      const readsWholeTable = where === '' && filter.limit >= numberOf(countRows);
      const statement = database.prepare(
        `SELECT * FROM audit_log_enhanced ${where} ORDER BY created_at DESC, id ${readsWholeTable ? 'ASC' : 'DESC'} LIMIT ?`,
      );
      return (statement.all(...values, filter.limit) as unknown as StoredRow[]).map(auditRowOf);
    },
    find(id) {
      connect();
      const row = findRow.get(id) as StoredRow | undefined;
      return row === undefined ? null : auditRowOf(row);
    },
    count: () => numberOf(countRows),
    countOlderThan(micros) {
      connect();
      return numberOf(countOld, micros);
    },
    remove(ids) {
      for (const id of ids) database.prepare('DELETE FROM audit_log_enhanced WHERE id = ?').run(id);
    },
    deleteOlderThan(micros) {
      connect();
      return Number(deleteOld.run(micros).changes);
    },
    grantedRole(org, sub) {
      connect();
      const row = findRole.get(org, sub) as { readonly role: Role } | undefined;
      return row?.role ?? null;
    },
    grant(org, sub, role) {
      database.prepare('INSERT INTO user_roles (org_key, sub, role) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET role = excluded.role').run(org, sub, role);
    },
    revoke(org, sub) {
      database.prepare('DELETE FROM user_roles WHERE org_key = ? AND sub = ?').run(org, sub);
    },
    close() {
      if (database.isOpen) database.close();
    },
  };
}

function conditions(filter: AuditFilter): { readonly where: string; readonly values: readonly SQLInputValue[] } {
  const parts: readonly (readonly [string, SQLInputValue | undefined])[] = [
    ['org_key = ?', filter.org ?? undefined],
    ['actor_sub = ?', filter.actor ?? undefined],
    ['created_at >= ?', filter.sinceMicros ?? undefined],
    ['created_at <= ?', filter.untilMicros ?? undefined],
  ];
  // An empty filter text is no filter: the backend tests it for truth.
  const used = parts.filter((part): part is readonly [string, SQLInputValue] => part[1] !== undefined && part[1] !== '');
  return { where: used.length === 0 ? '' : `WHERE ${used.map(([sql]) => sql).join(' AND ')}`, values: used.map(([, value]) => value) };
}

function auditRowOf(row: StoredRow): AuditRow {
  return {
    id: row.id,
    orgKey: row.org_key,
    actorSub: row.actor_sub,
    actorEmail: row.actor_email,
    route: row.route,
    method: row.method,
    eventType: row.event_type,
    resourceId: row.resource_id,
    payload: JSON.parse(row.payload) as unknown,
    statusCode: row.status_code,
    createdAtMicros: row.created_at,
  };
}
