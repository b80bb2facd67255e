// The one door into core: known? allowed? parsed? then the handler; it lets out nothing but the contract's answers and errors.
import { randomUUID } from 'node:crypto';
import { contract, isCallName, MAX_MESSAGE_BYTES, MAX_MESSAGE_DEPTH } from '#shared/contract.ts';
import type { CallInput, CallName, CallOutput, Envelope, ParsedInput } from '#shared/contract.ts';
import { COMMON_ERRORS } from '#shared/contract/call.ts';
import type { CallSpec } from '#shared/contract/call.ts';
import { AppError } from '#shared/errors.ts';
import { inputProblem, inputWords } from './input-words.ts';
import type { Log } from './ports.ts';

export interface CallContext {
  /** Aborted when the caller gave up: the window is gone, or Ctrl-C. */
  readonly signal: AbortSignal;
}

export type Handler<N extends CallName> = (input: ParsedInput<N>, context: CallContext) => CallOutput<N> | Promise<CallOutput<N>>;
/** All handlers of a set of calls; a missing one is a type error. */
export type Handlers<N extends CallName = CallName> = { readonly [K in N]: Handler<K> };
/** The calls of one noun, for example CallsOf<'audit'>. */
export type CallsOf<Noun extends string> = Extract<CallName, `${Noun}.${string}`>;

export interface Gate {
  /** Throws the AppError that says why this call cannot be served now (locked, set-up needed, profile in use). */
  admit(name: CallName, spec: CallSpec): void;
}

export interface Dispatcher {
  /** Serves one call. Never throws: every outcome is an envelope. */
  dispatch<N extends CallName>(name: N, input: CallInput<N>, context?: Partial<CallContext>): Promise<Envelope<CallOutput<N>>>;
  /** The same for a caller that is not trusted: name and input may be anything. */
  dispatchUnknown(name: unknown, input: unknown, context?: Partial<CallContext>): Promise<Envelope>;
}

const POISONED = new Set(['__proto__', 'constructor', 'prototype']);

/** Refuses what no schema should have to see: too deep, too large, or with keys that reach a prototype. Throws AppError. */
export function inspectMessage(input: unknown): void {
  let bytes = 0;
  const walk = (value: unknown, depth: number): void => {
    if (depth > MAX_MESSAGE_DEPTH) throw new AppError('too_large', { message: 'The request is nested too deeply. Nothing was done.', hint: 'Send a flatter request.' });
    if (typeof value === 'string') bytes += value.length * 2;
    else bytes += 8;
    if (bytes > MAX_MESSAGE_BYTES) throw new AppError('too_large', { message: 'The request is too large. Nothing was done.', hint: `Keep it under ${MAX_MESSAGE_BYTES / 1_048_576} MiB.` });
    if (typeof value !== 'object' || value === null) return;
    for (const key of Reflect.ownKeys(value)) {
      if (typeof key === 'symbol' || POISONED.has(key)) throw new AppError('invalid_input', { message: 'The request holds a forbidden key. Nothing was done.', hint: 'Remove it.' });
      bytes += key.length * 2;
      walk((value as Record<string, unknown>)[key], depth + 1);
    }
  };
  walk(input, 0);
}

export function createDispatcher(handlers: Handlers, gate: Gate, log: Log): Dispatcher {
  const never = new AbortController().signal;

  function refuse(error: unknown, name: string): Envelope<never> {
    const id = randomUUID();
    if (error instanceof AppError) {
      const declared = isCallName(name) ? contract[name].errors as readonly string[] : [];
      if (!declared.includes(error.code) && !COMMON_ERRORS.includes(error.code)) log.error('an undeclared error code left a call', { call: name, code: error.code, id });
      log.info('call refused', { call: name, code: error.code, id, cause: describe(error.cause) });
      return { ok: false, error: { code: error.code, message: error.message, hint: error.hint, id } };
    }
    log.error('call failed', { call: name, id, cause: describe(error) });
    return { ok: false, error: { code: 'internal', message: 'Something went wrong inside Holdfast. What was saved before is kept.', hint: `Try again. If it happens again, report it with the id ${id}.`, id } };
  }

  async function dispatchUnknown(name: unknown, input: unknown, context: Partial<CallContext> = {}): Promise<Envelope> {
    const label = typeof name === 'string' ? name.slice(0, 64) : typeof name;
    try {
      if (typeof name !== 'string' || !isCallName(name)) throw new AppError('unknown_call', { message: 'There is no such call. Nothing was done.', hint: 'Update Holdfast if the window and the core differ in version.' });
      const spec = contract[name] as CallSpec;
      gate.admit(name, spec);
      inspectMessage(input);
      const parsed = spec.input.safeParse(input, { error: inputWords });
      if (!parsed.success) throw new AppError('invalid_input', { message: inputProblem(parsed.error), hint: 'Correct it and try again. Nothing was done.' });
      const handler = handlers[name] as (input: unknown, context: CallContext) => unknown;
      const value = await handler(parsed.data, { signal: context.signal ?? never });
      return { ok: true, value: spec.output.parse(value) };
    } catch (error) {
      return refuse(error, label);
    }
  }

  return {
    dispatch: (name, input, context) => dispatchUnknown(name, input, context) as Promise<Envelope<CallOutput<typeof name>>>,
    dispatchUnknown,
  };
}

function describe(cause: unknown): string {
  if (cause instanceof Error) return cause.stack ?? cause.message;
  return cause === undefined ? '' : String(cause);
}
