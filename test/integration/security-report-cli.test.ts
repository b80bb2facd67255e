// Reports from the command line, against the reference deployment as a process: every format, printed and in a file, online and with nobody there.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { contract } from '#shared/contract.ts';
import { REPORT_FORMATS } from '#shared/contract/security-report.ts';
import { pdfText } from '../support/pdf-text.ts';
import { temporaryFolder } from '../support/ports.ts';
import { publishedSchema } from '../support/published-schema.ts';
import { startCli, startDeployment } from './cli-process.ts';
import type { Deployment, Finished } from './cli-process.ts';

const folder = temporaryFolder('security-report-cli');
let server: Deployment;
let added: Finished;
let looked: Finished;

const holdfast = (args: readonly string[], input = ''): Promise<Finished> => startCli(['--profile', join(folder.path, 'profile'), '--secrets', 'passphrase', ...args], { input, env: { HOLDFAST_PASSPHRASE_FILE: join(folder.path, 'passphrase') } }).finished;
const show = (args: readonly string[]): Promise<Finished> => holdfast(['security', 'show', 'acme', '--offline', ...args]);

beforeAll(async () => {
  writeFileSync(join(folder.path, 'passphrase'), 'canary passphrase 51c07e\n', { mode: 0o600 });
  server = await startDeployment(['--events', '20']);
  added = await holdfast(['deployment', 'add', 'acme', '--url', server.url, '--kind', 'navi', '--environment', 'staging', '--token-stdin'], `${server.token}\n`);
  looked = await holdfast(['security', 'show', 'acme', '--format', 'sarif']);
  await server.stop();
}, 120_000);
afterAll(() => folder.remove());

it('a report looks first, as security show does', () => {
  expect(added.code, added.stderr).toBe(0);
  expect(looked).toMatchObject({ code: 0, stderr: '' });
  const { runs: [run] } = JSON.parse(looked.stdout) as { runs: [{ results: { kind: string; properties: { evidence: unknown[] } }[]; properties: { observedAt: string | null } }] };
  expect(run.properties.observedAt).not.toBeNull();
  expect(run.results.length).toBeGreaterThanOrEqual(30);
  expect(run.results.some(({ kind, properties }) => kind === 'pass' && properties.evidence.length > 0)).toBe(true);
});

/** What this console knows of the deployment counts as seen now: times differ between two runs, and with them the ids that follow from the content. */
const timeless = (text: string): string => text.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME').replace(/[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UUID').replace(/\b\d{13}\b/g, 'MS');

it.each(REPORT_FORMATS)('%s: the file is what is printed, and one that exists is refused', async (format) => {
  const path = join(folder.path, `report.${format}`);
  const written = await show(['--format', format, '--out', path, '--json']);
  expect(written).toMatchObject({ code: 0, stderr: '' });
  const content = readFileSync(path);
  expect(JSON.parse(written.stdout)).toEqual({ format, path, bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') });
  if (format === 'pdf') expect(pdfText(content)).toContain('Security posture of acme');
  else expect(timeless((await show(['--format', format])).stdout)).toBe(timeless(content.toString('utf8')));
  const again = await show(['--format', format, '--out', path, '--json']);
  expect(again.code).not.toBe(0);
  expect(JSON.parse(again.stderr)).toMatchObject({ code: 'file_exists' });
  expect(readFileSync(path).equals(content)).toBe(true);
}, 120_000);

it.skipIf(publishedSchema('sarif-2.1.0.json') === null).each([['sarif', 'sarif-2.1.0.json'], ['oscal', 'oscal-assessment-results.json']] as const)('%s of a real posture fulfils the published schema (skipped where ../shared/vectors is absent)', async (format, name) => {
  const schema = publishedSchema(name);
  expect(schema?.(JSON.parse((await show(['--format', format])).stdout))).toEqual([]);
}, 60_000);

it('json is the view of the contract', async () => {
  const { stdout } = await show(['--format', 'json']);
  expect(contract['security.show'].output.parse(JSON.parse(stdout)).checks.length).toBeGreaterThanOrEqual(30);
}, 60_000);

it('a PDF without a file, and a file without a format, are mistakes of the command line', async () => {
  for (const args of [['--format', 'pdf'], ['--out', join(folder.path, 'nothing')], ['--format', 'word']]) {
    const { code, stderr } = await show(args);
    expect([code, stderr]).toEqual([2, expect.stringContaining('Usage: holdfast security show')]);
  }
  expect(existsSync(join(folder.path, 'nothing'))).toBe(false);
}, 60_000);
