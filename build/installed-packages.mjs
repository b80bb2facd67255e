// Owns whether node_modules is what package-lock.json says, and `npm ci` where it is not; refuses to guess from dates.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './processes.mjs';
import { SetUpError } from './setup-error.mjs';
import { inTree, outsideEnvironment, root } from './tree.mjs';

/** Gone with every new `npm ci`, which is what makes it tell the truth. */
const stampFile = inTree('node_modules', '.cache', 'holdfast', 'packages.json');
const hiddenLockFile = inTree('node_modules', '.package-lock.json');

/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, link?: boolean, os?: string | string[], cpu?: string | string[] }} LockedPackage
 */

/**
 * Compares node_modules with package-lock.json by npm's own record of what it installed. A tree filled by a plain
 * `npm ci` is accepted as it is; a stamp of both files keeps later comparisons short.
 * @returns {string | null} why `npm ci` is needed, or null
 */
export function whyPackagesAreMissing() {
  if (!existsSync(hiddenLockFile)) return 'node_modules is missing or unfinished';
  const wanted = readFileSync(inTree('package-lock.json'));
  const installed = readFileSync(hiddenLockFile);
  const stamp = stampOf(wanted, installed);
  /** @type {Record<string, LockedPackage>} */
  const installedPackages = JSON.parse(installed.toString()).packages;
  const lost = Object.keys(installedPackages).find((path) => !existsSync(inTree(path)));
  if (lost !== undefined) return `${lost} is missing`;
  if (readStamp() === stamp) return null;
  const difference = differenceOf(JSON.parse(wanted.toString()).packages, installedPackages);
  if (difference === null) writeStamp(stamp);
  return difference;
}

/**
 * Runs `npm ci` with the Node and npm that are outside this tree.
 * @returns {Promise<void>}
 * @throws {SetUpError} when npm is missing or fails, with the start of what it said
 */
export async function installPackages() {
  // Flags beat the caller's configuration: NODE_ENV=production or omit=dev would leave out the tools.
  const args = ['ci', '--include=dev', '--include=optional', '--loglevel=error', '--no-audit', '--no-fund'];
  const own = npmBesideUs();
  const { code, output } = await run({
    command: own?.node ?? 'npm',
    args: own === null ? args : [own.npm, ...args],
    cwd: root,
    env: outsideEnvironment(),
    isCollected: true,
    isShell: own === null,
  });
  if (code === 127) throw new SetUpError('npm was not found.', 'Install Node.js with npm (https://nodejs.org), then start again.');
  if (code !== 0) {
    // npm's first lines name the cause; its help text follows them.
    const said = output.trim().split('\n').slice(0, 15).join('\n');
    throw new SetUpError(`\`npm ci\` failed (exit ${code}):\n${said}`, 'It needs the npm registry once. If that is not reached, check the network or the proxy; then start again.');
  }
  if (!existsSync(hiddenLockFile)) throw new SetUpError('`npm ci` left no record of what it installed.', 'Use npm 7 or newer.');
  writeStamp(stampOf(readFileSync(inTree('package-lock.json')), readFileSync(hiddenLockFile)));
}

/** The npm that started us, with the Node that it runs on: known for certain, and needs no shell on Windows. */
function npmBesideUs() {
  const npm = process.env['npm_execpath'];
  const node = process.env['npm_node_execpath'];
  if (npm === undefined || node === undefined || !/npm-cli\.[cm]?js$/.test(npm)) return null;
  return existsSync(npm) && existsSync(node) && !node.startsWith(inTree('node_modules')) ? { npm, node } : null;
}

/**
 * @param {Buffer} wanted
 * @param {Buffer} installed
 */
function stampOf(wanted, installed) {
  return createHash('sha256').update(`${process.platform}-${process.arch}\n`).update(wanted).update('\n').update(installed).digest('hex');
}

function readStamp() {
  try {
    return JSON.parse(readFileSync(stampFile, 'utf8')).stamp;
  } catch {
    return null;
  }
}

/** @param {string} stamp */
function writeStamp(stamp) {
  try {
    mkdirSync(join(stampFile, '..'), { recursive: true });
    writeFileSync(stampFile, JSON.stringify({ stamp }));
  } catch {
    // A read-only tree is compared in full each time: slower, never wrong.
  }
}

/**
 * Optional packages may be left out by npm (they are for other platforms); what is there must fit this platform.
 * @param {Record<string, LockedPackage>} wanted
 * @param {Record<string, LockedPackage>} installed
 * @returns {string | null}
 */
export function differenceOf(wanted, installed) {
  for (const [path, locked] of Object.entries(wanted)) {
    if (path === '') continue;
    const present = installed[path];
    if (present === undefined) {
      if (locked.optional !== true) return `${path} is not installed`;
    } else if (present.version !== locked.version || present.integrity !== locked.integrity) {
      return `${path} is another version than the lockfile's`;
    }
  }
  for (const [path, present] of Object.entries(installed)) {
    if (wanted[path] === undefined) return `${path} is not in the lockfile`;
    if (!fits(present.os, process.platform) || !fits(present.cpu, process.arch)) return `${path} is for another platform`;
  }
  return null;
}

/**
 * npm's `os` and `cpu`: a name or a list of names, `!name` excludes.
 * @param {string | string[] | undefined} rule
 * @param {string} value
 */
function fits(rule, value) {
  const names = rule === undefined ? [] : [rule].flat();
  const wanted = names.filter((name) => !name.startsWith('!'));
  return !names.includes(`!${value}`) && (wanted.length === 0 || wanted.includes('any') || wanted.includes(value));
}
