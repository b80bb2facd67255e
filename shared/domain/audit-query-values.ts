// Reads the value of one field of a query: numbers, times, states and texts; each error names the place of the value.
import { parseInstantUs } from './time.ts';
import { describeField } from './audit-query-fields.ts';
import type { Piece } from './audit-query-scan.ts';
import { QueryProblem, WORD_CHARACTER } from './audit-query-tree.ts';
import type { KeptState, NumberRange, QueryField, QueryNode, QueryTime, Span, TextPart, ValueField, ValueMatch } from './audit-query-tree.ts';

const STATES: ReadonlyMap<string, KeptState> = new Map([['plain', 'plain'], ['encrypted', 'encrypted'], ['failed', 'failed'], ['malformed', 'malformed'], ['none', null]]);
/** Words of the screen for rows without a payload: the cache alone does not know which of the two it is. */
const ABSENT = /^not-(synced|offered)$/i;
const ENCRYPTED: ReadonlyMap<string, readonly KeptState[]> = new Map<string, readonly KeptState[]>([['yes', ['encrypted']], ['no', ['plain', 'failed', 'malformed']], ['unknown', [null]]]);
const NONE = /^none$/i;
const DATE_ALONE = /^\d{4}-\d{2}-\d{2}$/;
const AGO = /^(\d{1,6})(s|m|h|d|w)$/i;
const UNIT_US: ReadonlyMap<string, number> = new Map([['s', 1e6], ['m', 60e6], ['h', 3600e6], ['d', 86_400e6], ['w', 604_800e6]]);
const DAY_US = 86_400e6;

/** The node of a field with its values. @throws QueryProblem */
export function readField(field: QueryField, pieces: readonly Piece[], span: Span): QueryNode {
  const [first] = pieces;
  if (first === undefined) throw new Error('a field without a value left the scanner');
  const place = { from: span.from, to: span.to };
  switch (field) {
    case 'status': return { kind: 'number', field, ranges: pieces.map((piece) => readNumbers(piece, field)), ...place };
    case 'id': return { kind: 'number', field, ranges: pieces.map((piece) => readNumbers(piece, field)), ...place };
    case 'since': case 'until': return { kind: 'time', side: field, at: readTime(first, field), ...place };
    case 'encrypted': return { kind: 'state', states: readEncrypted(first), ...place };
    case 'payload': return readPayload(first, place);
    case 'route': case 'actor': return readTextOrValue(first, field, place);
    default: return { kind: 'value', field, matches: pieces.map(readMatch), ...place };
  }
}

/** Words for the text index. @throws QueryProblem when there is neither a letter nor a digit in them */
export function readWords(words: Span & { readonly text: string; readonly hasStar: boolean }, part: TextPart, span: Span): QueryNode {
  const { text, hasStar } = words;
  if (!WORD_CHARACTER.test(text)) {
    throw new QueryProblem(words, 'There is no letter or digit in this.', part === 'route' || part === 'actor' ? `Signs only separate words. To look for exactly this value write ${part}:="…".` : 'Signs only separate words. Add a word, or leave it out.');
  }
  // Behind a sign the star begins a new word, and any word may follow: 10.0.* is "10.0" and whatever comes next.
  return { kind: 'text', part, text, prefix: hasStar && /[\p{L}\p{N}\p{Co}\p{M}]$/u.test(text), from: span.from, to: span.to };
}

function wrong(piece: Piece, field: QueryField, why: string): QueryProblem {
  return new QueryProblem(piece, why, `For example ${describeField(field).example}. ${describeField(field).means}`);
}

function readNumbers(piece: Piece, field: 'status' | 'id'): NumberRange {
  const text = piece.hasStar ? `${piece.text}*` : piece.text;
  const number = (digits: string): number => {
    const value = Number(digits);
    if (!Number.isSafeInteger(value)) throw wrong(piece, field, 'This number is too large.');
    return value;
  };
  const only = /^\d+$/.exec(text);
  if (only !== null) return { min: number(text), max: number(text) };
  const group = /^([1-5])xx$/i.exec(text);
  if (field === 'status' && group !== null) return { min: Number(group[1]) * 100, max: Number(group[1]) * 100 + 99 };
  const compared = /^(>=|<=|>|<)(\d+)$/.exec(text);
  if (compared !== null) {
    const value = number(compared[2] ?? '');
    if (compared[1] === '>=') return { min: value, max: null };
    if (compared[1] === '>') return { min: value + 1, max: null };
    return compared[1] === '<=' ? { min: null, max: value } : { min: null, max: value - 1 };
  }
  const range = /^(\d*)\.\.(\d*)$/.exec(text);
  if (range !== null && text !== '..') {
    const min = range[1] === '' ? null : number(range[1] ?? '');
    const max = range[2] === '' ? null : number(range[2] ?? '');
    if (min !== null && max !== null && min > max) throw wrong(piece, field, 'This range ends before it begins.');
    return { min, max };
  }
  throw wrong(piece, field, field === 'status' ? 'This is no status.' : 'This is no id.');
}

function readTime(piece: Piece, side: 'since' | 'until'): QueryTime {
  const ago = AGO.exec(piece.text);
  if (!piece.hasStar && ago !== null) return { agoUs: Number(ago[1]) * (UNIT_US.get(ago[2]?.toLowerCase() ?? '') ?? 0) };
  const us = piece.hasStar ? null : parseInstantUs(piece.text);
  if (us === null) throw wrong(piece, side, 'This is no time.');
  return { us: side === 'until' && DATE_ALONE.test(piece.text.trim()) ? us + DAY_US - 1 : us };
}

function readEncrypted(piece: Piece): readonly KeptState[] {
  const states = piece.hasStar ? undefined : ENCRYPTED.get(piece.text.toLowerCase());
  if (states === undefined) throw wrong(piece, 'encrypted', 'encrypted: is yes, no or unknown.');
  return states;
}

function readPayload(piece: Piece, span: Span): QueryNode {
  if (piece.isExact) throw wrong(piece, 'payload', 'Payloads are found by their words: there is no exact match.');
  if (!piece.isQuoted && piece.hasStar && piece.text === '') return { kind: 'state', states: ['plain', 'encrypted', 'failed', 'malformed'], ...span };
  if (!piece.isQuoted && !piece.hasStar) {
    const name = piece.text.toLowerCase();
    const state = STATES.get(name);
    if (state !== undefined) return { kind: 'state', states: [state], ...span };
    if (ABSENT.test(name)) throw wrong(piece, 'payload', 'Rows without a payload are found with payload:none.');
  }
  return readWords(piece, 'payload', span);
}

function readTextOrValue(piece: Piece, field: 'route' | 'actor', span: Span): QueryNode {
  const match = readMatch(piece);
  if (match.how === 'exactly' || match.how === 'any' || (match.how === 'none' && field === 'actor')) return { kind: 'value', field, matches: [match], ...span };
  return readWords(piece, field, span);
}

function readMatch(piece: Piece): ValueMatch {
  if (piece.isExact) return { how: 'exactly', value: piece.text };
  if (piece.hasStar) return piece.text === '' ? { how: 'any' } : { how: 'prefix', value: piece.text };
  return !piece.isQuoted && NONE.test(piece.text) ? { how: 'none' } : { how: 'same', value: piece.text };
}

/** True when this field takes whole values, so that `=` and `none` mean something. */
export function isValueField(field: QueryField): field is ValueField {
  return field === 'org' || field === 'method' || field === 'event' || field === 'resource' || field === 'key' || field === 'route' || field === 'actor';
}
