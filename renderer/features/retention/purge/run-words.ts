// What became of a purge, in words and a tone. Only an answer that fits its plan, or a look that found the rows gone, may be called done; none of it is proof, which a certificate gives.
import type { PurgeRun } from '#shared/domain/retention-plan.ts';
import { parseInstantUs } from '#shared/domain/time.ts';
import type { ChipTone } from '../../../components/WordChip.tsx';

/** The plan lives so long after its cutoff was frozen; rows up to there were named. */
const NAMED_US = 15 * 60_000_000;

/** Whether the answer is what the plan allows: as many rows, and a cutoff within. */
export function isWithinPlan({ deleted, planned, alsoDue, serverCutoff, cutoff }: Pick<PurgeRun, 'deleted' | 'planned' | 'alsoDue' | 'serverCutoff' | 'cutoff'>): boolean {
  if (deleted === null || deleted < planned || deleted > planned + alsoDue || serverCutoff === null) return false;
  const [theirs, frozen] = [parseInstantUs(serverCutoff), parseInstantUs(cutoff)];
  return theirs !== null && frozen !== null && theirs >= frozen && theirs <= frozen + NAMED_US;
}

export interface RunLook { readonly tone: ChipTone; readonly word: string }

export function runLook(run: PurgeRun): RunLook {
  switch (run.state) {
    case 'requested': return { tone: 'unknown', word: 'under way' };
    case 'answered': return isWithinPlan(run) ? { tone: 'none', word: 'answered' } : { tone: 'fail', word: 'not as planned' };
    case 'refused': return { tone: 'warn', word: 'refused' };
    case 'unknown': return { tone: 'unknown', word: 'unknown' };
    case 'found-done': return { tone: 'none', word: 'found done' };
    case 'found-not-done': return { tone: 'warn', word: 'found not done' };
  }
}

/** The purge that must be settled before anything else is sent; undefined where there is none. */
export function openRun(runs: readonly PurgeRun[]): PurgeRun | undefined {
  return runs.find(({ state }) => state === 'unknown' || state === 'requested');
}

/** A purge that was found not to have happened may have been slow: the newest can be looked at again. */
export function canLook(run: PurgeRun, runs: readonly PurgeRun[]): boolean {
  return run.state === 'unknown' || (run.state === 'found-not-done' && runs[0]?.id === run.id);
}

/** Whether a certificate can be issued for it: something came of the request. */
export function canVerify({ state }: Pick<PurgeRun, 'state'>): boolean {
  return state === 'answered' || state === 'found-done' || state === 'found-not-done';
}

/** What core reports while the request is at the deployment: cancelling then leaves nobody knowing. */
const ASKED = 'Asked the deployment to delete';

/** Whether nothing was sent yet, so that cancelling costs nothing. */
export function isBeforeRequest(step: string): boolean {
  return step !== ASKED;
}
