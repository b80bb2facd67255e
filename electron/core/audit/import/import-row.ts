// What a reader of a file hands on: rows, empty places and refusals, each with its line; and the limits that keep one row from taking all memory.
import type { EventColumns } from '../store-queries.ts';
import type { PayloadToStore } from '../store.ts';

/** A row as a file gives it. `id` null: the file has none, so one is made from the content. */
export interface ImportRow extends Omit<EventColumns, 'id'> {
  readonly id: number | null;
  readonly payload?: PayloadToStore | undefined;
}

export interface RowSink {
  row(row: ImportRow, line: number): void;
  /** A place for a row with nothing in it, such as an empty line. */
  empty(line: number): void;
  reject(line: number, reason: string, excerpt: string | null): void;
}

/** Takes the bytes of one file in pieces of any size. A piece may be overwritten after `push` returns. */
export interface ByteReader {
  push(piece: Buffer): void;
  end(): void;
}

/** The largest row that is read; what is larger is refused as one row, and reading goes on behind it. */
export const MAX_ROW_BYTES = 16_777_216;
const EXCERPT_CHARACTERS = 160;

/** The beginning of a row, as a string of its own: a slice would keep the whole piece of the file in memory. */
export function excerptOf(text: string | Buffer): string {
  const beginning = typeof text === 'string' ? text.slice(0, EXCERPT_CHARACTERS) : text.toString('utf8', 0, EXCERPT_CHARACTERS);
  return Buffer.from(beginning, 'utf8').toString('utf8');
}

export const TOO_LONG = `longer than ${MAX_ROW_BYTES / 1_048_576} MiB, the most that one row may have`;
export const NOT_UTF8 = 'not valid UTF-8, so its text cannot be trusted';
