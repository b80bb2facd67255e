// Splits CSV (RFC 4180) into records of cells with the line on which each begins; it guesses no meaning into a quote that stands where none may.
import { isUtf8 } from 'node:buffer';
import { excerptOf, MAX_ROW_BYTES, NOT_UTF8, TOO_LONG } from './import-row.ts';
import type { ByteReader, RowSink } from './import-row.ts';

const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x22;
const COMMA = 0x2c;
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/** A cell: its text, and whether it stood in quotes (an empty one in quotes is an empty text, one without is nothing). */
export interface Cell { readonly text: string; readonly isQuoted: boolean }

/** start: before a cell. plain: in one without quotes. quoted. closed: behind a quote inside quotes, which ends the cell or stands for a quote. */
type State = 'start' | 'plain' | 'quoted' | 'closed';

/** Lines end with CRLF, LF or CR. Gives each record's cells; a record that breaks the rules is refused, and reading goes on with the next line. */
export function createCsvSplitter(onRecord: (cells: readonly Cell[], line: number) => void, sink: Pick<RowSink, 'empty' | 'reject'>): ByteReader {
  let line = 1;
  let startLine = 1;
  let state: State = 'start';
  let wrong: string | null = null;
  let afterCr = false;
  let parts: Buffer[] = [];
  let size = 0;
  let overlong: string | null = null;
  let isFirst = true;
  let offset = 0;

  function keep(piece: Buffer, isCopy: boolean): void {
    if (piece.length === 0 || overlong !== null) return;
    parts.push(isCopy ? Buffer.from(piece) : piece);
    size += piece.length;
    if (size <= MAX_ROW_BYTES) return;
    overlong = excerptOf(Buffer.concat(parts.slice(0, 2)));
    parts = [];
  }

  function finish(): void {
    let bytes = parts.length === 1 ? parts[0] as Buffer : Buffer.concat(parts);
    if (isFirst && bytes.subarray(0, 3).equals(BOM)) bytes = bytes.subarray(3);
    isFirst = false;
    const span = line > startLine ? ` (lines ${startLine} to ${line})` : '';
    if (overlong !== null) sink.reject(startLine, `${TOO_LONG}${span}`, overlong);
    else if (wrong !== null) sink.reject(startLine, `${wrong}${span}`, excerptOf(bytes));
    else if (bytes.length === 0) sink.empty(startLine);
    else if (!isUtf8(bytes)) sink.reject(startLine, NOT_UTF8, excerptOf(bytes));
    else onRecord(cellsOf(bytes.toString('utf8')), startLine);
    parts = [];
    size = 0;
    overlong = null;
    wrong = null;
    state = 'start';
  }

  /** Ends a record at a line break that stands at `at`. */
  function breakAt(piece: Buffer, from: number, at: number): void {
    keep(piece.subarray(from, at), false);
    finish();
    line += 1;
    startLine = line;
    afterCr = piece[at] === CR;
  }

  return {
    push(piece) {
      let from = 0;
      let at = 0;
      // A mark at the beginning stands before the first cell, which may be in quotes.
      while (offset < 3 && at < piece.length && piece[at] === BOM[offset]) {
        at += 1;
        offset += 1;
      }
      if (at < piece.length) offset = 3;
      while (at < piece.length) {
        if (state === 'quoted') {
          const end = piece.indexOf(QUOTE, at);
          const stop = end === -1 ? piece.length : end;
          for (let next = piece.indexOf(LF, at); next !== -1 && next < stop; next = piece.indexOf(LF, next + 1)) line += 1;
          if (end !== -1) state = 'closed';
          at = stop + (end === -1 ? 0 : 1);
          continue;
        }
        const byte = piece[at] as number;
        if (byte === LF && afterCr && at === from && size === 0) {
          afterCr = false;
          at += 1;
          from = at;
          continue;
        }
        afterCr = false;
        if (byte === LF || byte === CR) {
          breakAt(piece, from, at);
          at += 1;
          from = at;
          continue;
        }
        if (byte === QUOTE) {
          if (state === 'start') state = wrong === null ? 'quoted' : 'plain';
          else if (state === 'closed') state = 'quoted';
          else wrong ??= 'a quote in the middle of a cell that does not begin with one';
        } else if (byte === COMMA) {
          state = 'start';
        } else if (state === 'closed') {
          wrong ??= 'text behind the closing quote of a cell';
          state = 'plain';
        } else {
          state = 'plain';
        }
        at += 1;
      }
      keep(piece.subarray(from), true);
    },
    end() {
      if (state === 'quoted') wrong ??= 'a cell in quotes that is never closed';
      if (size > 0 || overlong !== null) finish();
    },
  };
}

/** The cells of a record that keeps to the rules. */
function cellsOf(record: string): Cell[] {
  const cells: Cell[] = [];
  for (let at = 0; ;) {
    if (record.charCodeAt(at) === QUOTE) {
      let end = record.indexOf('"', at + 1);
      let isDoubled = false;
      while (record.charCodeAt(end + 1) === QUOTE) {
        isDoubled = true;
        end = record.indexOf('"', end + 2);
      }
      const inner = record.slice(at + 1, end);
      cells.push({ text: isDoubled ? inner.replaceAll('""', '"') : inner, isQuoted: true });
      at = end + 1;
    } else {
      const end = record.indexOf(',', at);
      cells.push({ text: end === -1 ? record.slice(at) : record.slice(at, end), isQuoted: false });
      if (end === -1) return cells;
      at = end;
    }
    if (at >= record.length) return cells;
    // At a comma: what follows is a cell, even when nothing follows.
    at += 1;
    if (at === record.length) {
      cells.push({ text: '', isQuoted: false });
      return cells;
    }
  }
}
