// How files look: names, length, first sentence, exports, and what may stand in no file of the repository.
import { posix } from 'node:path';
import { inspect, isNode, keyOf, nameOf, syntaxOf, isCode } from './tree.ts';
import type { Tree, Violation } from './tree.ts';
import { isProduct, zoneOf } from './zones.ts';

const MAX_LINES = 400;

/** Product, set-up and reference servers: what is not a test. */
function isSource(path: string): boolean {
  return isProduct(path) || zoneOf(path) === 'build' || zoneOf(path) === 'reference deployments';
}

/** Only the configuration of a tool has a default export, where the tool reads nothing else. */
export function defaultExportViolations(tree: Tree): Violation[] {
  return inspect(tree, (path) => zoneOf(path) !== 'configuration', (file, { nodes, lineOf }) => nodes
    .filter((node) => node.type === 'ExportDefaultDeclaration' || node.type === 'TSExportAssignment'
      || (node.type === 'ExportSpecifier' && isNode(node['exported']) && (node['exported']['name'] ?? node['exported']['value']) === 'default'))
    .map((node) => ({ file, line: lineOf(node), what: 'has a default export' })));
}

export function lengthViolations(tree: Tree): Violation[] {
  return [...tree].filter(([path]) => isSource(path) && /\.(?:ts|tsx|mjs|css|sql)$/.test(path))
    .map(([file, text]) => ({ file, lines: text.replace(/\n$/, '').split('\n').length }))
    .filter(({ lines }) => lines > MAX_LINES)
    .map(({ file, lines }) => ({ file, line: 0, what: `has ${lines} lines; split it at ${MAX_LINES}` }));
}

/** A newcomer reads first what a file is for. Four words and a full stop are the least that says something. */
export function firstSentenceViolations(tree: Tree): Violation[] {
  return [...tree].filter(([path]) => (isSource(path) || zoneOf(path) === 'configuration') && /\.(?:ts|tsx|mjs|css|sql)$/.test(path)).flatMap(([file, text]) => {
    const comment = isCode(file) ? syntaxOf(file, text).firstComment : (/^\/\*([\s\S]*?)\*\//.exec(text)?.[1] ?? /^--(.*)/.exec(text)?.[1] ?? null);
    const isSentence = comment !== null && comment.trim().split(/\s+/).length >= 4 && /[.!?](?:\s|$)/.test(comment);
    return isSentence ? [] : [{ file, line: 1, what: 'does not begin with a comment sentence' }];
  });
}

/** The page's script hands its function to the host by a message of the console, the one thing that tells the host who sent it. */
const SPEAKS_TO_ITS_HOST = 'electron/hosts/chromium/page-script.ts';

export function consoleViolations(tree: Tree): Violation[] {
  return inspect(tree, isSource, (file, { nodes, lineOf }) => nodes
    .filter((node) => node.type === 'DebuggerStatement' || (node.type === 'MemberExpression' && (nameOf(node['object']) === 'console' || keyOf(node) === 'console')))
    .slice(file === SPEAKS_TO_ITS_HOST ? 1 : 0)
    .map((node) => ({ file, line: lineOf(node), what: 'speaks to the console' })));
}

/** Marks of unfinished work. In capitals only, as people write them. The lockfile is passed over: digests may spell anything. */
const UNFINISHED = new RegExp(`\\b(?:${['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X', 'HA' + 'CK'].join('|')})\\b`);

export function unfinishedViolations(tree: Tree): Violation[] {
  return linesMatching(tree, UNFINISHED, 'is marked as unfinished');
}

/** Home directories, build roots and drives of one machine. A single letter for a name (as examples in tests have) names nobody, nor does admin. */
const MACHINE_PATH = /(?<![\w.~-])\/(?:home|Users)\/(?!admin\b)[A-Za-z][\w.-]+|(?<![\w.~-])\/(?:root|work|workspace|builds|mnt|opt\/actions-runner)\/[\w.-]|\b[A-Z]:\\+Users\\+\w/;
const REGISTRY_HOST = /\b(?:registry\.[a-z0-9-]+\.[a-z]{2,}|(?:npm|pypi|crates|repo|nexus|artifactory)\.[a-z0-9-]+\.[a-z]{2,}\/)/i;

export function machinePathViolations(tree: Tree): Violation[] {
  return linesMatching(tree, MACHINE_PATH, 'names a path of one machine');
}

export function registryViolations(tree: Tree): Violation[] {
  return linesMatching(tree, REGISTRY_HOST, 'names the host of a package registry');
}

function linesMatching(tree: Tree, pattern: RegExp, what: string): Violation[] {
  return [...tree].filter(([path]) => path !== 'package-lock.json' || pattern !== UNFINISHED).flatMap(([file, text]) => text.split('\n').flatMap((line, index) => (pattern.test(line) ? [{ file, line: index + 1, what }] : [])));
}

const KEBAB = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const FILE_NAMES: readonly (readonly [kind: RegExp, form: RegExp, words: string])[] = [
  [/\.tsx$/, /^(?:[A-Z][A-Za-z0-9]*(?:\.test)?|main)\.tsx$/, 'PascalCase.tsx (main.tsx, the entry that index.html names, excepted)'],
  [/\.(?:ts|mjs|cjs|js)$/, /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.test|\.spec|(?:\.vite)?\.config|\.vite)?\.(?:ts|mjs)$/, 'kebab-case.ts or .mjs'],
  [/\.sql$/, /^\d{4}-[a-z0-9]+(?:-[a-z0-9]+)*\.sql$/, 'NNNN-kebab-case.sql'],
  [/\.css$/, /^[a-z0-9]+(?:-[a-z0-9]+)*\.css$/, 'kebab-case.css'],
];
/** Names that say nothing about what is inside. */
const EMPTY_NAMES = new Set(['index', 'util', 'utils', 'helper', 'helpers', 'common', 'misc', 'shared-utils']);

export function nameViolations(tree: Tree): Violation[] {
  return [...tree.keys()].flatMap((file): Violation[] => {
    const name = posix.basename(file);
    const folders = posix.dirname(file).split('/').filter((folder) => folder !== '.');
    const form = FILE_NAMES.find(([kind]) => kind.test(name));
    const stem = name.split('.')[0] ?? '';
    const wrong = [
      ...(form !== undefined && !form[1].test(name) ? [`is not named ${form[2]}`] : []),
      ...(form !== undefined && EMPTY_NAMES.has(stem) ? ['has a name that says nothing'] : []),
      ...(folders.every((folder) => KEBAB.test(folder.replace(/^\./, ''))) ? [] : ['lies in a folder that is not kebab-case']),
    ];
    return wrong.map((what) => ({ file, line: 0, what }));
  });
}

/** `<file>.test.ts` stands beside the file it tests; what tests several files lies in test/. */
export function strayTestViolations(tree: Tree): Violation[] {
  return [...tree.keys()].filter((path) => /\.test\.tsx?$/.test(path) && !path.startsWith('test/')).flatMap((file) => {
    const stem = file.replace(/\.test\.tsx?$/, '');
    return ['.ts', '.tsx', '.mjs'].some((end) => tree.has(stem + end)) ? [] : [{ file, line: 0, what: 'stands beside no file of its name' }];
  });
}

export function prefixViolations(tree: Tree): Violation[] {
  return inspect(tree, () => true, (file, { nodes, lineOf }) => nodes
    .filter((node) => node.type === 'TSInterfaceDeclaration' && /^I[A-Z][a-z]/.test(nameOf(node['id']) ?? ''))
    .map((node) => ({ file, line: lineOf(node), what: 'marks an interface with an I' })));
}

/** Requirement R67: every package is pinned by a digest, and the lockfile names no server. */
export function lockfileViolations(tree: Tree): Violation[] {
  const file = 'package-lock.json';
  const { packages } = JSON.parse(tree.get(file) ?? '{"packages":{}}') as { packages: Record<string, { integrity?: string; resolved?: string; link?: boolean }> };
  return Object.entries(packages).filter(([path]) => path !== '').flatMap(([path, { integrity, resolved, link }]) => [
    ...(integrity?.startsWith('sha512-') === true && link !== true ? [] : [{ file, line: 0, what: `${path} is not pinned by SHA-512` }]),
    ...(resolved === undefined ? [] : [{ file, line: 0, what: `${path} names a server` }]),
  ]);
}
