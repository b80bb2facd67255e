// The import on the real command line: what it prints for a person and for a program, and which exit code it gives.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { temporaryFolder } from '../support/ports.ts';
import { startCli } from './cli-process.ts';
import type { Finished } from './cli-process.ts';

const folder = temporaryFolder('import-cli');
const row = (id: number): string => JSON.stringify({ id, route: '/r', method: 'GET', event_type: 'e', org_key: null, actor_sub: null, actor_email: null, resource_id: null, status_code: 200, created_at: '2026-11-22T05:37:08Z' });
const run = (...args: string[]): Promise<Finished> => startCli([...args, '--profile', join(folder.path, 'profile'), '--secrets', 'passphrase'], { env: { HOLDFAST_PASSPHRASE_FILE: join(folder.path, 'passphrase') } }).finished;
const file = (name: string): string => join(folder.path, 'files', name);

beforeAll(async () => {
  mkdirSync(join(folder.path, 'files'));
  writeFileSync(join(folder.path, 'passphrase'), 'correct horse battery staple\n', { mode: 0o600 });
  writeFileSync(file('good.jsonl'), `${row(1)}\n${row(2)}\n`);
  writeFileSync(file('bad.jsonl'), `${row(3)}\n{"id":4}\n`);
  writeFileSync(file('unknown.txt'), 'hello\n');
  await run('deployment', 'add', 'acme', '--url', 'https://navi.example.com');
}, 60_000);
afterAll(() => folder.remove());

it('shows format, counts and problems as file:line: reason, and fails when it refuses', async () => {
  const refused = await run('audit', 'import', file('bad.jsonl'), '--deployment', 'acme');
  expect(refused.code).toBe(3);
  expect(refused.stdout).toContain('NAVI rows, JSON lines');
  expect(refused.stdout).toContain('bad.jsonl:2: rejected: ');
  expect(refused.stdout).toContain('Nothing was written.');
  expect(refused.stderr).toContain('Refused, because rows cannot be read: "bad.jsonl". Nothing was written.');

  const tried = await run('audit', 'import', file('good.jsonl'), '--deployment', 'acme', '--dry-run');
  expect([tried.code, tried.stdout.includes('2 rows would be taken')]).toEqual([0, true]);

  const kept = await run('audit', 'import', file('good.jsonl'), file('bad.jsonl'), '--deployment', 'acme', '--keep-good', '--json');
  expect(kept.code).toBe(0);
  expect(JSON.parse(kept.stdout)).toMatchObject({ outcome: 'written', importId: 1, files: [{ outcome: 'taken', accepted: 2 }, { outcome: 'taken', accepted: 1, rejected: 1 }], problems: [{ file: 1, line: 2, outcome: 'rejected' }] });

  writeFileSync(file('other.jsonl'), `${row(6)}\n`);
  const tryMixed = await run('audit', 'import', file('other.jsonl'), file('bad.jsonl'), '--deployment', 'acme', '--dry-run');
  expect([tryMixed.code, tryMixed.stdout.includes('Dry run: 1 row would be taken. Nothing was written.')]).toEqual([3, true]);
  expect(tryMixed.stderr).toContain('Would be refused, because rows cannot be read: "bad.jsonl".');
  const mixed = await run('audit', 'import', file('other.jsonl'), file('bad.jsonl'), '--deployment', 'acme');
  expect(mixed.code).toBe(3);
  expect(mixed.stdout).toMatch(/other\.jsonl +NAVI rows, JSON lines +taken +1 +1 +0 +0 +0\n/);
  expect(mixed.stdout).toMatch(/bad\.jsonl +NAVI rows, JSON lines +refused +2 +0 +0 +1 +0\n/);
  expect(mixed.stdout).toContain('bad.jsonl: refused, and nothing of it was written: 1 row cannot be read.\nWritten as import 2: 1 row taken from 1 file of 2.');
  expect(mixed.stderr).toContain('Refused, because rows cannot be read: "bad.jsonl". Nothing of that is written; the other files are.');

  const unknown = await run('audit', 'import', file('unknown.txt'), '--deployment', 'acme', '--json');
  expect([unknown.code, (JSON.parse(unknown.stderr) as { code: string }).code]).toEqual([3, 'unknown_format']);
  expect((await run('audit', 'import', '--deployment', 'acme')).code).toBe(2);
}, 120_000);
