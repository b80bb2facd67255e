// A profile with an audit log for tests of the witness: the parts of core under it, rows by the hundred, and a raw connection for whoever tampers.
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { createWitness } from '#core/audit/witness/service.ts';
import type { Witness } from '#core/audit/witness/service.ts';
import { openRowStore } from '#core/audit/store.ts';
import type { PayloadToStore, RowToStore } from '#core/audit/store.ts';
import { connect } from '#core/db/connection.ts';
import type { RawDatabase } from '#core/db/native.ts';
import { Secret } from '#core/secret.ts';
import { insertDeployment } from '#core/deployments/queries.ts';
import { createEmitter } from '#core/emitter.ts';
import { createJobs } from '#core/jobs/jobs.ts';
import { createLedgerService } from '#core/ledger/service.ts';
import type { LedgerService } from '#core/ledger/service.ts';
import { createSession } from '#core/session.ts';
import type { Session } from '#core/session.ts';
import type { WitnessVerdict } from '#shared/domain/audit-witness.ts';
import { keptLog, systemClock, temporaryFolder, testPorts } from './ports.ts';

export const DEPLOYMENT = 'd_0123456789abcdef';
export const ADDRESS = 'https://navi.example.com';

export interface WitnessProfile {
  readonly session: Session;
  readonly ledger: LedgerService;
  readonly witness: Witness;
  close(): Promise<void>;
}

/** With a passphrase the secrets lie in a vault, with 'memory' nowhere, else in a file that stands for the keychain. */
export async function openWitnessProfile(profileDir: string, access: 'write' | 'read' | 'memory' = 'write', passphrase: string | null = null): Promise<WitnessProfile> {
  const ports = testPorts(profileDir, { host: 'cli' });
  const emitter = createEmitter(keptLog());
  const session = createSession({ ports, emitter, access: access === 'read' ? 'read' : 'write' });
  await session.open(passphrase === null ? { store: access === 'memory' ? 'memory' : 'keychain', passphrase: null } : { store: 'passphrase', passphrase: () => Promise.resolve(passphrase) });
  const problem = session.problem();
  if (problem !== null) throw problem;
  const jobs = createJobs(emitter, systemClock);
  const ledger = createLedgerService({ session, emitter, clock: systemClock, actor: 'tester' });
  const witness = createWitness({ session, ledger, jobs, clock: systemClock });
  return { session, ledger, witness, close: async () => { await jobs.stopAll(); await session.close(); } };
}

/** A folder for each test, with at most one profile open in it. */
export function witnessProfiles() {
  let folder: ReturnType<typeof temporaryFolder>;
  let open: WitnessProfile | null = null;
  const profiles = {
    folder: (): string => folder.path,
    profileDir: (): string => join(folder.path, 'profile'),
    /** The profile that is open, or else opens it. */
    async start(access: 'write' | 'read' | 'memory' = 'write'): Promise<WitnessProfile> {
      open ??= await openWitnessProfile(profiles.profileDir(), access);
      return open;
    },
    async stop(): Promise<void> {
      await open?.close();
      open = null;
    },
    verify: async (): Promise<WitnessVerdict> => (await profiles.start()).witness.verify(DEPLOYMENT, never),
  };
  beforeEach(() => { folder = temporaryFolder('witness'); });
  afterEach(async () => {
    await profiles.stop();
    folder.remove();
  });
  return profiles;
}

export function addDeployment(session: Session, id = DEPLOYMENT): void {
  insertDeployment(session.write(), id, { name: id, url: ADDRESS, kind: 'navi', environment: 'development', readOnly: true, caPem: null, pin: null, createdAtUs: 1 });
}

export const plain = (id: number): PayloadToStore => ({ state: 'plain', body: `{"id":${id},"note":"caf\u00e9 ${'x'.repeat(id % 50)}"}`, keyId: null });

/** A row that its id alone tells; two in three have a payload. */
export function rowOf(id: number, over: Partial<RowToStore> = {}): RowToStore {
  return {
    id, createdAtUs: 1_790_000_000_000_000 + id * 1000, createdAtRaw: `raw ${id}`, route: `/api/thing/${id}`, method: id % 2 === 0 ? 'POST' : 'GET', eventType: 'http.request', org: id % 4 === 0 ? null : 'acme', actorSub: `sub|${id % 7}`,
    actorEmail: id % 5 === 0 ? null : 'ada@example.com', resourceId: id % 3 === 0 ? `r${id}` : null, statusCode: id % 10 === 0 ? 500 : 200, ...(id % 3 === 0 ? {} : { payload: plain(id) }), ...over,
  };
}

/** One batch, as a page of a sync is. */
export function store(session: Session, ids: readonly number[], deploymentId = DEPLOYMENT): void {
  const db = session.write();
  db.transaction(() => {
    const into = openRowStore(db, { deploymentId, kind: 'sync', address: ADDRESS, source: 'GET /api/audit', atUs: 5 });
    for (const id of ids) into.add(rowOf(id));
    into.flush();
  });
}

/** Payloads that come after their rows. */
export function storeLate(session: Session, ids: readonly number[], deploymentId = DEPLOYMENT): void {
  const db = session.write();
  for (const id of ids) {
    db.transaction(() => {
      const into = openRowStore(db, { deploymentId, kind: 'sync', address: ADDRESS, source: 'GET /api/audit/{id}/payload', atUs: 6 });
      if (into.addPayload(id, plain(id)) !== 'added') throw new Error(`payload ${id} was not added`);
      into.flush();
    });
  }
}

export const numbers = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

type Secrets = Record<string, string>;

/** The secret store of the profile, which is a file in tests. */
export function editSecrets(profileDir: string, edit: (secrets: Secrets) => void): void {
  const path = `${profileDir}.keychain.json`;
  const secrets = JSON.parse(readFileSync(path, 'utf8')) as Secrets;
  edit(secrets);
  writeFileSync(path, JSON.stringify(secrets));
}

/** Lets somebody who holds the database key at the closed cache; nothing stops them, since triggers go first. */
export function tamper(profileDir: string, run: (raw: RawDatabase) => void): void {
  let key = '';
  editSecrets(profileDir, (secrets) => { key = secrets['database-key'] ?? ''; });
  const raw = connect({ path: join(profileDir, 'cache.db'), key: new Secret(databaseKey(key)), mode: 'write' });
  try {
    for (const name of raw.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").raw().all() as [string][]) raw.exec(`DROP TRIGGER ${name[0]}`);
    run(raw);
  } finally {
    raw.close();
  }
}

/** A key that no passphrase wraps lies in the store as it is. */
function databaseKey(stored: string): Buffer {
  if (!stored.startsWith('raw:')) throw new Error('the database key has another form');
  return Buffer.from(stored.slice(4), 'hex');
}

const FILES = ['cache.db', 'cache.db-wal', 'cache.db-shm'] as const;

/** Keeps the closed database as it is now; the function returned puts it back. */
export function keepDatabase(profileDir: string): () => void {
  for (const file of FILES) if (existsSync(join(profileDir, file))) copyFileSync(join(profileDir, file), join(profileDir, `../kept-${file}`));
  return () => {
    for (const file of FILES) {
      rmSync(join(profileDir, file), { force: true });
      if (existsSync(join(profileDir, `../kept-${file}`))) copyFileSync(join(profileDir, `../kept-${file}`), join(profileDir, file));
    }
  };
}

export const never = new AbortController().signal;
