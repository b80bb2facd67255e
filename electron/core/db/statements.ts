// Runs `sql` queries on one connection with a cache of prepared statements; its reading half refuses every statement that would write.
import type { ReadDb, Row, Sql, WriteDb } from './sql.ts';
import type { RawDatabase, RawStatement } from './native.ts';
import { sqliteCode, translateDatabaseError } from './sqlite-errors.ts';
import type { Doing } from './sqlite-errors.ts';

/** Prepared statements kept per connection; the oldest goes first. Filters build a few dozen texts at most. */
const MAX_STATEMENTS = 256;

function attempt<T>(doing: Doing, run: () => T): T {
  try {
    return run();
  } catch (error) {
    // A service's own file errors pass through a transaction: only SQLite's are ours to translate.
    throw sqliteCode(error) === null ? error : translateDatabaseError(error, doing);
  }
}

interface Statements {
  /** A statement that is free to run; a text that is being iterated gets a second one. */
  prepare(query: Sql): RawStatement;
  /** The same, and a bug when it would write. */
  prepareRead(query: Sql): RawStatement;
}

function statementsOf(raw: RawDatabase): Statements {
  const cache = new Map<string, RawStatement>();
  const prepare = (query: Sql): RawStatement => {
    const known = cache.get(query.text);
    if (known && !known.busy) return known;
    const statement = raw.prepare(query.text);
    if (known) return statement;
    const oldest = cache.size >= MAX_STATEMENTS ? cache.keys().next().value : undefined;
    if (oldest !== undefined) cache.delete(oldest);
    cache.set(query.text, statement);
    return statement;
  };
  const prepareRead = (query: Sql): RawStatement => {
    const statement = prepare(query);
    if (!statement.readonly) throw new Error('a query handed to a ReadDb would write');
    return statement;
  };
  return { prepare, prepareRead };
}

function reading(prepare: (query: Sql) => RawStatement): Pick<ReadDb, 'all' | 'get' | 'iterate'> {
  return {
    all<T>(query: Sql, map: (row: Row) => T): T[] {
      const rows = attempt('reading', () => prepare(query).all(...query.values) as Row[]);
      return rows.map((row) => map(row));
    },
    get<T>(query: Sql, map: (row: Row) => T): T | null {
      const row = attempt('reading', () => prepare(query).get(...query.values) as Row | undefined);
      return row === undefined ? null : map(row);
    },
    *iterate<T>(query: Sql, map: (row: Row) => T): IterableIterator<T> {
      const rows = attempt('reading', () => prepare(query).iterate(...query.values) as IterableIterator<Row>);
      // An iterator left open would block every write on this connection: a loop that breaks or throws ends up in `finally`.
      try {
        for (;;) {
          const next = attempt('reading', () => rows.next());
          if (next.done) return;
          yield map(next.value);
        }
      } finally {
        rows.return?.();
      }
    },
  };
}

/** The right to read on this connection. @throws AppError as translateDatabaseError says; Error for a statement that would write. */
export function readDbOf(raw: RawDatabase): ReadDb {
  return reading(statementsOf(raw).prepareRead) as ReadDb;
}

/**
 * The right to read and write. A transaction inside another becomes a savepoint of the outer one: it is on disk when the outer one is.
 * A function that returns a promise is refused and rolled back. While an `iterate` is open the library refuses to write on the same connection.
 */
export function writeDbOf(raw: RawDatabase): WriteDb {
  const { prepare } = statementsOf(raw);
  const write = {
    ...reading(prepare),
    run(query: Sql): { readonly changes: number } {
      return attempt('writing', () => ({ changes: prepare(query).run(...query.values).changes }));
    },
    transaction<T>(run: () => T): T {
      return attempt('writing', () => raw.transaction(run).immediate() as T);
    },
  };
  return write as WriteDb;
}
