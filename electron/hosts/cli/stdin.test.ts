// Tests of how secrets come in: whole stdin within its limit, or typed without echo.
import { PassThrough, Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { AppError } from '#shared/errors.ts';
import { UsageError } from './failure.ts';
import type { InStream, Io } from './io.ts';
import { askHidden, readSecret, readText, STDIN_MAX_BYTES } from './stdin.ts';

function io(stdin: InStream): Io & { shown: string } {
  const made = { stdin, shown: '', stdout: { write: () => true }, stderr: { write: (text: string) => { made.shown += text; } }, env: {} };
  return made;
}

const piped = (...chunks: (string | Uint8Array)[]): InStream => Readable.from(chunks);

function keyboard(keys: string): { stdin: InStream; raw: boolean[] } {
  const raw: boolean[] = [];
  const stream = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (on: boolean) => raw.push(on) });
  stream.write(keys);
  return { stdin: stream as unknown as InStream, raw };
}

describe('a secret from stdin', () => {
  it('is everything there, trimmed, over several chunks', async () => {
    expect(await readSecret(io(piped('  eyJ', Buffer.from('abc\n'), '\n')), 'token')).toBe('eyJabc');
  });

  it('is usage when it is empty, too large or no text', async () => {
    await expect(readSecret(io(piped(' \n')), 'token')).rejects.toBeInstanceOf(UsageError);
    await expect(readSecret(io(piped(Buffer.alloc(STDIN_MAX_BYTES, 97), 'a')), 'token')).rejects.toThrow('64 KiB');
    await expect(readSecret(io(piped(Buffer.from([0xff, 0xfe]))), 'token')).rejects.toThrow('UTF-8');
    expect(await readSecret(io(piped(Buffer.alloc(STDIN_MAX_BYTES, 97))), 'token')).toHaveLength(STDIN_MAX_BYTES);
  });

  it('a text keeps its ends, may be empty, and has a limit of its own', async () => {
    expect(await readText(io(piped(' a\n', Buffer.from('b\n'))), 'schedule', 8)).toBe(' a\nb\n');
    expect(await readText(io(piped()), 'schedule', 8)).toBe('');
    await expect(readText(io(piped('123456789')), 'schedule', 8)).rejects.toThrow('that is not the schedule that was asked for');
    await expect(readText(io(piped(Buffer.from([0xff]))), 'schedule', 8)).rejects.toThrow('UTF-8');
  });

  it('is asked for without echo on a terminal, with correction', async () => {
    const { stdin, raw } = keyboard('wrong\u0015sexx\u007f\u007fcret\r');
    const terminal = io(stdin);
    expect(await readSecret(terminal, 'access token')).toBe('secret');
    expect(terminal.shown).toBe('access token (not shown): \n');
    expect(raw).toEqual([true, false]);
  });

  it('can be asked for twice on the same terminal', async () => {
    const stream = Object.assign(new PassThrough(), { isTTY: true });
    const terminal = { stdin: stream as unknown as InStream, stderr: { write: () => true } };
    const first = askHidden(terminal, '1: ');
    stream.write('one\r');
    expect(await first).toBe('one');
    const second = askHidden(terminal, '2: ');
    stream.write('two\r');
    expect(await second).toBe('two');
  });

  it('is cancelled by Ctrl-C, and the terminal echoes again', async () => {
    const { stdin, raw } = keyboard('half\u0003');
    const failure = await readSecret(io(stdin), 'token').catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(AppError);
    expect(failure).toMatchObject({ code: 'cancelled' });
    expect(raw.at(-1)).toBe(false);
  });
});
