// What became of a purge, in words and a tone. Only an answer that fits its plan, or a look that found the rows gone, may be called done; none of it is proof, which a certificate gives.
import { isWithinPlan } from '#shared/domain/retention-outcome.ts';
import type { PurgeRun } from '#shared/domain/retention-plan.ts';
import type { ChipTone } from '../../../components/WordChip.tsx';

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
