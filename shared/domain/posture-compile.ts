// Compiles the expressions of a baseline to closures with three answers: true, false, unknown. What is missing or of another type is unknown, never false.
import type { Comparison, EvidencePath, Expression, FunctionName, Json } from './posture-expression.ts';
import { parseInstantUs } from './time.ts';

/** What stands for a value that is not known. */
export const UNKNOWN: unique symbol = Symbol('unknown');
export type Answer = Json | typeof UNKNOWN;

/** What expressions are evaluated over: a JSON value for each document that is known, and the time of the look. */
export interface Facts {
  readonly documents: Readonly<Record<string, Json>>;
  readonly nowUs: number;
  /** What stands at the paths of a pack, by their numbers, when they were read beforehand. */
  readonly slots?: readonly Answer[];
}

export type Evaluate = (facts: Facts) => Answer;
/** How a path is read: from the documents, or from the slots of a pack. */
export type CompilePath = (path: EvidencePath) => Evaluate;
const fromDocuments: CompilePath = (path) => (facts) => readPath(facts, path);

const HOUR_US = 3_600_000_000;
/** Of tables and lists inside each other; nothing honest comes near. */
const MAX_DEPTH = 50;
const SIZE = /^(\d+(?:\.\d+)?)\s*(b|kb|mb|gb|tb|kib|mib|gib|tib)?$/i;
const SIZE_UNITS: Readonly<Record<string, number>> = { b: 1, kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12, kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30, tib: 2 ** 40 };

const isList = (value: Answer): value is readonly Json[] => Array.isArray(value);
const isTable = (value: Answer): value is Readonly<Record<string, Json>> => typeof value === 'object' && value !== null && !Array.isArray(value);
const typeOf = (value: Json): string => (value === null ? 'null' : isList(value) ? 'list' : typeof value);

/** Reads own properties only: what a hostile answer calls `__proto__` or `constructor` is missing, or plain data. A number without end is no value. */
export function readPath(facts: Facts, { document, keys }: EvidencePath): Answer {
  if (!Object.hasOwn(facts.documents, document)) return UNKNOWN;
  let value = facts.documents[document] as Json;
  for (const key of keys) {
    if (!isTable(value) || !Object.hasOwn(value, key)) return UNKNOWN;
    value = value[key] as Json;
  }
  return typeof value === 'number' && !Number.isFinite(value) ? UNKNOWN : value;
}

function equal(left: Json, right: Json): Answer {
  if (left === null || right === null) return left === right;
  return typeOf(left) !== typeOf(right) || typeof left === 'object' ? UNKNOWN : left === right;
}

function within(left: Json, right: Json): Answer {
  if (!isList(right) || (typeof left === 'object' && left !== null)) return UNKNOWN;
  if (right.some((one) => one === left)) return true;
  return right.some((one) => typeOf(one) === typeOf(left)) ? false : UNKNOWN;
}

function contains(left: Json, right: Json): Answer {
  if (typeof right !== 'string') return UNKNOWN;
  if (typeof left === 'string') return left.includes(right);
  return isList(left) && left.every((one) => typeof one === 'string') ? left.includes(right) : UNKNOWN;
}

const COMPARE: Readonly<Record<Comparison, (left: Json, right: Json) => Answer>> = {
  '==': equal,
  '!=': (left, right) => { const same = equal(left, right); return same === UNKNOWN ? UNKNOWN : !same; },
  '<': (left, right) => (typeof left === 'number' && typeof right === 'number' ? left < right : UNKNOWN),
  '<=': (left, right) => (typeof left === 'number' && typeof right === 'number' ? left <= right : UNKNOWN),
  '>': (left, right) => (typeof left === 'number' && typeof right === 'number' ? left > right : UNKNOWN),
  '>=': (left, right) => (typeof left === 'number' && typeof right === 'number' ? left >= right : UNKNOWN),
  in: within,
  contains,
  starts: (left, right) => (typeof left === 'string' && typeof right === 'string' ? left.startsWith(right) : UNKNOWN),
};

/** Whether a text, or a text somewhere in a list or table, has this part. What is no text, or holds what is none where texts are listed, is unknown. */
function mentions(value: Json, part: string, depth = 0): Answer {
  if (typeof value === 'string') return value.toLowerCase().includes(part);
  if (depth > MAX_DEPTH || typeof value !== 'object' || value === null) return UNKNOWN;
  const isTexts = isList(value);
  let isKnown = true;
  for (const one of Object.values(value)) {
    if (!isTexts && (one === null || typeof one === 'number' || typeof one === 'boolean')) continue;
    const answer = mentions(one as Json, part, depth + 1);
    if (answer === true) return true;
    if (answer === UNKNOWN) isKnown = false;
  }
  return isKnown ? false : UNKNOWN;
}

function bytes(text: Json): Answer {
  if (typeof text === 'number') return text;
  const match = typeof text === 'string' ? SIZE.exec(text.trim()) : null;
  const size = match === null ? Number.NaN : Number(match[1]) * (SIZE_UNITS[(match[2] ?? 'b').toLowerCase()] ?? 1);
  return Number.isFinite(size) ? size : UNKNOWN;
}

function ageHours(text: Json, nowUs: number): Answer {
  const at = typeof text === 'string' ? parseInstantUs(text) : null;
  return at === null ? UNKNOWN : (nowUs - at) / HOUR_US;
}

const CALLS: Readonly<Record<Exclude<FunctionName, 'known'>, (args: readonly Json[], facts: Facts) => Answer>> = {
  length: ([value = null]) => (typeof value === 'string' || isList(value) ? value.length : isTable(value) ? Object.keys(value).length : UNKNOWN),
  /** Of a list of texts; anything else is unknown, also a text, which has a length. */
  items: ([list = null]) => (isList(list) && list.every((one) => typeof one === 'string') ? list.length : UNKNOWN),
  lower: ([value]) => (typeof value === 'string' ? value.toLowerCase() : UNKNOWN),
  bytes: ([value = null]) => bytes(value),
  age_hours: ([value = null], { nowUs }) => ageHours(value, nowUs),
  mentions: ([value = null, part]) => (typeof part === 'string' ? mentions(value, part.toLowerCase()) : UNKNOWN),
  every_starts: ([list = null, prefix]) => (isList(list) && typeof prefix === 'string' && list.every((one) => typeof one === 'string') ? list.every((one) => (one as string).startsWith(prefix)) : UNKNOWN),
  text: ([value = null]) => (value === null ? false : typeof value === 'string' ? value.trim() !== '' : UNKNOWN),
};

export function compileExpression(expression: Expression, compilePath: CompilePath = fromDocuments): Evaluate {
  const inner = (part: Expression): Evaluate => compileExpression(part, compilePath);
  switch (expression.kind) {
    case 'literal': { const { value } = expression; return () => value; }
    case 'range': throw new Error('a range is compiled with what stands before "in"');
    case 'path': return compilePath(expression.path);
    case 'call': return compileCall(expression.name, expression.args, inner);
    case 'not': { const of = inner(expression.of); return (facts) => { const value = of(facts); return typeof value === 'boolean' ? !value : UNKNOWN; }; }
    case 'and': return compileJoined(expression.parts.map(inner), false);
    case 'or': return compileJoined(expression.parts.map(inner), true);
    case 'compare': return compileComparison(expression.how, { left: inner(expression.left), right: expression.right }, inner);
  }
}

/** `and` is false as soon as one part is, `or` true as soon as one is, whatever is unknown beside it. */
function compileJoined(parts: readonly Evaluate[], decisive: boolean): Evaluate {
  return (facts) => {
    let isKnown = true;
    for (let index = 0; index < parts.length; index += 1) {
      const value = (parts[index] as Evaluate)(facts);
      if (value === decisive) return decisive;
      if (typeof value !== 'boolean') isKnown = false;
    }
    return isKnown ? !decisive : UNKNOWN;
  };
}

function compileComparison(how: Comparison, { left, right }: { readonly left: Evaluate; readonly right: Expression }, inner: (part: Expression) => Evaluate): Evaluate {
  if (right.kind === 'range') {
    const { from, to } = right;
    return (facts) => { const value = left(facts); return typeof value === 'number' ? value >= from && value <= to : UNKNOWN; };
  }
  if (right.kind === 'literal' && (how === '==' || how === '!=')) return compileSame(left, right.value, how === '==');
  const to = inner(right);
  const compare = COMPARE[how];
  return (facts) => {
    const a = left(facts);
    if (a === UNKNOWN) return UNKNOWN;
    const b = to(facts);
    return b === UNKNOWN ? UNKNOWN : compare(a, b);
  };
}

/** Most comparisons are with one value. */
function compileSame(left: Evaluate, value: Json, isWanted: boolean): Evaluate {
  if (typeof value === 'object' && value !== null) return (facts) => (left(facts) === null ? !isWanted : UNKNOWN);
  if (value === null) return (facts) => { const found = left(facts); return found === UNKNOWN ? UNKNOWN : (found === null) === isWanted; };
  const type = typeof value;
  return (facts) => {
    const found = left(facts);
    if (found === value) return isWanted;
    return found === null || typeof found === type ? !isWanted : UNKNOWN;
  };
}

function compileCall(name: FunctionName, args: readonly Expression[], inner: (part: Expression) => Evaluate): Evaluate {
  const [first] = args;
  if (name === 'known') {
    if (first?.kind !== 'path') throw new Error('known takes a path');
    const { document } = first.path;
    const read = inner(first);
    // Absent from a document that is here is an answer; a document that is not here is none.
    return (facts) => (Object.hasOwn(facts.documents, document) ? read(facts) !== UNKNOWN : UNKNOWN);
  }
  const apply = CALLS[name];
  const compiled = args.map(inner);
  return (facts) => {
    const values: Json[] = [];
    for (const arg of compiled) {
      const value = arg(facts);
      if (value === UNKNOWN) return UNKNOWN;
      values.push(value);
    }
    return apply(values, facts);
  };
}
