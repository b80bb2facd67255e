// Finds the outermost JSON objects in bytes, in one list or one after the other, over any number of lines; what stands between them is refused with its line.
import { isUtf8 } from 'node:buffer';
import { excerptOf, MAX_ROW_BYTES, NOT_UTF8, TOO_LONG } from './import-row.ts';
import type { ByteReader, RowSink } from './import-row.ts';

const LF = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const BOM = [0xef, 0xbb, 0xbf];

const LEVELS_KNOWN = 1000;
const isSpace = (byte: number): boolean => byte === 0x20 || byte === LF || byte === 0x0d || byte === 0x09;

/** before: nothing yet. inside: in the list. after: the list is closed. bare: objects one after the other. */
type Place = 'before' | 'inside' | 'after' | 'bare';

/**
 * Gives the text of each outermost object with the line on which it begins. Only brackets and strings are looked at: the text may still be no JSON.
 * Where an object cannot be whole (a line break inside a string, a `{` where none may stand), the next one that begins its line is taken up again.
 */
export function createObjectSplitter(onObject: (text: string, line: number) => void, sink: Pick<RowSink, 'reject'>): ByteReader {
  let place: Place = 'before';
  let line = 1;
  let isAtStart = true;
  /** True when only blanks stand before this byte on its line. */
  let isLineStart = true;
  /** In the list: whether a comma came since the last row, and on which line. */
  let comma: number | null = null;
  let rows = 0;

  // The value that is being passed over; depth 0: none.
  let depth = 0;
  let isObject = false;
  let startLine = 1;
  let inString = false;
  let isEscaped = false;
  /** The last byte outside of strings that is no blank. */
  let previous = 0;
  /** What the outermost levels are, outermost first; deeper ones count as lists. */
  let levels: boolean[] = [];
  let broken: string | null = null;
  let parts: Buffer[] = [];
  let size = 0;
  let excerpt: string | null = null;

  // Anything else that stands where an object should.
  let stray: number[] = [];
  let strayLine = 0;
  let strayQuoted = false;

  function keep(piece: Buffer): void {
    if (piece.length === 0 || excerpt !== null) return;
    parts.push(Buffer.from(piece));
    size += piece.length;
    if (size > MAX_ROW_BYTES) {
      excerpt = excerptOf(Buffer.concat(parts.slice(0, 2)));
      parts = [];
    }
  }

  function begin(byte: number): void {
    depth = 1;
    isObject = byte === OPEN_OBJECT;
    startLine = line;
    inString = false;
    isEscaped = false;
    previous = byte;
    levels = [isObject];
    broken = null;
    parts = [];
    size = 0;
    excerpt = null;
  }

  /** Ends the value; `why` when it is not whole. */
  function finish(why: string | null): void {
    depth = 0;
    const refuse = (reason: string): void => sink.reject(startLine, reason, excerpt ?? excerptOf(Buffer.concat(parts)));
    const isUnexpected = place === 'inside' && rows > 0 && comma === null;
    comma = null;
    rows += 1;
    if (excerpt !== null) refuse(TOO_LONG);
    else if (why !== null) refuse(why);
    else if (!isObject) refuse('a list where an object was expected');
    else if (place === 'after') refuse('stands after the end of the list');
    else if (isUnexpected) refuse('no comma stands before it');
    else {
      const bytes = parts.length === 1 ? parts[0] as Buffer : Buffer.concat(parts);
      if (isUtf8(bytes)) onObject(bytes.toString('utf8'), startLine);
      else refuse(NOT_UTF8);
    }
    parts = [];
  }

  function endStray(): void {
    // A byte order mark at the very beginning says nothing.
    if (isAtStart && BOM.every((byte, index) => stray[index] === byte)) stray = stray.slice(BOM.length);
    isAtStart = false;
    if (stray.length === 0) return;
    const text = Buffer.from(stray).toString('utf8');
    stray = [];
    strayQuoted = false;
    comma = null;
    rows += 1;
    sink.reject(strayLine, place === 'after' ? 'stands after the end of the list' : 'no object', excerptOf(text));
  }

  function strayByte(byte: number): void {
    if (stray.length === 0) strayLine = line;
    if (byte === QUOTE) strayQuoted = !strayQuoted;
    if (stray.length < 1000) stray.push(byte);
  }

  function refuseMark(reason: string, mark: string): void {
    rows += 1;
    sink.reject(line, reason, mark);
  }

  /** One byte outside of any object. */
  function between(byte: number): void {
    if (strayQuoted && byte !== LF) {
      strayByte(byte);
      return;
    }
    if (isSpace(byte)) {
      endStray();
      return;
    }
    if (byte === OPEN_OBJECT || (byte === OPEN_LIST && place !== 'before')) {
      endStray();
      if (place === 'before') place = 'bare';
      begin(byte);
    } else if (byte === OPEN_LIST) {
      endStray();
      place = 'inside';
    } else if (byte === COMMA) {
      endStray();
      if (place !== 'inside') refuseMark('a comma that separates nothing', ',');
      else if (comma !== null || rows === 0) refuseMark('a comma without a row before it', ',');
      if (place === 'inside') comma = line;
    } else if (byte === CLOSE_LIST && place === 'inside') {
      endStray();
      if (comma !== null) sink.reject(comma, 'a comma without a row after it', ',');
      comma = null;
      place = 'after';
    } else {
      strayByte(byte);
    }
  }

  /** Passes over bytes of a value from `from`; gives the place of the first byte behind it, or behind the piece. */
  function within(piece: Buffer, from: number): number {
    let at = from;
    while (at < piece.length) {
      if (inString) {
        at = passString(piece, at);
        continue;
      }
      const byte = piece[at] as number;
      if (byte === LF) {
        line += 1;
        isLineStart = true;
        at += 1;
        continue;
      }
      if (isSpace(byte)) {
        at += 1;
        continue;
      }
      const wasLineStart = isLineStart;
      isLineStart = false;
      if (byte === OPEN_OBJECT && wasLineStart && (broken !== null || !mayOpen())) {
        // What came before ends here, unfinished; this byte is looked at again as the first of the next object.
        keep(piece.subarray(from, at));
        finish(broken ?? 'the object is not closed before the next one begins');
        isLineStart = true;
        return at;
      }
      if (byte === QUOTE) inString = true;
      else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
        if (levels.length === depth && depth < LEVELS_KNOWN) levels.push(byte === OPEN_OBJECT);
        depth += 1;
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
        if (levels.length === depth) levels.pop();
        depth -= 1;
      }
      previous = byte;
      at += 1;
      if (depth === 0) {
        keep(piece.subarray(from, at));
        finish(broken);
        return at;
      }
    }
    keep(piece.subarray(from));
    return at;
  }

  /** Whether an object may begin behind the last byte seen: as a value, or as an element. */
  function mayOpen(): boolean {
    return previous === COLON || previous === OPEN_LIST || (previous === COMMA && (levels.length < depth || levels.at(-1) === false));
  }

  function passString(piece: Buffer, from: number): number {
    let at = from;
    for (; at < piece.length; at += 1) {
      const byte = piece[at] as number;
      if (isEscaped) {
        isEscaped = false;
      } else if (byte === BACKSLASH) {
        isEscaped = true;
      } else if (byte === QUOTE) {
        inString = false;
        previous = QUOTE;
        return at + 1;
      }
      if (byte === LF) {
        // JSON has no line break inside a string: this one was cut off.
        inString = false;
        isEscaped = false;
        broken ??= 'a text in it ends in the middle';
        previous = QUOTE;
        return at;
      }
    }
    return at;
  }

  return {
    push(piece) {
      for (let at = 0; at < piece.length;) {
        if (depth > 0) {
          const next = within(piece, at);
          at = next;
          continue;
        }
        const byte = piece[at] as number;
        between(byte);
        if (depth > 0) {
          // The opening bracket belongs to the value.
          keep(piece.subarray(at, at + 1));
          isLineStart = false;
        } else if (byte === LF) {
          line += 1;
          isLineStart = true;
        } else if (!isSpace(byte)) {
          isLineStart = false;
        }
        at += 1;
      }
    },
    end() {
      endStray();
      if (depth > 0) finish('the file ends in the middle of it');
      if (place === 'inside') sink.reject(line, comma === null ? 'the list is not closed: the file ends before its ]' : 'the file ends behind a comma, before the end of the list', null);
    },
  };
}
