// Legal holds: set by a query, kept by a vault, ended with a reason. The console cannot stop a server from deleting; what it promises is that its own ways of deleting stop, and that a copy is here.
import { randomBytes } from 'node:crypto';
import type { ParsedInput } from '#shared/contract.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import type { Hold } from '#shared/domain/retention-hold.ts';
import { formatInstantUs } from '#shared/domain/time.ts';
import { AppError } from '#shared/errors.ts';
import { createPace } from '../../audit/witness/pace.ts';
import { deploymentNumber } from '../../audit/store.ts';
import type { DeploymentsService } from '../../deployments/service.ts';
import type { Emitter } from '../../emitter.ts';
import type { Jobs } from '../../jobs/jobs.ts';
import type { LedgerService } from '../../ledger/service.ts';
import type { Clock } from '../../ports.ts';
import { recorded } from '../../recorded.ts';
import type { Session } from '../../session.ts';
import { knownRetention } from '../truth/known.ts';
import { countHold } from './counts.ts';
import { findHold, insertHold, insertHoldEnd, isStanding, listHolds, markOf, newestArrivals, standingHoldsOf, sumsIn } from './hold-queries.ts';
import type { HoldRow, Summed } from './hold-queries.ts';
import { readHoldQuery, requireHold } from './membership.ts';
import { preserveHold } from './preserving.ts';
import { countVanished, vanishedMembers } from './presence-queries.ts';
import type { VanishedRow } from './presence-queries.ts';
import { checkVault } from './vault-row.ts';
import type { VaultState } from './vault-row.ts';

/** Rows that one look of a preview goes through. */
const WINDOW = 50_000;

export interface HoldPreview { readonly rows: number; readonly oldestAt: string | null; readonly newestAt: string | null; readonly withoutPayload: number; readonly gaps: number }

export interface Holds {
  list(deploymentId: string, signal?: AbortSignal): Promise<Hold[]>;
  /** Asks nobody, keeps nothing. @throws AppError invalid_query, not_offered */
  preview(input: ParsedInput<'retention.holdPreview'>, signal?: AbortSignal): Promise<HoldPreview>;
  /** Long: runs as a job. Once the hold stands, a failure or a cancel leaves it standing. @throws AppError invalid_query, hold_exists, not_offered, cancelled */
  add(input: ParsedInput<'retention.holdAdd'>, signal: AbortSignal): Promise<Hold>;
  /** What the vault keeps of it stays until this workstation's own purge. @throws AppError hold_not_found */
  release(input: ParsedInput<'retention.holdRelease'>): Promise<Hold>;
  /**
   * Puts what came into the vault, for every hold that stands; call it after everything that brings rows or payloads, also after what was cancelled.
   * Never throws for an expected reason: `problem` says what was not preserved, and the next run goes on from there.
   */
  preserveAfterSync(deploymentId: string, options?: { readonly signal?: AbortSignal }): Promise<{ readonly problem: string | null; readonly preserved: number }>;
  /** The same for every deployment with rows that wait: after a start. */
  resume(): Promise<void>;
  /** Held rows that were looked for and were not there. */
  vanished(deploymentId: string): VanishedRow[];
  /** Everything in the vault against its digests. @throws AppError cancelled */
  checkVault(deploymentId: string, signal?: AbortSignal): Promise<VaultState>;
}

export interface HoldsDeps {
  readonly session: Session; readonly deployments: DeploymentsService; readonly ledger: LedgerService; readonly jobs: Jobs; readonly emitter: Emitter; readonly clock: Clock;
  /** Stretches before a time that were never read. */
  readonly gapsBefore: (deploymentId: string, cutoffUs: number | null) => readonly unknown[];
}

const instant = (us: number | null): string | null => (us === null ? null : formatInstantUs(us));
const sum = (a: Summed, b: Summed): Summed => ({
  rows: a.rows + b.rows, withoutPayload: a.withoutPayload + b.withoutPayload,
  oldestUs: a.oldestUs === null ? b.oldestUs : b.oldestUs === null ? a.oldestUs : Math.min(a.oldestUs, b.oldestUs),
  newestUs: a.newestUs === null ? b.newestUs : b.newestUs === null ? a.newestUs : Math.max(a.newestUs, b.newestUs),
});
const NOTHING: Summed = { rows: 0, withoutPayload: 0, oldestUs: null, newestUs: null };

/** @throws AppError not_offered */
export function refuseKaren({ kind, name }: Deployment): void {
  if (kind === 'karen') throw new AppError('not_offered', { message: `${name} is an AI-Karen: it gives no retention and no rows to look at, so nothing can be said or held here. Nothing was changed.`, hint: 'Keep copies of its log files where its server cannot delete them.' });
}

export function createHolds({ session, deployments, ledger, jobs, emitter, clock, gapsBefore }: HoldsDeps): Holds {
  const running = new Map<string, Promise<unknown>>();
  const nowUs = (): number => clock.now() * 1000;
  const depOf = (deploymentId: string): number => deploymentNumber(session.read(), deploymentId);
  const changed = (deploymentId: string): void => emitter.emit('retention.changed', { deploymentId });
  const paceOf = (signal: AbortSignal | undefined): (() => Promise<void>) => {
    const pace = createPace(signal ?? null, () => clock.monotonicMs());
    return () => pace.turn();
  };

  /** One run at a time for each deployment: two would copy the same rows. */
  function inTurn<T>(deploymentId: string, work: () => Promise<T>): Promise<T> {
    const mine = (running.get(deploymentId) ?? Promise.resolve()).then(work);
    const settled = mine.catch(() => undefined).then(() => { if (running.get(deploymentId) === settled) running.delete(deploymentId); });
    running.set(deploymentId, settled);
    return mine;
  }

  /** What is known of a deployment once for all of its holds. */
  function sceneOf(deploymentId: string) {
    const dep = depOf(deploymentId);
    const { policy, cutoffUs, ruleUs, noneLeft } = knownRetention(session.read(), { deployment: deployments.get(deploymentId), token: deployments.tokenFingerprint(deploymentId), nowUs: nowUs() });
    return { dep, policy, cutoffUs, ruleUs, vanished: countVanished(session.read(), dep, noneLeft) };
  }

  async function shown(hold: HoldRow, signal: AbortSignal | undefined, { dep, policy, cutoffUs, ruleUs, vanished } = sceneOf(hold.deploymentId)): Promise<Hold> {
    const { counts, oldestUs } = await countHold({ db: session.read, dep, cutoffUs, vanished: vanished.get(hold.id) ?? 0, pause: paceOf(signal) }, hold);
    const isActive = hold.released === null;
    return {
      id: hold.id, deploymentId: hold.deploymentId, caseId: hold.caseId, owner: hold.owner, reason: hold.reason, reviewOn: hold.reviewOn, query: hold.query, createdAt: formatInstantUs(hold.createdAtUs),
      released: hold.released === null ? null : { at: formatInstantUs(hold.released.atUs), reason: hold.released.reason }, counts,
      nextDue: policy.state !== 'on' || ruleUs === null || oldestUs === null ? null : formatInstantUs(oldestUs + ruleUs),
      isReviewOverdue: isActive && hold.reviewOn < formatInstantUs(nowUs()).slice(0, 10),
    };
  }

  function requireStanding(deploymentId: string, holdId: string): HoldRow {
    const hold = requireHold(session.read(), deploymentId, holdId);
    if (hold.released !== null) throw new AppError('hold_not_found', { message: `The hold for ${hold.caseId} was released on ${formatInstantUs(hold.released.atUs)}. Nothing was changed.`, hint: 'Set a new one when the rows must stay again.' });
    return hold;
  }

  function preserveAll(deploymentId: string, signal: AbortSignal | undefined): Promise<number> {
    return inTurn(deploymentId, async () => {
      let preserved = 0;
      const dep = depOf(deploymentId);
      for (const hold of standingHoldsOf(session.read(), dep)) preserved += await preserveHold({ session, dep, nowUs, signal }, hold);
      return preserved;
    });
  }

  function waits(deploymentId: string): boolean {
    const end = newestArrivals(session.read());
    return standingHoldsOf(session.read(), depOf(deploymentId)).some(({ id }) => {
      const mark = markOf(session.read(), id);
      return mark.seq < end.seq || mark.late < end.late;
    });
  }

  const service: Holds = {
    async list(deploymentId, signal) {
      deployments.get(deploymentId);
      const found: Hold[] = [];
      const scene = sceneOf(deploymentId);
      for (const hold of listHolds(session.read(), deploymentId)) found.push(await shown(hold, signal, scene));
      return found;
    },

    async preview({ deploymentId, query }, signal) {
      refuseKaren(deployments.get(deploymentId));
      const compiled = readHoldQuery(query);
      const dep = depOf(deploymentId);
      const pause = paceOf(signal);
      const end = newestArrivals(session.read()).seq;
      let found = NOTHING;
      for (let after = 0; after < end; after += WINDOW) {
        const through = Math.min(after + WINDOW, end);
        found = sum(found, sumsIn(session.read(), dep, { after, through, condition: compiled.condition({ low: after + 1, high: through }) }));
        await pause();
      }
      return { rows: found.rows, oldestAt: instant(found.oldestUs), newestAt: instant(found.newestUs), withoutPayload: found.withoutPayload, gaps: gapsBefore(deploymentId, null).length };
    },

    async add({ deploymentId, ...fields }, signal) {
      refuseKaren(deployments.get(deploymentId));
      readHoldQuery(fields.query);
      session.write();
      return jobs.run({ call: 'retention.holdAdd', deploymentId, signal }, async (job) => {
        const deployment = deployments.get(deploymentId);
        const refuseTaken = (): void => {
          const taken = standingHoldsOf(session.read(), depOf(deploymentId)).find(({ caseId }) => caseId.toLowerCase() === fields.caseId.toLowerCase());
          if (taken !== undefined) throw new AppError('hold_exists', { message: `A hold for ${taken.caseId} stands already for ${deployment.name}. Nothing was changed.`, hint: 'Release it first, or name another case.' });
        };
        refuseTaken();
        const hold = { id: `h_${randomBytes(8).toString('hex')}`, deploymentId, ...fields, createdAtUs: nowUs() };
        await recorded(ledger, { action: 'retention.hold.added', deployment: deployment.name, subject: fields.caseId, reason: fields.reason, outcome: `${hold.id}, owner ${fields.owner}, review ${fields.reviewOn}, query: ${fields.query === '' ? 'every row' : fields.query}` }, async () => {
          await session.whenWritable();
          const db = session.write();
          db.transaction(() => {
            refuseTaken();
            insertHold(db, hold);
          });
        });
        changed(deploymentId);
        try {
          await inTurn(deploymentId, () => preserveHold({
            session, dep: depOf(deploymentId), nowUs, signal: job.signal,
            onProgress: ({ looked, total, kept }) => job.report({ step: `Preserving held rows: ${kept} in the vault`, done: looked, total }),
          }, hold));
        } catch (error) {
          throw told(error, fields.caseId);
        } finally {
          changed(deploymentId);
        }
        return shown({ ...hold, released: null }, job.signal);
      });
    },

    async release({ deploymentId, holdId, reason }) {
      const deployment = deployments.get(deploymentId);
      const hold = requireStanding(deploymentId, holdId);
      session.write();
      await recorded(ledger, { action: 'retention.hold.released', deployment: deployment.name, subject: hold.caseId, reason, outcome: `${hold.id} released; what the vault keeps of it stays` }, async () => {
        await session.whenWritable();
        const db = session.write();
        db.transaction(() => {
          if (!isStanding(db, holdId)) throw new AppError('hold_not_found', { message: `The hold for ${hold.caseId} was released meanwhile. Nothing was changed.`, hint: 'See the list of holds.' });
          insertHoldEnd(db, holdId, { reason, atUs: nowUs() });
        });
      });
      changed(deploymentId);
      return shown(findHold(session.read(), holdId) ?? hold, undefined);
    },

    async preserveAfterSync(deploymentId, { signal } = {}) {
      try {
        const preserved = await preserveAll(deploymentId, signal);
        if (preserved > 0) changed(deploymentId);
        return { problem: null, preserved };
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        return { problem: `What came is kept in the cache, but not every row under a legal hold is in the vault yet. ${error.message} The next sync goes on.`, preserved: 0 };
      }
    },

    async resume() {
      if (session.access() === 'read') return;
      for (const { id } of deployments.list()) if (waits(id)) await service.preserveAfterSync(id);
    },

    vanished(deploymentId) {
      const deployment = deployments.get(deploymentId);
      const { noneLeft } = knownRetention(session.read(), { deployment, token: deployments.tokenFingerprint(deploymentId), nowUs: nowUs() });
      return vanishedMembers(session.read(), depOf(deploymentId), noneLeft);
    },

    checkVault: (deploymentId, signal) => checkVault(session.read, depOf(deploymentId), paceOf(signal)),
  };
  return service;
}

/** The hold stands by then: whoever reads the failure must know. */
function told(error: unknown, caseId: string): unknown {
  if (!(error instanceof AppError) || error.code === 'cancelled') return error;
  return new AppError(error.code, { message: `The hold for ${caseId} stands, but not every row that it matches is in the vault yet. ${error.message}`, hint: `${error.hint} The next sync goes on preserving.`, cause: error });
}

