// The only file that knows the bridge: asks core, and hears what core says unasked; it refuses an answer that is not one of the contract's two shapes.
import type { WireError } from '#shared/errors.ts';
import type { AppEvent, CallInput, CallName, CallOutput } from '#shared/contract.ts';

interface Bridge {
  call(name: string, input: unknown): Promise<unknown>;
  onEvent(listener: (event: AppEvent) => void): () => void;
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

/** Hears every event; the function returned stops it. */
export function onEvent(listener: (event: AppEvent) => void): () => void {
  return window.holdfast?.onEvent(listener) ?? (() => undefined);
}

