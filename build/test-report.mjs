// Owns the adding up of test results; refuses to count a crash, a missing report or an empty run as nothing.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { root } from './tree.mjs';

/**
 * @typedef {object} Tally
 * @property {number} passed
 * @property {number} skipped
 * @property {string[]} failures one name for each failure; their number is the number of failures
 * @property {{ file: string, seconds: number }[]} files
 */

/**
 * What vitest did, by its JSON report.
 * @param {string} reportFile
 * @param {number} exitCode of vitest
 * @returns {Tally}
 */
export function tallyOfVitest(reportFile, exitCode) {
  return tallyOf({ runner: 'vitest', reportFile, exitCode }, (report) => {
    const { testResults } = /** @type {{ testResults: VitestFile[] }} */ (report);
    const tests = testResults.flatMap((file) => file.assertionResults.map((test) => ({ ...test, file: shortName(file.name) })));
    const broken = testResults.filter((file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'));
    return {
      passed: tests.filter((test) => test.status === 'passed').length,
      skipped: tests.filter((test) => ['pending', 'skipped', 'todo', 'disabled'].includes(test.status)).length,
      failures: [
        ...tests.filter((test) => test.status === 'failed').map((test) => `${test.file}: ${test.fullName}`),
        ...broken.map((file) => `${shortName(file.name)}: ${(file.message ?? '').split('\n')[0] || 'did not load, or crashed'}`),
      ],
      files: testResults.map((file) => ({ file: shortName(file.name), seconds: (file.endTime - file.startTime) / 1000 })),
    };
  });
}

/**
 * What Playwright did, by its JSON report. A flaky test is a failed one.
 * @param {string} reportFile
 * @param {number} exitCode of Playwright
 * @returns {Tally}
 */
export function tallyOfPlaywright(reportFile, exitCode) {
  return tallyOf({ runner: 'playwright', reportFile, exitCode }, (report) => {
    const { suites, errors } = /** @type {{ suites: PlaywrightSuite[], errors: { message?: string }[] }} */ (report);
    const tests = suites.flatMap((suite) => testsOf(suite, []));
    const files = [...new Set(tests.map((test) => test.file))];
    return {
      passed: tests.filter((test) => test.status === 'expected').length,
      skipped: tests.filter((test) => test.status === 'skipped').length,
      failures: [
        ...tests.filter((test) => test.status === 'unexpected' || test.status === 'flaky').map((test) => `${test.file}: ${test.name}`),
        ...errors.map((error) => `playwright: ${(error.message ?? 'an error without words').split('\n')[0]}`),
      ],
      files: files.map((file) => ({ file, seconds: tests.filter((test) => test.file === file).reduce((sum, test) => sum + test.seconds, 0) })),
    };
  });
}

/**
 * @typedef {{ name: string, status: string, message?: string, startTime: number, endTime: number, assertionResults: { status: string, fullName: string }[] }} VitestFile
 * @typedef {{ title: string, file: string, suites?: PlaywrightSuite[], specs?: PlaywrightSpec[] }} PlaywrightSuite
 * @typedef {{ title: string, file: string, tests: { status: string, results: { duration: number }[] }[] }} PlaywrightSpec
 */

/**
 * The rules that hold for every runner: no report, no tests, or a bad exit that no failure explains are one failure each.
 * @param {{ runner: string, reportFile: string, exitCode: number }} ended
 * @param {(report: unknown) => Tally} read
 * @returns {Tally}
 */
function tallyOf({ runner, reportFile, exitCode }, read) {
  /** @type {Tally} */
  let tally;
  try {
    tally = read(JSON.parse(readFileSync(reportFile, 'utf8')));
  } catch (error) {
    return { passed: 0, skipped: 0, failures: [`${runner}: no usable report (exit ${exitCode}): ${/** @type {Error} */ (error).message}`], files: [] };
  }
  if (tally.passed + tally.skipped + tally.failures.length === 0) tally.failures.push(`${runner}: ran no test at all`);
  if (exitCode !== 0 && tally.failures.length === 0) tally.failures.push(`${runner}: exit ${exitCode} although no test failed; an error outside the tests`);
  return tally;
}

/**
 * @param {PlaywrightSuite} suite
 * @param {string[]} above titles on the way here
 * @returns {{ file: string, name: string, status: string, seconds: number }[]}
 */
function testsOf(suite, above) {
  const titles = suite.title === suite.file ? above : [...above, suite.title];
  const own = (suite.specs ?? []).flatMap((spec) =>
    spec.tests.map((test) => ({
      file: `test/e2e/${spec.file}`,
      name: [...titles, spec.title].join(' > '),
      status: test.status,
      seconds: test.results.reduce((sum, result) => sum + result.duration, 0) / 1000,
    })),
  );
  return [...own, ...(suite.suites ?? []).flatMap((inner) => testsOf(inner, titles))];
}

/** @param {string} file absolute */
function shortName(file) {
  return relative(root, file).replaceAll('\\', '/');
}
