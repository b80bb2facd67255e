// Owns `npm test`: every check and every test, one verdict in the last line; refuses to call a run good that did not happen.
import { randomInt } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { check } from './check.mjs';
import { withDisplay } from './display.mjs';
import { requireNode24 } from './node24.mjs';
import { run } from './processes.mjs';
import { SetUpError, runCommand } from './setup-error.mjs';
import { setUp } from './setup.mjs';
import { tallyOfPlaywright, tallyOfVitest } from './test-report.mjs';
import { inTree, root, treeEnvironment } from './tree.mjs';

const reports = { vitest: inTree('out', 'test', 'vitest.json'), playwright: inTree('out', 'test', 'playwright.json') };
const slowestShown = 10;

/** @typedef {import('./test-report.mjs').Tally} Tally */

runCommand(async () => {
  const args = process.argv.slice(2);
  const unknown = args.find((arg) => arg.startsWith('-') && arg !== '--long');
  if (unknown !== undefined) throw new SetUpError(`Unknown option: ${unknown}`, 'Use: npm test [-- [--long] [file ...]]');
  const files = args.filter((arg) => arg !== '--long');
  const specs = files.filter((file) => file.includes('.spec.ts'));
  const units = files.filter((file) => !specs.includes(file));
  const isEverything = files.length === 0;

  try {
    await setUp({ need: 'test', out: process.stdout });
  } catch (error) {
    if (!(error instanceof SetUpError)) throw error;
    process.stdout.write(`${error.message}\n${error.hint}\n`);
    return conclude([{ passed: 0, skipped: 0, failures: ['set-up: nothing was tested'], files: [] }]);
  }
  for (const report of Object.values(reports)) rmSync(report, { force: true });
  mkdirSync(inTree('out', 'test'), { recursive: true });
  const seed = process.env['HOLDFAST_TEST_SEED'] ?? String(randomInt(2 ** 31));
  process.stdout.write(`Seed ${seed}. The same run again: HOLDFAST_TEST_SEED=${seed} npm test\n`);
  const environment = { HOLDFAST_TEST_SEED: seed, ...(args.includes('--long') ? { HOLDFAST_TEST_LONG: '1' } : {}) };

  /** @type {Tally[]} */
  const tallies = [];
  if (isEverything) tallies.push(await checks());
  if (isEverything || units.length > 0) tallies.push(await vitest(units, environment));
  if (isEverything ? hasSpecs() : specs.length > 0) tallies.push(await playwright(specs, environment));
  return conclude(tallies);
});

/** @returns {Promise<Tally>} */
async function checks() {
  heading('Types and lint');
  const verdicts = await check({ out: process.stdout, isWithArchitecture: false });
  const failures = verdicts.filter((verdict) => !verdict.isOk).map((verdict) => `check: ${verdict.name}`);
  return { passed: verdicts.length - failures.length, skipped: 0, failures, files: [] };
}

/**
 * @param {string[]} files filters as vitest takes them
 * @param {Record<string, string>} environment
 * @returns {Promise<Tally>}
 */
async function vitest(files, environment) {
  heading('Unit, contract, integration and fault tests');
  const { code } = await run({
    command: requireNode24(),
    args: [inTree('node_modules', 'vitest', 'vitest.mjs'), 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${reports.vitest}`, ...files],
    cwd: root,
    env: treeEnvironment(environment),
  });
  return tallyOfVitest(reports.vitest, code);
}

/**
 * Only these get the virtual display: the keychain tests must see a machine without one.
 * @param {string[]} files
 * @param {Record<string, string>} environment
 * @returns {Promise<Tally>}
 */
async function playwright(files, environment) {
  heading('End-to-end tests');
  const { code } = await withDisplay((display) =>
    run({
      command: requireNode24(),
      args: [inTree('node_modules', '@playwright', 'test', 'cli.js'), 'test', ...files],
      cwd: root,
      env: treeEnvironment({ ...environment, ...display }),
    }),
  );
  return tallyOfPlaywright(reports.playwright, code);
}

function hasSpecs() {
  const folder = inTree('test', 'e2e');
  return existsSync(folder) && readdirSync(folder, { recursive: true }).some((name) => String(name).endsWith('.spec.ts'));
}

/**
 * @param {Tally[]} tallies
 * @returns {number} exit code
 */
function conclude(tallies) {
  const files = tallies.flatMap((tally) => tally.files).sort((a, b) => b.seconds - a.seconds);
  if (files.length > 0) heading('Slowest files');
  for (const { file, seconds } of files.slice(0, slowestShown)) process.stdout.write(`${seconds.toFixed(1).padStart(7)} s  ${file}\n`);
  const failures = tallies.flatMap((tally) => tally.failures);
  if (failures.length > 0) heading('Failed');
  for (const failure of failures) process.stdout.write(`  ${failure}\n`);
  const sum = (/** @type {'passed' | 'skipped'} */ kind) => tallies.reduce((total, tally) => total + tally[kind], 0);
  const skipped = sum('skipped') > 0 ? `, ${sum('skipped')} skipped` : '';
  process.stdout.write(`\n${sum('passed')} passed, ${failures.length} failed${skipped}\n`);
  return failures.length === 0 ? 0 : 1;
}

/** @param {string} text */
function heading(text) {
  process.stdout.write(`\n== ${text}\n`);
}
