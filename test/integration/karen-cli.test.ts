// An AI-Karen from the command line: added by its address alone, tested, listed, and refused what only a NAVI has; real processes on both sides.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { contract } from '#shared/contract.ts';
import { temporaryFolder } from '../support/ports.ts';
import { startCli } from './cli-process.ts';
import type { Finished } from './cli-process.ts';

const folder = temporaryFolder('karen-cli');
let server: ChildProcess;
let added: Finished;

const holdfast = (args: readonly string[], input = ''): Promise<Finished> => startCli(['--profile', `${folder.path}/profile`, '--secrets', 'passphrase', ...args], { input, env: { HOLDFAST_PASSPHRASE_FILE: `${folder.path}/passphrase` } }).finished;

beforeAll(async () => {
  writeFileSync(`${folder.path}/passphrase`, 'canary passphrase 7d2f91\n', { mode: 0o600 });
  server = spawn(process.execPath, [fileURLToPath(new URL('../deployments/karen/main.ts', import.meta.url)), '--build', 'HEAD', '--exit-with-parent'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = await once(server.stdout ?? server, 'data') as [Buffer];
  const { url } = JSON.parse(line.toString()) as { url: string };
  added = await holdfast(['deployment', 'add', 'Karen', '--url', url, '--kind', 'karen', '--environment', 'staging']);
}, 60_000);
afterAll(async () => {
  const gone = once(server, 'exit');
  server.stdin?.end();
  await gone;
  folder.remove();
});

it('is added by its address alone', () => {
  expect(added).toMatchObject({ code: 0, stdout: expect.stringContaining('It is asked without a token.') });
});

it('is tested by what it answers', async () => {
  const { code, stdout } = await holdfast(['deployment', 'test', 'Karen', '--json']);
  expect(code).toBe(0);
  expect(contract['deployment.test'].output.parse(JSON.parse(stdout))).toMatchObject({ kind: 'karen', seen: expect.stringContaining('GET /health answered 200'), token: 'none' });
  const text = await holdfast(['deployment', 'test', 'Karen']);
  expect(text.stdout).toMatch(/AI-Karen +GET \/api\/ping answered 401/);
  expect(text.stdout).not.toContain('Dialect');
  expect((await holdfast(['deployment', 'show', 'Karen'])).stdout).toContain('karen (AI-Karen)');
}, 120_000);

it.each<readonly [string, readonly string[], string]>([
  ['a token', ['deployment', 'token', 'Karen', '--token-stdin'], 'canary-token-91\n'],
  ['a token at adding', ['deployment', 'add', 'Other', '--url', 'https://karen.example.com', '--kind', 'karen', '--token-stdin'], 'canary-token-91\n'],
  ['a sync of the audit log', ['audit', 'sync', 'Karen'], ''],
  ['an audit key', ['audit', 'key', 'add', 'Karen', '--key-id', 'k1', '--key-stdin'], 'jzL4CJKoWmedi7QLlD640Aa3WyIcVNAVMcSSCETbjuw=\n'],
])('refuses %s, and says why', async (_, args, input) => {
  const { code, stdout, stderr } = await holdfast([...args, '--json'], input);
  expect(code).not.toBe(0);
  expect(stdout + stderr).toContain('not_offered');
  expect(stdout + stderr).toContain('AI-Karen');
  expect(stdout + stderr).not.toContain('canary-token-91');
}, 120_000);
