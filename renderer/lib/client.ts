// The only file that knows the bridge: asks core, and hears what core says unasked; it refuses an answer that is not one of the contract's two shapes.
import type { WireError } from '#shared/errors.ts';
import type { AppEvent, CallInput, CallName, CallOutput } from '#shared/contract.ts';

interface Bridge {
  call(name: string, input: unknown): Promise<unknown>;
  onEvent(listener: (event: AppEvent) => void): () => void;
  pathOf(file: File): Promise<string | null>;
}

declare global {
  interface Window { readonly holdfast?: Bridge }
}

/** A call that core refused, or that found no core. `wire` is what core said. */
export class ClientError extends Error {
  readonly wire: WireError;

  constructor(wire: WireError) {
    super(wire.message);
    this.name = 'ClientError';
    this.wire = wire;
  }
}

/** Turns anything that was thrown into what a screen can show. */
export function toClientError(error: unknown): ClientError {
  if (error instanceof ClientError) return error;
  return new ClientError({ code: 'internal', message: 'The window lost its connection to the core. What was saved before is kept.', hint: 'Close Holdfast and open it again.', id: 'window' });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Reads the answer on the wire. @throws ClientError when core refused, or when the answer has another shape. */
export function openEnvelope(answer: unknown): unknown {
  if (isRecord(answer) && answer['ok'] === true && answer['value'] !== undefined) return answer['value'];
  if (isRecord(answer) && answer['ok'] === false && isRecord(answer['error'])) {
    const { code, message, hint, id } = answer['error'];
    if (typeof code === 'string' && typeof message === 'string' && typeof hint === 'string' && typeof id === 'string') {
      throw new ClientError({ code: code as WireError['code'], message, hint, id });
    }
  }
  throw new ClientError({ code: 'internal', message: 'The core gave an answer that the window cannot read. Nothing is shown from it.', hint: 'Close Holdfast and open it again.', id: 'window' });
}

/** Asks core. Resolves with the contract's output. @throws ClientError, never anything else. */
export async function call<N extends CallName>(name: N, input: CallInput<N>): Promise<CallOutput<N>> {
  const bridge = window.holdfast;
  if (bridge === undefined) throw new ClientError({ code: 'caller_refused', message: 'This page was opened outside Holdfast, so it can show nothing.', hint: 'Start Holdfast with npm start.', id: 'window' });
  let answer: unknown;
  try {
    answer = await bridge.call(name, input);
  } catch (error) {
    throw toClientError(error);
  }
  return openEnvelope(answer) as CallOutput<N>;
}

/** Where a picked or dropped file lies on this machine; null for one that has no place there. Only the path crosses to core, never the content. @throws ClientError */
export async function pathOf(file: File): Promise<string | null> {
  const bridge = window.holdfast;
  if (bridge === undefined) return null;
  let path: string | null;
  try {
    path = await bridge.pathOf(file);
  } catch {
    throw new ClientError({ code: 'too_many_calls', message: 'The window asked for too many files at once. This file was not taken.', hint: 'Wait a moment, then choose it again.', id: 'window' });
  }
  return typeof path === 'string' && path !== '' ? path : null;
}

/** Hears every event; the function returned stops it. */
export function onEvent(listener: (event: AppEvent) => void): () => void {
  return window.holdfast?.onEvent(listener) ?? (() => undefined);
}

