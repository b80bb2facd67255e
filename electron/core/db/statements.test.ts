import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '#shared/errors.ts';
import { loadSqlite } from './native.ts';
import type { RawDatabase } from './native.ts';
import { joinSql, sql } from './sql.ts';
import type { ReadDb, Row, WriteDb } from './sql.ts';
import { isUniqueViolation } from './sqlite-errors.ts';
import { readDbOf, writeDbOf } from './statements.ts';

let raw: RawDatabase;
let db: WriteDb;
let read: ReadDb;
beforeEach(() => {
  const Sqlite = loadSqlite();
  raw = new Sqlite(':memory:', { timeout: 0 });
  raw.exec('CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT UNIQUE) STRICT');
  db = writeDbOf(raw);
  read = readDbOf(raw);
  for (let id = 1; id <= 5; id += 1) db.run(sql`INSERT INTO note VALUES (${id}, ${`note ${id}`})`);
});
afterEach(() => {
  if (raw.open) raw.close();
});

const idOf = (row: Row): number => Number(row['id']);
const all = sql`SELECT id, text FROM note ORDER BY id`;

describe('queries', () => {
  it('R36: a value never becomes SQL', () => {
    const nasty = "'); DROP TABLE note; --";
    expect(db.run(sql`UPDATE note SET text = ${nasty} WHERE id = ${1}`)).toEqual({ changes: 1 });
    expect(read.get(sql`SELECT text FROM note WHERE id = ${1}`, (row) => row['text'])).toBe(nasty);
    const conditions = joinSql([sql`id > ${1}`, sql`id < ${4}`], sql` AND `);
    expect(read.all(sql`SELECT id FROM note WHERE ${conditions}`, idOf)).toEqual([2, 3]);
  });

  it('gives null for no row, and an empty list', () => {
    expect(read.get(sql`SELECT id FROM note WHERE id = ${99}`, idOf)).toBeNull();
    expect(read.all(sql`SELECT id FROM note WHERE id = ${99}`, idOf)).toEqual([]);
  });

  it('the reading half refuses what would write, also when it looks like a query', () => {
    expect(() => read.all(sql`INSERT INTO note VALUES (9, 'x') RETURNING id`, idOf)).toThrow('would write');
    expect(() => read.get(sql`DELETE FROM note RETURNING id`, idOf)).toThrow('would write');
    expect(() => [...read.iterate(sql`UPDATE note SET text = id RETURNING id`, idOf)]).toThrow('would write');
    expect(Object.keys(read).sort()).toEqual(['all', 'get', 'iterate']);
    expect(read.all(all, idOf)).toEqual([1, 2, 3, 4, 5]);
  });

  it('a ReadDb cannot stand in for a WriteDb, and nothing can be made up for either', () => {
    const wantsToWrite = (writable: WriteDb): WriteDb => writable;
    const wantsToRead = (readable: ReadDb): ReadDb => readable;
    // @ts-expect-error the right to read is not the right to write
    expect(wantsToWrite(read)).toBe(read);
    // @ts-expect-error only this folder hands out the right
    const madeUp: ReadDb = { all: () => [], get: () => null, iterate: () => [].values() };
    expect(madeUp).toBeDefined();
    expect(wantsToRead(db)).toBe(db);
  });
});

describe('iterate', () => {
  it('goes through all rows, one at a time', () => {
    expect([...read.iterate(all, idOf)]).toEqual([1, 2, 3, 4, 5]);
  });

  it('a loop that breaks or throws frees the connection for writing', () => {
    for (const id of read.iterate(all, idOf)) if (id === 2) break;
    expect(db.run(sql`DELETE FROM note WHERE id = ${5}`).changes).toBe(1);
    expect(() => {
      for (const id of read.iterate(all, idOf)) if (id === 2) throw new Error('stop');
    }).toThrow('stop');
    const failing = (row: Row): number => {
      throw new Error(`cannot map ${idOf(row)}`);
    };
    expect(() => [...read.iterate(all, failing)]).toThrow('cannot map 1');
    expect(db.run(sql`DELETE FROM note WHERE id = ${4}`).changes).toBe(1);
  });

  it('the same query may run inside its own loop', () => {
    const pairs = [...read.iterate(all, idOf)].flatMap((id) => [...read.iterate(all, idOf)].map((other) => [id, other]));
    expect(pairs).toHaveLength(25);
    const inner: number[] = [];
    for (const id of read.iterate(all, idOf)) for (const other of read.iterate(all, idOf)) inner.push(id * other);
    expect(inner).toHaveLength(25);
  });
});

describe('transaction', () => {
  it('is undone as a whole when its function throws', () => {
    expect(() =>
      db.transaction(() => {
        db.run(sql`DELETE FROM note`);
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(read.all(all, idOf)).toHaveLength(5);
    expect(raw.inTransaction).toBe(false);
  });

  it('an inner one can be undone alone; the outer one decides about both', () => {
    db.transaction(() => {
      db.run(sql`DELETE FROM note WHERE id = 1`);
      expect(() =>
        db.transaction(() => {
          db.run(sql`DELETE FROM note WHERE id = 2`);
          throw new Error('inner');
        }),
      ).toThrow('inner');
    });
    expect(read.all(all, idOf)).toEqual([2, 3, 4, 5]);
  });

  it('a function that waits is refused and undone', () => {
    expect(() =>
      db.transaction(async () => {
        db.run(sql`DELETE FROM note`);
        await Promise.resolve();
      }),
    ).toThrow('promise');
    expect(read.all(all, idOf)).toHaveLength(5);
  });
});

describe('errors', () => {
  it('a broken rule of the schema comes through for the service to word', () => {
    let caught: unknown = null;
    try {
      db.run(sql`INSERT INTO note VALUES (6, 'note 1')`);
    } catch (error) {
      caught = error;
    }
    expect(caught).not.toBeInstanceOf(AppError);
    expect(isUniqueViolation(caught)).toBe(true);
  });

  it("a service's own errors pass through a transaction unchanged", () => {
    const own = Object.assign(new Error('no such file'), { code: 'ENOENT' });
    expect(() =>
      db.transaction(() => {
        throw own;
      }),
    ).toThrow(own);
  });

  it('more different queries than are kept still run', () => {
    for (let index = 0; index < 600; index += 1) {
      const columns = joinSql(Array.from({ length: (index % 300) + 1 }, () => sql`id`), sql`, `);
      expect(read.get(sql`SELECT ${columns} FROM note WHERE id = ${3}`, idOf)).toBe(3);
    }
  });
});
