// Finds everything by which one file reaches another: imports, also of types, re-exports, import(), require() in every spelling, and CSS. It judges none of them.
import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import { isCode, isNode, nameOf, syntaxOf, textOf } from './tree.ts';
import type { Syntax, SyntaxNode, Tree } from './tree.ts';

/** Where an import leads. `unreadable`: no fixed text, so nobody can say. */
export type Destination =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'package'; readonly name: string }
  | { readonly kind: 'built-in'; readonly name: string }
  | { readonly kind: 'unreadable'; readonly text: string };

export interface Import {
  readonly file: string;
  readonly line: number;
  readonly to: Destination;
  /** Imported names, `*` for all of them; empty where none is named. */
  readonly names: readonly string[];
  /** Loaded only when its line runs, as import() and require() are. */
  readonly isLate: boolean;
  readonly isTypeOnly: boolean;
}

/** The aliases of package.json; a test holds both to the same list. */
export const ALIASES: Readonly<Record<string, string>> = { '#shared/': 'shared/', '#core/': 'electron/core/' };
const BUILT_IN = new Set(builtinModules.map((name) => name.replace(/^node:/, '')));

/** All imports of a tree. A tree is asked by many rules, so it is read once. */
export function importsOf(tree: Tree): readonly Import[] {
  const known = read.get(tree);
  if (known !== undefined) return known;
  const found = [...tree].flatMap(([path, text]) => (path.endsWith('.css') ? cssImports(path, text) : isCode(path) ? codeImports(path, syntaxOf(path, text)) : []));
  read.set(tree, found);
  return found;
}

const read = new WeakMap<Tree, readonly Import[]>();

function codeImports(file: string, syntax: Syntax): Import[] {
  const requires = requireNames(syntax);
  return syntax.nodes.flatMap((node): Import[] => {
    const source = sourceOf(node, requires);
    if (source === undefined) return [];
    const text = textOf(source);
    const isLate = !(node.type.endsWith('Declaration') && node.type !== 'TSImportEqualsDeclaration');
    const isTypeOnly = node['importKind'] === 'type' || node['exportKind'] === 'type' || node.type === 'TSImportType';
    return [{ file, line: syntax.lineOf(node), to: text === null ? { kind: 'unreadable', text: node.type } : destination(file, text), names: namesOf(node), isLate, isTypeOnly }];
  });
}

/** The node that says where an import leads; undefined when this node is no import. */
function sourceOf(node: SyntaxNode, requires: ReadonlySet<string>): unknown {
  switch (node.type) {
    case 'ImportDeclaration': case 'ExportAllDeclaration': case 'ImportExpression': case 'TSImportType': return node['source'];
    case 'ExportNamedDeclaration': return node['source'] ?? undefined;
    case 'TSExternalModuleReference': return node['expression'];
    case 'CallExpression': return isRequire(node['callee'], requires) || isLoader(node['callee']) ? (node['arguments'] as unknown[])[0] ?? null : undefined;
    default: return undefined;
  }
}

/** Variables that hold what createRequire gave, and `require` itself. */
function requireNames({ nodes }: Syntax): ReadonlySet<string> {
  const made = nodes.filter((node) => node.type === 'VariableDeclarator' && isCreateRequire(node['init'])).map((node) => nameOf(node['id']));
  return new Set(['require', ...made.filter((name) => name !== null)]);
}

function isCreateRequire(node: unknown): boolean {
  return isNode(node) && node.type === 'CallExpression' && lastName(node['callee']) === 'createRequire';
}

function isRequire(callee: unknown, requires: ReadonlySet<string>): boolean {
  if (!isNode(callee)) return false;
  if (callee.type === 'MemberExpression' && lastName(callee) === 'resolve') return isRequire(callee['object'], requires);
  return isCreateRequire(callee) || requires.has(nameOf(callee) ?? '');
}

/** Ways around import and require that Node or a bundler offers. */
function isLoader(callee: unknown): boolean {
  return isNode(callee) && callee.type === 'MemberExpression' && (
    ['getBuiltinModule', 'binding', 'dlopen'].includes(lastName(callee) ?? '') && nameOf(callee['object']) === 'process'
    || ['resolve', 'glob'].includes(lastName(callee) ?? '') && isNode(callee['object']) && callee['object'].type === 'MetaProperty');
}

function lastName(node: unknown): string | null {
  return isNode(node) && node.type === 'MemberExpression' ? nameOf(node['property']) ?? textOf(node['property']) : nameOf(node);
}

function namesOf(node: SyntaxNode): string[] {
  if (node.type === 'ExportAllDeclaration') return ['*'];
  const specifiers = (node['specifiers'] ?? []) as readonly SyntaxNode[];
  return specifiers.map((one) => (one.type === 'ImportNamespaceSpecifier' ? '*' : one.type === 'ImportDefaultSpecifier' ? 'default' : nameOf(one['imported'] ?? one['local']) ?? textOf(one['imported']) ?? '*'));
}

/** Where a specifier leads, seen from a file. Queries of the bundler (`?url`) do not change that. */
export function destination(file: string, specifier: string): Destination {
  const [path = ''] = specifier.split('?', 1);
  const alias = Object.keys(ALIASES).find((name) => path.startsWith(name));
  if (alias !== undefined) return { kind: 'file', path: posix.normalize((ALIASES[alias] ?? '') + path.slice(alias.length)) };
  if (path.startsWith('.')) return { kind: 'file', path: posix.join(posix.dirname(file), path) };
  if (path.startsWith('#') || path.startsWith('/') || /^(?:data|file|https?):/.test(path)) return { kind: 'unreadable', text: path };
  if (path.startsWith('node:') || BUILT_IN.has(path)) return { kind: 'built-in', name: `node:${path.replace(/^node:/, '')}` };
  return { kind: 'package', name: path.split('/').slice(0, path.startsWith('@') ? 2 : 1).join('/') };
}

function cssImports(file: string, text: string): Import[] {
  const found = [...text.matchAll(/@import\s+(?:url\(\s*)?['"]?([^'")\s;]+)|url\(\s*['"]?([^'")]+)/g)];
  return found.map((match) => {
    const target = match[1] ?? match[2] ?? '';
    // In CSS a bare url() is relative to the file, a bare @import of ours is a package.
    const specifier = match[1] === undefined && !/^[./#a-z]+:|^\.|^\//.test(target) ? `./${target}` : target;
    return { file, line: text.slice(0, match.index).split('\n').length, to: destination(file, specifier), names: [], isLate: false, isTypeOnly: false };
  });
}
