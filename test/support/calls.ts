// Calls in tests: the value of one that must succeed, or the code of one that may not.
import type { App } from '#core/app.ts';
import type { CallInput, CallName, CallOutput } from '#shared/contract.ts';

/** The value of a call. Throws when it was refused. */
export async function value<N extends CallName>(app: App, name: N, input: CallInput<N>): Promise<CallOutput<N>> {
  const answer = await app.dispatch(name, input);
  if (!answer.ok) throw new Error(`${name}: ${answer.error.code}: ${answer.error.message}`);
  return answer.value;
}

/** 'ok', or the error code of a call. */
export async function code<N extends CallName>(app: App, name: N, input: CallInput<N>): Promise<string> {
  const answer = await app.dispatch(name, input);
  return answer.ok ? 'ok' : answer.error.code;
}
