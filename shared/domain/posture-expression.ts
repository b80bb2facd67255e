// Reads the expressions of a baseline into a tree: comparisons of evidence paths and literals, joined by and, or, not. It refuses what it does not know, at its column.

/** A value as JSON has it. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Where a fact stands: the document, then the keys inside it. Written `status.jwt.enabled` or `config.per_endpoint["/api/chat"].window_ms`. */
export interface EvidencePath { readonly document: string; readonly keys: readonly string[] }

export const COMPARISONS = ['==', '!=', '<', '<=', '>', '>=', 'in', 'contains', 'starts'] as const;
export type Comparison = (typeof COMPARISONS)[number];

/** name -> how many arguments */
export const FUNCTIONS = { known: 1, length: 1, items: 1, lower: 1, bytes: 1, age_hours: 1, mentions: 2, every_starts: 2, same: 2, text: 1 } as const;
export type FunctionName = keyof typeof FUNCTIONS;

export type Expression =
  | { readonly kind: 'literal'; readonly value: Json }
  | { readonly kind: 'range'; readonly from: number; readonly to: number }
  | { readonly kind: 'path'; readonly path: EvidencePath }
  | { readonly kind: 'call'; readonly name: FunctionName; readonly args: readonly Expression[] }
  | { readonly kind: 'not'; readonly of: Expression }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Expression[] }
  | { readonly kind: 'compare'; readonly how: Comparison; readonly left: Expression; readonly right: Expression };

/** An expression that cannot be read; `column` counts from 1. */
export class ExpressionProblem extends Error {
  readonly column: number;
  constructor(message: string, at: number) {
    super(message);
    this.column = at + 1;
  }
}

const MAX_LENGTH = 2000;
const MAX_DEPTH = 20;
const TOKEN = /(?:(\.\.)|(==|!=|<=|>=|<|>)|([()[\],])|(-?\d+(?:\.(?!\.)\d+)?)|"((?:[^"\\]|\\.)*)"|([A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_$][A-Za-z0-9_$]*|\["(?:[^"\\]|\\.)*"\])*))/y;
const KEY = /\.([A-Za-z_$][A-Za-z0-9_$]*)|\["((?:[^"\\]|\\.)*)"\]/g;

type Token = { readonly at: number } & (
  | { readonly kind: 'sign'; readonly text: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'end' });

function finite(digits: string, at: number): number {
  const value = Number(digits);
  if (!Number.isFinite(value)) throw new ExpressionProblem('this number is too large', at);
  return value;
}

const unescaped = (raw: string): string => raw.replaceAll(/\\(.)/g, '$1');

function scan(text: string): readonly Token[] {
  if (text.length > MAX_LENGTH) throw new ExpressionProblem(`longer than ${MAX_LENGTH} characters`, MAX_LENGTH);
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    while (/\s/.test(text[at] ?? '')) at += 1;
    if (at >= text.length) break;
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (match === null) throw new ExpressionProblem(text[at] === '"' ? 'this text has no end' : `"${text[at] ?? ''}" is not expected here`, at);
    const [, range, comparison, sign, number, quoted, word] = match;
    if (number !== undefined) tokens.push({ at, kind: 'number', value: finite(number, at) });
    else if (quoted !== undefined) tokens.push({ at, kind: 'text', value: unescaped(quoted) });
    else if (word !== undefined) tokens.push({ at, kind: 'word', text: word });
    else tokens.push({ at, kind: 'sign', text: range ?? comparison ?? sign ?? '' });
    at = TOKEN.lastIndex;
  }
  return [...tokens, { at: text.length, kind: 'end' }];
}

/** Reads `status.jwt.enabled`. @throws ExpressionProblem */
export function parseEvidencePath(text: string): EvidencePath {
  const [token, end] = scan(text);
  if (token?.kind !== 'word' || end?.kind !== 'end') throw new ExpressionProblem(`"${text}" is not a path`, 0);
  return pathOf(token.text);
}

function pathOf(text: string): EvidencePath {
  const document = /^[A-Za-z0-9_]+/.exec(text)?.[0] ?? '';
  return { document, keys: [...text.slice(document.length).matchAll(KEY)].map(([, plain, quoted]) => plain ?? unescaped(quoted ?? '')) };
}

/** The path as it is written. */
export function formatEvidencePath({ document, keys }: EvidencePath): string {
  return document + keys.map((key) => (/^[A-Za-z_$][A-Za-z0-9_$]*$/.test(key) ? `.${key}` : `["${key.replaceAll(/["\\]/g, '\\$&')}"]`)).join('');
}

const isFunction = (name: string): name is FunctionName => Object.hasOwn(FUNCTIONS, name);
const isComparison = (text: string): text is Comparison => (COMPARISONS as readonly string[]).includes(text);
const isJoining = (text: string): boolean => text === 'and' || text === 'or' || text === 'not';
const RESERVED: ReadonlyMap<string, Json> = new Map<string, Json>([['true', true], ['false', false], ['null', null]]);

/** @throws ExpressionProblem at the column that cannot be read */
export function parseExpression(text: string): Expression {
  const tokens = scan(text);
  let next = 0;
  let depth = 0;
  const peek = (): Token => tokens[next] ?? { at: text.length, kind: 'end' };
  const isWord = (word: string): boolean => { const token = peek(); return token.kind === 'word' && token.text === word; };
  const isSign = (sign: string): boolean => { const token = peek(); return token.kind === 'sign' && token.text === sign; };
  const fail = (what: string): never => { throw new ExpressionProblem(what, peek().at); };
  const expect = (sign: string): void => {
    if (!isSign(sign)) fail(`"${sign}" is expected here`);
    next += 1;
  };

  function joined(word: 'and' | 'or', part: () => Expression): Expression {
    const first = part();
    const parts = [first];
    while (isWord(word)) {
      next += 1;
      parts.push(part());
    }
    return parts.length === 1 ? first : { kind: word, parts };
  }
  const either = (): Expression => joined('or', both);
  const both = (): Expression => joined('and', negated);

  function negated(): Expression {
    if (!isWord('not')) return comparison();
    next += 1;
    return deeper(() => ({ kind: 'not', of: negated() }));
  }

  function deeper(read: () => Expression): Expression {
    depth += 1;
    if (depth > MAX_DEPTH) fail(`nested deeper than ${MAX_DEPTH}`);
    const inner = read();
    depth -= 1;
    return inner;
  }

  function comparison(): Expression {
    const left = operand();
    if (left.kind === 'range') fail('a range stands behind "in" only');
    const token = peek();
    const how = token.kind === 'sign' || token.kind === 'word' ? token.text : '';
    if (!isComparison(how)) return left;
    next += 1;
    const right = operand();
    if (right.kind === 'range' && how !== 'in') fail('a range stands behind "in" only');
    return { kind: 'compare', how, left, right };
  }

  function operand(): Expression {
    const token = peek();
    if (token.kind === 'number') {
      next += 1;
      if (!isSign('..')) return { kind: 'literal', value: token.value };
      next += 1;
      const to = peek();
      if (to.kind !== 'number') return fail('a number is expected here');
      if (to.value < token.value) return fail('a range goes from the smaller number to the larger');
      next += 1;
      return { kind: 'range', from: token.value, to: to.value };
    }
    if (token.kind === 'text') {
      next += 1;
      return { kind: 'literal', value: token.value };
    }
    if (isSign('(')) {
      next += 1;
      const inner = deeper(either);
      expect(')');
      return inner;
    }
    if (isSign('[')) return deeper(list);
    if (token.kind !== 'word' || isJoining(token.text) || isComparison(token.text)) return fail(token.kind === 'end' ? 'something is missing at the end' : 'a value or a path is expected here');
    next += 1;
    const literal = RESERVED.get(token.text);
    if (literal !== undefined) return { kind: 'literal', value: literal };
    return isSign('(') ? called(token) : { kind: 'path', path: pathOf(token.text) };
  }

  function list(): Expression {
    expect('[');
    const values: Json[] = [];
    while (!isSign(']')) {
      if (values.length > 0) expect(',');
      const value = operand();
      if (value.kind !== 'literal') return fail('a list holds values only');
      values.push(value.value);
    }
    expect(']');
    return { kind: 'literal', value: values };
  }

  function called(token: { readonly at: number; readonly text: string }): Expression {
    const { text: name } = token;
    if (!isFunction(name)) throw new ExpressionProblem(`there is no function "${name}"`, token.at);
    expect('(');
    const args: Expression[] = [];
    while (!isSign(')')) {
      if (args.length > 0) expect(',');
      args.push(deeper(either));
    }
    if (args.length !== FUNCTIONS[name]) throw new ExpressionProblem(`${name} takes ${FUNCTIONS[name]} value${FUNCTIONS[name] === 1 ? '' : 's'}`, token.at);
    if (name === 'known' && args[0]?.kind !== 'path') throw new ExpressionProblem('known takes a path', token.at);
    expect(')');
    return { kind: 'call', name, args };
  }

  const expression = either();
  if (peek().kind !== 'end') fail('this is not expected here');
  return expression;
}

/** Every path that an expression reads, in the order of the text, each once. */
export function pathsIn(expression: Expression): readonly EvidencePath[] {
  const found = new Map<string, EvidencePath>();
  const walk = (part: Expression): void => {
    switch (part.kind) {
      case 'path': found.set(formatEvidencePath(part.path), part.path); return;
      case 'not': walk(part.of); return;
      case 'and': case 'or': part.parts.forEach(walk); return;
      case 'compare': walk(part.left); walk(part.right); return;
      case 'call': part.args.forEach(walk); return;
      case 'literal': case 'range': return;
    }
  };
  walk(expression);
  return [...found.values()];
}
