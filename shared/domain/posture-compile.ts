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
  /** What stands at the paths of a pack, by their numbers, when they were read beforehand; else empty. */
  readonly slots: readonly Answer[];
}

export type Evaluate = (facts: Facts) => Answer;
/** The number under which a path was read beforehand. */
export type SlotOf = (path: EvidencePath) => number;
interface Place { readonly slot: number; readonly path: EvidencePath }
const NO_SLOTS: SlotOf = () => 0;

function readPlace(facts: Facts, { slot, path }: Place): Answer {
  const found = facts.slots[slot];
  return found === undefined ? readPath(facts, path) : found;
}

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
  return isTexts(left) ? left.includes(right) : UNKNOWN;
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

function isTexts(value: Json): value is readonly string[] {
  if (!isList(value)) return false;
  for (let index = 0; index < value.length; index += 1) if (typeof value[index] !== 'string') return false;
  return true;
}

function sameTexts(left: readonly string[], right: readonly string[]): boolean {
  const [one, other] = [left, right].map((list) => new Set(list.map((text) => text.trim().toLowerCase())));
  return one !== undefined && other !== undefined && one.size === other.size && [...one].every((text) => other.has(text));
}

/** The second value is null for functions of one. */
const CALLS: Readonly<Record<Exclude<FunctionName, 'known'>, (value: Json, other: Json, facts: Facts) => Answer>> = {
  length: (value) => (typeof value === 'string' || isList(value) ? value.length : isTable(value) ? Object.keys(value).length : UNKNOWN),
  /** Of a list of texts; anything else is unknown, also a text, which has a length. */
  items: (list) => (isTexts(list) ? list.length : UNKNOWN),
  lower: (value) => (typeof value === 'string' ? value.toLowerCase() : UNKNOWN),
  bytes,
  age_hours: (value, _other, { nowUs }) => ageHours(value, nowUs),
  mentions: (value, part) => (typeof part === 'string' ? mentions(value, part.toLowerCase()) : UNKNOWN),
  every_starts: (list, prefix) => (typeof prefix === 'string' && isTexts(list) ? list.every((one) => one.startsWith(prefix)) : UNKNOWN),
  /** Two lists of the same texts, in whatever order and case. */
  same: (left, right) => (isTexts(left) && isTexts(right) ? sameTexts(left, right) : UNKNOWN),
  text: (value) => (value === null ? false : typeof value === 'string' ? value.trim() !== '' : UNKNOWN),
};

export function compileExpression(expression: Expression, slotOf: SlotOf = NO_SLOTS): Evaluate {
  const inner = (part: Expression): Evaluate => compileExpression(part, slotOf);
  switch (expression.kind) {
    case 'literal': { const { value } = expression; return () => value; }
    case 'range': throw new Error('a range is compiled with what stands before "in"');
    case 'path': { const place = { slot: slotOf(expression.path), path: expression.path }; return (facts) => readPlace(facts, place); }
    case 'call': return compileCall(expression.name, expression.args, inner);
    case 'not': { const of = inner(expression.of); return (facts) => { const value = of(facts); return typeof value === 'boolean' ? !value : UNKNOWN; }; }
    case 'and': return compileJoined(expression.parts.map(inner), false);
    case 'or': return compileJoined(expression.parts.map(inner), true);
    case 'compare': {
      const { how, left, right } = expression;
      // Most comparisons are of a path with one value; those take the shortest way.
      const direct = left.kind === 'path' ? compileDirect(how, { slot: slotOf(left.path), path: left.path }, right) : null;
      return direct ?? compileComparison(how, inner(left), { right, inner });
    }
  }
}

function compileDirect(how: Comparison, place: Place, right: Expression): Evaluate | null {
  if (right.kind === 'range') {
    const { from, to } = right;
    return (facts) => { const value = readPlace(facts, place); return typeof value === 'number' ? value >= from && value <= to : UNKNOWN; };
  }
  if (right.kind !== 'literal') return null;
  const { value: wanted } = right;
  if (typeof wanted === 'boolean' || typeof wanted === 'string' || typeof wanted === 'number') {
    const type = typeof wanted;
    if (how === '==') return (facts) => { const value = readPlace(facts, place); return value === wanted ? true : value === null || typeof value === type ? false : UNKNOWN; };
    if (how === '!=') return (facts) => { const value = readPlace(facts, place); return value === wanted ? false : value === null || typeof value === type ? true : UNKNOWN; };
  }
  if (typeof wanted !== 'number') return null;
  switch (how) {
    case '<': return (facts) => { const value = readPlace(facts, place); return typeof value === 'number' ? value < wanted : UNKNOWN; };
    case '<=': return (facts) => { const value = readPlace(facts, place); return typeof value === 'number' ? value <= wanted : UNKNOWN; };
    case '>': return (facts) => { const value = readPlace(facts, place); return typeof value === 'number' ? value > wanted : UNKNOWN; };
    case '>=': return (facts) => { const value = readPlace(facts, place); return typeof value === 'number' ? value >= wanted : UNKNOWN; };
    default: return null;
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

function compileComparison(how: Comparison, left: Evaluate, { right, inner }: { readonly right: Expression; readonly inner: (part: Expression) => Evaluate }): Evaluate {
  if (right.kind === 'range') {
    const { from, to } = right;
    return (facts) => { const value = left(facts); return typeof value === 'number' ? value >= from && value <= to : UNKNOWN; };
  }
  const to = inner(right);
  const compare = COMPARE[how];
  return (facts) => {
    const a = left(facts);
    if (a === UNKNOWN) return UNKNOWN;
    const b = to(facts);
    return b === UNKNOWN ? UNKNOWN : compare(a, b);
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
  if (first === undefined) throw new Error(`${name} without a value`);
  const apply = CALLS[name];
  const of = inner(first);
  if (args.length === 1) return name === 'age_hours' ? (facts) => { const value = of(facts); return value === UNKNOWN ? UNKNOWN : apply(value, null, facts); } : remembered(of, apply);
  const beside = inner(args[1] ?? first);
  return (facts) => {
    const value = of(facts);
    if (value === UNKNOWN) return UNKNOWN;
    const other = beside(facts);
    return other === UNKNOWN ? UNKNOWN : apply(value, other, facts);
  };
}

/** A function of one value that does not look at the clock: the answer for the last text is kept, as most texts are the same at every look. */
function remembered(of: Evaluate, apply: (value: Json, other: Json, facts: Facts) => Answer): Evaluate {
  let text: string | null = null;
  let answer: Answer = UNKNOWN;
  return (facts) => {
    const value = of(facts);
    if (value === UNKNOWN) return UNKNOWN;
    if (typeof value !== 'string') return apply(value, null, facts);
    if (value !== text) {
      answer = apply(value, null, facts);
      text = value;
    }
    return answer;
  };
}
