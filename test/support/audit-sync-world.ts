// One deployment as a model whose log can be written, purged and tampered with, and a console that syncs it into a real cache. Time moves when a test says so.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { AuditService } from '#core/audit/service.ts';
import { openRowStore } from '#core/audit/store.ts';
import { createAuditSync } from '#core/audit/sync/service.ts';
import { openDatabase } from '#core/db/open.ts';
import type { Database } from '#core/db/open.ts';
import { sql } from '#core/db/sql.ts';
import { insertDeployment } from '#core/deployments/queries.ts';
import type { DeploymentsService, NaviClient, NaviRow, NaviRows } from '#core/deployments/service.ts';
import { createEmitter } from '#core/emitter.ts';
import { createJobs } from '#core/jobs/jobs.ts';
import type { LedgerService } from '#core/ledger/service.ts';
import { createPostureService } from '#core/posture/service.ts';
import { Secret } from '#core/secret.ts';
import type { Session } from '#core/session.ts';
import { formatInstantUs } from '#shared/domain/time.ts';
import { AppError } from '#shared/errors.ts';
import { keptLog, systemClock, temporaryFolder } from './ports.ts';

export const MINUTE_US = 60_000_000;
export const DAY_US = 86_400_000_000;
const START_US = 1_790_000_000_000_000;

export interface ServerRow { id: number; at: number; org: string | null; actor: string | null; route: string; payload: string }

let folder: ReturnType<typeof temporaryFolder>;
let database: Database;
/** One cache for all worlds of a file. */
beforeAll(() => {
  folder = temporaryFolder('sync-world');
  database = openDatabase({ path: join(folder.path, 'cache.db'), key: new Secret(randomBytes(32)), mode: 'write', log: keptLog(), clock: systemClock });
});
afterAll(() => {
  database.close();
  folder.remove();
});

let made = 0;
/** Days; null: for ever; silent: the route fails; absent: it answers without it; away: nothing answers; refused: our token is refused. */
export type ModelRetention = number | null | 'silent' | 'absent' | 'away' | 'refused';
export interface Options { readonly sign?: () => Promise<{ readonly problem: string | null }>; readonly cap?: number; readonly exports?: boolean; readonly retention?: ModelRetention; readonly skewUs?: number; readonly wholeUpTo?: number; readonly org?: string | null }

/** One deployment with its server, and a console that syncs it. Time moves when the test says so. */
export function world({ cap = 10_000, exports = true, retention = 'silent', skewUs = 0, wholeUpTo = 100_000, org = 'acme', sign = async () => ({ problem: null }) }: Options = {}) {
  const db = database.write;
  if (db === null) throw new Error('not writable');
  made += 1;
  const id = `d_${made}`;
  const url = `https://navi-${made}.example.com`;
  insertDeployment(db, id, { name: id, url, kind: 'navi', environment: 'development', readOnly: true, caPem: null, pin: null, createdAtUs: 1 });
  let serverUs = START_US;
  let nextId = 1;
  let rows: ServerRow[] = [];
  let requests = 0;
  let failAt = Infinity;
  let keeps = retention;
  let isExporting = exports;
  const clock = { ...systemClock, now: () => (serverUs + skewUs) / 1000 };
  const toRow = (row: ServerRow, withPayload: boolean): NaviRow => ({
    id: row.id, createdAtUs: row.at, createdAtRaw: formatInstantUs(row.at), route: row.route, method: 'POST', eventType: 'http.request', org: row.org, actorSub: row.actor, actorEmail: null, resourceId: null, statusCode: 200,
    ...(withPayload ? { payload: { state: 'plain' as const, body: row.payload, keyId: null } } : {}),
  });
  const answer = (found: readonly ServerRow[], limit: number, withPayload: boolean): NaviRows => {
    requests += 1;
    if (requests === failAt) throw new AppError('server_error', { message: 'The deployment failed.', hint: 'Look at its log.' });
    const page = found.toSorted((a, b) => b.at - a.at || b.id - a.id).slice(0, Math.min(limit, cap)).map((row) => toRow(row, withPayload));
    return { rows: page, rejected: [], received: page.length, requestLine: 'GET', observedAt: clock.now() };
  };
  const unused = (): never => { throw new Error('not part of a sync'); };
  const client: NaviClient = {
    probe: unused, anonymousStatus: unused, decrypt: unused, payload: unused, purge: unused,
    async securityStatus() {
      const failure = keeps === 'silent' ? 'server_error' : keeps === 'away' ? 'connection_refused' : keeps === 'refused' ? 'unauthorized' : null;
      if (failure !== null) throw new AppError(failure, { message: 'The deployment failed.', hint: 'Look at its log.' });
      const days = typeof keeps === 'number' ? keeps : 90;
      const said = keeps === 'absent' ? {} : { audit_retention: { enabled: keeps !== null, retention_days: days, overdue_count: 0, cutoff_iso: formatInstantUs(serverUs - days * DAY_US).replace('Z', '+00:00') } };
      return { httpStatus: 200, json: said, bodyText: JSON.stringify(said), observedAt: clock.now(), requestLine: 'GET' };
    },
    listEvents: async (query) => answer(rows.filter((row) => (query.org === undefined || row.org === query.org) && (query.actor === undefined || row.actor === query.actor)), query.limit, false),
    exportEvents: async (query) => answer(rows.filter((row) => row.org === 'acme' && (query.actor === undefined || row.actor === query.actor) && row.at >= (query.sinceUs ?? -Infinity) && row.at <= (query.untilUs ?? Infinity)), query.limit, query.includePayload),
  };
  const deployment = { id, url, token: { stored: true, claims: { org }, importedAt: null }, capabilitiesAt: '2026-01-01T00:00:00Z', get capabilities() { return [{ name: 'audit-list', state: 'offered', reason: '' }, { name: 'audit-export', state: isExporting ? 'offered' : 'not-offered', reason: '' }]; } };
  const deployments = { get: () => deployment, tokenFingerprint: () => 'f', test: unused, withClient: (_id: string, _signal: AbortSignal, work: (...given: unknown[]) => unknown) => work(client, deployment, { first: () => undefined, take: () => false }) } as unknown as DeploymentsService;
  const session = { read: () => database.read, write: () => db, whenWritable: async () => undefined, state: () => 'open', access: () => 'write' } as unknown as Session;
  const emitter = createEmitter(keptLog());
  const jobs = createJobs(emitter, systemClock);
  const posture = createPostureService({ session, deployments, audit: {} as AuditService, ledger: {} as LedgerService, jobs, emitter, clock });
  const service = createAuditSync({ session, deployments, jobs, emitter, clock, wholeUpTo, observeRetention: posture.observeStatus, afterSync: sign });
  const dep = (): number => database.read.get(sql`SELECT num FROM deployment WHERE id = ${id}`, (row) => Number(row['num'])) ?? 0;
  return {
    id,
    rows: () => rows,
    replace: (change: (rows: ServerRow[]) => ServerRow[]) => { rows = change(rows); },
    /** A row written at the server's present time, or so long before it. */
    write(over: Partial<ServerRow> = {}) {
      const row = { id: nextId, at: serverUs, org: 'acme', actor: 'a', route: `/r/${nextId}`, payload: `{"n": ${nextId}}`, ...over };
      nextId = Math.max(nextId, row.id) + 1;
      rows.push(row);
      return row;
    },
    pass(us: number) { serverUs += us; },
    exports() { isExporting = true; },
    importPayload(eventId: number, body: string) {
      db.transaction(() => {
        const store = openRowStore(db, { deploymentId: id, kind: 'import', address: null, source: 'a file', atUs: serverUs });
        store.addPayload(eventId, { state: 'plain', body, keyId: null });
        store.flush();
      });
    },
    keep(how: ModelRetention) { keeps = how; },
    /** The server's own purge, by a rule of so many days. */
    purge(days: number) { rows = rows.filter((row) => row.at >= serverUs - days * DAY_US); },
    nowUs: () => serverUs,
    sync: (options: { readonly full?: boolean; readonly failAt?: number } = {}) => {
      failAt = options.failAt === undefined ? Infinity : requests + options.failAt;
      return service.sync(id, { full: options.full ?? false }, new AbortController().signal);
    },
    requests: () => requests,
    coverage: () => service.coverage(id),
    findings: () => database.read.all(sql`SELECT kind, event_id, message, held, found FROM audit_finding WHERE dep = ${dep()} ORDER BY seq`, (row) => ({ kind: String(row['kind']), eventId: Number(row['event_id']), message: String(row['message']), held: row['held'], found: row['found'] })),
    heldIds: () => new Set(database.read.all(sql`SELECT id FROM audit_event WHERE dep = ${dep()}`, (row) => Number(row['id']))),
    stretches: () => database.read.all(sql`SELECT * FROM audit_coverage WHERE dep = ${dep()}`, (row) => ({ scope: String(row['scope']), fromUs: Number(row['from_us']), toUs: Number(row['to_us']), state: String(row['state']), observedAtUs: Number(row['observed_at']) })),
  };
}
