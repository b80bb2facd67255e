// Cuts a query text into words, phrases, fields with their values, and signs; what a word means is decided elsewhere.
import { describeField, fieldNamed, isOtherName, nearestField } from './audit-query-fields.ts';
import { QueryProblem } from './audit-query-tree.ts';
import type { QueryField, Span } from './audit-query-tree.ts';

/** One value as it was written; of a list, one of several. */
export interface Piece extends Span {
  readonly text: string;
  readonly isQuoted: boolean;
  /** Written with a leading `=`. */
  readonly isExact: boolean;
  /** Written with a trailing `*`, which is not part of `text`. */
  readonly hasStar: boolean;
}

export type Token = Span & (
  | { readonly kind: 'open' | 'close' | 'minus' | 'and' | 'or' | 'not' }
  | { readonly kind: 'words'; readonly text: string; readonly hasStar: boolean }
  | { readonly kind: 'field'; readonly field: QueryField; readonly pieces: readonly Piece[] }
);

const SPACE = /\s/;
const FIELD = /^([A-Za-z_]{1,32}):/;
const RESERVED: ReadonlyMap<string, 'and' | 'or' | 'not'> = new Map([['AND', 'and'], ['OR', 'or'], ['NOT', 'not']]);

const endsWord = (character: string | undefined): boolean => character === undefined || character === '(' || character === ')' || character === '"' || SPACE.test(character);

/**
 * All tokens of a text. `name:value` is a field, except where it is plainly something else: an address (`https://…`, `C:\…`), a name of
 * several parts (`urn:a:b`, `fe80::1`) or one with an `@` (`mailto:a@b`). Quotes always free a text from this.
 * @throws QueryProblem for an open quote, an unknown field and a field without a value
 */
export function scanQuery(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const token = SPACE.test(text[at] ?? '') ? null : scanOne(text, at);
    if (token !== null) tokens.push(token);
    at = token?.to ?? at + 1;
  }
  return tokens;
}

function scanOne(text: string, from: number): Token {
  const character = text[from];
  if (character === '(') return { kind: 'open', from, to: from + 1 };
  if (character === ')') return { kind: 'close', from, to: from + 1 };
  if (character === '-' && from + 1 < text.length && text[from + 1] !== ')' && !SPACE.test(text[from + 1] ?? '')) return { kind: 'minus', from, to: from + 1 };
  if (character === '"') {
    const phrase = scanQuoted(text, from);
    const hasStar = text[phrase.to] === '*';
    return { kind: 'words', text: phrase.text, hasStar, from, to: phrase.to + (hasStar ? 1 : 0) };
  }
  let to = from;
  while (!endsWord(text[to])) to += 1;
  const word = text.slice(from, to);
  const name = FIELD.exec(word)?.[1];
  if (name !== undefined) {
    const field = fieldNamed(name);
    if (field !== null) return scanField(text, { field, from });
    const rest = word.slice(name.length + 1);
    const valueFollows = rest !== '' || text[to] === '"';
    if (valueFollows && (isOtherName(name) || !isPlainlyText(name, rest))) {
      const near = nearestField(name);
      throw new QueryProblem({ from, to: from + name.length }, `There is no field "${name}". Did you mean ${near}?`, `Write ${describeField(near).example}. To look for the text itself, put it into quotes.`);
    }
  }
  const reserved = RESERVED.get(word);
  if (reserved !== undefined) return { kind: reserved, from, to };
  const hasStar = word.endsWith('*');
  return { kind: 'words', text: hasStar ? word.slice(0, -1) : word, hasStar, from, to };
}

function isPlainlyText(name: string, rest: string): boolean {
  return name.length === 1 || rest.startsWith('/') || rest.startsWith('\\') || rest.includes(':') || rest.includes('@');
}

/** A text in quotes, from the opening quote on; a backslash takes the next character as it is. */
function scanQuoted(text: string, from: number): { readonly text: string; readonly to: number } {
  let value = '';
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] === '"') return { text: value, to: at + 1 };
    if (text[at] === '\\' && at + 1 < text.length) at += 1;
    value += text[at];
  }
  throw new QueryProblem({ from, to: text.length }, 'This quote is not closed.', 'Put a quote at its end. A quote inside is written \\".');
}

function scanField(text: string, { field, from }: { readonly field: QueryField; readonly from: number }): Token {
  const { isList, example } = describeField(field);
  const pieces: Piece[] = [];
  let at = from + field.length + 1;
  for (;;) {
    const piece = scanPiece(text, at, isList);
    if (piece.text === '' && !piece.isQuoted && !piece.hasStar) {
      throw new QueryProblem(pieces.length === 0 ? { from, to: at } : { from: at - 1, to: at }, pieces.length === 0 ? `${field}: needs a value right behind the colon.` : 'A value is missing behind this comma.', `For example ${example}.`);
    }
    pieces.push(piece);
    at = piece.to;
    if (!isList || text[at] !== ',') return { kind: 'field', field, pieces, from, to: at };
    at += 1;
  }
}

function scanPiece(text: string, from: number, isList: boolean): Piece {
  const isExact = text[from] === '=';
  const start = isExact ? from + 1 : from;
  const endsPiece = (at: number): boolean => at >= text.length || text[at] === '(' || text[at] === ')' || SPACE.test(text[at] ?? '') || (isList && text[at] === ',');
  if (text[start] === '"') {
    const quoted = scanQuoted(text, start);
    const hasStar = text[quoted.to] === '*';
    const to = quoted.to + (hasStar ? 1 : 0);
    if (!endsPiece(to)) throw new QueryProblem({ from: to, to: to + 1 }, 'Something follows the closing quote.', 'Quotes enclose a whole value. A quote inside is written \\".');
    if (isExact && hasStar) throw new QueryProblem({ from: to - 1, to }, 'A value is either exact (=) or a beginning (*).', 'Leave one of the two out.');
    return { text: quoted.text, isQuoted: true, isExact, hasStar, from, to };
  }
  let to = start;
  while (!endsPiece(to)) {
    if (text[to] === '"') throw new QueryProblem({ from: to, to: to + 1 }, 'A quote stands inside a value.', 'Quotes enclose a whole value. A quote inside is written \\".');
    to += 1;
  }
  const raw = text.slice(start, to);
  // After `=` every character is meant, the star as well.
  const hasStar = !isExact && raw.endsWith('*');
  return { text: hasStar ? raw.slice(0, -1) : raw, isQuoted: false, isExact, hasStar, from, to };
}
