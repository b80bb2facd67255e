// The way into the audit log: once, first version kept, index and counts in step with the rows.
import { afterEach, beforeEach, expect, test } from 'vitest';
import fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { openDatabase } from '#core/db/open.ts';
import type { Database } from '#core/db/open.ts';
import { sql } from '#core/db/sql.ts';
import type { WriteDb } from '#core/db/sql.ts';
import { Secret } from '#core/secret.ts';
import { keptLog, systemClock, temporaryFolder } from '../../../test/support/ports.ts';
import { insertDeployment } from '../deployments/queries.ts';
import { openRowStore } from './store.ts';
import type { PayloadToStore, RowToStore } from './store.ts';

let folder: ReturnType<typeof temporaryFolder>;
let database: Database;
let db: WriteDb;

beforeEach(() => {
  folder = temporaryFolder('store');
  database = openDatabase({ path: join(folder.path, 'cache.db'), key: new Secret(randomBytes(32)), mode: 'write', log: keptLog(), clock: systemClock });
  if (database.write === null) throw new Error('not writable');
  db = database.write;
  for (const id of ['d_a', 'd_b']) insertDeployment(db, id, { name: id, url: 'https://navi.example.com', kind: 'navi', environment: 'development', readOnly: true, caPem: null, pin: null, createdAtUs: 1 });
});
afterEach(() => {
  database.close();
  folder.remove();
});

const rowOf = (id: number, over: Partial<RowToStore> = {}): RowToStore => ({
  id, createdAtUs: 1_790_000_000_000_000 + id, createdAtRaw: '2026-09-21T13:33:20+00:00', route: `/api/thing/${id}`, method: 'POST', eventType: 'http.request', org: null, actorSub: null, actorEmail: null, resourceId: null, statusCode: 200, ...over,
});
const plain = (body: string): PayloadToStore => ({ state: 'plain', body, keyId: null });

function store(rows: readonly RowToStore[], deploymentId = 'd_a'): string[] {
  return db.transaction(() => {
    const into = openRowStore(db, { deploymentId, kind: 'sync', address: 'https://navi.example.com', source: 'the list', atUs: 5 });
    const outcomes = rows.map((row) => {
      const { row: kept, payload } = into.add(row);
      return `${kept} ${payload}`;
    });
    into.flush();
    return outcomes;
  });
}
function late(id: number, payload: PayloadToStore): string {
  return db.transaction(() => {
    const into = openRowStore(db, { deploymentId: 'd_a', kind: 'sync', address: 'https://navi.example.com', source: 'the payload route', atUs: 6 });
    const kept = into.addPayload(id, payload);
    into.flush();
    return kept;
  });
}
const found = (words: string): number[] => db.all(sql`SELECT e.id FROM audit_text t JOIN audit_event e ON e.seq = t.rowid WHERE audit_text MATCH ${words} ORDER BY 1`, (row) => Number(row['id']));
const tally = (facet: string): string[] => db.all(sql`SELECT value, n FROM audit_tally WHERE facet = ${facet} AND n <> 0 ORDER BY value`, (row) => `${row['value']}:${row['n']}`);

test('a row is stored once; other content under its id leaves the first version', () => {
  expect(store([rowOf(1, { payload: plain('{"a":"first"}') }), rowOf(2)])).toEqual(['added added', 'added none']);
  expect(store([rowOf(1, { payload: plain('{"a":"first"}') }), rowOf(2, { route: '/other' })])).toEqual(['held held', 'changed none']);
  expect(store([rowOf(1, { payload: plain('{"a":"second"}') })])).toEqual(['held changed']);
  expect(found('first')).toEqual([1]);
  expect(found('second')).toEqual([]);
  expect(store([rowOf(1)], 'd_b'), 'another deployment has its own rows').toEqual(['added none']);
});

test('a payload that comes late is found, counted, and cannot be replaced', () => {
  store([rowOf(1), rowOf(2, { org: 'acme' })]);
  expect(tally('payload')).toEqual(['-:2']);
  expect(late(1, plain('{"trace":"caf\\u00e9 needle"}'))).toBe('added');
  expect(found('needle')).toEqual([1]);
  expect(found('café'), 'an escape does not hide a word').toEqual([1]);
  expect(tally('payload')).toEqual(['-:1', '=plain:1']);
  expect(late(1, plain('{"trace":"other"}'))).toBe('changed');
  expect(late(9, plain('{}'))).toBe('missing');
});

test('a wrapper without a Fernet token does not count as encrypted', () => {
  store([rowOf(1, { payload: { state: 'encrypted', body: '{"encrypted":true,"ciphertext":"junk"}', keyId: 'k' } })]);
  expect(tally('payload')).toEqual(['=malformed:1']);
});

test('an address, a route and an e-mail are found whole, by component and by prefix', () => {
  store([rowOf(1, { payload: plain('{"ip":"10.0.0.7"}'), actorEmail: 'jo.doe@acme.example' }), rowOf(2, { payload: plain('{"ip":"10.0.0.70"}') })]);
  expect(found('"10.0.0.7"')).toEqual([1]);
  expect(found('"10.0.0.7" *')).toEqual([1, 2]);
  expect(found('actor : "acme.example"')).toEqual([1]);
  expect(found('route : "api thing"')).toEqual([1, 2]);
});

test('rows cannot be changed or removed', () => {
  store([rowOf(1, { payload: plain('{"a":1}') })]);
  for (const change of [sql`UPDATE audit_event SET route = 'x'`, sql`DELETE FROM audit_event`, sql`UPDATE audit_payload SET body = 'x'`, sql`DELETE FROM audit_payload`]) expect(() => db.run(change)).toThrow();
});

test('counts by hour and by value are those of the rows, whatever comes in which order', () => {
  const rows = fc.array(fc.record({ id: fc.integer({ min: 0, max: 30 }), hour: fc.integer({ min: -2, max: 2 }), status: fc.constantFrom(200, 404, 500), org: fc.constantFrom(null, 'acme'), payload: fc.constantFrom(null, '{"w":"one"}', '{"w":"two"}') }), { maxLength: 12 });
  fc.assert(fc.property(fc.array(rows, { maxLength: 4 }), (batches) => {
    db.run(sql`UPDATE deployment SET removing_at = 1`);
    for (const table of [sql`audit_payload`, sql`audit_event`, sql`audit_hour`, sql`audit_tally`, sql`audit_payload_late`]) db.run(sql`DELETE FROM ${table}`);
    for (const batch of batches) store(batch.map(({ id, hour, status, org, payload }) => ({ ...rowOf(id, { createdAtUs: hour * 3_600_000_000 + id, statusCode: status, org }), ...(payload === null ? {} : { payload: plain(payload) }) })));
    const hours = db.all(sql`SELECT hour, events, errors FROM audit_hour WHERE events <> 0 ORDER BY hour`, (row) => `${row['hour']} ${row['events']} ${row['errors']}`);
    const events = db.all(sql`SELECT created_at, status_code FROM audit_event`, (row) => ({ hour: Math.floor(Number(row['created_at']) / 3_600_000_000), error: Number(row['status_code']) >= 400 }));
    const expected = [...new Set(events.map(({ hour }) => hour))].sort((a, b) => a - b).map((hour) => `${hour} ${events.filter((event) => event.hour === hour).length} ${events.filter((event) => event.hour === hour && event.error).length}`);
    expect(hours).toEqual(expected);
    const values = db.all(sql`SELECT facet, value, count(*) AS n FROM audit_tally_of GROUP BY 1, 2 ORDER BY 1, 2`, (row) => `${row['facet']} ${row['value']} ${row['n']}`);
    expect(db.all(sql`SELECT facet, value, n FROM audit_tally WHERE n <> 0 ORDER BY 1, 2`, (row) => `${row['facet']} ${row['value']} ${row['n']}`)).toEqual(values);
  }), { numRuns: 60 });
});
