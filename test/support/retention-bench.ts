// A profile with holds over a cache that tests fill row by row, with a deployment that is only known, never asked.
import { openRowStore } from '#core/audit/store.ts';
import type { RowToStore } from '#core/audit/store.ts';
import type { PayloadToStore } from '#core/audit/store.ts';
import { createDeploymentsService } from '#core/deployments/service.ts';
import { insertDeployment } from '#core/deployments/queries.ts';
import { createEmitter } from '#core/emitter.ts';
import { createHttpClient } from '#core/deployments/http.ts';
import { createJobs } from '#core/jobs/jobs.ts';
import { createLedgerService } from '#core/ledger/service.ts';
import { sql } from '#core/db/sql.ts';
import type { WriteDb } from '#core/db/sql.ts';
import { createHolds } from '#core/retention/holds/service.ts';
import { createTruth } from '#core/retention/truth/service.ts';
import { createSession } from '#core/session.ts';
import type { Session } from '#core/session.ts';
import { keptLog, systemClock, testPorts } from './ports.ts';

export const HELD = 'd_0000000000000001';
export const OTHER = 'd_0000000000000002';
export const NOW_US = Date.UTC(2026, 10, 22, 12) * 1000;
const MINUTE_US = 60_000_000;

export type RetentionBench = Awaited<ReturnType<typeof openRetentionBench>>;

export const addressOf = (id: string): string => `https://${id.replace('_', '-')}.example.com`;

export function benchRow(id: number, over: Partial<RowToStore> = {}): RowToStore {
  return {
    id, createdAtUs: NOW_US - id * MINUTE_US, createdAtRaw: 'as it was written', route: `/api/plan/${id}`, method: id % 3 === 0 ? 'DELETE' : 'POST', eventType: 'http.request', org: id % 2 === 0 ? 'acme' : null, actorSub: `auth0|u${id % 7}`, actorEmail: null,
    resourceId: null, statusCode: id % 5 === 0 ? 403 : 200, ...over,
  };
}

export const benchPayload = (id: number): PayloadToStore => ({ state: 'plain', body: `{"n":${id},"word":"${id % 4 === 0 ? 'secret' : 'open'}"}`, keyId: null });

/** The profile at a path, made when it is not there. `wrap`: what tests put between the services and the session. */
export async function openRetentionBench(profileDir: string, wrap: (session: Session) => Session = (session) => session) {
  const ports = testPorts(profileDir, { host: 'cli' });
  const emitter = createEmitter(keptLog());
  const real = createSession({ ports, emitter, access: 'write' });
  await real.open({ store: 'keychain', passphrase: null });
  const problem = real.problem();
  if (problem !== null) throw problem;
  const session = wrap(real);
  const clock = { ...systemClock, now: () => NOW_US / 1000 };
  const jobs = createJobs(emitter, clock);
  const ledger = createLedgerService({ session: real, emitter, clock, actor: 'tester' });
  const http = createHttpClient({ clock, log: keptLog() });
  const deployments = createDeploymentsService({ session, ledger, jobs, emitter, clock, http });
  const truth = createTruth({ session, deployments, clock, coverage: () => [] });
  const holds = createHolds({ session, deployments, ledger, jobs, emitter, clock, gapsBefore: truth.gapsBefore });
  const write = (): WriteDb => real.write();
  for (const id of [HELD, OTHER]) if (!deployments.list().some((one) => one.id === id)) insertDeployment(write(), id, { name: id, url: addressOf(id), kind: 'navi', environment: 'development', readOnly: true, caPem: null, pin: null, createdAtUs: 1 });
  const dep = (id = HELD): number => real.read().get(sql`SELECT num FROM deployment WHERE id = ${id}`, (row) => Number(row['num'])) ?? 0;
  const never = new AbortController().signal;
  return {
    session: real, deployments, ledger, jobs, holds, truth, dep,
    close: async () => { await jobs.stopAll(); await http.close(); await real.close(); },
    /** Rows as a page of a sync, or as a file, in one transaction. */
    store(rows: readonly RowToStore[], { id = HELD, atUs = NOW_US, kind = 'sync' as 'sync' | 'import' } = {}): void {
      const db = write();
      db.transaction(() => {
        const into = openRowStore(db, { deploymentId: id, kind, address: kind === 'sync' ? addressOf(id) : null, source: kind === 'sync' ? 'the list' : 'a file', atUs });
        for (const row of rows) into.add(row);
        into.flush();
      });
    },
    payloads(ids: readonly number[], id = HELD): void {
      const db = write();
      db.transaction(() => {
        const into = openRowStore(db, { deploymentId: id, kind: 'sync', address: addressOf(id), source: 'GET payload', atUs: NOW_US });
        for (const one of ids) into.addPayload(one, benchPayload(one));
        into.flush();
      });
    },
    add: (query: string, over: Partial<Parameters<typeof holds.add>[0]> = {}, signal = never) => holds.add({ deploymentId: HELD, caseId: 'C-1', owner: 'Ann', reason: 'a claim', reviewOn: '2027-01-01', query, ...over }, signal),
    /** A status as the deployment would have given it. */
    status(retention: unknown, { id = HELD, atUs = NOW_US, token = null as string | null } = {}): void {
      write().run(sql`INSERT INTO evidence (deployment_id, address, token, document, source, observed_at, value) VALUES (${id}, ${addressOf(id)}, ${token}, 'status', 'GET /api/admin/security/status', ${atUs}, ${JSON.stringify({ audit_retention: retention })})`);
    },
    /** Ids in the vault of the holds that stand, or of one. */
    vaultIds: (holdId?: string): Set<number> => new Set(real.read().all(sql`SELECT v.event_id FROM vault_row v JOIN hold_member m ON m.num = v.num WHERE v.dep = ${dep()} AND (${holdId ?? null} IS NULL OR m.hold_id = ${holdId ?? null})`, (row) => Number(row['event_id']))),
    vault: () => real.read().all(sql`SELECT v.event_id, v.body, v.digest, p.body AS payload, p.digest AS pdigest FROM vault_row v LEFT JOIN vault_payload p ON p.num = v.num WHERE v.dep = ${dep()} ORDER BY v.event_id`, (row) => ({ id: Number(row['event_id']), body: String(row['body']), digest: String(row['digest']), payload: row['payload'] === null ? null : String(row['payload']), payloadDigest: row['pdigest'] === null ? null : String(row['pdigest']) })),
  };
}
