// Opened payloads in a file: complete and in order, sealed to its recipients or in the clear after a typed name; the ledger knows set and digest, and nothing is left of one that ends early.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Decrypter, generateIdentity, identityToRecipient } from 'age-encryption';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listDrafts } from '#core/audit/bulk/bulk-queries.ts';
import { ageSink, encrypterFor } from '#core/audit/bulk/age-sink.ts';
import type { LedgerService } from '#core/ledger/service.ts';
import { contract } from '#shared/contract.ts';
import type { CallOutput, ParsedInput } from '#shared/contract.ts';
import { AppError } from '#shared/errors.ts';
import { addDeployment, DEPLOYMENT, digestOf, openableRows, openBulkProfile, rowOf, seal, store, wrap } from '../support/audit-bulk-profile.ts';
import type { BulkProfile, BulkProfileOptions } from '../support/audit-bulk-profile.ts';
import { temporaryFolder } from '../support/ports.ts';

type Input = ParsedInput<'audit.bulkExport'>;
const never = new AbortController().signal;

let folder: ReturnType<typeof temporaryFolder>;
let out: string;
let profile: BulkProfile;
const profiles: BulkProfile[] = [];
async function opened(options: BulkProfileOptions = {}): Promise<BulkProfile> {
  const made = await openBulkProfile(join(folder.path, `profile-${profiles.length}`), options);
  profiles.push(made);
  await addDeployment(made.session);
  return made;
}
beforeEach(async () => {
  folder = temporaryFolder('bulk-export');
  out = join(folder.path, 'out');
  mkdirSync(out);
  profile = await opened();
});
afterEach(async () => {
  for (const each of profiles.splice(0)) await each.close();
  folder.remove();
});

const clear = { kind: 'plaintext', confirmName: 'acme' } as const;
function write(over: Partial<Input> = {}, from = profile, signal = never): Promise<CallOutput<'audit.bulkExport'>> {
  return from.bulk.export({ deploymentId: DEPLOYMENT, selection: { query: '' }, reason: 'a test', digest: null, path: join(out, 'opened.jsonl'), protection: clear, ...over }, signal);
}
const codeOf = (doing: Promise<unknown>): Promise<string> => doing.then(() => 'none', (error: unknown) => (error instanceof AppError ? error.code : String(error)));
const entries = ({ ledger }: BulkProfile = profile) => ledger.list(null, 100).entries.toReversed().filter((entry) => entry.action.startsWith('audit.bulk'));
const lines = (text: string): Record<string, unknown>[] => text.split('\n').slice(0, -1).map((line) => JSON.parse(line) as Record<string, unknown>);
const names = (): string[] => readdirSync(out).sort();

const kinds = [
  rowOf(1, wrap(seal('{"n":9007199254740993,"n":2}'))), rowOf(2, wrap(seal(' {"a":\r\n "line\\nbreak"}\n', { by: 'k-old' }), null)), rowOf(3, wrap(seal('{"a":4}', { by: 'stranger' }), 'gone-key')), rowOf(4, wrap(seal('[1]'))), rowOf(5, wrap('gAAAAAshort')),
  rowOf(6, { state: 'plain', body: '{"plain":true}', keyId: null }), rowOf(7, wrap(seal('{"bidi":"\u202e"}')), { route: '/x\u202e\n', actorEmail: null }),
];

describe('the file', () => {
  it('R62: holds every row once, newest first, each payload as its writer spelled it; the result names its digest', async () => {
    store(profile.session, kinds);
    const result = contract['audit.bulkExport'].output.parse(await write());
    const bytes = readFileSync(result.path);
    expect(result).toMatchObject({ rows: 6, counts: { opened: 3, noKey: 1, damaged: 1, notObject: 1 }, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex'), digest: digestOf([1, 2, 3, 4, 5, 7]) });
    expect(statSync(result.path).mode & 0o777).toBe(0o600);
    const text = bytes.toString('utf8');
    expect(lines(text).map((line) => [line['id'], line['outcome'], line['opened_with'], line['key_id']])).toEqual([
      [7, 'opened', 'k-new', 'k-new'], [5, 'damaged', null, 'k-new'], [4, 'not-object', 'k-new', 'k-new'], [3, 'no-key', null, 'gone-key'], [2, 'opened', 'k-old', null], [1, 'opened', 'k-new', 'k-new'],
    ]);
    expect(text).toContain('"payload":{"n":9007199254740993,"n":2}}\n');
    expect(lines(text)[4]?.['payload']).toEqual({ a: 'line\nbreak' });
    expect(lines(text)[0]).toMatchObject({ route: '/x\u202e\n', created_at_raw: 'raw 7', status_code: 200, actor_email: null, sealed_at: '2026-09-21T14:13:20Z' });
    expect(text).toContain('"route":"/x\\u202e\\n"');
    const [before, after, ...more] = entries();
    expect(more).toEqual([]);
    expect(before).toMatchObject({ seq: result.ledgerEntry, action: 'audit.bulk.export', reason: 'a test', subject: `6 rows, ids SHA-256 ${result.digest}`, outcome: `to be written to ${result.path}, in the clear, confirmed by name; all rows` });
    expect(after).toMatchObject({ action: 'audit.bulk.export.ended', outcome: `written: ${result.bytes} bytes, SHA-256 ${result.sha256}; opened 3, no key 1, damaged 1, not an object 1; with key k-new 3, k-old 1` });
    expect(names()).toEqual(['opened.jsonl']);
    expect(listDrafts(profile.session.read())).toEqual([]);
  });

  it('keeps its order over many parts and both threads', async () => {
    store(profile.session, openableRows(7_345));
    const result = await write({ selection: { query: 'id:>100' } });
    const read = lines(readFileSync(result.path, 'utf8'));
    expect(read.map((line) => line['id'])).toEqual(Array.from({ length: 7_245 }, (_, index) => 7_345 - index));
    expect(read.every((line) => (line['payload'] as { query_params: { trace: string } }).query_params.trace === `t${String(line['id'])}`)).toBe(true);
    expect(result.digest).toBe(digestOf(read.map((line) => Number(line['id']))));
  });

  it('is sealed to every recipient, whatever its length, and says nothing to others', async () => {
    store(profile.session, [...openableRows(3000), rowOf(9000, wrap(seal(JSON.stringify({ s: 'y'.repeat(1_000_000) }))))]);
    const identities = [await generateIdentity(), await generateIdentity()];
    const recipients = await Promise.all(identities.map((identity) => identityToRecipient(identity)));
    const sealed = await write({ path: join(out, 'opened.age'), protection: { kind: 'age', recipients: recipients.map((each) => ` ${each}\n`) } });
    const bytes = readFileSync(sealed.path);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(sealed.sha256);
    expect(bytes.includes('query_params')).toBe(false);
    const open = await write({ path: join(out, 'clear.jsonl') });
    for (const identity of identities) {
      const decrypter = new Decrypter();
      decrypter.addIdentity(identity);
      expect(createHash('sha256').update(await decrypter.decrypt(bytes)).digest('hex')).toBe(open.sha256);
    }
    const stranger = new Decrypter();
    stranger.addIdentity(await generateIdentity());
    await expect(stranger.decrypt(bytes)).rejects.toThrow();
    expect(entries()[0]?.outcome).toBe(`to be written to ${sealed.path}, encrypted with age to ${recipients.join(', ')}; all rows`);
  });

  it('is read by the age program, where it is installed', async (context) => {
    try {
      execFileSync('age', ['--version'], { stdio: 'ignore' });
    } catch {
      return context.skip('the program age is not installed');
    }
    store(profile.session, openableRows(500));
    const identity = execFileSync('age-keygen', [], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const identityFile = join(folder.path, 'identity.txt');
    writeFileSync(identityFile, identity, { mode: 0o600 });
    const recipient = execFileSync('age-keygen', ['-y', identityFile], { encoding: 'utf8' }).trim();
    const { path } = await write({ path: join(out, 'opened.age'), protection: { kind: 'age', recipients: [recipient] } });
    const text = execFileSync('age', ['-d', '-i', identityFile, path], { encoding: 'utf8', maxBuffer: 1 << 28 });
    expect(lines(text).map((line) => line['id'])).toEqual(Array.from({ length: 500 }, (_, index) => 500 - index));
  });

  it('an empty selection is an empty file, and both entries', async () => {
    const result = await write();
    expect(result).toMatchObject({ rows: 0, bytes: 0, digest: digestOf([]) });
    expect(entries()).toHaveLength(2);
  });
});

describe('what is refused before anything is opened', () => {
  it('recipients that are none; what was given is never repeated', async () => {
    store(profile.session, kinds);
    const good = 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p';
    const secret = await generateIdentity();
    const bad = ['age1', 'x', 'ssh-ed25519 AAAA', good.slice(0, -1), `${good.slice(0, -1)}q`, `${good}q`, good.toUpperCase(), secret, secret.toLowerCase(), 'age1pq1qqqq', 'age1tag1qqqq', 'age1yubikey1qqqqqqqqqqqq', `${good},${good}`];
    for (const recipient of bad) {
      const failure = await write({ protection: { kind: 'age', recipients: [good, recipient] } }).then(() => null, (error: unknown) => error as AppError);
      expect(failure?.code, recipient.slice(0, 12)).toBe('invalid_recipient');
      expect(JSON.stringify([failure?.message, failure?.hint])).not.toContain(recipient.slice(4, 20) || 'never');
    }
    expect(entries()).toEqual([]);
    expect(names()).toEqual([]);
  });

  it('another name than the deployment’s, another set than the planned one, a ring without keys, and a file that is there', async () => {
    store(profile.session, kinds);
    for (const confirmName of ['', 'Acme', 'acme ', 'acm']) expect(await codeOf(write({ protection: { kind: 'plaintext', confirmName } }))).toBe('confirmation_mismatch');
    expect(await codeOf(write({ digest: 'f'.repeat(64) }))).toBe('plan_expired');
    expect(await codeOf(write({ path: 'relative.jsonl' }))).toBe('file_unwritable');
    expect(await codeOf(write({ path: join(out, 'no', 'such', 'folder.jsonl') }))).toBe('file_unwritable');
    symlinkSync(join(folder.path, 'profile-0'), join(out, 'link'));
    for (const path of [join(folder.path, 'profile-0', 'opened.jsonl'), join(out, 'link', 'opened.jsonl')]) await expect(write({ path })).rejects.toMatchObject({ code: 'file_unwritable', message: expect.stringContaining('belongs to the Holdfast profile') as string });
    rmSync(join(out, 'link'));
    writeFileSync(join(out, 'opened.jsonl'), 'somebody else’s');
    expect(await codeOf(write())).toBe('file_exists');
    expect(readFileSync(join(out, 'opened.jsonl'), 'utf8')).toBe('somebody else’s');
    const keyless = await openBulkProfile(join(folder.path, 'keyless'));
    profiles.push(keyless);
    await addDeployment(keyless.session, []);
    expect(await codeOf(write({ path: join(out, 'other.jsonl') }, keyless))).toBe('no_key');
    expect(entries()).toEqual([]);
    expect(names()).toEqual(['opened.jsonl']);
    expect(listDrafts(profile.session.read())).toEqual([]);
  });
});

describe('an end before the end', () => {
  it('R60, R61: a cancel leaves no file, and the ledger says so', async () => {
    store(profile.session, openableRows(9_000));
    for (const protection of [clear, { kind: 'age' as const, recipients: [await identityToRecipient(await generateIdentity())] }]) {
      const stop = new AbortController();
      const watching = profile.emitter.listen((event) => {
        const { done, step } = event.payload as { done: number; step: string };
        if (event.name === 'job.progressed' && step === 'Opening and writing' && done > 0 && done < 9_000) stop.abort();
      });
      expect(await codeOf(write({ protection }, profile, stop.signal))).toBe('cancelled');
      watching();
      expect(names()).toEqual([]);
      expect(entries().at(-1)).toMatchObject({ action: 'audit.bulk.export.ended', outcome: 'cancelled; no file was left behind' });
      expect(listDrafts(profile.session.read())).toEqual([]);
    }
  });

  it('a ledger that refuses the first entry, or the second, leaves no file', async () => {
    for (const refused of ['audit.bulk.export', 'audit.bulk.export.ended']) {
      const refusing = (real: LedgerService): LedgerService => ({ ...real, append: (note) => (note.action === refused ? Promise.reject(new AppError('ledger_broken', { message: 'broken', hint: '' })) : real.append(note)) });
      const other = await opened({ ledger: refusing });
      store(other.session, kinds);
      expect(await codeOf(write({}, other))).toBe('ledger_broken');
      expect(names()).toEqual([]);
    }
  });

  it('a name that is taken while it is written stays as it is; a third entry says that there is no file', async () => {
    const taking = (real: LedgerService): LedgerService => ({ ...real, append: (note) => {
      if (note.outcome.startsWith('written:')) writeFileSync(join(out, 'opened.jsonl'), 'first');
      return real.append(note);
    } });
    const other = await opened({ ledger: taking });
    store(other.session, kinds);
    expect(await codeOf(write({}, other))).toBe('file_exists');
    expect(names()).toEqual(['opened.jsonl']);
    expect(readFileSync(join(out, 'opened.jsonl'), 'utf8')).toBe('first');
    expect(entries(other).map((entry) => entry.outcome.split(':')[0])).toEqual([expect.stringMatching(/^to be written/) as string, 'written', 'failed']);
  });

  it('a disk that fills up under the cipher ends the export with that error', async () => {
    const full = new AppError('disk_full', { message: 'full', hint: '' });
    const sink = await ageSink(await encrypterFor([await identityToRecipient(await generateIdentity())]), () => Promise.reject(full));
    await expect((async () => {
      for (let n = 0; n < 50; n += 1) await sink.write(Buffer.alloc(100_000));
      await sink.end();
    })()).rejects.toBe(full);
    await sink.abort();
  });
});

it('what was handed to the cipher is overwritten, and never before it was sealed', async () => {
  const identity = await generateIdentity();
  const parts: Buffer[] = [];
  const sink = await ageSink(await encrypterFor([await identityToRecipient(identity)]), async (bytes) => {
    // A slow disk: blocks pile up in the pipe.
    await new Promise((resolve) => { setTimeout(resolve, parts.length % 5 === 0 ? 3 : 0); });
    parts.push(bytes);
  });
  const given = Array.from({ length: 60 }, (_, index) => Buffer.alloc(1000 + index * 3001, index + 1));
  const expected = createHash('sha256').update(Buffer.concat(given)).digest('hex');
  for (const bytes of given) await sink.write(bytes);
  await sink.end();
  expect(given.every((bytes) => bytes.every((byte) => byte === 0))).toBe(true);
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  expect(createHash('sha256').update(await decrypter.decrypt(Buffer.concat(parts))).digest('hex')).toBe(expected);
});
