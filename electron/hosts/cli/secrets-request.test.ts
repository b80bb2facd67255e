// Tests of the passphrase's way in: the file, its problems, the terminal, and the warning when others can read it.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SecretsRequest } from '#core/ports.ts';
import { PASSPHRASE_VARIABLE } from '#core/profile/passphrase-file.ts';
import type { InStream } from './io.ts';
import { createNotes } from './io.ts';
import { secretsRequest } from './secrets-request.ts';

let directory: string;
let said: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'holdfast-cli-'));
  said = '';
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function file(content: string | Uint8Array, mode = 0o600): string {
  const path = join(directory, 'passphrase');
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

function request({ path, stdin = Readable.from([]), store = 'passphrase' }: { path?: string; stdin?: InStream; store?: 'passphrase' | 'memory' } = {}): SecretsRequest {
  const stderr = { write: (text: string) => { said += text; } };
  return secretsRequest({ store, profileDir: directory, notes: createNotes(stderr, false), io: { stdin, stdout: { write: () => true }, stderr, env: path === undefined ? {} : { [PASSPHRASE_VARIABLE]: path } } });
}

/** A terminal at which these lines are typed, one at each question. */
function terminal(...lines: string[]): InStream {
  const stream = new PassThrough();
  return Object.assign(stream, { isTTY: true, setRawMode: (raw: boolean) => { if (raw) stream.write(`${lines.shift()}\r`); } }) as unknown as InStream;
}

describe('the passphrase', () => {
  it('comes from the file and loses one line end and nothing else', async () => {
    expect(await request({ path: file(' five random words \n') }).passphrase?.()).toBe(' five random words ');
    expect(await request({ path: file('two random words\n\n') }).passphrase?.()).toBe('two random words\n');
    expect(said).toBe('');
    expect(await request({ path: file('short') }).passphrase?.()).toBe('short');
    expect(said).toContain('fewer than 12 characters');
    expect(said).not.toContain('short ');
  });

  it.runIf(process.platform !== 'win32')('is warned about when others may read the file', async () => {
    expect(await request({ path: file('words', 0o644) }).passphrase?.()).toBe('words');
    expect(said).toContain('Warning: others on this machine may read');
    expect(said).not.toContain('words');
  });

  it('is refused with a hint when the file is absent, empty, a directory, too large or no text', async () => {
    const paths = [join(directory, 'absent'), directory];
    for (const path of paths) await expect(request({ path }).passphrase?.()).rejects.toMatchObject({ code: 'passphrase_required' });
    for (const content of ['', '\n', 'x'.repeat(4097), Buffer.from([0xc3, 0x28])]) await expect(request({ path: file(content) }).passphrase?.()).rejects.toMatchObject({ code: 'passphrase_required' });
  });

  it('is nothing where there is neither file nor terminal', async () => {
    expect(await request().passphrase?.()).toBeNull();
  });

  it('is asked for twice for a new profile, once for one that is there', async () => {
    expect(await request({ stdin: terminal('words', 'words') }).passphrase?.()).toBe('words');
    await expect(request({ stdin: terminal('words', 'wards') }).passphrase?.()).rejects.toMatchObject({ code: 'wrong_passphrase' });
    writeFileSync(join(directory, 'profile.json'), '{}');
    expect(await request({ stdin: terminal('words') }).passphrase?.()).toBe('words');
    expect(said).not.toContain('words');
  });

  it('is not needed in memory, and what that means is said', () => {
    request({ store: 'memory' });
    expect(said).toContain('memory only');
  });
});

describe('remarks', () => {
  it('wait beside JSON until the command succeeded', () => {
    const held = createNotes({ write: (text) => { said += text; } }, true);
    held.add('a remark \u202e');
    expect(said).toBe('');
    held.release();
    expect(said).toBe('holdfast: a remark ⟨U+202E⟩\n');
  });
});
