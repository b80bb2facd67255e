// What travels between the main thread and a worker thread; errors keep their code, message and hint on the way.
import { AppError } from '#shared/errors.ts';
import type { ErrorCode } from '#shared/errors.ts';

/**
 * `flag[0]` becomes 1 when the call is cancelled: a busy thread sees it without reading messages. `calls[0]` counts the calls to all threads: a
 * thread of background work sees by it that somebody asks for something.
 */
export interface CallMessage { readonly id: number; readonly name: string; readonly input: unknown; readonly flag: SharedArrayBuffer; readonly calls: SharedArrayBuffer }

/** Asks a thread to end when it has ended what it is at; calls that were cancelled by then are not begun. */
export interface EndMessage { readonly end: true }

export interface PlainError {
  readonly code: ErrorCode | null;
  readonly message: string;
  readonly hint: string;
  readonly facts: Readonly<Record<string, string | number | boolean | null>>;
  readonly stack: string | undefined;
}

export type ThreadMessage =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: PlainError }
  | { readonly id: number; readonly progress: unknown };

export function toPlain(error: unknown): PlainError {
  if (error instanceof AppError) return { code: error.code, message: error.message, hint: error.hint, facts: error.facts, stack: error.stack };
  return { code: null, message: error instanceof Error ? error.message : String(error), hint: '', facts: {}, stack: error instanceof Error ? error.stack : undefined };
}

export function fromPlain({ code, message, hint, facts, stack }: PlainError): Error {
  const cause = new Error(message);
  if (stack !== undefined) cause.stack = stack;
  return code === null ? new Error(`a thread failed: ${message}`, { cause }) : new AppError(code, { message, hint, facts, cause });
}
