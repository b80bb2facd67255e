// How a secret comes in: all of stdin, or typed without echo where stdin is a terminal; it never prints what it reads.
import { AppError } from '#shared/errors.ts';
import { UsageError } from './failure.ts';
import type { InStream, Io, OutStream } from './io.ts';

export const STDIN_MAX_BYTES = 65_536;

/**
 * The secret that an option such as --token-stdin promises, trimmed. `what` names it in prompts and errors.
 * @throws UsageError when it is empty, larger than 64 KiB or no text; AppError cancelled on Ctrl-C at the prompt
 */
export async function readSecret(io: Io, what: string): Promise<string> {
  const text = io.stdin.isTTY === true ? await askHidden(io, `${what} (not shown): `) : decode(await readAll(io.stdin), what);
  const secret = text.trim();
  if (secret === '') throw new UsageError(`The ${what} on stdin is empty.`);
  return secret;
}

async function readAll(stdin: InStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stdin) {
    const buffer = typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(chunk);
    bytes += buffer.length;
    if (bytes > STDIN_MAX_BYTES) throw new UsageError(`stdin holds more than ${STDIN_MAX_BYTES / 1024} KiB; that is not the secret that was asked for.`);
    chunks.push(buffer);
  }
  return Buffer.concat(chunks);
}

function decode(bytes: Buffer, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError(`The ${what} on stdin is not text (UTF-8).`);
  }
}

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const CTRL_U = '\u0015';
const BACKSPACE = new Set(['\u007f', '\b']);

/** Asks on stderr and reads one line in raw mode, so that nothing is echoed. Throws AppError cancelled on Ctrl-C. */
export async function askHidden(io: { readonly stdin: InStream; readonly stderr: OutStream }, question: string): Promise<string> {
  io.stderr.write(question);
  io.stdin.setRawMode?.(true);
  const decoder = new TextDecoder();
  let typed: string[] = [];
  try {
    // Returning ends the iteration; the stream must survive it, because a second question may follow.
    for await (const chunk of keepOpen(io.stdin)) {
      for (const key of typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })) {
        if (key === CTRL_C) throw new AppError('cancelled', { message: 'Cancelled at the prompt. Nothing was done.', hint: 'Run the command again when you have the secret at hand.' });
        if (key === '\r' || key === '\n' || key === CTRL_D) return typed.join('');
        if (BACKSPACE.has(key)) typed.pop();
        else if (key === CTRL_U) typed = [];
        else typed.push(key);
      }
    }
    return typed.join('');
  } finally {
    io.stdin.setRawMode?.(false);
    io.stderr.write('\n');
  }
}

function keepOpen(stdin: InStream): AsyncIterable<string | Uint8Array> {
  const readable = stdin as InStream & { iterator?: (options: { destroyOnReturn: boolean }) => AsyncIterable<string | Uint8Array> };
  return readable.iterator?.({ destroyOnReturn: false }) ?? stdin;
}
