// A profile with a known audit log for tests of searching it through the app, in threads and in the process.
import { insertDeployment } from '#core/deployments/queries.ts';
import { openRowStore } from '#core/audit/store.ts';
import type { RowToStore } from '#core/audit/store.ts';
import { createEmitter } from '#core/emitter.ts';
import { createSession } from '#core/session.ts';
import { keptLog, testPorts } from './ports.ts';

export const DEPLOYMENT = 'd_0123456789abcdef';
/** Row 1, in microseconds; the others follow a minute apart. */
export const FIRST_US = Date.UTC(2026, 10, 1) * 1000;

export const rowOf = (id: number): RowToStore => ({
  id, createdAtUs: FIRST_US + (id - 1) * 60_000_000, createdAtRaw: 'as written', route: id % 10 === 0 ? '/api/audit/export' : `/api/plans/plan-${id}`, method: id % 2 === 0 ? 'POST' : 'GET', eventType: 'http.request',
  org: id % 3 === 0 ? null : 'acme', actorSub: `auth0|${id % 5}`, actorEmail: id % 5 === 0 ? null : `user${id % 5}@example.org`, resourceId: null, statusCode: id % 7 === 0 ? 500 : 200,
  ...(id % 4 === 0 ? { payload: { state: 'plain' as const, body: `{"ip":"10.0.${id}.7","note":"needle ${id}"}`, keyId: null } } : {}),
});

/** Makes the profile; rows 1 to `rows`. */
export async function makeSearchProfile(profileDir: string, rows: number): Promise<void> {
  const log = keptLog();
  const session = createSession({ ports: testPorts(profileDir, { log }), emitter: createEmitter(log), access: 'write' });
  await session.open({ store: 'keychain', passphrase: null });
  const problem = session.problem();
  if (problem !== null) throw problem;
  insertDeployment(session.write(), DEPLOYMENT, { name: 'acme', url: 'https://navi.example.com', kind: 'navi', environment: 'development', readOnly: true, caPem: null, pin: null, createdAtUs: 1 });
  session.write().transaction(() => {
    const store = openRowStore(session.write(), { deploymentId: DEPLOYMENT, kind: 'sync', address: 'https://navi.example.com', source: 'the list', atUs: 5 });
    for (let id = 1; id <= rows; id += 1) store.add(rowOf(id));
    store.flush();
  });
  await session.close();
}
