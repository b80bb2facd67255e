// Migration 2 on a cache that already holds an audit log: every row and payload is still there, findable and counted, and stays insert-only.
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { MIGRATIONS } from '#core/db/migrate.ts';
import { openDatabase } from '#core/db/open.ts';
import type { Database } from '#core/db/open.ts';
import { sql } from '#core/db/sql.ts';
import { Secret } from '#core/secret.ts';
import { keptLog, systemClock, temporaryFolder } from '../support/ports.ts';

let folder: ReturnType<typeof temporaryFolder>;
let key: Buffer;
beforeEach(() => {
  folder = temporaryFolder('migration');
  key = randomBytes(32);
});
afterEach(() => folder.remove());

function open(migrations: URL = MIGRATIONS): Database {
  return openDatabase({ path: join(folder.path, 'cache.db'), key: new Secret(Buffer.from(key)), mode: 'write', log: keptLog(), clock: systemClock, migrations });
}

function openWithFirstOnly(): Database {
  const only = join(folder.path, 'migrations');
  mkdirSync(only);
  cpSync(new URL('0001-foundation.sql', MIGRATIONS), join(only, '0001-foundation.sql'));
  return open(pathToFileURL(`${only}/`));
}

it('R39: rows and payloads of the first schema are kept with where they came from', () => {
  const before = openWithFirstOnly();
  const db = before.write;
  if (db === null) throw new Error('not writable');
  db.transaction(() => {
    for (const name of ['one', 'two']) db.run(sql`INSERT INTO deployment (id, name, url, kind, environment, read_only, created_at) VALUES (${`d_${name}`}, ${name}, ${'https://navi.example.com'}, 'navi', 'production', 1, 1)`);
    for (let id = 1; id <= 50; id += 1) {
      db.run(sql`INSERT INTO audit_event VALUES (${id % 2 === 0 ? 'd_one' : 'd_two'}, ${'https://navi.example.com'}, ${id}, ${1_700_000_000_000_000 + id * 3_000_000_000}, ${'raw'}, ${`/api/thing/${id}`}, 'POST', 'http.request', ${id % 3 === 0 ? null : 'acme'}, NULL, NULL, NULL, ${id % 5 === 0 ? 500 : 200}, ${id < 25 ? 5 : 6}, 'GET /api/audit')`);
      if (id % 4 === 0) db.run(sql`INSERT INTO audit_payload VALUES ('d_one', ${'https://navi.example.com'}, ${id}, 'plain', NULL, ${`{"needle":"n${id}"}`}, 7, 'GET /api/audit/export')`);
    }
  });
  before.close();

  const after = open();
  try {
    const read = after.read;
    expect(read.get(sql`SELECT count(*) AS n FROM audit_event`, (row) => row['n'])).toBe(50);
    expect(read.get(sql`SELECT count(*) AS n FROM audit_payload`, (row) => row['n'])).toBe(12);
    expect(read.all(sql`SELECT e.id, e.state, p.body, b.at, b.source, pb.at AS payload_at FROM audit_event e JOIN audit_batch b ON b.id = e.batch JOIN audit_payload p ON p.seq = e.seq JOIN audit_batch pb ON pb.id = e.payload_batch WHERE e.id IN (4, 28) ORDER BY e.id`, (row) => Object.values(row)))
      .toEqual([[4, 'plain', '{"needle":"n4"}', 5, 'GET /api/audit', 7], [28, 'plain', '{"needle":"n28"}', 6, 'GET /api/audit', 7]]);
    expect(read.all(sql`SELECT e.id FROM audit_text t JOIN audit_event e ON e.seq = t.rowid WHERE audit_text MATCH 'n28'`, (row) => row['id'])).toEqual([28]);
    expect(read.get(sql`SELECT sum(events) AS events, sum(errors) AS errors FROM audit_hour`, (row) => Object.values(row))).toEqual([50, 10]);
    expect(read.all(sql`SELECT value, sum(n) AS n FROM audit_tally WHERE facet = 'payload' GROUP BY 1 ORDER BY 1`, (row) => Object.values(row))).toEqual([['-', 38], ['=plain', 12]]);
    expect(() => after.write?.run(sql`DELETE FROM audit_event`)).toThrow();
  } finally {
    after.close();
  }
});
