// Tests of the passphrase's way in: the file, its problems, and the warning when others can read it.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Io } from './io.ts';
import { createNotes } from './io.ts';
import { PASSPHRASE_VARIABLE, readPassphraseFile, secretsRequest } from './secrets-request.ts';

let directory: string;
let said: string;
const notes = (): ReturnType<typeof createNotes> => createNotes({ write: (text) => { said += text; } }, false);

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

function codeOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  return 'nothing was refused';
}

describe('the passphrase file', () => {
  it('loses one line end and nothing else', () => {
    expect(readPassphraseFile(file(' five random words \n'), notes())).toBe(' five random words ');
    expect(readPassphraseFile(file('two\n\n'), notes())).toBe('two\n');
    expect(readPassphraseFile(file('crlf\r\n'), notes())).toBe('crlf');
    expect(said).toBe('');
  });

  it.runIf(process.platform !== 'win32')('is warned about when others may read it', () => {
    expect(readPassphraseFile(file('words', 0o644), notes())).toBe('words');
    expect(said).toContain('Warning: others on this machine may read');
    expect(said).not.toContain('words');
  });

  it('is refused with a hint when it is absent, empty, a directory, too large or no text', () => {
    expect(codeOf(() => readPassphraseFile(join(directory, 'absent'), notes()))).toBe('passphrase_required');
    expect(codeOf(() => readPassphraseFile(directory, notes()))).toBe('passphrase_required');
    for (const content of ['', '\n', 'x'.repeat(4097), Buffer.from([0xc3, 0x28])]) expect(codeOf(() => readPassphraseFile(file(content), notes()))).toBe('passphrase_required');
  });

  it('is read only when core asks; without file and terminal there is none to give', async () => {
    const io: Io = { stdin: Readable.from([]), stdout: { write: () => true }, stderr: { write: () => true }, env: { [PASSPHRASE_VARIABLE]: join(directory, 'absent') } };
    const request = secretsRequest({ store: 'passphrase', profileDir: directory, io, notes: notes() });
    await expect(request.passphrase?.()).rejects.toMatchObject({ code: 'passphrase_required' });
    const none = secretsRequest({ store: 'passphrase', profileDir: directory, io: { ...io, env: {} }, notes: notes() });
    expect(await none.passphrase?.()).toBeNull();
  });

  it('says that memory-only keeps nothing', () => {
    secretsRequest({ store: 'memory', profileDir: directory, io: { stdin: Readable.from([]), stdout: { write: () => true }, stderr: { write: () => true }, env: {} }, notes: notes() });
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
