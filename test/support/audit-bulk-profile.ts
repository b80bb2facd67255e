// A profile with sealed audit rows for tests of opening in bulk: the parts of core under it, keys in its ring, and tokens of every kind.
import { createHash } from 'node:crypto';
import { createAuditBulk } from '#core/audit/bulk/service.ts';
import type { AuditBulk, BulkLimits } from '#core/audit/bulk/service.ts';
import type { DeclaredEncryption } from '#core/audit/bulk/thread-calls.ts';
import { insertKey } from '#core/audit/queries.ts';
import { openRowStore } from '#core/audit/store.ts';
import type { PayloadToStore, RowToStore } from '#core/audit/store.ts';
import { auditKeyName } from '#core/credentials/names.ts';
import { insertDeployment } from '#core/deployments/queries.ts';
import type { DeploymentsService } from '#core/deployments/service.ts';
import { createEmitter } from '#core/emitter.ts';
import type { Emitter } from '#core/emitter.ts';
import { createJobs } from '#core/jobs/jobs.ts';
import type { Jobs } from '#core/jobs/jobs.ts';
import { createLedgerService } from '#core/ledger/service.ts';
import type { LedgerService } from '#core/ledger/service.ts';
import type { Log } from '#core/ports.ts';
import { createSession } from '#core/session.ts';
import type { Session } from '#core/session.ts';
import { AppError } from '#shared/errors.ts';
import { fernetEncrypt } from '../deployments/navi/fernet-writer.ts';
import { keptLog, systemClock, testPorts } from './ports.ts';

export const DEPLOYMENT = 'd_0123456789abcdef';
export const ADDRESS = 'https://navi.example.com';
export const BASE_SECONDS = 1_790_000_000;

/** Keys by id; `stranger` is never put into a ring. */
export const KEYS: Readonly<Record<'k-new' | 'k-old' | 'stranger', string>> = { 'k-new': `${Buffer.alloc(32, 11).toString('base64url')}=`, 'k-old': `${Buffer.alloc(32, 12).toString('base64url')}=`, stranger: `${Buffer.alloc(32, 13).toString('base64url')}=` };
export type KeyName = keyof typeof KEYS;

export interface BulkProfile {
  readonly session: Session;
  readonly ledger: LedgerService;
  readonly jobs: Jobs;
  readonly emitter: Emitter;
  readonly bulk: AuditBulk;
  close(): Promise<void>;
}

export interface BulkProfileOptions { readonly declared?: DeclaredEncryption | null; readonly ledger?: (real: LedgerService) => LedgerService; readonly log?: Log; readonly limits?: BulkLimits }

export async function openBulkProfile(profileDir: string, { declared = null, ledger: wrap = (real) => real, log = keptLog(), limits }: BulkProfileOptions = {}): Promise<BulkProfile> {
  const emitter = createEmitter(log);
  const session = createSession({ ports: testPorts(profileDir, { log }), emitter, access: 'write' });
  const jobs = createJobs(emitter, systemClock);
  const ledger = createLedgerService({ session, emitter, clock: systemClock, actor: 'tester' });
  const deployments = {
    get(id: string) {
      if (id !== DEPLOYMENT) throw new AppError('deployment_not_found', { message: 'There is no such deployment.', hint: 'See the list.' });
      return { id, name: 'acme', url: ADDRESS };
    },
  } as unknown as DeploymentsService;
  const bulk = createAuditBulk({ session, deployments, ledger: wrap(ledger), jobs, emitter, clock: systemClock, log, profileDir, declaredEncryption: () => declared, ...(limits === undefined ? {} : { limits }) });
  await session.open({ store: 'keychain', passphrase: null });
  const problem = session.problem();
  if (problem !== null) throw problem;
  return { session, ledger, jobs, emitter, bulk, close: async () => { await jobs.stopAll(); await session.close(); } };
}

export async function addDeployment(session: Session, keys: readonly KeyName[] = ['k-new', 'k-old']): Promise<void> {
  insertDeployment(session.write(), DEPLOYMENT, { name: 'acme', url: ADDRESS, kind: 'navi', environment: 'development', readOnly: true, caPem: null, pin: null, createdAtUs: 1 });
  for (const keyId of keys) await addKey(session, keyId);
}

export async function addKey(session: Session, keyId: KeyName): Promise<void> {
  await session.putSecret(auditKeyName(DEPLOYMENT, keyId), KEYS[keyId]);
  insertKey(session.write(), DEPLOYMENT, { keyId, fingerprint: '0'.repeat(16), addedAtUs: 1 });
}

export interface Token { readonly by?: KeyName; readonly seconds?: number; readonly iv?: number }

export function seal(plaintext: string, { by = 'k-new', seconds = BASE_SECONDS, iv = 1 }: Token = {}): string {
  return fernetEncrypt({ key: KEYS[by], plaintext, iv: Buffer.alloc(16, iv), seconds });
}

/** A wrapper as the server stores it. */
export const wrap = (ciphertext: string, keyId: string | null = 'k-new'): PayloadToStore => ({ state: 'encrypted', keyId, body: JSON.stringify({ encrypted: true, ciphertext, ...(keyId === null ? {} : { key_id: keyId }) }) });

/** One second apart, so that the newest has the highest id. */
export function rowOf(id: number, payload?: PayloadToStore, over: Partial<RowToStore> = {}): RowToStore {
  return {
    id, createdAtUs: (BASE_SECONDS + id) * 1_000_000, createdAtRaw: `raw ${id}`, route: `/api/thing/${id}`, method: id % 2 === 0 ? 'POST' : 'GET', eventType: 'http.request', org: 'acme', actorSub: `sub|${id % 7}`, actorEmail: 'ada@example.com',
    resourceId: null, statusCode: 200, payload, ...over,
  };
}

export function store(session: Session, rows: readonly RowToStore[], atUs = 5): void {
  const db = session.write();
  db.transaction(() => {
    const into = openRowStore(db, { deploymentId: DEPLOYMENT, kind: 'sync', address: ADDRESS, source: 'the list', atUs });
    for (const row of rows) into.add(row);
    into.flush();
  });
}

/** Rows that open, as many as asked, with payloads of about 600 bytes. */
export function openableRows(count: number, from = 1): RowToStore[] {
  return Array.from({ length: count }, (_, index) => {
    const id = from + index;
    return rowOf(id, wrap(seal(JSON.stringify({ query_params: { trace: `t${id}`, filler: 'x'.repeat(560) } }), { seconds: BASE_SECONDS + id, iv: id % 251 })));
  });
}

/** As `sort -n | sha256sum` over the ids, one a line. */
export const digestOf = (ids: readonly number[]): string => createHash('sha256').update([...ids].sort((a, b) => a - b).map((id) => `${id}\n`).join('')).digest('hex');
