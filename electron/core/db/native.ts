// Loads the native SQLite library, once and late; it refuses an old Node, which the library would crash.
import { createRequire } from 'node:module';
import { AppError } from '#shared/errors.ts';
import type { SqlValue } from './sql.ts';

/** Node-API version that the library is built for. Below it the process dies by a signal: there is no error to catch. */
const NODE_API = 10;

/** A prepared statement, as far as it is used here. The package's own types are not reachable through its `exports`. */
export interface RawStatement {
  /** True while an iterator over it is open. */
  readonly busy: boolean;
  /** True when it cannot change the database. */
  readonly readonly: boolean;
  run(...values: readonly SqlValue[]): { readonly changes: number };
  get(...values: readonly SqlValue[]): unknown;
  all(...values: readonly SqlValue[]): unknown[];
  iterate(...values: readonly SqlValue[]): IterableIterator<unknown>;
  pluck(): RawStatement;
  raw(): RawStatement;
}

/** A connection, as far as it is used here. */
export interface RawDatabase {
  readonly open: boolean;
  readonly inTransaction: boolean;
  prepare(text: string): RawStatement;
  exec(text: string): unknown;
  pragma(text: string, options?: { readonly simple?: boolean }): unknown;
  /** 0 when the cipher took it. */
  key(key: Buffer): number;
  transaction<T>(run: () => T): { immediate(): T };
  close(): unknown;
}

type SqliteModule = new (path: string, options: { readonly readonly?: boolean; readonly fileMustExist?: boolean; readonly timeout: number }) => RawDatabase;

let loaded: SqliteModule | null = null;

/** The library's constructor. @throws AppError setup_needed on a Node that it would crash. */
export function loadSqlite(): SqliteModule {
  if (!(Number(process.versions.napi) >= NODE_API)) {
    throw new AppError('setup_needed', {
      message: `The database needs Node 22 or newer; this is Node ${process.versions.node}. Nothing was opened.`,
      hint: 'Start Holdfast with npm start or npm run -s holdfast: both use the Node that the project brings along.',
    });
  }
  loaded ??= createRequire(import.meta.url)('better-sqlite3') as SqliteModule;
  return loaded;
}
