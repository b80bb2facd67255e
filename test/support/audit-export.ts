// A profile with audit rows of every kind for the tests of exports: opened as a host would, and filled by the way that syncs and imports take.
import { dirname } from 'node:path';
import { openDatabase } from '#core/db/open.ts';
import type { Database } from '#core/db/open.ts';
import { sql } from '#core/db/sql.ts';
import { Secret } from '#core/secret.ts';
import { createEmitter } from '#core/emitter.ts';
import { createJobs } from '#core/jobs/jobs.ts';
import { createAuditExport } from '#core/audit/export/service.ts';
import type { AuditExport } from '#core/audit/export/service.ts';
import { openRowStore } from '#core/audit/store.ts';
import type { RowToStore } from '#core/audit/store.ts';
import { insertDeployment } from '#core/deployments/queries.ts';
import type { DeploymentsService } from '#core/deployments/service.ts';
import type { Session } from '#core/session.ts';
import type { AppEvent } from '#shared/contract.ts';
import type { CoverageSegment } from '#shared/domain/audit-coverage.ts';
import { AppError } from '#shared/errors.ts';
import { keptLog, systemClock } from './ports.ts';

export const DEPLOYMENT = 'd_0000000000000001';
export const KEY = Buffer.alloc(32, 9);
export const URL_OF_DEPLOYMENT = 'https://navi.example.com';
const AGES_US = 1_790_000_000_000_000;

/** Rows as servers and strangers write them: ties of one instant, nothing where something may be missing, and text that would act. */
export function rowsFor(count: number, from = 1): RowToStore[] {
  return Array.from({ length: count }, (_, index) => {
    const id = from + index;
    const kind = id % 7;
    return {
      id, createdAtUs: AGES_US + Math.floor((id * 37) % count / 3) * 1_000_001, createdAtRaw: kind === 0 ? '2026-09-21 13:33' : `raw ${id}`, route: kind === 1 ? `=HYPERLINK("x","${id}")` : `/api/things/${id}/ä\u202e`, method: ['GET', 'POST', 'DELETE'][id % 3] ?? 'GET',
      eventType: kind === 2 ? '' : 'http.request', org: id % 4 === 0 ? null : 'acme', actorSub: id % 5 === 0 ? null : `auth0|${id % 11}`, actorEmail: kind === 3 ? "'quoted,\r\n\"mail\"" : id % 5 === 0 ? null : `a${id % 11}@example.com`,
      resourceId: kind === 4 ? '' : null, statusCode: [200, 204, 404, 500][id % 4] ?? 200,
      payload: kind === 5 ? undefined : kind === 6 ? { state: 'malformed', body: '[1,\n2]', keyId: null } : { state: 'plain', body: `{"id": ${id}, "n": 1.0, "big": 12345678901234567890}`, keyId: null },
    };
  });
}

export interface ExportBench {
  readonly database: Database;
  readonly exports: AuditExport;
  readonly events: AppEvent[];
  /** What is known of the log; a test may change it. */
  readonly coverage: CoverageSegment[];
  readonly cancel: () => void;
  readonly signal: AbortSignal;
  /** As a lock does. */
  close(): void;
  store(rows: readonly RowToStore[]): void;
}

/** @param at a cache that is made when it is not there */
export function openBench(at: string, access: 'write' | 'read' = 'write'): ExportBench {
  const database = openDatabase({ path: at, key: new Secret(Buffer.from(KEY)), mode: access, log: keptLog(), clock: systemClock });
  if (database.write !== null && database.read.get(sql`SELECT 1 FROM deployment`, () => true) === null) {
    insertDeployment(database.write, DEPLOYMENT, { name: 'acme', url: URL_OF_DEPLOYMENT, kind: 'navi', environment: 'development', readOnly: true, caPem: null, pin: null, createdAtUs: 1 });
  }
  const emitter = createEmitter(keptLog());
  const events: AppEvent[] = [];
  emitter.listen((event) => events.push(event));
  const closing = new Set<() => void>();
  const abort = new AbortController();
  const session = { read: () => database.read, database: () => database, onClosing: (run: () => void) => { closing.add(run); return () => closing.delete(run); } } as unknown as Session;
  const deployments = {
    get(id: string) {
      if (id !== DEPLOYMENT) throw new AppError('deployment_not_found', { message: 'There is no such deployment.', hint: 'See the list.' });
      return { id, name: 'acme', url: URL_OF_DEPLOYMENT };
    },
  } as unknown as DeploymentsService;
  const coverage: CoverageSegment[] = [{ from: null, to: null, state: 'gap', reason: 'a stretch is missing', observedAt: null }];
  const exports = createAuditExport({ session, deployments, jobs: createJobs(emitter, systemClock), clock: systemClock, profileDir: dirname(at), program: 'Holdfast test', coverage: () => coverage });
  return {
    database, exports, events, coverage, cancel: () => abort.abort(), signal: abort.signal,
    close: () => { for (const run of closing) run(); },
    store(rows) {
      const db = database.write;
      if (db === null) throw new Error('opened for reading');
      db.transaction(() => {
        const into = openRowStore(db, { deploymentId: DEPLOYMENT, kind: 'sync', address: URL_OF_DEPLOYMENT, source: 'the list', atUs: 5 });
        for (const row of rows) into.add(row);
        into.flush();
      });
    },
  };
}
