// Splits bytes into lines of text with their numbers: LF, CRLF or CR, any pieces; a line that is no UTF-8 or too long is refused alone.
import { isAscii, isUtf8 } from 'node:buffer';
import { excerptOf, MAX_ROW_BYTES, NOT_UTF8, TOO_LONG } from './import-row.ts';
import type { ByteReader, RowSink } from './import-row.ts';

const LF = 0x0a;
const CR = 0x0d;
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/** So many CR at the end of a first line may still be followed by the LF that ends it. */
const MOST_CR = 8;

/**
 * Lines count from 1. Empty lines are told to the sink, a byte order mark at the very beginning is left out. How the first line ends decides for the
 * file: where lines end with LF, a CR inside of one is no line break, so that the numbers are those of any editor.
 */
export function createLineSplitter(onLine: (text: string, line: number) => void, sink: Pick<RowSink, 'empty' | 'reject'>): ByteReader {
  let line = 1;
  let carry: Buffer[] = [];
  let carried = 0;
  let isFirst = true;
  /** The beginning of a line that is being passed over because it is too long. */
  let overlong: string | null = null;
  /** What ends a line; null until the first one ends. */
  let mark: typeof LF | typeof CR | null = null;
  /** CR at the end of what was read, before it is known what follows. */
  let waiting = 0;

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
    if (mark !== CR && bytes.at(-1) === CR) bytes = bytes.subarray(0, -1);
    if (bytes.length === 0) sink.empty(line);
    else if (bytes.length > MAX_ROW_BYTES) sink.reject(line, TOO_LONG, excerptOf(bytes));
    else if (!isUtf8(bytes)) sink.reject(line, NOT_UTF8, excerptOf(bytes));
    else emitText(bytes.toString('utf8'));
  }

  function emitText(text: string): void {
    if (text.trim() === '') sink.empty(line);
    else onLine(text, line);
  }

  /** Whole lines, each with its end. Most files are ASCII: then one decoding serves all of them. */
  function emitBlock(block: Buffer): void {
    if (!isAscii(block)) {
      for (let start = 0; start < block.length;) {
        const end = block.indexOf(mark ?? LF, start);
        emitBytes(block.subarray(start, end));
        line += 1;
        start = end + 1;
      }
      return;
    }
    isFirst = false;
    const text = block.toString('latin1');
    const ending = mark === CR ? '\r' : '\n';
    for (let start = 0; start < text.length;) {
      const end = text.indexOf(ending, start);
      emitText(text.slice(start, end > start && text.charCodeAt(end - 1) === CR ? end - 1 : end));
      line += 1;
      start = end + 1;
    }
  }

  /** Learns what ends a line. @returns the bytes to go on with; CR at their end that may belong to an LF are held back */
  function decide(given: Buffer): Buffer {
    const piece = waiting === 0 ? given : Buffer.concat([Buffer.alloc(waiting, CR), given]);
    waiting = 0;
    const lf = piece.indexOf(LF);
    const cr = piece.indexOf(CR);
    if (cr === -1 || (lf !== -1 && lf < cr)) {
      if (lf !== -1) mark = LF;
      return piece;
    }
    let behind = cr;
    while (piece[behind] === CR && behind - cr <= MOST_CR) behind += 1;
    if (behind - cr > MOST_CR) mark = CR;
    else if (behind < piece.length) mark = piece[behind] === LF ? LF : CR;
    else waiting = piece.length - cr;
    return mark === null ? piece.subarray(0, cr) : piece;
  }

  return {
    push(given) {
      const piece = mark === null ? decide(given) : given;
      if (mark === null) return keep(piece);
      let from = 0;
      if (carried > 0 || overlong !== null) {
        const end = piece.indexOf(mark);
        if (end === -1) return keep(piece);
        takeCarry(piece.subarray(0, end));
        from = end + 1;
      }
      const last = piece.lastIndexOf(mark);
      if (last >= from) {
        emitBlock(piece.subarray(from, last + 1));
        from = last + 1;
      }
      keep(piece.subarray(from));
    },
    end() {
      // What waited was the end of the only line, or of lines without anything.
      if (waiting > 0) {
        mark = CR;
        takeCarry(Buffer.alloc(0));
        for (let n = 1; n < waiting; n += 1) takeCarry(Buffer.alloc(0));
        return;
      }
      if (carried > 0 || overlong !== null) takeCarry(Buffer.alloc(0));
    },
  };
}
