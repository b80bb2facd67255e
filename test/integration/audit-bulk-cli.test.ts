// Opening payloads in bulk from the command line, as a script would: real processes, the reference deployment, a file that only its recipient reads.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Decrypter, generateIdentity, identityToRecipient } from 'age-encryption';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { contract } from '#shared/contract.ts';
import { startCli, startDeployment } from './cli-process.ts';
import type { Deployment, Finished } from './cli-process.ts';

let directory: string;
let navi: Deployment;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'holdfast-bulk-cli-'));
  writeFileSync(join(directory, 'passphrase'), 'canary passphrase 7d2f91\n', { mode: 0o600 });
  navi = await startDeployment(['--dialect', 'C1', '--events', '600', '--seed', '7']);
}, 60_000);
afterAll(async () => {
  await navi.stop();
  rmSync(directory, { recursive: true, force: true });
});

function holdfast(args: readonly string[], input?: string): Promise<Finished> {
  return startCli(['--profile', join(directory, 'profile'), '--secrets', 'passphrase', ...args], { ...(input === undefined ? {} : { input }), env: { HOLDFAST_PASSPHRASE_FILE: join(directory, 'passphrase') } }).finished;
}
async function succeeds(args: readonly string[], input?: string): Promise<unknown> {
  const { code, stdout, stderr } = await holdfast([...args, '--json'], input);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as unknown;
}
async function refused(args: readonly string[]): Promise<{ code: number | null; error: unknown; message: string }> {
  const { code, stdout, stderr } = await holdfast([...args, '--json']);
  expect(stdout).toBe('');
  const error = JSON.parse(stderr) as Record<string, unknown>;
  return { code, error: error['code'], message: String(error['message']) };
}

it('R62: says that the key may be the wrong one when no payload opens with it', async () => {
  await succeeds(['deployment', 'add', 'Wrong key', '--url', navi.url, '--kind', 'navi', '--token-stdin'], navi.token);
  await succeeds(['audit', 'sync', 'Wrong key']);
  const keyId = navi.auditKeys[0]?.keyId ?? '';
  const bulk = ['audit', 'decrypt', 'Wrong key', '--query', `encrypted:yes key:${keyId}`, '--reason', 'CASE-1041', '--plaintext', '--out'];
  await succeeds(['audit', 'key', 'add', 'Wrong key', '--key-id', keyId, '--key-stdin'], `${'A'.repeat(43)}=`);
  const wrong = await holdfast([...bulk, join(directory, 'wrong.jsonl')]);
  expect(wrong.code, wrong.stderr).toBe(0);
  expect(wrong.stdout).toMatch(/^Opened +0$/m);
  expect(wrong.stderr).toContain('the keys may be the wrong ones');
  await succeeds(['deployment', 'remove', 'Wrong key', '--confirm', 'Wrong key']);
}, 120_000);

it('R62: writes the payloads of a query, sealed or in the clear, refuses what is unclear, and the ledger holds it all', async () => {
  await succeeds(['deployment', 'add', 'Acme', '--url', navi.url, '--kind', 'navi', '--token-stdin'], navi.token);
  await succeeds(['audit', 'sync', 'Acme']);
  const bulk = ['audit', 'decrypt', 'Acme', '--query', 'encrypted:yes', '--reason', 'CASE-1042'];
  const sealedFile = join(directory, 'opened.age');
  const identity = await generateIdentity();
  const recipient = await identityToRecipient(identity);
  expect(await refused([...bulk, '--out', sealedFile, '--age-recipient', recipient])).toMatchObject({ code: 3, error: 'no_key' });
  for (const { keyId, key } of navi.auditKeys) await succeeds(['audit', 'key', 'add', 'Acme', '--key-id', keyId, '--key-stdin'], key);

  for (const wrong of [
    ['audit', 'decrypt', 'Acme', '--reason', 'CASE-1042'], [...bulk, '--plaintext'], [...bulk, '--out', sealedFile], [...bulk, '--out', sealedFile, '--plaintext', '--age-recipient', recipient], [...bulk, '--out', sealedFile, '--plaintext', '--server'],
    ['audit', 'decrypt', 'Acme', '1', '--reason', 'CASE-1042', '--query', 'x'], ['audit', 'decrypt', 'Acme', '1', '--reason', 'CASE-1042', '--plaintext'], ['audit', 'decrypt', 'Acme', '--query', 'x', '--out', sealedFile, '--plaintext'],
  ]) expect(await refused(wrong), wrong.join(' ')).toMatchObject({ code: 2 });
  expect(await refused([...bulk, '--out', sealedFile, '--age-recipient', identity])).toMatchObject({ code: 3, error: 'invalid_recipient', message: expect.not.stringContaining(identity.slice(20, 40)) as string });
  expect((await refused(['audit', 'decrypt', 'Acme', '--query', 'status:>>1', '--reason', 'CASE-1042', '--out', sealedFile, '--plaintext'])).error).toBe('invalid_query');
  expect(existsSync(sealedFile)).toBe(false);

  const other = await identityToRecipient(await generateIdentity());
  const sealed = contract['audit.bulkExport'].output.parse(await succeeds([...bulk, '--out', sealedFile, '--age-recipient', `${other}, ${recipient}`]));
  expect(sealed.counts.opened).toBeGreaterThan(10);
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  const text = await decrypter.decrypt(readFileSync(sealedFile), 'text');
  expect(text.trimEnd().split('\n')).toHaveLength(sealed.rows);

  const clearFile = join(directory, 'opened.jsonl');
  const clear = contract['audit.bulkExport'].output.parse(await succeeds([...bulk, '--out', clearFile, '--plaintext']));
  expect(readFileSync(clearFile, 'utf8')).toBe(text);
  expect(clear.digest).toBe(sealed.digest);
  expect(await refused([...bulk, '--out', clearFile, '--plaintext'])).toMatchObject({ code: 3, error: 'file_exists' });
  const { stdout } = await holdfast([...bulk, '--out', join(directory, 'again.jsonl'), '--plaintext']);
  expect(stdout).toContain('no: in the clear');
  expect(stdout).toContain(clear.sha256);

  const { entries } = contract['ledger.list'].output.parse(await succeeds(['ledger', 'list']));
  expect(entries.filter((entry) => entry.deployment === 'Acme' && entry.action.startsWith('audit.bulk')).map((entry) => entry.action)).toEqual(['audit.bulk.export.ended', 'audit.bulk.export', 'audit.bulk.export.ended', 'audit.bulk.export', 'audit.bulk.export.ended', 'audit.bulk.export']);
  expect(entries.find((entry) => entry.seq === sealed.ledgerEntry)).toMatchObject({ action: 'audit.bulk.export', reason: 'CASE-1042', subject: `${sealed.rows} rows, ids SHA-256 ${sealed.digest}`, outcome: expect.stringContaining('query "encrypted:yes"') as string });
  expect(entries.find((entry) => entry.outcome.includes(sealed.sha256))).toBeDefined();
}, 240_000);
