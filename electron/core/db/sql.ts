// The sql template: every value becomes a bound parameter, and nothing else can build a query.

export type SqlValue = string | number | bigint | Buffer | null;
export type Row = Readonly<Record<string, SqlValue>>;

/** A query with its bound values. Made only by `sql` and `joinSql`. */
export class Sql {
  readonly text: string;
  readonly values: readonly SqlValue[];

  /** Use the `sql` template instead: text given here is trusted as it stands. */
  constructor(text: string, values: readonly SqlValue[]) {
    this.text = text;
    this.values = values;
  }
}

/** Builds a query; a value is bound, a nested Sql is spliced in with its own values. Booleans are refused: use 0 and 1. */
export function sql(strings: TemplateStringsArray, ...parts: readonly (SqlValue | Sql)[]): Sql {
  let text = strings[0] ?? '';
  const values: SqlValue[] = [];
  parts.forEach((part, index) => {
    if (part instanceof Sql) {
      text += part.text;
      values.push(...part.values);
    } else {
      text += '?';
      values.push(part);
    }
    text += strings[index + 1] ?? '';
  });
  return new Sql(text, values);
}

/** Joins fragments, for example conditions with sql` AND `. */
export function joinSql(parts: readonly Sql[], separator: Sql): Sql {
  return new Sql(parts.map((part) => part.text).join(separator.text), parts.flatMap((part, index) => (index === 0 ? part.values : [...separator.values, ...part.values])));
}

declare const canRead: unique symbol;
declare const canWrite: unique symbol;

/** Reads only; the connection behind it refuses writes when the profile was opened for reading. */
export interface ReadDb {
  readonly [canRead]: true;
  all<T>(query: Sql, map: (row: Row) => T): T[];
  get<T>(query: Sql, map: (row: Row) => T): T | null;
  iterate<T>(query: Sql, map: (row: Row) => T): IterableIterator<T>;
}

/** Reads and writes. A function that takes a ReadDb cannot be handed the right to write. */
export interface WriteDb extends ReadDb {
  readonly [canWrite]: true;
  run(query: Sql): { readonly changes: number };
  /** One transaction (BEGIN IMMEDIATE); rolled back when `run` throws; committed and synced to disk when it returns. */
  transaction<T>(run: () => T): T;
}
