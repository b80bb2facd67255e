// How SQLite goes about the queries that run for every slice of rows: by row number, however little it knows of the table.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openDatabase } from '#core/db/open.ts';
import type { Database } from '#core/db/open.ts';
import { Sql } from '#core/db/sql.ts';
import type { ReadDb } from '#core/db/sql.ts';
import { Secret } from '#core/secret.ts';
import { keptLog, systemClock, temporaryFolder } from '../../../../test/support/ports.ts';
import { blockEndingAt, blockFrom, checkpointsAfter, lateSeqsAfter, latesAfter, lowestSeqAfter, placesAfter, rowsBetween, rowsById, rowsBySeq, withBody } from './witness-queries.ts';

let folder: ReturnType<typeof temporaryFolder>;
let database: Database;
beforeEach(() => {
  folder = temporaryFolder('plans');
  database = openDatabase({ path: join(folder.path, 'cache.db'), key: new Secret(randomBytes(32)), mode: 'write', log: keptLog(), clock: systemClock });
});
afterEach(() => {
  database.close();
  folder.remove();
});

/** The steps of the plan for the query that `run` makes. */
function planOf(run: (db: ReadDb) => unknown): string[] {
  const steps: string[] = [];
  const explain = (query: Sql): [] => {
    steps.push(...database.read.all(new Sql(`EXPLAIN QUERY PLAN ${query.text}`, query.values), (row) => String(row['detail'])));
    return [];
  };
  run({ all: explain, get: (query: Sql) => (explain(query), null) } as unknown as ReadDb);
  return steps.map((step) => step.replace(/\s+/g, ' '));
}

it('rows are read by their number, and never by way of an index of the whole deployment', () => {
  expect(planOf((db) => rowsBetween(db, 1, { after: 5, through: 9 }))).toEqual([expect.stringContaining('SEARCH e USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)'), expect.stringContaining('SEARCH p USING INTEGER PRIMARY KEY')]);
  expect(planOf((db) => rowsBySeq(db, 1, [5]))).toEqual([expect.stringContaining('SCAN j'), expect.stringContaining('SEARCH e USING INTEGER PRIMARY KEY (rowid=?)'), expect.stringContaining('SEARCH p USING INTEGER PRIMARY KEY')]);
  expect(planOf((db) => rowsById(db, 1, [5]))).toEqual([expect.stringContaining('SCAN j'), expect.stringContaining('SEARCH e USING INDEX audit_event_id (dep=? AND id=?)'), expect.stringContaining('SEARCH p USING INTEGER PRIMARY KEY')]);
});

it('a long body is left out of a slice and read alone', () => {
  const db = database.write;
  if (db === null) throw new Error('not writable');
  const insert = (seq: number, body: string | null): void => {
    db.run(new Sql("INSERT INTO audit_event (seq, dep, id, created_at, created_raw, route, method, event_type, status_code, batch, state) VALUES (?, 1, ?, 1, '', '', '', '', 200, 1, ?)", [seq, seq, body === null ? null : 'plain']));
    if (body !== null) db.run(new Sql('INSERT INTO audit_payload VALUES (?, ?)', [seq, body]));
  };
  const long = '\u00e9'.repeat(8193);
  insert(1, null);
  insert(2, '\u00e9'.repeat(8192));
  insert(3, long);
  const rows = rowsBetween(db, 1, { after: 0, through: 9 });
  expect(rows.map(({ body, isLarge }) => [body?.length ?? null, isLarge])).toEqual([[null, false], [8192, false], [null, true]]);
  expect(rows.map((row) => withBody(db, row).body?.length ?? null)).toEqual([null, 8192, 8193]);
});

it('pages go on where the last one ended', () => {
  expect(planOf((db) => placesAfter(db, 1, { afterId: 5, limit: 9 }))).toEqual([expect.stringContaining('USING COVERING INDEX audit_event_id (dep=? AND id>?)')]);
  expect(planOf((db) => lowestSeqAfter(db, 1, { afterId: 5, above: 7, limit: 9 })).join()).toContain('USING COVERING INDEX audit_event_id (dep=? AND id>?)');
  expect(planOf((db) => latesAfter(db, 1, { after: 5, through: 7, limit: 9 }))[0]).toContain('USING INDEX audit_payload_late_dep (dep=? AND num>? AND num<?)');
  expect(planOf((db) => lateSeqsAfter(db, 1, { after: 5, limit: 9 }))[0]).toContain('audit_payload_late_dep (dep=? AND num>?)');
  expect(planOf((db) => blockFrom(db, 1, 5))[0]).toContain('audit_leaf_block_first (dep=? AND first>?)');
  expect(planOf((db) => blockEndingAt(db, 1, 5))[0]).toContain('audit_leaf_block_first (dep=? AND first<?)');
  expect(planOf((db) => checkpointsAfter(db, 1, { after: 5, limit: 9 }))[0]).toContain('audit_checkpoint_number (dep=? AND number>?)');
});
