// Owns where things lie in this tree; refuses to depend on the directory a command was called from.
import { existsSync, realpathSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Absolute path of the repository, without a trailing separator. */
export const root = resolve(fileURLToPath(new URL('..', import.meta.url)));

/**
 * Absolute path of something in this tree.
 * @param {...string} parts path segments below the root
 * @returns {string}
 */
export function inTree(...parts) {
  return join(root, ...parts);
}

/**
 * Whether the module at this URL is the one that Node was started with.
 * @param {string} moduleUrl `import.meta.url` of the asking module
 * @returns {boolean}
 */
export function isEntry(moduleUrl) {
  const started = process.argv[1];
  return started !== undefined && existsSync(started) && realpathSync(started) === realpathSync(fileURLToPath(moduleUrl));
}

/**
 * The directory that the user typed the command in. npm moves every script to the root and keeps the user's
 * directory in INIT_CWD; without this, `--ca ./ca.pem` typed in another directory would name the wrong file.
 * @param {string} script name of the npm script that the calling module serves
 * @returns {string} absolute path
 */
export function userDirectory(script) {
  const typedIn = process.env['INIT_CWD'];
  const startedByNpm = process.env['npm_lifecycle_event'] === script && process.cwd() === root;
  return startedByNpm && typedIn !== undefined && existsSync(typedIn) ? typedIn : process.cwd();
}

/**
 * This process's environment with the tree's own commands first on the PATH, so that a plain `node` is Node 24, and with a place where Node
 * keeps what it made of each source: it strips and compiles a file again only when its content changed. Going with node_modules, it is Node's to fill.
 * @param {Record<string, string>} [extra] variables to add
 * @returns {NodeJS.ProcessEnv}
 */
export function treeEnvironment(extra = {}) {
  const path = [inTree('node_modules', '.bin'), ...otherPaths()].join(delimiter);
  return { ...withoutPath(), PATH: path, NODE_COMPILE_CACHE: inTree('node_modules', '.cache', 'holdfast', 'compiled'), ...extra };
}

/**
 * This process's environment without the tree's commands on the PATH: `npm ci` deletes node_modules, and must
 * not do so from a Node that lives in there.
 * @returns {NodeJS.ProcessEnv}
 */
export function outsideEnvironment() {
  return { ...withoutPath(), PATH: otherPaths().join(delimiter) };
}

function otherPaths() {
  const own = inTree('node_modules');
  return (process.env['PATH'] ?? '').split(delimiter).filter((entry) => entry !== '' && !resolve(entry).startsWith(own));
}

/** Windows spells it `Path`; two spellings in one environment would leave the winner to chance. */
function withoutPath() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => name.toUpperCase() !== 'PATH'));
}
