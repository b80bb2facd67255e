// One event of a run: made and signed here, and checked where it comes from elsewhere. What is not exactly what its author signed is refused with the reason.
import { EVENT_FORMAT, runEvent } from '#shared/domain/runbook-run.ts';
import type { RunEvent, RunEventBody } from '#shared/domain/runbook-run.ts';
import { canonicalJson, digestOf } from '../../seal.ts';
import type { SigningKey } from '../../seal.ts';
import { isSignedStrictly, readStrictKey } from '../merge/ed25519.ts';

const ORIGIN = 'holdfast.local/runbook/event';
const textOf = (digest: string): string => `${ORIGIN}\n${digest}\n`;
const digestOfEvent = ({ format, run, parents, at, author, body }: Omit<RunEvent, 'digest' | 'signature'>): string => digestOf({ format, run, parents, at, author, body });

/** The name of a run that this event starts. @param digest of the event */
export const runIdOf = (digest: string): string => `run_${digest.slice(0, 32)}`;

export interface EventDraft { /** Null starts a run. */ readonly run: string | null; readonly parents: readonly string[]; readonly at: string; readonly body: RunEventBody }

/** @throws ZodError for a body that is none: a bug of the caller */
export function sealEvent({ run, parents, at, body }: EventDraft, key: SigningKey): RunEvent {
  const rest = { format: EVENT_FORMAT, run, parents: [...parents].sort(), at, author: key.publicKey.toString('base64'), body } as const;
  const digest = digestOfEvent(rest);
  // What is written here must be what every other machine reads: the same form, with nothing trimmed or left out.
  const made = runEvent.parse({ ...rest, digest, signature: key.sign(textOf(digest)).toString('base64') });
  if (digestOfEvent(made) !== digest) throw new Error(`a ${body.kind} event is not written as it is read`);
  return made;
}

export type Checked = { readonly event: RunEvent } | { readonly reason: string; /** As it was claimed; null when it claims none. */ readonly digest: string | null };

/** Checks one event of a file by itself; whether its parents are here is another question. @param runId of the run that it must belong to */
export function checkEvent(given: unknown, runId: string): Checked {
  const claimed = typeof given === 'object' && given !== null && 'digest' in given && typeof given.digest === 'string' && /^[0-9a-f]{64}$/.test(given.digest) ? given.digest : null;
  const refuse = (reason: string): Checked => ({ reason, digest: claimed });
  const parsed = runEvent.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return refuse(`It is no event of a run: ${issue === undefined || issue.path.length === 0 ? 'its form' : issue.path.map(String).join('.').slice(0, 80)} does not fit.`);
  }
  const event = parsed.data;
  if (canonicalJson(event) !== canonicalJson(given)) return refuse('It is not written in the one form that an event has.');
  if (digestOfEvent(event) !== event.digest) return refuse('It was altered: its content does not fit its digest.');
  if (readStrictKey(event.author) === null) return refuse('It was signed with a key that proves nothing.');
  if (!isSignedStrictly(textOf(event.digest), event)) return refuse('It is forged: its signature is not that of its author.');
  if (event.parents.some((parent, index) => parent === event.digest || (index > 0 && parent <= (event.parents[index - 1] ?? '')))) return refuse('It does not name its parents in order, each once.');
  if (event.body.kind === 'started') {
    if (event.run !== null || event.parents.length > 0) return refuse('It starts a run and names what was before it.');
    return runIdOf(event.digest) === runId ? { event } : refuse('It starts another run.');
  }
  if (event.run !== runId) return refuse('It belongs to another run.');
  return event.parents.length > 0 ? { event } : refuse('It names nothing that was before it.');
}
