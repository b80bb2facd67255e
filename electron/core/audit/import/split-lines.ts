// Splits bytes into lines of text with their numbers: CRLF or LF, any pieces; a line that is no UTF-8 or too long is refused alone.
import { isAscii, isUtf8 } from 'node:buffer';
import { excerptOf, MAX_ROW_BYTES, NOT_UTF8, TOO_LONG } from './import-row.ts';
import type { ByteReader, RowSink } from './import-row.ts';

const LF = 0x0a;
const CR = 0x0d;
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/** Lines count from 1. Empty lines are told to the sink, a byte order mark at the very beginning is left out. */
export function createLineSplitter(onLine: (text: string, line: number) => void, sink: Pick<RowSink, 'empty' | 'reject'>): ByteReader {
  let line = 1;
  let carry: Buffer[] = [];
  let carried = 0;
  let isFirst = true;
  /** The beginning of a line that is being passed over because it is too long. */
  let overlong: string | null = null;

  function keep(piece: Buffer): void {
    if (overlong !== null || piece.length === 0) return;
    carry.push(Buffer.from(piece));
    carried += piece.length;
    if (carried <= MAX_ROW_BYTES) return;
    overlong = excerptOf(Buffer.concat(carry.slice(0, 2)));
    carry = [];
    carried = 0;
  }

  function takeCarry(rest: Buffer): void {
    if (overlong === null) keep(rest);
    if (overlong === null) emitBytes(Buffer.concat(carry));
    else sink.reject(line, TOO_LONG, overlong);
    line += 1;
    carry = [];
    carried = 0;
    overlong = null;
  }

  function emitBytes(given: Buffer): void {
    let bytes = given;
    if (isFirst) {
      isFirst = false;
      if (bytes.subarray(0, 3).equals(BOM)) bytes = bytes.subarray(3);
    }
    if (bytes.at(-1) === CR) bytes = bytes.subarray(0, -1);
    if (bytes.length === 0) sink.empty(line);
    else if (bytes.length > MAX_ROW_BYTES) sink.reject(line, TOO_LONG, excerptOf(bytes));
    else if (!isUtf8(bytes)) sink.reject(line, NOT_UTF8, excerptOf(bytes));
    else emitText(bytes.toString('utf8'));
  }

  function emitText(text: string): void {
    if (text.trim() === '') sink.empty(line);
    else onLine(text, line);
  }

  /** Whole lines, each with its LF. Most files are ASCII: then one decoding serves all of them. */
  function emitBlock(block: Buffer): void {
    if (!isAscii(block)) {
      for (let start = 0; start < block.length;) {
        const end = block.indexOf(LF, start);
        emitBytes(block.subarray(start, end));
        line += 1;
        start = end + 1;
      }
      return;
    }
    isFirst = false;
    const text = block.toString('latin1');
    for (let start = 0; start < text.length;) {
      const end = text.indexOf('\n', start);
      emitText(text.slice(start, end > start && text.charCodeAt(end - 1) === CR ? end - 1 : end));
      line += 1;
      start = end + 1;
    }
  }

  return {
    push(piece) {
      let from = 0;
      if (carried > 0 || overlong !== null) {
        const end = piece.indexOf(LF);
        if (end === -1) return keep(piece);
        takeCarry(piece.subarray(0, end));
        from = end + 1;
      }
      const last = piece.lastIndexOf(LF);
      if (last >= from) {
        emitBlock(piece.subarray(from, last + 1));
        from = last + 1;
      }
      keep(piece.subarray(from));
    },
    end() {
      if (carried > 0 || overlong !== null) takeCarry(Buffer.alloc(0));
    },
  };
}
