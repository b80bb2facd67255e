// The checks that need no key: each finds what was planted, is clean only when it judged, and says unknown when there is nothing to judge by.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { declaredEncryption } from '#core/audit/bulk/declared-encryption.ts';
import type { DeclaredEncryption } from '#core/audit/bulk/thread-calls.ts';
import { insertSync } from '#core/audit/queries.ts';
import { sql } from '#core/db/sql.ts';
import { contract } from '#shared/contract.ts';
import type { AuditCheck } from '#shared/domain/audit-bulk.ts';
import { addDeployment, addKey, ADDRESS, BASE_SECONDS, DEPLOYMENT, openBulkProfile, rowOf, seal, store, wrap } from '../support/audit-bulk-profile.ts';
import type { BulkProfile, KeyName } from '../support/audit-bulk-profile.ts';
import { temporaryFolder } from '../support/ports.ts';

const never = new AbortController().signal;
let folder: ReturnType<typeof temporaryFolder>;
const profiles: BulkProfile[] = [];
beforeEach(() => { folder = temporaryFolder('checks'); });
afterEach(async () => {
  for (const profile of profiles.splice(0)) await profile.close();
  folder.remove();
});

async function opened(declared: DeclaredEncryption | null = null, keys: readonly KeyName[] = ['k-new']): Promise<BulkProfile> {
  const profile = await openBulkProfile(`${folder.path}/p${profiles.length}`, { declared });
  profiles.push(profile);
  await addDeployment(profile.session, keys);
  return profile;
}
async function check(profile: BulkProfile, id: AuditCheck['id']): Promise<AuditCheck> {
  const { checks } = contract['audit.checks'].output.parse({ checks: await profile.bulk.checks(DEPLOYMENT, never) });
  expect(checks.map((each) => each.id)).toEqual(['sealed-time', 'plain-while-encrypted', 'failure-markers', 'malformed', 'new-key-ids']);
  const found = checks.find((each) => each.id === id);
  if (found === undefined) throw new Error('no such check');
  return found;
}
/** How many rows the query of a check selects. */
async function matching(profile: BulkProfile, query: string | null): Promise<number> {
  const plan = await profile.bulk.plan(DEPLOYMENT, { query: query ?? 'nothing' }, never);
  return plan.rows + plan.others + plan.withoutPayload;
}
const sealed = (id: number, seconds = BASE_SECONDS + id, keyId: string | null = 'k-new') => rowOf(id, wrap(seal('{}', { seconds, iv: id % 250 }), keyId));
const plain = (id: number) => rowOf(id, { state: 'plain', body: '{"a":1}', keyId: null });
const at = (id: number): number => (BASE_SECONDS + id) * 1_000_000;

it('without any payload nothing is called clean', async () => {
  const profile = await opened({ isOn: true, observedAtUs: at(0) });
  const states = async (): Promise<string[]> => (await profile.bulk.checks(DEPLOYMENT, never)).map((each) => each.state);
  expect(await states()).toEqual(Array.from({ length: 5 }, () => 'unknown'));
  store(profile.session, [rowOf(1), rowOf(2)]);
  expect(await states()).toEqual(Array.from({ length: 5 }, () => 'unknown'));
});

describe('time in the token against time of the row', () => {
  it('up to two minutes apart is clean, beyond that is found, on both sides', async () => {
    const profile = await opened();
    store(profile.session, [sealed(1), sealed(2, BASE_SECONDS + 2 + 120), sealed(3, BASE_SECONDS + 3 - 120)]);
    expect(await check(profile, 'sealed-time')).toMatchObject({ state: 'clean', rows: 0, query: null, examples: [] });
    store(profile.session, [sealed(4, BASE_SECONDS + 4 + 121), sealed(5, BASE_SECONDS + 5 - 121), sealed(6, 0)]);
    expect(await check(profile, 'sealed-time')).toMatchObject({ state: 'found', rows: 3, examples: [6, 5, 4], message: expect.stringMatching(/written again/) as string });
  });

  it('rows that were kept before the time was are looked into; what holds no token is never called clean', async () => {
    const profile = await opened();
    const keepAsBefore = (id: number, body: string): void => {
      const db = profile.session.write();
      const seq = (db.get(sql`SELECT max(seq) AS seq FROM audit_event`, (row) => Number(row['seq'])) ?? 0) + 1;
      db.run(sql`INSERT INTO audit_event (seq, dep, id, created_at, created_raw, route, method, event_type, status_code, batch, state, payload_batch)
        SELECT ${seq}, num, ${id}, ${at(id)}, '', '/', 'GET', 'x', 200, 1, 'encrypted', 1 FROM deployment WHERE id = ${DEPLOYMENT}`);
      db.run(sql`INSERT INTO audit_payload (seq, body) VALUES (${seq}, ${body})`);
    };
    store(profile.session, [sealed(1)]);
    keepAsBefore(2, wrap(seal('{}', { seconds: BASE_SECONDS + 2 })).body);
    expect(await check(profile, 'sealed-time')).toMatchObject({ state: 'clean', rows: 0 });
    keepAsBefore(3, wrap('no token').body);
    expect(await check(profile, 'sealed-time')).toMatchObject({ state: 'unknown', rows: 0, message: expect.stringContaining('1 row could not be judged') as string });
    keepAsBefore(4, wrap(seal('{}', { seconds: BASE_SECONDS - 9999 })).body);
    expect(await check(profile, 'sealed-time')).toMatchObject({ state: 'found', rows: 1, examples: [4], message: expect.stringContaining('1 row could not be judged') as string });
  });
});

describe('plaintext while the server claims encryption', () => {
  it('plain rows after the first encrypted one are found; those before it, and records of decryptions, are not', async () => {
    const profile = await opened({ isOn: true, observedAtUs: at(100) });
    store(profile.session, [plain(1), plain(2), sealed(3), rowOf(4, { state: 'plain', body: '{"audit_id":3,"reason":"x","encrypted":true}', keyId: null }, { eventType: 'audit.decrypt' })]);
    expect(await check(profile, 'plain-while-encrypted')).toMatchObject({ state: 'clean', rows: 0 });
    store(profile.session, [plain(5), sealed(6), rowOf(7, { state: 'plain', body: '{"audit_id":3,"reason":"x","encrypted":true,"more":1}', keyId: null }, { eventType: 'audit.decrypt' })]);
    const found = await check(profile, 'plain-while-encrypted');
    expect(found).toMatchObject({ state: 'found', rows: 2, examples: [7, 5] });
    // The query cannot leave out the record of a decryption.
    expect(await matching(profile, found.query)).toBe(3);
  });

  it('a plain row after the declaration is found, also where none is encrypted', async () => {
    const profile = await opened({ isOn: true, observedAtUs: at(10) });
    store(profile.session, [plain(9)]);
    expect(await check(profile, 'plain-while-encrypted')).toMatchObject({ state: 'unknown', rows: 0 });
    store(profile.session, [plain(11)]);
    expect(await check(profile, 'plain-while-encrypted')).toMatchObject({ state: 'found', rows: 1, examples: [11] });
  });

  it('is unknown where the server said nothing, or that encryption is off', async () => {
    for (const declared of [null, { isOn: false, observedAtUs: at(1) }]) {
      const profile = await opened(declared);
      store(profile.session, [sealed(1), plain(2)]);
      expect(await check(profile, 'plain-while-encrypted')).toMatchObject({ state: 'unknown', rows: 0, query: null });
    }
  });

  it('the declaration is read from the security status, and only where it says so plainly', () => {
    const said = (value: unknown): DeclaredEncryption | null => declaredEncryption({ value, observedAtUs: at(5) });
    expect(said({ encryption: { audit_encryption_enabled: true } })).toEqual({ isOn: true, observedAtUs: at(5) });
    expect(said({ encryption: { audit_encryption_enabled: false } })).toEqual({ isOn: false, observedAtUs: at(5) });
    for (const odd of [{}, null, [], { encryption: { audit_encryption_enabled: 'true' } }, { encryption: { audit_encryption_enabled: null } }]) expect(said(odd)).toBeNull();
    expect(declaredEncryption(null)).toBeNull();
  });
});

it('marks of a failed encryption and malformed payloads are counted, with the query that lists them', async () => {
  const profile = await opened();
  store(profile.session, [sealed(1)]);
  for (const id of ['failure-markers', 'malformed'] as const) expect(await check(profile, id)).toMatchObject({ state: 'clean', rows: 0 });
  store(profile.session, [rowOf(2, { state: 'failed', body: '{"encrypted":false,"error":"audit_encryption_failed"}', keyId: null }), rowOf(3, { state: 'malformed', body: '[1]', keyId: null }), rowOf(4, wrap('no token'))]);
  expect(await check(profile, 'failure-markers')).toMatchObject({ state: 'found', rows: 1, query: 'payload:failed', examples: [2] });
  expect(await check(profile, 'malformed')).toMatchObject({ state: 'found', rows: 2, query: 'payload:malformed', examples: [4, 3] });
  expect(await matching(profile, 'payload:malformed')).toBe(2);
});

describe('key ids never seen before', () => {
  const sync = (profile: BulkProfile, startedAtUs: number): void => { insertSync(profile.session.write(), { deploymentId: DEPLOYMENT, address: ADDRESS }, { startedAtUs, endedAtUs: startedAtUs + 1, outcome: 'done', added: 1, complete: true, gaps: [] }); };

  it('an id that is not in the ring is found, with a query for its rows, whatever it is called', async () => {
    const profile = await opened();
    store(profile.session, [sealed(1), sealed(2, undefined, null)]);
    expect(await check(profile, 'new-key-ids')).toMatchObject({ state: 'clean', rows: 0 });
    store(profile.session, [sealed(3, undefined, 'odd "key" id'), sealed(4, undefined, 'odd "key" id'), sealed(5, undefined, 'none')]);
    const found = await check(profile, 'new-key-ids');
    expect(found).toMatchObject({ state: 'found', rows: 3, examples: [5, 4, 3] });
    expect(await matching(profile, found.query)).toBe(3);
  });

  it('an id that the last sync brought is found, although its key is held; the next sync makes it known', async () => {
    const profile = await opened(null, ['k-new', 'k-old']);
    sync(profile, 1000);
    store(profile.session, [sealed(1)], 1001);
    expect(await check(profile, 'new-key-ids')).toMatchObject({ state: 'clean' });
    sync(profile, 2000);
    store(profile.session, [sealed(2, undefined, 'k-old')], 2001);
    expect(await check(profile, 'new-key-ids')).toMatchObject({ state: 'found', rows: 1, query: 'key:=k-old', message: expect.stringContaining('first seen in the last sync: k-old') as string });
    sync(profile, 3000);
    store(profile.session, [sealed(3)], 3001);
    expect(await check(profile, 'new-key-ids')).toMatchObject({ state: 'clean' });
  });

  it('without keys and without an earlier sync there is nothing to compare with', async () => {
    const profile = await opened(null, []);
    sync(profile, 1000);
    store(profile.session, [sealed(1)], 1001);
    expect(await check(profile, 'new-key-ids')).toMatchObject({ state: 'unknown' });
    await addKey(profile.session, 'k-old');
    expect(await check(profile, 'new-key-ids')).toMatchObject({ state: 'found', rows: 1 });
  });
});
