// Reads YAML that somebody hands in, as strictly as JSON is read: one document of plain data, no key twice, nothing that stands for something else. It tells the line of everything it refuses.
import { isAlias, isMap, isNode, isPair, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';
import type { Document } from 'yaml';
import type { Json } from '#shared/domain/posture-expression.ts';
import { AppError } from '#shared/errors.ts';

/** Largest text, in bytes. */
const MAX_BYTES = 1_048_576;
/** Levels inside each other; the reader goes into them one call each. */
const MAX_DEPTH = 50;
const HIDDEN = /[^\P{Cc}\n\r\t]|\ufffd/u;

/** Text that is refused; `line` counts from 1. */
export class YamlProblem extends Error {
  readonly line: number;
  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

type Place = readonly (string | number)[];
export interface ReadYaml {
  readonly value: Json;
  /** The line of what stands there, or of the nearest that does. */
  lineOf(place: Place): number;
}

const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;

/** What would take the reader too deep is refused before it reads: indentation, dashes in a row, brackets in brackets. */
function refuseDepth(text: string): void {
  let open = 0;
  text.split('\n').forEach((line, index) => {
    const lead = /^(?:\s|[-?:]\s)*/.exec(line)?.[0].length ?? 0;
    for (const sign of line.replaceAll(/"(?:[^"\\]|\\.)*"|'[^']*'/g, '')) {
      if (sign === '[' || sign === '{') open += 1;
      if (sign === ']' || sign === '}') open = Math.max(0, open - 1);
    }
    if (lead > MAX_DEPTH * 4 || open > MAX_DEPTH) throw new YamlProblem(`nested deeper than ${MAX_DEPTH}`, index + 1);
  });
}

/** Anchors, aliases, tags, merge keys and numbers without end. */
function refuseTricks(document: Document, line: (offset: number) => number): void {
  const refuse = (what: string, node: unknown): never => { throw new YamlProblem(what, line(isNode(node) ? node.range?.[0] ?? 0 : 0)); };
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
  if (hidden !== null) throw new YamlProblem('this is no plain UTF-8 text', lineAt(text, hidden.index));
  refuseDepth(text);
  const lines = new LineCounter();
  const document = parsed(text, lines);
  const line = (offset: number): number => Math.max(1, lines.linePos(offset).line);
  const [problem] = [...document.errors, ...document.warnings].toSorted((a, b) => a.pos[0] - b.pos[0]);
  if (problem !== undefined) throw new YamlProblem((problem.message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, ''), line(problem.pos[0]));
  refuseTricks(document, line);
  return { value: document.toJS({ maxAliasCount: 0 }) as Json, lineOf: (place) => line(offsetOf(document, place)) };
}

function parsed(text: string, lineCounter: LineCounter): Document {
  try {
    return parseDocument(text, { lineCounter, version: '1.2', schema: 'core', strict: true, uniqueKeys: true, merge: false, logLevel: 'error' }) as unknown as Document;
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
