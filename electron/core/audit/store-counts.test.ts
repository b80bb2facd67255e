// Many rows at once give what the same rows give one by one: outcomes, rows, payloads, text index and counts.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openDatabase } from '#core/db/open.ts';
import type { Database } from '#core/db/open.ts';
import { sql } from '#core/db/sql.ts';
import type { WriteDb } from '#core/db/sql.ts';
import { Secret } from '#core/secret.ts';
import { keptLog, systemClock, temporaryFolder } from '../../../test/support/ports.ts';
import { insertDeployment } from '../deployments/queries.ts';
import { openRowStore } from './store.ts';
import type { PayloadToStore, RowToStore } from './store.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 1);
let folder: ReturnType<typeof temporaryFolder>;
let database: Database;
let db: WriteDb;
beforeEach(() => {
  folder = temporaryFolder('store-many');
  database = openDatabase({ path: join(folder.path, 'cache.db'), key: new Secret(randomBytes(32)), mode: 'write', log: keptLog(), clock: systemClock });
  if (database.write === null) throw new Error('not writable');
  db = database.write;
});
afterEach(() => {
  database.close();
  folder.remove();
});

const payload = fc.option(fc.constantFrom<PayloadToStore>(
  { state: 'plain', body: '{"w":"one"}', keyId: null }, { state: 'plain', body: '{"w":"two"}', keyId: null }, { state: 'encrypted', body: `{"encrypted":true,"ciphertext":"${Buffer.concat([Buffer.from([0x80]), Buffer.alloc(72)]).toString('base64url').padEnd(100, '=')}","key_id":"k"}`, keyId: 'k' },
  { state: 'encrypted', body: '{"encrypted":true,"ciphertext":"junk"}', keyId: 'k' }, { state: 'failed', body: '{"encrypted":false,"error":"audit_encryption_failed"}', keyId: null },
), { nil: undefined });
const row: fc.Arbitrary<RowToStore> = fc.record({
  id: fc.integer({ min: 0, max: 60 }), createdAtUs: fc.integer({ min: -3, max: 3 }).map((hour) => hour * 3_600_000_000 + 1), createdAtRaw: fc.constant('raw'), route: fc.constantFrom('/a', '/b'), method: fc.constantFrom('GET', 'POST'), eventType: fc.constant('e'),
  org: fc.constantFrom(null, 'acme', ''), actorSub: fc.constantFrom(null, 's'), actorEmail: fc.constantFrom(null, 'm@acme.test'), resourceId: fc.constant(null), statusCode: fc.constantFrom(200, 403), payload,
});

it('holds for any rows, held ones and doubled ones between them', () => {
  let deployments = 0;
  const state = (dep: number): unknown => ({
    rows: db.all(sql`SELECT e.id, e.route, e.state, e.key_id, p.body FROM audit_event e LEFT JOIN audit_payload p ON p.seq = e.seq WHERE e.dep = ${dep} ORDER BY e.id`, (found) => Object.values(found)),
    hours: db.all(sql`SELECT hour, events, errors FROM audit_hour WHERE dep = ${dep} AND events <> 0 ORDER BY 1`, (found) => Object.values(found)),
    values: db.all(sql`SELECT facet, value, n FROM audit_tally WHERE dep = ${dep} AND n <> 0 ORDER BY 1, 2`, (found) => Object.values(found)),
    found: db.all(sql`SELECT e.id FROM audit_text t JOIN audit_event e ON e.seq = t.rowid WHERE audit_text MATCH 'payload : one' AND e.dep = ${dep} ORDER BY 1`, (found) => found['id']),
  });
  fc.assert(fc.property(fc.array(fc.array(row, { maxLength: 90 }), { minLength: 1, maxLength: 3 }), fc.boolean(), (batches, flushes) => {
    const names = ['one', 'many'].map((name) => `d_${name}${deployments}`) as [string, string];
    deployments += 1;
    for (const id of names) insertDeployment(db, id, { name: id, url: 'https://navi.example.com', kind: 'navi', environment: 'development', readOnly: true, caPem: null, pin: null, createdAtUs: 1 });
    const run = (deploymentId: string, isMany: boolean): { outcomes: string[]; dep: number } => {
      const outcomes: string[] = [];
      let dep = 0;
      db.transaction(() => {
        const store = openRowStore(db, { deploymentId, kind: 'import', address: null, source: 'a file', atUs: 5 });
        dep = store.dep;
        for (const rows of batches) {
          const given = isMany ? store.addMany(rows) : rows.map((each) => store.add(each));
          outcomes.push(...given.map((outcome) => `${outcome.row} ${outcome.payload}`));
          if (flushes) store.flush();
        }
        store.flush();
      });
      return { outcomes, dep };
    };
    const one = run(names[0], false);
    const many = run(names[1], true);
    expect(many.outcomes).toEqual(one.outcomes);
    expect(state(many.dep)).toEqual(state(one.dep));
    const tally = db.all(sql`SELECT facet, value, count(*) AS n FROM audit_tally_of WHERE dep = ${many.dep} GROUP BY 1, 2 ORDER BY 1, 2`, (found) => Object.values(found));
    expect((state(many.dep) as { values: unknown }).values).toEqual(tally);
  }), { seed, numRuns: process.env['HOLDFAST_TEST_LONG'] === '1' ? 300 : 60 });
});
