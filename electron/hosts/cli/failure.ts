// What can go wrong in a command and which exit code says so; it lets no stack, path of ours or secret onto the terminal.
import { randomUUID } from 'node:crypto';
import { AppError } from '#shared/errors.ts';
import type { ErrorCode, WireError } from '#shared/errors.ts';

export const EXIT = { done: 0, bug: 1, usage: 2, failure: 3 } as const;

/** The command line itself is wrong. `topic` names the command whose usage helps. */
export class UsageError extends Error {
  readonly topic: readonly string[];

  constructor(message: string, topic: readonly string[] = []) {
    super(message);
    this.name = 'UsageError';
    this.topic = topic;
  }
}

/** A call of the contract that was refused; carries the error exactly as dispatch gave it, id included. */
export class Refused extends Error {
  readonly wire: WireError;

  constructor(wire: WireError) {
    super(wire.message);
    this.name = 'Refused';
    this.wire = wire;
  }
}

/** What any thrown value looks like outside. Anything unexpected is a bug: code `internal`, and the cause stays in the log. */
export function wireErrorOf(error: unknown): WireError {
  if (error instanceof Refused) return error.wire;
  const id = randomUUID();
  if (error instanceof AppError) return { code: error.code, message: error.message, hint: error.hint, id };
  if (error instanceof UsageError) {
    const help = ['holdfast', 'help', ...error.topic].join(' ');
    return { code: 'invalid_input', message: error.message, hint: `Run "${help}" to see how it is written. Nothing was done.`, id };
  }
  return { code: 'internal', message: 'Something went wrong inside Holdfast. What was saved before is kept.', hint: `Try again. If it happens again, report it with the id ${id}.`, id };
}

/** invalid_input and invalid_query can only come from an argument here, so they count as usage; every other code is an expected failure. */
export function exitCodeOf(code: ErrorCode): number {
  if (code === 'internal') return EXIT.bug;
  return code === 'invalid_input' || code === 'invalid_query' ? EXIT.usage : EXIT.failure;
}
