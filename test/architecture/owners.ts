// Things that exactly the named files of the product may touch: sockets, native parts, processes, Electron's windows, and the bridge. An empty list means nobody.
import { importsOf } from './imports.ts';
import { inspect, isNode, keyOf, nameOf } from './tree.ts';
import type { SyntaxNode, Tree, Violation } from './tree.ts';
import { isProduct, zoneOf } from './zones.ts';

interface Owned {
  readonly module: string;
  readonly owners: readonly string[];
  readonly reason: string;
}

const DEPLOYMENTS = 'electron/core/deployments';

/** Modules with owners. What a module is for a test is the test's business: the list holds for the product. */
export const OWNED: readonly Owned[] = [
  { module: 'undici', owners: [`${DEPLOYMENTS}/http.ts`, `${DEPLOYMENTS}/http-exchange.ts`], reason: 'the one HTTP client, and the types of one exchange over it' },
  { module: 'node:net', owners: [`${DEPLOYMENTS}/http.ts`], reason: 'its connector opens every socket of the program' },
  { module: 'node:tls', owners: [`${DEPLOYMENTS}/http.ts`, `${DEPLOYMENTS}/tls.ts`], reason: 'the connector, and the trust it is given' },
  ...['node:http', 'node:https', 'node:http2', 'node:dgram', 'node:dns', 'node:dns/promises', 'node:inspector', 'node:inspector/promises', 'node:quic']
    .map((module) => ({ module, owners: [], reason: 'would open a socket or ask a resolver beside the HTTP client' })),
  { module: 'better-sqlite3', owners: ['electron/core/db/native.ts'], reason: 'an old Node dies of it: it is loaded late and in one place' },
  { module: 'node:sqlite', owners: [], reason: 'it cannot encrypt' },
  { module: 'keytar', owners: ['electron/core/credentials/keychain.ts'], reason: 'two of its calls crash or hang: only the lane may call it' },
  { module: 'zod', owners: ['shared/zod.ts'], reason: 'it must be told before the first schema not to try new Function' },
  {
    module: 'node:child_process', reason: 'a window, the sample, the limit on core files',
    owners: ['electron/core/profile/surroundings.ts', 'electron/hosts/chromium/browser.ts', 'electron/hosts/chromium/sample.ts'],
  },
  { module: 'node:vm', owners: [], reason: 'would run text as code' },
  { module: 'node:repl', owners: [], reason: 'would run text as code' },
];

/** Parts of Electron that speak to the network or hand something to another program. */
const FORBIDDEN_OF_ELECTRON = ['net', 'shell', 'safeStorage', 'crashReporter', 'autoUpdater', '*', 'default'];

export function ownerViolations(tree: Tree): Violation[] {
  return importsOf(tree).filter(({ file }) => isProduct(file)).flatMap(({ file, line, to, names }): Violation[] => {
    if (to.kind === 'package' && to.name === 'electron') {
      return names.filter((name) => FORBIDDEN_OF_ELECTRON.includes(name)).map((name) => ({ file, line, what: `takes ${name} of electron, which nothing here needs` }));
    }
    const owned = to.kind === 'package' || to.kind === 'built-in' ? OWNED.find(({ module }) => module === to.name) : undefined;
    return owned === undefined || owned.owners.includes(file) ? [] : [{ file, line, what: `imports ${owned.module}; only ${owned.owners.join(', ') || 'nobody'} may: ${owned.reason}` }];
  });
}

export function unusedOwners(tree: Tree): string[] {
  return OWNED.flatMap(({ module, owners }) => owners
    .filter((owner) => !importsOf(tree).some(({ file, to }) => file === owner && to.kind !== 'file' && to.kind !== 'unreadable' && to.name === module))
    .map((owner) => `${module} for ${owner}`));
}

const SOCKET_GLOBALS = new Set(['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest', 'RTCPeerConnection', 'WebTransport', 'importScripts']);
const GLOBAL_OBJECTS = new Set(['globalThis', 'window', 'self', 'global', 'top', 'parent']);

/** No import is needed for these, and each reaches a network. */
export function socketGlobalViolations(tree: Tree): Violation[] {
  return inspect(tree, isProduct, (file, { nodes, lineOf }) => nodes.flatMap((node) => {
    const name = socketGlobal(node);
    return name === null ? [] : [{ file, line: lineOf(node), what: `uses ${name}, which reaches a network beside the HTTP client` }];
  }));
}

function socketGlobal(node: SyntaxNode): string | null {
  if (node.type === 'CallExpression' || node.type === 'NewExpression') {
    const name = nameOf(node['callee']);
    return name !== null && SOCKET_GLOBALS.has(name) ? name : null;
  }
  if (node.type !== 'MemberExpression') return null;
  const key = keyOf(node);
  if (key === 'sendBeacon') return key;
  return key !== null && SOCKET_GLOBALS.has(key) && GLOBAL_OBJECTS.has(nameOf(node['object']) ?? '') ? key : null;
}

const BRIDGE = 'holdfast';
const CLIENT = 'renderer/lib/client.ts';

/** The page's way to core has one user. */
export function bridgeViolations(tree: Tree): Violation[] {
  return inspect(tree, (path) => zoneOf(path) === 'renderer' && path !== CLIENT, (file, { nodes, lineOf }) => nodes
    .filter((node) => nameOf(node) === BRIDGE || (node.type === 'MemberExpression' && keyOf(node) === BRIDGE))
    .map((node) => ({ file, line: lineOf(node), what: `knows the bridge; only ${CLIENT} may` })));
}

const WINDOW_MAKERS = new Set(['BrowserWindow', 'BaseWindow', 'BrowserView', 'WebContentsView']);
const WINDOW_FACTORY = 'electron/hosts/electron/window.ts';

/** Requirement R1: one place makes windows, and it makes one kind. */
export function windowViolations(tree: Tree): Violation[] {
  return inspect(tree, isProduct, (file, { nodes, lineOf }) => {
    const made = nodes.filter((node) => node.type === 'NewExpression' && WINDOW_MAKERS.has(lastNameOf(node['callee']) ?? ''));
    const allowed = file === WINDOW_FACTORY ? 1 : 0;
    return made.slice(allowed).map((node) => ({ file, line: lineOf(node), what: `makes a window; only ${WINDOW_FACTORY} does, once` }));
  });
}

/** Requirement R17: the preload hands one object to the page, and nothing else does. */
export function exposureViolations(tree: Tree): Violation[] {
  const preload = 'electron/hosts/electron/preload.ts';
  return inspect(tree, isProduct, (file, { nodes, lineOf }) => nodes
    .filter((node) => node.type === 'CallExpression' && lastNameOf(node['callee'])?.startsWith('exposeIn') === true)
    .slice(file === preload ? 1 : 0)
    .map((node) => ({ file, line: lineOf(node), what: `hands something to the page; only ${preload} does, once` })));
}

/** The last name of `a.b.c` or of `c`. */
export function lastNameOf(node: unknown): string | null {
  if (!isNode(node)) return null;
  return node.type === 'MemberExpression' ? keyOf(node) : nameOf(node);
}
