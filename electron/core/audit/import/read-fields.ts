// Reads the text of one JSON object: its outermost members by name, and the raw text of one of them. As strict as strict-json.ts, and fast where nothing is doubtful.
import { isStrictJsonError, readMembers } from '../../deployments/strict-json.ts';

/** `raw` is the text of the member asked for, as it stands; undefined when there is none. `values` holds texts, numbers, booleans and null; lists and objects stand there parsed. */
export interface Fields {
  readonly values: Readonly<Record<string, unknown>>;
  readonly raw: string | undefined;
}

/** Somebody else's words may nest deeper than what we read, but not so deep that a later reader is endangered. */
const MAX_DEPTH = 128;
const KEPT_DEPTH = 1_000_000;
const PROTOTYPE_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** What the outermost members look like, found without checking any grammar; null when something needs a closer look. */
interface Outline {
  readonly members: number;
  readonly rawStart: number;
  readonly rawEnd: number;
}

/**
 * @param rawKey the member whose text is wanted as it stands
 * @returns the members, or in words why the text cannot be taken
 */
export function readFields(text: string, rawKey: string | null): Fields | string {
  const outline = outlineOf(text, rawKey);
  if (outline === null) return readSlowly(text, rawKey);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return readSlowly(text, rawKey);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return readSlowly(text, rawKey);
  const values = value as Record<string, unknown>;
  // Fewer members than keys in the text: one stands there twice.
  let keys = 0;
  for (const key in values) {
    keys += 1;
    if (PROTOTYPE_KEYS.has(key)) return readSlowly(text, rawKey);
  }
  if (keys !== outline.members) return readSlowly(text, rawKey);
  if (outline.rawStart === -1) {
    // A key may be spelled with escapes.
    return rawKey !== null && Object.hasOwn(values, rawKey) ? readSlowly(text, rawKey) : { values, raw: undefined };
  }
  return { values, raw: text.slice(outline.rawStart, outline.rawEnd) };
}

/** Whether the text of an object has the members of its parsed form, each once, and none that stands for the prototype: then the parsed form may be judged by. */
export function isPlainObject(text: string, value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const outline = outlineOf(text, null);
  if (outline === null) return false;
  let keys = 0;
  for (const key in value) {
    keys += 1;
    if (PROTOTYPE_KEYS.has(key)) return false;
  }
  return keys === outline.members;
}

/** The reference: the strict reader, character by character. */
function readSlowly(text: string, rawKey: string | null): Fields | string {
  try {
    const members = readMembers(text, { maxDepth: KEPT_DEPTH });
    if (members === null) return 'not a JSON object';
    const values: Record<string, unknown> = {};
    for (const [key, raw] of members) {
      if (key === rawKey) continue;
      const numeric = /^-?\d/.test(raw) ? unsafeNumber(raw) : null;
      if (numeric !== null) return numeric;
      values[key] = raw.startsWith('{') || raw.startsWith('[') ? {} : JSON.parse(raw);
    }
    return { values, raw: rawKey === null ? undefined : members.get(rawKey) };
  } catch (error) {
    if (!isStrictJsonError(error)) throw error;
    return inWords(error.message);
  }
}

function unsafeNumber(raw: string): string | null {
  const value = Number(raw);
  const isInteger = /^-?\d+$/.test(raw);
  const isLost = isInteger ? !Number.isSafeInteger(value) : !Number.isFinite(value) || (value === 0 && /[1-9]/.test(raw.replace(/[eE].*$/, '')));
  return isLost ? `the number ${raw.slice(0, 40)} cannot be kept exactly` : null;
}

/** The strict reader speaks of answers of a server; here it is a row of a file. */
function inWords(message: string): string {
  return message.replace(/ Nothing of it was kept\.$/, '').replace(/^The answer holds/, 'it holds').replace(/^(?:The|A part of the) answer nests/, 'it nests').replace(/^What came back is not JSON: /, 'not JSON: ')
    .replace(/^An HTML or XML page came back.*$/, 'HTML or XML instead of JSON').replace(/^An empty body came back.*$/, 'empty').replace(/^The JSON ends/, 'the JSON ends').replace(/\.$/, '');
}

function outlineOf(text: string, rawKey: string | null): Outline | null {
  let at = skipSpace(text, 0);
  if (text.charCodeAt(at) !== 0x7b) return null;
  at = skipSpace(text, at + 1);
  if (text.charCodeAt(at) === 0x7d) return { members: 0, rawStart: -1, rawEnd: -1 };
  let members = 0;
  let rawStart = -1;
  let rawEnd = -1;
  for (;;) {
    const keyEnd = stringEnd(text, at);
    if (keyEnd === -1) return null;
    const isRaw = rawKey !== null && keyEnd - at === rawKey.length + 2 && text.startsWith(rawKey, at + 1);
    at = skipSpace(text, keyEnd);
    if (text.charCodeAt(at) !== 0x3a) return null;
    at = skipSpace(text, at + 1);
    const end = valueEnd(text, at);
    if (end === -1) return null;
    members += 1;
    if (isRaw) {
      rawStart = at;
      rawEnd = end;
    }
    at = skipSpace(text, end);
    const next = text.charCodeAt(at);
    if (next === 0x7d) break;
    if (next !== 0x2c) return null;
    at = skipSpace(text, at + 1);
  }
  return { members, rawStart, rawEnd };
}

function skipSpace(text: string, from: number): number {
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return at;
    at += 1;
  }
}

/** Behind the closing quote of the string that begins at `from`; -1 when there is none, or when an escape stands in a place that needs a closer look. */
function stringEnd(text: string, from: number): number {
  if (text.charCodeAt(from) !== QUOTE) return -1;
  let end = text.indexOf('"', from + 1);
  while (end !== -1 && text.charCodeAt(end - 1) === BACKSLASH) {
    let backslashes = 1;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) break;
    end = text.indexOf('"', end + 1);
  }
  return end === -1 ? -1 : end + 1;
}

function valueEnd(text: string, from: number): number {
  const first = text.charCodeAt(from);
  if (first === QUOTE) return stringEnd(text, from);
  if (first !== 0x7b && first !== 0x5b) return scalarEnd(text, from);
  let depth = 0;
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = stringEnd(text, at);
      if (at === -1) return -1;
      continue;
    }
    if (code === 0x7b || code === 0x5b) {
      depth += 1;
      if (depth >= MAX_DEPTH) return -1;
    } else if (code === 0x7d || code === 0x5d) {
      depth -= 1;
      if (depth === 0) return at + 1;
    } else if (Number.isNaN(code)) {
      return -1;
    }
    at += 1;
  }
}

/** A number that might be inexact gets a closer look. */
function scalarEnd(text: string, from: number): number {
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code === 0x2c || code === 0x7d || code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) break;
    if (Number.isNaN(code)) return -1;
    at += 1;
  }
  const first = text.charCodeAt(from);
  const isNumber = first === 0x2d || (first >= 0x30 && first <= 0x39);
  return isNumber && (at - from > 15 || /[eE]/.test(text.slice(from, at))) ? -1 : at;
}
