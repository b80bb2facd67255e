// Owns the proof that the closing line of `npm test` counts what happened; refuses reports that no runner writes.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { tallyOfPlaywright, tallyOfVitest } from './test-report.mjs';
import { inTree } from './tree.mjs';

const folders: string[] = [];

function report(content: unknown): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-report-'));
  folders.push(folder);
  const file = join(folder, 'report.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

function vitestFile(name: string, tests: [status: string, name: string][], more: object = {}) {
  const status = tests.some(([verdict]) => verdict === 'failed') ? 'failed' : 'passed';
  return { name: inTree(name), status, message: '', startTime: 1000, endTime: 3500, assertionResults: tests.map(([verdict, fullName]) => ({ status: verdict, fullName })), ...more };
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

describe('vitest', () => {
  test('passed, failed and skipped tests are counted, failures by name, files by their time', () => {
    const file = report({ testResults: [vitestFile('shared/a.test.ts', [['passed', 'one'], ['failed', 'two'], ['skipped', 'three'], ['todo', 'four']])] });
    expect(tallyOfVitest(file, 1)).toEqual({ passed: 1, skipped: 2, failures: ['shared/a.test.ts: two'], files: [{ file: 'shared/a.test.ts', seconds: 2.5 }] });
  });

  test('a file that did not load is one failure, though it has no tests', () => {
    const file = report({ testResults: [vitestFile('shared/b.test.ts', [], { status: 'failed', message: 'Cannot find x\n  at y' }), vitestFile('shared/c.test.ts', [['passed', 'one']])] });
    expect(tallyOfVitest(file, 1)).toMatchObject({ passed: 1, failures: ['shared/b.test.ts: Cannot find x'] });
  });

  test('a missing report is one failure', () => {
    expect(tallyOfVitest(join(tmpdir(), 'holdfast-no-such-report.json'), 139).failures).toEqual([expect.stringContaining('vitest: no usable report (exit 139)')]);
  });

  test('a report cut off by a crash is one failure', () => {
    expect(tallyOfVitest(report('{"testResults":[{"na'), 1).failures).toHaveLength(1);
  });

  test('a report of another shape is one failure, not a clean run', () => {
    expect(tallyOfVitest(report({ hello: 1 }), 0).failures).toHaveLength(1);
  });

  test('a run without tests is one failure', () => {
    expect(tallyOfVitest(report({ testResults: [] }), 0).failures).toEqual(['vitest: ran no test at all']);
  });

  test('a bad exit that no failed test explains is one failure', () => {
    const file = report({ testResults: [vitestFile('shared/a.test.ts', [['passed', 'one']])] });
    expect(tallyOfVitest(file, 1).failures).toEqual([expect.stringContaining('exit 1 although no test failed')]);
    expect(tallyOfVitest(file, 0).failures).toEqual([]);
  });
});

describe('Playwright', () => {
  const spec = (title: string, status: string) => ({ title, file: 'first-run.spec.ts', tests: [{ status, results: [{ duration: 1200 }, { duration: 300 }] }] });

  test('nested suites are counted, and a flaky test is a failed one', () => {
    const file = report({
      errors: [],
      suites: [{ title: 'first-run.spec.ts', file: 'first-run.spec.ts', specs: [spec('opens', 'expected')], suites: [{ title: 'dark', file: 'first-run.spec.ts', specs: [spec('axe', 'flaky'), spec('adds', 'unexpected'), spec('later', 'skipped')] }] }],
    });
    expect(tallyOfPlaywright(file, 1)).toEqual({
      passed: 1,
      skipped: 1,
      failures: ['test/e2e/first-run.spec.ts: dark > axe', 'test/e2e/first-run.spec.ts: dark > adds'],
      files: [{ file: 'test/e2e/first-run.spec.ts', seconds: 6 }],
    });
  });

  test('an error outside the tests is a failure', () => {
    expect(tallyOfPlaywright(report({ suites: [], errors: [{ message: 'No browser\nmore' }] }), 1).failures).toEqual(['playwright: No browser']);
  });
});
