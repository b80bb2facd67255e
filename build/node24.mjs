// Owns which Node runs our TypeScript; refuses one that SQLite crashes on or that cannot read types.
import { existsSync } from 'node:fs';
import { become } from './processes.mjs';
import { SetUpError } from './setup-error.mjs';
import { inTree, treeEnvironment } from './tree.mjs';

const platformNames = /** @type {Record<string, string>} */ ({ linux: 'linux', win32: 'win' });

/**
 * The Node that the lockfile brings, else the one running this script if it is good enough: Node-API 10 (the SQLite
 * build crashes below it) and types stripped without a flag.
 * @returns {string | null} absolute path of the binary
 */
export function findNode24() {
  const platform = platformNames[process.platform];
  const ending = process.platform === 'win32' ? 'node.exe' : 'node';
  const bundled = inTree('node_modules', `node-${platform}-${process.arch}`, 'bin', ending);
  if (platform !== undefined && existsSync(bundled)) return bundled;
  const readsTypes = /** @type {{ typescript?: unknown }} */ (process.features).typescript !== undefined
    && /** @type {{ typescript?: unknown }} */ (process.features).typescript !== false;
  return Number(process.versions['napi']) >= 10 && readsTypes ? process.execPath : null;
}

/**
 * @returns {string} absolute path of the binary
 * @throws {SetUpError} when there is none, with what to install
 */
export function requireNode24() {
  const found = findNode24();
  if (found !== null) return found;
  throw new SetUpError(
    `Holdfast needs Node 24; this is Node ${process.versions.node}, and no packaged Node exists for ${process.platform}-${process.arch}.`,
    process.platform === 'darwin' ? 'Run `brew install node@24 && brew link --overwrite node@24`, then start again.' : 'Install Node 24 from https://nodejs.org, then start again.',
  );
}

/**
 * Runs a TypeScript file of this tree in this process's place, on Node 24: same terminal, same exit code, same signals.
 * @param {{ entry: string, args: string[], cwd: string, env?: Record<string, string> }} what `entry` is relative to the root
 * @returns {Promise<never>}
 * @throws {SetUpError} when the file is not in this tree
 */
export function becomeTypeScript({ entry, args, cwd, env }) {
  const path = inTree(entry);
  if (!existsSync(path)) throw new SetUpError(`${entry} is not in this tree.`, 'The checkout is incomplete: compare it with the repository.');
  return become({ command: requireNode24(), args: [path, ...args], cwd, env: treeEnvironment(env) });
}
