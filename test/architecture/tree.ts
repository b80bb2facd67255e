// Owns what the rules look at: the files of this repository, or a made-up list of files, and the syntax of each. It knows no rule.
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from 'oxc-parser';

/** Text by path; paths are relative to the root, with slashes. */
export type Tree = ReadonlyMap<string, string>;

export interface Violation {
  readonly file: string;
  /** From 1; 0 where the whole file is meant. */
  readonly line: number;
  readonly what: string;
}

export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

export interface Syntax {
  /** Every node, parents before their children. */
  readonly nodes: readonly SyntaxNode[];
  readonly firstComment: string | null;
  lineOf(node: SyntaxNode): number;
}

const CODE = /\.(?:ts|tsx|mts|cts|js|jsx|mjs|cjs)$/;
/** Files that are no text; their bytes are nobody's business here. */
const BINARY = /\.(?:png|ico|icns|woff2|gz|db)$/;

/** What git holds and what it would take: tracked files, and new ones that are not ignored. @throws Error outside a git checkout */
export function readRepository(root: string): Tree {
  const names = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
    .split('\0').filter((name) => name !== '' && !BINARY.test(name));
  // A tracked file may be deleted on disk and not yet in git; a link has no text of its own.
  const present = names.filter((name) => existsSync(join(root, name)) && lstatSync(join(root, name)).isFile());
  return new Map(present.map((name) => [name, readFileSync(join(root, name), 'utf8')]));
}

/** A tree that exists only in a test. */
export function madeUp(files: Readonly<Record<string, string>>): Tree {
  return new Map(Object.entries(files));
}

export function isCode(path: string): boolean {
  return CODE.test(path);
}

const parsed = new Map<string, Syntax>();

/** Parses a file once. @throws Error when it cannot be parsed: a file that no rule can read must not pass */
export function syntaxOf(path: string, text: string): Syntax {
  const key = `${path}\n${text}`;
  const known = parsed.get(key);
  if (known !== undefined) return known;
  const { program, comments, errors } = parseSync(path, text);
  const [error] = errors;
  if (error !== undefined) throw new Error(`${path} cannot be parsed: ${error.message}`);
  const nodes: SyntaxNode[] = [];
  collect(program, nodes);
  const lineStarts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lineStarts.push(at + 1);
  const syntax: Syntax = {
    nodes,
    firstComment: leadingComment(text, comments),
    lineOf: ({ start }) => lineStarts.findLastIndex((lineStart) => lineStart <= start) + 1,
  };
  parsed.set(key, syntax);
  return syntax;
}

function collect(value: unknown, into: SyntaxNode[]): void {
  if (Array.isArray(value)) {
    for (const item of value) collect(item, into);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (isNode(value)) into.push(value);
  for (const child of Object.values(value)) if (typeof child === 'object') collect(child, into);
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string' && 'start' in value && typeof value.start === 'number';
}

/** The comment that opens a file, lines that follow each other taken together; null when code comes first. */
function leadingComment(text: string, comments: readonly { readonly value: string; readonly start: number; readonly end: number }[]): string | null {
  const [first] = comments;
  const head = /^#!.*\n/.exec(text)?.[0].length ?? 0;
  if (first === undefined || text.slice(head, first.start).trim() !== '') return null;
  let end = first.start;
  const lines: string[] = [];
  for (const comment of comments) {
    if (!/^[\t ]*\n?[\t ]*$/.test(text.slice(end, comment.start))) break;
    lines.push(comment.value.trim());
    end = comment.end;
  }
  return lines.join(' ');
}

/** Runs a check over the syntax of every code file that `applies` picks. */
export function inspect(tree: Tree, applies: (path: string) => boolean, check: (path: string, syntax: Syntax, text: string) => readonly Violation[]): Violation[] {
  return [...tree].filter(([path]) => isCode(path) && applies(path)).flatMap(([path, text]) => check(path, syntaxOf(path, text), text));
}

/** The text of a string literal or of a template without placeholders; null for anything else. */
export function textOf(node: unknown): string | null {
  if (!isNode(node)) return null;
  if (node.type === 'Literal') return typeof node['value'] === 'string' ? node['value'] : null;
  if (node.type !== 'TemplateLiteral') return null;
  const [only, ...others] = node['quasis'] as readonly { readonly value: { readonly cooked: string } }[];
  return only !== undefined && others.length === 0 ? only.value.cooked : null;
}

/** The name of a plain identifier, else null. */
export function nameOf(node: unknown): string | null {
  return isNode(node) && node.type === 'Identifier' ? String(node['name']) : null;
}

/** The name that a member expression or a property asks for, written with a dot, as a key or as a literal in brackets. */
export function keyOf(node: SyntaxNode): string | null {
  const key = node.type === 'MemberExpression' ? node['property'] : node['key'];
  return node['computed'] === true ? textOf(key) : nameOf(key) ?? textOf(key);
}
