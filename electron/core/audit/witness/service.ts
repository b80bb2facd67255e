// The witness as others see it: run after every sync and import, verified on demand, and the findings of comparisons with the server. One run at a time for each deployment.
import type { AuditCheckpoint, AuditFinding, WitnessVerdict } from '#shared/domain/audit-witness.ts';
import type { Jobs } from '../../jobs/jobs.ts';
import type { LedgerService } from '../../ledger/service.ts';
import type { Clock } from '../../ports.ts';
import type { Session } from '../../session.ts';
import { deploymentNumber } from '../store.ts';
import { cancelled, createPace } from './pace.ts';
import { verifyWitness } from './verify.ts';
import { witnessNow } from './witnessing.ts';
import type { Witnessed, WitnessOptions } from './witnessing.ts';
import { countCheckpoints, countFindings, listFindings, newestCheckpoints } from './witness-queries.ts';

/** Findings of one event that are told with it. */
const FINDINGS_OF_EVENT = 100;

export interface FindingsPage { readonly deploymentId: string; readonly before: number | null; readonly eventId: number | null; readonly limit: number }

export interface Witness {
  /**
   * Adds leaves for what came, signs a checkpoint and remembers it; call it after everything that brought rows or payloads, also after what was cancelled. `problem` says why nothing is signed.
   * A cancel is heard also while a run before this one goes on.
   * @throws AppError as witnessNow: what came stays, and the next run goes on.
   */
  afterSync(deploymentId: string, options?: WitnessOptions): Promise<Witnessed>;
  /** Long: runs as a job. @throws AppError deployment_not_found, cancelled, busy */
  verify(deploymentId: string, signal: AbortSignal): Promise<WitnessVerdict>;
  findings(page: FindingsPage): { readonly findings: AuditFinding[]; readonly total: number };
  checkpoints(deploymentId: string, limit: number): { readonly checkpoints: AuditCheckpoint[]; readonly total: number };
  /** Of one event, newest first. */
  of(deploymentId: string, eventId: number): readonly AuditFinding[];
  count(deploymentId: string): number;
}

export function createWitness({ session, ledger, jobs, clock }: { readonly session: Session; readonly ledger: LedgerService; readonly jobs: Jobs; readonly clock: Clock }): Witness {
  const running = new Map<string, Promise<unknown>>();
  const depOf = (deploymentId: string): number => deploymentNumber(session.read(), deploymentId);

  return {
    afterSync(deploymentId, options = {}) {
      const before = running.get(deploymentId) ?? Promise.resolve();
      const mine = before.then(() => witnessNow({ session, ledger, clock }, deploymentId, options));
      const settled = mine.catch(() => undefined).then(() => { if (running.get(deploymentId) === settled) running.delete(deploymentId); });
      running.set(deploymentId, settled);
      return options.signal === undefined ? mine : orCancelled(mine, options.signal);
    },
    async verify(deploymentId, signal) {
      depOf(deploymentId);
      return jobs.run({ call: 'audit.verify', deploymentId, signal }, (job) => verifyWitness({ session, ledger, deploymentId, pace: createPace(job.signal, () => clock.monotonicMs()), report: (progress) => job.report(progress) }));
    },
    findings({ deploymentId, ...page }) {
      const dep = depOf(deploymentId);
      return { findings: listFindings(session.read(), dep, page), total: countFindings(session.read(), dep, page.eventId) };
    },
    checkpoints(deploymentId, limit) {
      const dep = depOf(deploymentId);
      return { checkpoints: newestCheckpoints(session.read(), dep, limit).map(({ size, root, at, note }) => ({ size, root, at, note })), total: countCheckpoints(session.read(), dep) };
    },
    of: (deploymentId, eventId) => listFindings(session.read(), depOf(deploymentId), { before: null, eventId, limit: FINDINGS_OF_EVENT }),
    count: (deploymentId) => countFindings(session.read(), depOf(deploymentId), null),
  };
}

/** Work that waits for its turn cannot hear a cancel itself: its caller does not wait with it. */
async function orCancelled<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop = (): void => undefined;
  const ended = new Promise<never>((_resolve, reject) => {
    stop = () => reject(cancelled());
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, ended]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
