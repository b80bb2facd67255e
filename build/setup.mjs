// Owns the way from a fresh clone to a tree that runs, on Node's built-ins alone; refuses to do a step that is done.
import { existsSync } from 'node:fs';
import { buildBundle, rendererBundle, whyBundleIsOld } from './bundles.mjs';
import { missingPackages } from './debian-packages.mjs';
import { installPackages, whyPackagesAreMissing } from './installed-packages.mjs';
import { findNode24, requireNode24 } from './node24.mjs';
import { SetUpError, runCommand } from './setup-error.mjs';
import { withSetUpLock } from './setup-lock.mjs';
import { installSystemPackages } from './system-packages.mjs';
import { inTree, isEntry } from './tree.mjs';
import { fetchElectron, findChromium, findElectron, wasElectronRefused } from './window-hosts.mjs';

/**
 * @typedef {'cli' | 'window' | 'test'} Need
 * @typedef {object} Step
 * @property {string} name
 * @property {Need[]} neededFor
 * @property {() => string | null} why what is to do, or null when it is done
 * @property {() => Promise<string | void>} act may answer with a remark
 */

/**
 * In this order: each step needs the ones before it.
 * @type {Step[]}
 */
const steps = [
  { name: 'npm ci', neededFor: ['cli', 'window', 'test'], why: whyPackagesAreMissing, act: installPackages },
  {
    name: 'Node 24',
    neededFor: ['cli', 'window', 'test'],
    why: () => (findNode24() === null ? 'not found' : null),
    act: async () => void requireNode24(),
  },
  {
    name: "Electron's binary",
    neededFor: ['window', 'test'],
    why: () => (findElectron() === null && !wasElectronRefused() ? 'absent; one try to fetch it' : null),
    act: async () => {
      const { isFetched, reason } = await fetchElectron();
      if (!isFetched) return `not available here (${reason}); the window will be Chromium's. To try again: npx install-electron`;
    },
  },
  systemStep('window'),
  systemStep('test'),
  {
    name: 'window build',
    neededFor: ['window', 'test'],
    why: () => (existsSync(inTree(rendererBundle.config)) ? whyBundleIsOld(rendererBundle) : null),
    act: () => buildBundle(rendererBundle),
  },
];

/**
 * @param {'window' | 'test'} need
 * @returns {Step}
 */
function systemStep(need) {
  return {
    name: 'system packages',
    neededFor: [need],
    why: () => missingPackages(need).map((item) => item.debian).join(', ') || null,
    act: () => installSystemPackages(missingPackages(need)),
  };
}

/**
 * Brings this tree and machine to where `need` can run. Says every step it takes with its seconds; a prepared tree takes
 * well under a second and hears one line, and the CLI hears none. Several at once wait for each other.
 * @param {{ need: Need, out: import('node:stream').Writable }} wanted `out` takes every line
 * @returns {Promise<void>}
 * @throws {SetUpError} with what to do, when a step cannot be done
 */
export async function setUp({ need, out }) {
  const startedMs = Date.now();
  const own = steps.filter((step) => step.neededFor.includes(need));
  const isPrepared = own.every((step) => step.why() === null);
  if (!isPrepared) {
    await withSetUpLock(out, async () => {
      for (const step of own) await take(step, out);
    });
  }
  if (need !== 'cli' && !existsSync(inTree(rendererBundle.config))) out.write(`Set-up: no window to build, ${rendererBundle.config} is not in this tree.\n`);
  if (!isPrepared) out.write(`Set-up: done in ${seconds(startedMs)}.\n`);
  else if (need !== 'cli') out.write(`Set-up: nothing to do (${seconds(startedMs)}).\n`);
}

/**
 * @param {Step} step
 * @param {import('node:stream').Writable} out
 */
async function take(step, out) {
  const why = step.why();
  if (why === null) return;
  const startedMs = Date.now();
  out.write(`Set-up: ${step.name} (${why}) ...\n`);
  const remark = await step.act();
  const left = remark === undefined ? step.why() : null;
  if (left !== null) throw new SetUpError(`Set-up: ${step.name} ran, but still: ${left}.`, 'Look at what stands above, mend it, and start again.');
  out.write(`Set-up: ${step.name}: ${remark ?? 'done'}, ${seconds(startedMs)}\n`);
}

/** @param {number} startedMs */
function seconds(startedMs) {
  return `${((Date.now() - startedMs) / 1000).toFixed(2)} s`;
}

if (isEntry(import.meta.url)) {
  runCommand(async () => {
    const need = process.argv[2] ?? 'test';
    if (need !== 'cli' && need !== 'window' && need !== 'test') throw new SetUpError(`Unknown need: ${need}`, 'Use: node build/setup.mjs [cli|window|test]');
    await setUp({ need, out: process.stdout });
    const window = findElectron() ?? findChromium() ?? 'none';
    process.stdout.write(`Node:    ${requireNode24()}\nWindow:  ${window}\n`);
  });
}
