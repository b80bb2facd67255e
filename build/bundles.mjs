// Owns what vite builds from this tree and when it has to be built again; refuses to trust a date, it compares content.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireNode24 } from './node24.mjs';
import { run } from './processes.mjs';
import { SetUpError } from './setup-error.mjs';
import { inTree, root, treeEnvironment } from './tree.mjs';

/**
 * @typedef {object} Bundle
 * @property {string} name
 * @property {string} config vite's configuration, relative to the root
 * @property {string} proof the file that stands at the end of a good build
 * @property {string[]} sources files and folders that the result depends on
 */

/** @type {Bundle} */
export const rendererBundle = {
  name: 'renderer',
  config: 'renderer/vite.config.ts',
  proof: 'out/renderer/index.html',
  sources: ['renderer', 'shared', 'package.json', 'package-lock.json'],
};

/**
 * Electron loads one file each for its main process and its preload, and starts two more by path; only Electron needs them built.
 * @type {Bundle[]}
 */
export const electronBundles = [
  {
    name: 'main',
    config: 'build/main.vite.config.ts',
    proof: 'out/main/main.js',
    sources: ['build/main.vite.config.ts', 'build/electron.vite.ts', 'electron', 'shared', 'package.json', 'package-lock.json'],
  },
  {
    name: 'preload',
    config: 'build/preload.vite.config.ts',
    proof: 'out/preload/preload.cjs',
    sources: ['build/preload.vite.config.ts', 'build/electron.vite.ts', 'electron/hosts/electron', 'shared', 'package.json', 'package-lock.json'],
  },
  {
    name: 'cli',
    config: 'build/cli.vite.config.ts',
    proof: 'out/cli/bin/main.js',
    sources: ['build/cli.vite.config.ts', 'build/electron.vite.ts', 'electron', 'shared', 'package.json', 'package-lock.json'],
  },
  {
    name: 'sample',
    config: 'build/sample.vite.config.ts',
    proof: 'out/sample/navi.mjs',
    sources: ['build/sample.vite.config.ts', 'build/electron.vite.ts', 'test/deployments', 'shared', 'package.json', 'package-lock.json'],
  },
];

/**
 * @param {Bundle} bundle
 * @returns {string | null} why it has to be built, or null
 */
export function whyBundleIsOld(bundle) {
  if (!existsSync(inTree(bundle.proof))) return 'not built yet';
  return readStamp(bundle) === digestOf(bundle.sources) ? null : 'its sources changed';
}

/**
 * @param {Bundle} bundle
 * @returns {Promise<void>}
 * @throws {SetUpError} when vite fails, with what it said
 */
export async function buildBundle(bundle) {
  const digest = digestOf(bundle.sources);
  // Without a stamp a half-built result is never taken for a whole one.
  rmSync(stampFile(bundle), { force: true });
  const { code, output } = await run({
    command: requireNode24(),
    args: [inTree('node_modules', 'vite', 'bin', 'vite.js'), 'build', '--config', bundle.config, '--logLevel', 'warn'],
    cwd: root,
    // Under the test runner NODE_ENV says "test", and React would be built with its checks in.
    env: treeEnvironment({ NODE_ENV: 'production' }),
    isCollected: true,
  });
  if (code !== 0 || !existsSync(inTree(bundle.proof))) {
    throw new SetUpError(`Building the ${bundle.name} failed (exit ${code}):\n${output.trim()}`, `Mend what it names, then start again. A good build leaves ${bundle.proof}.`);
  }
  mkdirSync(inTree('out'), { recursive: true });
  writeFileSync(stampFile(bundle), JSON.stringify({ digest }));
}

/**
 * Beside the output folder, not in it: the folder is what gets packaged.
 * @param {Bundle} bundle
 */
function stampFile(bundle) {
  return inTree('out', `.${bundle.name}.json`);
}

/** @param {Bundle} bundle */
function readStamp(bundle) {
  try {
    return JSON.parse(readFileSync(stampFile(bundle), 'utf8')).digest;
  } catch {
    return null;
  }
}

/** @param {string[]} sources */
function digestOf(sources) {
  const hash = createHash('sha256');
  for (const source of sources) {
    for (const file of filesOf(source)) hash.update(`${file}\n`).update(createHash('sha256').update(readFileSync(inTree(file))).digest());
  }
  return hash.digest('hex');
}

/**
 * Tests are not part of a bundle.
 * @param {string} path relative to the root
 * @returns {string[]}
 */
function filesOf(path) {
  let entries;
  try {
    entries = readdirSync(inTree(path), { withFileTypes: true });
  } catch (error) {
    const code = /** @type {NodeJS.ErrnoException} */ (error).code;
    if (code === 'ENOTDIR') return [path];
    if (code === 'ENOENT') return [];
    throw error;
  }
  return entries
    .map((entry) => entry.name)
    .sort()
    .flatMap((name) => (/\.test\.tsx?$/.test(name) ? [] : filesOf(join(path, name))));
}
