// How a secret or a text comes in: all of stdin, or a secret typed without echo where stdin is a terminal; it never prints what it reads.
import { AppError } from '#shared/errors.ts';
import { UsageError } from './failure.ts';
import type { InStream, Io, OutStream } from './io.ts';

export const STDIN_MAX_BYTES = 65_536;

/**
 * The secret that an option such as --token-stdin promises, trimmed. `what` names it in prompts and errors.
 * @throws UsageError when it is empty, larger than 64 KiB or no text; AppError cancelled on Ctrl-C at the prompt
 */
export async function readSecret(io: Io, what: string): Promise<string> {
  const text = io.stdin.isTTY === true ? await askHidden(io, `${what} (not shown): `) : decode(await readAll(io.stdin, { what: 'secret', maxBytes: STDIN_MAX_BYTES }), what);
  const secret = text.trim();
  if (secret === '') throw new UsageError(`The ${what} on stdin is empty.`);
  return secret;
}

/** All of stdin as text. @throws UsageError when it is larger than so many bytes, or no text */
export async function readText(io: Pick<Io, 'stdin'>, what: string, maxBytes: number): Promise<string> {
  return decode(await readAll(io.stdin, { what, maxBytes }), what);
}

async function readAll(stdin: InStream, { what, maxBytes }: { readonly what: string; readonly maxBytes: number }): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stdin) {
    const buffer = typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(chunk);
    bytes += buffer.length;
    if (bytes > maxBytes) throw new UsageError(`stdin holds more than ${maxBytes / 1024} KiB; that is not the ${what} that was asked for.`);
    chunks.push(buffer);
  }
  return Buffer.concat(chunks);
}

function decode(bytes: Buffer, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new UsageError(`The ${what} on stdin is not text (UTF-8).`);
  }
}

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const CTRL_U = '\u0015';
const BACKSPACE = new Set(['\u007f', '\b']);

/** Asks on stderr and reads one line in raw mode, so that nothing is echoed. Throws AppError cancelled on Ctrl-C. */
export async function askHidden({ stdin, stderr }: { readonly stdin: InStream; readonly stderr: OutStream }, question: string): Promise<string> {
  // Before the question is shown, or what is typed at once would be echoed.
  stdin.setRawMode?.(true);
  stderr.write(question);
  try {
    return await typedLine(stdin);
  } finally {
    stdin.setRawMode?.(false);
    stderr.write('\n');
  }
}

/** By events, not by iteration: a terminal's stream gives no second iteration, and a second question may follow. */
function typedLine(stdin: InStream): Promise<string> {
  const decoder = new TextDecoder();
  let typed: string[] = [];
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      stdin.off('data', onData);
      stdin.off('end', onEnd);
      stdin.pause();
    };
    const onEnd = (): void => {
      stop();
      resolve(typed.join(''));
    };
    const onData = (chunk: string | Uint8Array): void => {
      for (const key of typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })) {
        if (key === CTRL_C) {
          stop();
          reject(new AppError('cancelled', { message: 'Cancelled at the prompt. Nothing was done.', hint: 'Run the command again when you have the secret at hand.' }));
          return;
        }
        if (key === '\r' || key === '\n' || key === CTRL_D) {
          onEnd();
          return;
        }
        if (BACKSPACE.has(key)) typed.pop();
        else if (key === CTRL_U) typed = [];
        else typed.push(key);
      }
    };
    stdin.on('data', onData);
    stdin.on('end', onEnd);
    stdin.resume();
  });
}
