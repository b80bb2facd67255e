// Turns the bytes of an answer into a JSON value; refuses everything that JSON.parse would take in silence: bad UTF-8, duplicate keys, inexact numbers, endless depth.
import { AppError } from '#shared/errors.ts';
import { decodeStrictUtf8, refuseJson } from './strict-text.ts';

export interface JsonLimits {
  /** Levels of arrays and objects inside one another. */
  readonly maxDepth?: number;
}

/**
 * Names members whose text is wanted exactly as it was sent. `depth` counts containers: 1 for a member of the outermost object, 2 for a member of each
 * object in an outermost list. What is inside is checked for grammar only: in the value returned it is null, and its text is the evidence.
 */
export interface KeptMember {
  readonly key: string;
  readonly depth: 1 | 2;
}

export interface KeptJson {
  readonly value: unknown;
  /** The raw JSON text by position in the outermost list (0 where the outermost value is an object). */
  readonly kept: ReadonlyMap<number, string>;
}

const DEFAULT_MAX_DEPTH = 128;
/** Kept text may nest deeper than what we read, but not so deep that a later reader is endangered. */
const KEPT_MAX_DEPTH = 1_000_000;
const PROTOTYPE_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Reads one JSON document strictly.
 * @throws AppError response_invalid_utf8, response_not_json, response_duplicate_key, response_unsafe_number, response_too_deep, response_prototype_key
 */
export function parseStrictJson(bytes: Uint8Array, limits: JsonLimits = {}): unknown {
  return parseStrictJsonText(decodeStrictUtf8(bytes), limits);
}

/** As parseStrictJson, for text that is already decoded. */
export function parseStrictJsonText(text: string, limits: JsonLimits = {}): unknown {
  new Scanner(text, { maxDepth: limits.maxDepth ?? DEFAULT_MAX_DEPTH, member: null, keptDepth: 0 }).run();
  return JSON.parse(text);
}

/**
 * The raw text of each member of an outermost object, strict about the object itself and about grammar and depth only below it.
 * @returns null when the outermost value is no object
 * @throws AppError as parseStrictJson
 */
export function readMembers(text: string, limits: JsonLimits = {}): ReadonlyMap<string, string> | null {
  const scanner = new Scanner(text, { maxDepth: 1, member: { key: null, depth: 1 }, keptDepth: (limits.maxDepth ?? DEFAULT_MAX_DEPTH) - 1 });
  if (!/^[ \n\r\t]*\{/.test(text)) {
    parseStrictJsonText(text, limits);
    return null;
  }
  scanner.run();
  return new Map(scanner.kept.map((slice) => [slice.key, text.slice(slice.start, slice.end)]));
}

/**
 * As parseStrictJson, but hands out one kind of member as raw text. Somebody else's words (an audit payload) can then hold `__proto__`, an inexact
 * number or a repeated key without making the whole answer unreadable, and without being altered by reading.
 */
export function parseStrictJsonKeeping(bytes: Uint8Array, member: KeptMember, limits: JsonLimits = {}): KeptJson {
  const text = decodeStrictUtf8(bytes);
  const scanner = new Scanner(text, { maxDepth: limits.maxDepth ?? DEFAULT_MAX_DEPTH, member, keptDepth: KEPT_MAX_DEPTH });
  scanner.run();
  const kept = new Map<number, string>();
  let bare = '';
  let from = 0;
  for (const slice of scanner.kept) {
    kept.set(slice.index, text.slice(slice.start, slice.end));
    bare += `${text.slice(from, slice.start)}null`;
    from = slice.end;
  }
  return { value: JSON.parse(bare + text.slice(from)), kept };
}

interface Frame {
  readonly isObject: boolean;
  /** Keys seen so far; null for a list. */
  readonly keys: Set<string> | null;
  /** Elements finished so far, for a list. */
  count: number;
  /** Key whose value is being read. */
  key: string;
}

interface ScanRules {
  readonly maxDepth: number;
  /** Members to pass over and remember; a key of null stands for every member. */
  readonly member: { readonly key: string | null; readonly depth: 1 | 2 } | null;
  /** Levels allowed inside what is remembered. */
  readonly keptDepth: number;
}

/** One pass over the text with its own stack, so that depth costs memory in proportion to the limit and never the call stack. */
class Scanner {
  readonly #text: string;
  readonly #rules: ScanRules;
  readonly #frames: Frame[] = [];
  readonly kept: { key: string; index: number; start: number; end: number }[] = [];
  #at = 0;

  constructor(text: string, rules: ScanRules) {
    this.#text = text;
    this.#rules = rules;
  }

  run(): void {
    this.#space();
    if (this.#at >= this.#text.length) refuseJson('response_not_json', 'An empty body came back where JSON was expected.');
    this.#value();
    for (;;) {
      this.#space();
      const frame = this.#frames.at(-1);
      if (frame === undefined) break;
      const code = this.#text.charCodeAt(this.#at);
      if (code === 0x2c) {
        this.#at += 1;
        this.#space();
        if (frame.isObject) this.#key(frame);
        else frame.count += 1;
        this.#value();
      } else if (code === (frame.isObject ? 0x7d : 0x5d)) {
        this.#at += 1;
        this.#frames.pop();
      } else {
        this.#unexpected();
      }
    }
    if (this.#at < this.#text.length) this.#unexpected();
  }

  /** Reads one value; a container is opened, and its first value read, until a value without contents is reached. */
  #value(): void {
    for (;;) {
      if (this.#isKept()) {
        this.#keep();
        return;
      }
      const code = this.#text.charCodeAt(this.#at);
      if (code === 0x7b || code === 0x5b) {
        if (this.#frames.length >= this.#rules.maxDepth) {
          refuseJson('response_too_deep', `The answer nests more than ${this.#rules.maxDepth} levels of lists and objects.`);
        }
        const frame: Frame = { isObject: code === 0x7b, keys: code === 0x7b ? new Set() : null, count: 0, key: '' };
        this.#at += 1;
        this.#space();
        if (this.#text.charCodeAt(this.#at) === (frame.isObject ? 0x7d : 0x5d)) {
          this.#at += 1;
          return;
        }
        this.#frames.push(frame);
        if (frame.isObject) this.#key(frame);
        continue;
      }
      this.#scalar(true);
      return;
    }
  }

  #isKept(): boolean {
    const { member } = this.#rules;
    if (member === null || this.#frames.length !== member.depth) return false;
    const frame = this.#frames[member.depth - 1];
    if (frame === undefined || !frame.isObject || (member.key !== null && frame.key !== member.key)) return false;
    return member.depth === 1 || this.#frames[0]?.isObject === false;
  }

  /** Passes over one value, checking its grammar only. The brackets are remembered one character each. */
  #keep(): void {
    const start = this.#at;
    const key = this.#frames.at(-1)?.key ?? '';
    const index = this.#rules.member?.depth === 2 ? (this.#frames[0]?.count ?? 0) : 0;
    const open: number[] = [];
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === 0x7b || code === 0x5b) {
        if (open.length >= this.#rules.keptDepth) refuseJson('response_too_deep', 'A part of the answer nests too deep.');
        this.#at += 1;
        this.#space();
        const close = code === 0x7b ? 0x7d : 0x5d;
        if (this.#text.charCodeAt(this.#at) !== close) {
          open.push(close);
          if (close === 0x7d) this.#keyText();
          continue;
        }
        this.#at += 1;
      } else {
        this.#scalar(false);
      }
      // A value has ended: close what ends with it, or go on to its neighbour.
      for (;;) {
        const close = open.at(-1);
        if (close === undefined) {
          this.kept.push({ key, index, start, end: this.#at });
          return;
        }
        this.#space();
        const next = this.#text.charCodeAt(this.#at);
        this.#at += 1;
        if (next === close) {
          open.pop();
          continue;
        }
        if (next !== 0x2c) {
          this.#at -= 1;
          this.#unexpected();
        }
        this.#space();
        if (close === 0x7d) this.#keyText();
        break;
      }
    }
  }

  #key(frame: Frame): void {
    const key = this.#keyText();
    if (PROTOTYPE_KEYS.has(key)) refuseJson('response_prototype_key', `The answer holds the key ${key}, which no honest answer needs.`);
    if (frame.keys?.has(key) === true) refuseJson('response_duplicate_key', `The answer holds the key ${quote(key)} twice in one object, so its meaning is not certain.`);
    frame.keys?.add(key);
    frame.key = key;
  }

  /** Reads a key and its colon, and gives the key decoded: "\u0061" and "a" are the same key. */
  #keyText(): string {
    const start = this.#at;
    const escaped = this.#string();
    const key = escaped ? (JSON.parse(this.#text.slice(start, this.#at)) as string) : this.#text.slice(start + 1, this.#at - 1);
    this.#space();
    if (this.#text.charCodeAt(this.#at) !== 0x3a) this.#unexpected();
    this.#at += 1;
    this.#space();
    return key;
  }

  #scalar(checkNumber: boolean): void {
    const code = this.#text.charCodeAt(this.#at);
    if (code === 0x22) this.#string();
    else if (code === 0x2d || (code >= 0x30 && code <= 0x39)) this.#number(checkNumber);
    else if (code === 0x74) this.#word('true');
    else if (code === 0x66) this.#word('false');
    else if (code === 0x6e) this.#word('null');
    else this.#unexpected();
  }

  #word(word: string): void {
    if (!this.#text.startsWith(word, this.#at)) this.#unexpected();
    this.#at += word.length;
  }

  /** Passes over a string; tells whether it holds an escape. */
  #string(): boolean {
    const text = this.#text;
    if (text.charCodeAt(this.#at) !== 0x22) this.#unexpected();
    let at = this.#at + 1;
    let escaped = false;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === 0x22) break;
      if (code === 0x5c) {
        escaped = true;
        const next = text.charCodeAt(at + 1);
        if (next === 0x75) {
          for (let digit = at + 2; digit < at + 6; digit += 1) {
            if (!isHex(text.charCodeAt(digit))) this.#unexpectedAt(at);
          }
          at += 6;
        } else {
          if (!isEscape(next)) this.#unexpectedAt(at);
          at += 2;
        }
      } else if (code >= 0x20) {
        at += 1;
      } else {
        // A raw control character, or NaN past the end.
        this.#unexpectedAt(at);
      }
    }
    this.#at = at + 1;
    return escaped;
  }

  #number(check: boolean): void {
    const text = this.#text;
    const start = this.#at;
    let at = start;
    if (text.charCodeAt(at) === 0x2d) at += 1;
    if (text.charCodeAt(at) === 0x30) at += 1;
    else at = this.#digits(at);
    if (text.charCodeAt(at) === 0x2e) at = this.#digits(at + 1);
    const beforeExponent = at;
    if ((text.charCodeAt(at) | 0x20) === 0x65) {
      at += 1;
      const sign = text.charCodeAt(at);
      at = this.#digits(sign === 0x2b || sign === 0x2d ? at + 1 : at);
    }
    this.#at = at;
    // Up to 15 digits without an exponent are always exact.
    if (!check || (at === beforeExponent && at - start <= 15)) return;
    const literal = text.slice(start, at);
    const value = Number(literal);
    const lost = at === beforeExponent ? Math.abs(value) > Number.MAX_SAFE_INTEGER : !Number.isFinite(value);
    const vanished = value === 0 && /[1-9]/.test(text.slice(start, beforeExponent));
    if (lost || vanished) refuseJson('response_unsafe_number', `The answer holds the number ${quote(literal)}, which cannot be kept exactly.`);
  }

  #digits(from: number): number {
    let at = from;
    for (;;) {
      const code = this.#text.charCodeAt(at);
      if (!(code >= 0x30 && code <= 0x39)) break;
      at += 1;
    }
    if (at === from) this.#unexpectedAt(at);
    return at;
  }

  #space(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at += 1;
    }
  }

  #unexpected(): never {
    return this.#unexpectedAt(this.#at);
  }

  #unexpectedAt(at: number): never {
    if (at >= this.#text.length) return refuseJson('response_not_json', `The JSON ends too early, after ${this.#text.length} characters.`);
    if (/^\s*</.test(this.#text)) {
      return refuseJson('response_not_json', 'An HTML or XML page came back instead of JSON: a captive portal, a proxy or a login page?');
    }
    return refuseJson('response_not_json', `What came back is not JSON: an unexpected character stands at position ${at}.`);
  }
}

function isHex(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x66);
}

/** The characters that may follow a backslash, apart from u: " \ / b f n r t. */
function isEscape(code: number): boolean {
  return code === 0x22 || code === 0x5c || code === 0x2f || code === 0x62 || code === 0x66 || code === 0x6e || code === 0x72 || code === 0x74;
}

/** A short, single-line form of a piece of the answer, for a message. */
function quote(piece: string): string {
  return JSON.stringify(piece.length > 40 ? `${piece.slice(0, 40)}…` : piece);
}

/** True for the errors that this file gives, for callers that keep going when one part of an answer is unreadable. */
export function isStrictJsonError(error: unknown): error is AppError {
  return error instanceof AppError && error.code.startsWith('response_');
}
