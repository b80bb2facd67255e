// Reads YAML that somebody hands in, as strictly as JSON is read: one document of plain data, no key twice, nothing that stands for something else. It tells the line of everything it refuses.
import { isAlias, isMap, isNode, isPair, isScalar, isSeq, parseDocument, visit } from 'yaml';
import type { Document } from 'yaml';
import type { Json } from '#shared/domain/posture-expression.ts';
import { AppError } from '#shared/errors.ts';

/** Largest text, in bytes. */
const MAX_BYTES = 1_048_576;
/** Levels inside each other; the reader goes into them one call each. */
const MAX_DEPTH = 50;
const HIDDEN = /[^\P{Cc}\n\r\t]|\ufffd/u;

/** Both count from 1; a column is a UTF-16 unit. */
export interface Point { readonly line: number; readonly column: number }
/** Text that is refused. */
export class YamlProblem extends Error {
  readonly line: number;
  readonly column: number;
  /** What else is wrong, where one look finds several things. */
  readonly others: readonly YamlProblem[];
  constructor(message: string, at: number | Point, others: readonly YamlProblem[] = []) {
    super(message);
    this.line = typeof at === 'number' ? at : at.line;
    this.column = typeof at === 'number' ? 1 : at.column;
    this.others = others;
  }
}

type Place = readonly (string | number)[];
export interface ReadYaml {
  readonly value: Json;
  /** The line of what stands there, or of the nearest that does. */
  lineOf(place: Place): number;
  pointOf(place: Place): Point;
}

/** Tells where an offset of a text lies. The YAML reader's own counter misses lines inside some broken texts. */
export function pointsIn(text: string): (offset: number) => Point {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    const within = Math.min(Math.max(0, offset), text.length);
    const after = starts.findLastIndex((start) => start <= within);
    return { line: after + 1, column: within - (starts[after] ?? 0) + 1 };
  };
}

/** What would take the reader too deep is refused before it reads: indentation, dashes in a row, brackets in brackets. */
function refuseDepth(text: string): void {
  let open = 0;
  text.split('\n').forEach((line, index) => {
    const lead = /^(?:\s|[-?:]\s)*/.exec(line)?.[0].length ?? 0;
    for (const sign of line.replaceAll(/"(?:[^"\\]|\\.)*"|'[^']*'/g, '')) {
      if (sign === '[' || sign === '{') open += 1;
      if (sign === ']' || sign === '}') open = Math.max(0, open - 1);
      // Here and not at the end of the line: brackets that close again on it were as deep.
      if (open > MAX_DEPTH) throw new YamlProblem(`nested deeper than ${MAX_DEPTH}`, index + 1);
    }
    if (lead > MAX_DEPTH * 4) throw new YamlProblem(`nested deeper than ${MAX_DEPTH}`, index + 1);
  });
}

/** Anchors, aliases, tags, merge keys and numbers without end. */
function refuseTricks(document: Document, point: (offset: number) => Point): void {
  const refuse = (what: string, node: unknown): never => { throw new YamlProblem(what, point(isNode(node) ? node.range?.[0] ?? 0 : 0)); };
  visit(document, (_key, node, path) => {
    if (path.length > MAX_DEPTH * 2) refuse(`nested deeper than ${MAX_DEPTH}`, node);
    if (isAlias(node)) refuse('an alias stands for something else; write it out', node);
    if (isPair(node) && !(isScalar(node.key) && typeof node.key.value === 'string')) refuse('a key is a text', node.key);
    if (!isNode(node) || isAlias(node)) return;
    if (node.anchor !== undefined) refuse('an anchor is not allowed', node);
    if (node.tag !== undefined) refuse(`the tag ${node.tag} is not allowed`, node);
    if (isScalar(node) && typeof node.value === 'number' && !Number.isFinite(node.value)) refuse('this number has no end', node);
    if (isScalar(node) && typeof node.value === 'number' && Number.isInteger(node.value) && !Number.isSafeInteger(node.value)) refuse('this number is too large to be kept exactly', node);
  });
}

/** @throws YamlProblem */
export function parseYaml(text: string): ReadYaml {
  if (Buffer.byteLength(text) > MAX_BYTES) throw new YamlProblem('larger than 1 MiB', 1);
  const hidden = HIDDEN.exec(text);
  if (hidden !== null) throw new YamlProblem('this is no plain UTF-8 text', pointsIn(text)(hidden.index));
  refuseDepth(text);
  const document = parsed(text);
  const point = pointsIn(text);
  const [first, ...others] = [...document.errors, ...document.warnings].map((problem) => ({ problem, quote: openQuoteOf(document, problem) })).map(({ problem, quote }) => ({ at: quote ?? problem.pos[0], words: quote === null ? wordsOf(problem) : 'the text in quotes that begins here does not end' }))
    .toSorted((a, b) => a.at - b.at).map(({ at, words }) => new YamlProblem(words, point(at)));
  if (first !== undefined) throw new YamlProblem(first.message, first, others);
  refuseTricks(document, point);
  return { value: document.toJS({ maxAliasCount: 0 }) as Json, lineOf: (place) => point(offsetOf(document, place)).line, pointOf: (place) => point(offsetOf(document, place)) };
}

type Problem = Document['errors'][number] | Document['warnings'][number];
/** In place of what the reader says for programmers. */
const PLAIN: Readonly<Record<string, string>> = { MULTIPLE_DOCS: 'a second document begins here; a file is one', DUPLICATE_KEY: 'a key stands twice here; keys must be unique' };

const wordsOf = ({ code, message }: Problem): string => PLAIN[code] ?? (message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');

/** Where a text in quotes begins that never ends: the reader names the end of the file, which helps nobody. */
function openQuoteOf(document: Document, { code, message, pos }: Problem): number | null {
  if (code !== 'MISSING_CHAR' || !message.startsWith('Missing closing ')) return null;
  let found: number | null = null;
  visit(document, { Scalar: (_key, node) => { if (node.type?.startsWith('QUOTE') === true && node.range !== undefined && node.range !== null && node.range[1] >= pos[0]) found = node.range[0]; } });
  return found;
}

function parsed(text: string): Document {
  try {
    return parseDocument(text, { version: '1.2', schema: 'core', strict: true, uniqueKeys: true, merge: false, logLevel: 'error' }) as unknown as Document;
  } catch (error) {
    if (error instanceof RangeError) throw new YamlProblem(`nested deeper than ${MAX_DEPTH}`, 1);
    throw error;
  }
}

/** Where a place begins: its key in a table, else itself; the nearest place above that exists. */
function offsetOf(document: Document, place: Place): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const step of place) {
    const pair = isMap(node) ? node.items.find(({ key }) => isScalar(key) && key.value === step) : undefined;
    const next: unknown = isSeq(node) ? node.items[Number(step)] : pair?.value;
    const begins = startOf(pair?.key) ?? startOf(next);
    if (begins === undefined) break;
    offset = begins;
    node = next;
  }
  return offset;
}

const startOf = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined);

/** A configuration in YAML. @throws AppError unknown_format with line and reason */
export function readYaml(text: string, name: string): Json {
  try {
    return parseYaml(text).value;
  } catch (error) {
    if (!(error instanceof YamlProblem)) throw error;
    throw new AppError('unknown_format', { message: `${name}, line ${error.line}: ${error.message}. Nothing was kept.`, hint: 'Check the file, then add it again.', cause: error });
  }
}
