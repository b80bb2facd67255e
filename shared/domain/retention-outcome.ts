// What the answer to a purge says against its plan; it proves nothing, which a certificate does.
import type { PurgeRun } from './retention-plan.ts';
import { parseInstantUs } from './time.ts';

/** A plan lives so long after its cutoff was frozen; the rows up to there were named. */
const NAMED_US = 15 * 60_000_000;

/** Whether the answer is what the plan allows: as many rows, and a cutoff within. False where there is none. */
export function isWithinPlan({ deleted, planned, alsoDue, serverCutoff, cutoff }: Pick<PurgeRun, 'deleted' | 'planned' | 'alsoDue' | 'serverCutoff' | 'cutoff'>): boolean {
  if (deleted === null || deleted < planned || deleted > planned + alsoDue || serverCutoff === null) return false;
  const [theirs, frozen] = [parseInstantUs(serverCutoff), parseInstantUs(cutoff)];
  return theirs !== null && frozen !== null && theirs >= frozen && theirs <= frozen + NAMED_US;
}
