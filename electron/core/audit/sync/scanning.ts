// Looks through all rows of a deployment in short steps, with room for others between them: a million rows at once would hold up everything else.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Session } from '../../session.ts';
import { cancelled } from './storing.ts';
import { actorsBetween, lastArrival, withoutPayloadBetween } from './sync-queries.ts';
import type { ScopeKey } from './sync-queries.ts';

const ROWS_A_STEP = 50_000;

async function eachStep({ session, signal }: Scan, run: (from: number, to: number) => void): Promise<void> {
  const last = lastArrival(session.read());
  for (let from = 1; from <= last; from += ROWS_A_STEP) {
    if (signal.aborted) throw cancelled();
    run(from, from + ROWS_A_STEP - 1);
    await nextTurn();
  }
}

export interface Scan { readonly session: Session; readonly key: Pick<ScopeKey, 'dep' | 'address'>; readonly signal: AbortSignal }

/** Subjects that rows of a deployment name, in order. */
export async function knownActors(scan: Scan): Promise<readonly string[]> {
  const actors = new Set<string>();
  await eachStep(scan, (from, to) => { for (const actor of actorsBetween(scan.session.read(), scan.key.dep, { from, to })) actors.add(actor); });
  return [...actors].toSorted();
}

/** How many rows of an organisation this address gave without a payload. */
export async function ownWithoutPayload(scan: Scan, org: string): Promise<number> {
  let rows = 0;
  await eachStep(scan, (from, to) => { rows += withoutPayloadBetween(scan.session.read(), scan.key, { from, to, org }); });
  return rows;
}
