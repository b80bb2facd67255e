// "Forget this deployment": every table of the schema is filled with it, and after its removal no row, no page of the file and no secret knows it; only the ledger does.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { tokenName } from '#core/credentials/names.ts';
import { Sql, sql } from '#core/db/sql.ts';
import type { Row, SqlValue } from '#core/db/sql.ts';
import type { HttpClient } from '#core/deployments/http.ts';
import { createDeploymentsService } from '#core/deployments/service.ts';
import type { DeploymentsService } from '#core/deployments/service.ts';
import { createEmitter } from '#core/emitter.ts';
import { createJobs } from '#core/jobs/jobs.ts';
import { compactCache } from '#core/retention/own/compact.ts';
import type { Session } from '#core/session.ts';
import type { AppError } from '#shared/errors.ts';
import { ADDRESS, addDeployment, DEPLOYMENT, numbers, openWitnessProfile, rowOf, store, storeLate } from '../support/audit-witness-profile.ts';
import type { WitnessProfile } from '../support/audit-witness-profile.ts';
import { keptLog, systemClock, temporaryFolder } from '../support/ports.ts';
import { addHold, openedBytes, openOwnBench, releaseHold } from '../support/retention-own.ts';
import { openRowStore } from '#core/audit/store.ts';

const CANARY = 'canary7c1e90d25f';
const OTHER = 'd_fedcba9876543210';
/** Belongs to the profile, or stands only inside a transaction. */
const OF_THE_PROFILE = new Set(['ledger', 'secret_name', 'schema_migration', 'audit_view', 'baseline', 'own_policy', 'audit_plaintext_draft', 'own_purge_open', 'deployment', 'runbook', 'run', 'run_event', 'run_evidence', 'identity', 'identity_trust', 'run_folder']);

let folder = temporaryFolder('forget');
let profile: WitnessProfile | null = null;
const profileDir = (): string => join(folder.path, 'profile');
beforeEach(() => { folder = temporaryFolder('forget'); });
afterEach(async () => {
  await profile?.close();
  profile = null;
  folder.remove();
});

const tables = (session: Session): string[] => session.read().all(sql`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'audit_text%' ORDER BY rowid`, (row) => String(row['name']));
const rowsOf = (session: Session, table: string): Row[] => session.read().all(new Sql(`SELECT * FROM "${table}"`, []), (row) => ({ ...row }));

/** Values that a CHECK asks for. */
const CHECKED: Readonly<Record<string, SqlValue>> = {
  'purge_step.state': 'requested', 'rotation_seal.outcome': 'finished', 'written_file.kind': 'export', 'written_file.removed_at': null, 'evidence.error_code': null, 'audit_coverage.state': 'complete', 'audit_walk.kind': 'full',
  'probe_consent.is_allowed': 1, 'presence.is_there': 1, 'audit_sync.complete': 0,
};

/** One row for a table that nothing has filled: texts tell the deployment in every way, references name the first row of what they refer to. */
function fill(session: Session, table: string, num: number): void {
  const db = session.write();
  const references = new Map(db.all(new Sql('SELECT "from", "table", "to" FROM pragma_foreign_key_list(?)', [table]), (row) => [String(row['from']), { table: String(row['table']), to: String(row['to']) }] as const));
  const columns = db.all(new Sql('SELECT name, type FROM pragma_table_info(?)', [table]), (row) => ({ name: String(row['name']), type: String(row['type']) }));
  const values = columns.map(({ name, type }): SqlValue => {
    const checked = CHECKED[`${table}.${name}`];
    if (checked !== undefined) return checked;
    if (name === 'dep') return num;
    if (name === 'deployment_id') return DEPLOYMENT;
    const reference = references.get(name);
    if (reference !== undefined) return (rowsOf(session, reference.table)[0]?.[reference.to] ?? null);
    if (table === 'given_approval' && name === 'body') return JSON.stringify({ url: ADDRESS, deployment: DEPLOYMENT });
    if (type === 'TEXT') return `${CANARY} ${DEPLOYMENT} ${ADDRESS}`;
    return type === 'BLOB' ? Buffer.from(CANARY) : 1;
  });
  db.run(new Sql(`INSERT INTO "${table}" (${columns.map(({ name }) => `"${name}"`).join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`, values));
}

function serviceOf({ session, ledger }: WitnessProfile): DeploymentsService {
  const emitter = createEmitter(keptLog());
  return createDeploymentsService({ session, ledger, jobs: createJobs(emitter, systemClock), emitter, clock: systemClock, http: {} as HttpClient, compact: () => compactCache(session) });
}

function storeCanary(session: Session, deploymentId: string, canary: string): void {
  const db = session.write();
  db.transaction(() => {
    const into = openRowStore(db, { deploymentId, kind: 'sync', address: ADDRESS, source: 'the list', atUs: 9 });
    into.add(rowOf(7777, { route: `/api/${canary}`, payload: { state: 'plain', body: `{"x":"${canary}"}`, keyId: null } }));
    into.flush();
  });
}

it('leaves nothing of it in any table, in the file of the cache, in its copies and in the secret store, and shows what went', async () => {
  const bench = await openOwnBench(profileDir());
  addDeployment(bench.session);
  addDeployment(bench.session, OTHER);
  store(bench.session, numbers(1, 50));
  storeLate(bench.session, [9, 18]);
  store(bench.session, numbers(1, 20), OTHER);
  storeCanary(bench.session, DEPLOYMENT, CANARY);
  storeCanary(bench.session, OTHER, 'another4412');
  await bench.purgeBelow(11);
  await bench.witness.afterSync(DEPLOYMENT);
  await bench.witness.afterSync(OTHER);
  addHold(bench.session, { ids: [12] });
  releaseHold(bench.session);
  await bench.close();

  profile = await openWitnessProfile(profileDir());
  const { session } = profile;
  const num = session.read().get(sql`SELECT num FROM deployment WHERE id = ${DEPLOYMENT}`, (row) => Number(row['num'])) ?? 0;
  const isOfIt = (row: Row): boolean => row['dep'] === num || JSON.stringify(row).includes(DEPLOYMENT) || JSON.stringify(row).includes(CANARY);
  for (const table of tables(session)) if (!OF_THE_PROFILE.has(table) && rowsOf(session, table).length === 0) fill(session, table, num);
  for (const table of tables(session)) expect.soft(OF_THE_PROFILE.has(table) || rowsOf(session, table).length > 0, `${table} holds something of it before`).toBe(true);
  await session.putSecret(tokenName(DEPLOYMENT), `token ${CANARY}`);
  writeFileSync(join(profileDir(), 'cache.db.before-4'), 'an older cache');
  await profile.close();
  expect(openedBytes(profileDir()).includes(CANARY)).toBe(true);

  profile = await openWitnessProfile(profileDir());
  const deployments = serviceOf(profile);
  const plan = deployments.planRemoval(DEPLOYMENT);
  expect(plan).toMatchObject({ events: 41, kept: expect.arrayContaining([{ what: 'notes of rows let go', count: 10 }, { what: 'legal holds', count: 1 }]) });
  expect(plan.files.length).toBe(1);
  const removed = await deployments.remove({ id: DEPLOYMENT, token: plan.token, confirmName: DEPLOYMENT });
  expect(removed).toMatchObject({ eventsRemoved: 41, kept: plan.kept, filesLeft: plan.files, left: { rows: 0, secrets: 0 }, space: { copiesRemoved: 1, isCompacted: true } });
  expect(removed.left.tables).toBeGreaterThan(30);

  const left = profile.session;
  for (const table of tables(left)) if (table !== 'ledger') expect.soft(rowsOf(left, table).filter(isOfIt), `${table} still knows it`).toEqual([]);
  // Its URL is that of the other one too.
  expect(left.read().get(sql`SELECT count(*) AS n FROM audit_event`, (row) => row['n'])).toBe(11);
  expect(left.read().get(sql`SELECT count(*) AS n FROM audit_text WHERE audit_text MATCH 'another4412'`, (row) => row['n'])).toBe(1);
  expect(await profile.witness.verify(OTHER, new AbortController().signal)).toMatchObject({ verdict: 'intact' });
  expect(await profile.ledger.verify()).toMatchObject({ verdict: 'intact' });
  await profile.close();
  profile = null;
  const bytes = openedBytes(profileDir());
  expect(bytes.includes(CANARY)).toBe(false);
  expect(bytes.includes('another4412'), 'what stays can be found in the same way').toBe(true);
  expect(readFileSync(`${profileDir()}.keychain.json`, 'utf8')).not.toContain(DEPLOYMENT);
});

it('is refused while a hold stands: a hold that one way of deleting misses is no hold', async () => {
  profile = await openWitnessProfile(profileDir());
  const { session } = profile;
  addDeployment(session);
  store(session, numbers(1, 20));
  const deployments = serviceOf(profile);
  const plan = deployments.planRemoval(DEPLOYMENT);
  addHold(session, { ids: [5] });
  const refused = expect.objectContaining({ code: 'rows_held' }) as AppError;
  expect(() => deployments.planRemoval(DEPLOYMENT)).toThrow(refused);
  await expect(deployments.remove({ id: DEPLOYMENT, token: plan.token, confirmName: DEPLOYMENT })).rejects.toEqual(refused);
  expect(session.read().get(sql`SELECT count(*) AS n FROM audit_event`, (row) => row['n'])).toBe(20);
  releaseHold(session);
  const next = deployments.planRemoval(DEPLOYMENT);
  expect(await deployments.remove({ id: DEPLOYMENT, token: next.token, confirmName: DEPLOYMENT })).toMatchObject({ eventsRemoved: 20 });
});

it('a table that it forgets to empty is found afterwards, and said', async () => {
  profile = await openWitnessProfile(profileDir());
  const { session } = profile;
  addDeployment(session);
  store(session, numbers(1, 3));
  session.write().run(sql`CREATE TABLE forgotten (deployment_id TEXT NOT NULL)`);
  session.write().run(sql`INSERT INTO forgotten (deployment_id) VALUES (${DEPLOYMENT}), ('d_another')`);
  const deployments = serviceOf(profile);
  const { token } = deployments.planRemoval(DEPLOYMENT);
  expect(await deployments.remove({ id: DEPLOYMENT, token, confirmName: DEPLOYMENT })).toMatchObject({ eventsRemoved: 3, left: { rows: 1 } });
});
