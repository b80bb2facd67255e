// One purge from the last look to the kept answer. The ledger entry and the step "requested" are on disk before the request leaves, and the request leaves once.
import { randomBytes } from 'node:crypto';
import type { PurgeApproval, PurgePlan } from '#shared/domain/retention-plan.ts';
import { AppError } from '#shared/errors.ts';
import { deploymentNumber } from '../../audit/store.ts';
import type { WriteDb } from '../../db/sql.ts';
import type { NaviClient } from '../../deployments/service.ts';
import type { JobHandle } from '../../jobs/jobs.ts';
import { keyFingerprint, readPublicKey } from '../../seal.ts';
import { stretchOf, windowAt, WINDOW_US } from '../plans/plan-file.ts';
import type { PlanWindow } from '../plans/plan-file.ts';
import { endPlan, findPlan } from '../plans/plan-queries.ts';
import { emptiedAt, heldThere } from '../plans/reckoning.ts';
import type { Looked } from '../plans/service.ts';
import { fitOfCutoff, planChanged, refuseChanged, refuseMoved, refuseUnread } from './checking.ts';
import { ofAnswer, ofFailure } from './outcome.ts';
import type { Outcome } from './outcome.ts';
import { cameSince, insertRun, insertStep, unsettledRuns } from './run-queries.ts';
import type { PurgesDeps } from './service.ts';
import { createSighting } from './sighting.ts';
import { statusPart } from './status-queries.ts';

export interface Order { readonly deploymentId: string; readonly plan: PurgePlan; readonly window: PlanWindow; readonly approval: PurgeApproval | null }

export interface Carrying {
  /** @returns the id of the purge. Until the request is noted everything that stands in the way is thrown, and nothing was sent. */
  carryOut(order: Order, job: JobHandle): Promise<string>;
}

/** Whoever asked for a purge must not have to guess whether it left: a failure of the look before it says so. */
function notSent(error: unknown): unknown {
  if (!(error instanceof AppError) || /nothing was sent(?! there)/i.test(error.message)) return error;
  const { code, message, hint, facts } = error;
  return new AppError(code, { message: `The purge was not sent. ${message}`, hint, facts, cause: error });
}

const cancelledBefore = (): AppError => new AppError('cancelled', { message: 'Cancelled. Nothing was sent.', hint: 'Arm the plan again when you want to.' });

export function createCarrying(deps: PurgesDeps & { readonly inFlight: Set<string> }): Carrying {
  const { session, deployments, ledger, clock, plans, holds, known, sync, observeStatus, inFlight } = deps;
  const nowUs = (): number => clock.now() * 1000;
  const sighting = createSighting(deps);

  function heldNow(db: WriteDb, { deploymentId, plan }: Order): number {
    const { at: place, noneLeft } = known(deploymentId);
    const { rows, alsoDue } = heldThere(db, { place, emptied: emptiedAt(db, place, noneLeft), holds }, stretchOf(plan));
    return rows + alsoDue;
  }

  async function lookAgain(order: Order, job: JobHandle): Promise<Looked> {
    const { deploymentId, plan } = order;
    job.report({ step: 'Reading what is new', done: 0, total: null });
    const startedUs = nowUs();
    await sync(deploymentId, job.signal);
    await deployments.withClient(deploymentId, job.signal, (client, _deployment, retries) => sighting.noteReturned(order, { client, retries, signal: job.signal }));
    job.report({ step: 'Comparing with the plan', done: 0, total: null });
    const deployment = deployments.get(deploymentId);
    refuseMoved(plan, deployment);
    const looked = await plans.look(deployment, { days: plan.preview.days, stretch: stretchOf(plan) }, job.signal);
    const isHoldStanding = holds.isAnyStanding(session.read(), deploymentId);
    refuseChanged(plan, { named: plans.named(plan.id), looked, isHoldStanding });
    const { count } = looked.unread;
    if (isHoldStanding && count !== null) {
      if (count.atUs < startedUs) throw planChanged('The count of the deployment, by which a stretch that nobody has read was taken to be empty, could not be read anew.');
      job.report({ step: 'Looking for rows that it names', done: 0, total: null });
      await deployments.withClient(deploymentId, job.signal, (client, _deployment, retries) => sighting.requireNamed(order, looked, { client, retries, signal: job.signal }));
    }
    return looked;
  }

  /** How many rows that were read the deployment may count as due by its own rule; null where stretches were never read and the plan has no count of what is in them. */
  async function dueAtMost({ deploymentId, plan, window }: Order, { preview, unread }: Looked, job: JobHandle): Promise<{ readonly days: number; readonly rows: number } | null> {
    const { cutoffUs, policy: { days } } = known(deploymentId);
    if ((unread.open.length > 0 && plan.preview.serverCount.rows === null) || cutoffUs === null || days === null) return null;
    if (days === window.days) return { days, rows: preview.rows + preview.alsoDue.rows };
    const endUs = cutoffUs + WINDOW_US;
    const byRule = await plans.look(deployments.get(deploymentId), { days: plan.preview.days, stretch: { cutoffUs: endUs, endUs } }, job.signal);
    return { days, rows: byRule.preview.rows };
  }

  /**
   * Its clock and its count as they are now. Waits while its clock is a little behind the plan's.
   * @returns until when, by a clock that nobody sets, a request can leave without taking more than the plan allows
   */
  async function clockFits({ deploymentId, plan, window }: Order, { client, due }: { readonly client: NaviClient; readonly due: Awaited<ReturnType<typeof dueAtMost>> }, job: JobHandle): Promise<number> {
    job.report({ step: 'Asking for its clock and its rule', done: 0, total: null });
    const [askedUs, askedMs] = [nowUs(), clock.monotonicMs()];
    await observeStatus(deploymentId, client, job.signal);
    const status = statusPart(session.read(), { deploymentId, address: plan.deployment.url });
    if (status === null || status.observedAtUs < askedUs) throw planChanged('Its status could not be kept.');
    refuseUnread(plan, status, { due, isHoldStanding: holds.isAnyStanding(session.read(), deploymentId) });
    const { waitUs, roomUs } = fitOfCutoff(plan, window, status);
    if (waitUs > 0) await pause(waitUs / 1000, job.signal);
    return askedMs + roomUs / 1000;
  }

  function pause(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = clock.after(ms, () => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      });
      const onAbort = (): void => {
        stop();
        reject(cancelledBefore());
      };
      signal.addEventListener('abort', onAbort, { once: true });
      if (signal.aborted) onAbort();
    });
  }

  /** Everything that could have changed since it was counted, in the transaction that notes the request. */
  function refuseLate(db: WriteDb, order: Order, { reckoning: { throughSeq }, unread }: Looked): void {
    const { deploymentId, plan } = order;
    const dep = deploymentNumber(db, deploymentId);
    refuseMoved(plan, deployments.get(deploymentId));
    const found = findPlan(db, plan.id);
    if (found?.hasEnded !== false) throw new AppError('plan_expired', { message: `This plan has ended meanwhile${found === null || found.replacedBy === null ? '' : `: a newer one, ${found.replacedBy}, took its place`}. Nothing was sent.`, hint: 'Make a new plan.' });
    if (windowAt(plan, nowUs())?.kind !== order.window.kind) throw new AppError('plan_expired', { message: 'The window of this plan closed while it was compared. Nothing was sent.', hint: 'Make a new plan.' });
    if (unsettledRuns(db, deploymentId).length > 0) throw new AppError('purge_unsettled', { message: 'Of an earlier purge nobody knows whether it happened. Nothing was sent.', hint: 'Look first: that settles it.' });
    if (cameSince(db, dep, { throughSeq, beforeUs: stretchOf(plan).endUs })) throw planChanged('Rows before its end came at this moment.');
    if (heldNow(db, order) > 0 || (holds.isAnyStanding(db, deploymentId) && unread.open.length > 0)) throw new AppError('rows_held', { message: 'A legal hold was set at this moment. Nothing was sent.', hint: 'See the holds of this deployment.' });
  }

  function note({ deploymentId, plan, window, approval }: Order, runId: string) {
    const approver = approval === null ? '' : `; approved by ${approval.approvedBy}, key ${keyFingerprint(readPublicKey(approval.publicKey) ?? Buffer.alloc(0))}`;
    return {
      action: 'retention.purge.requested', deployment: deployments.get(deploymentId).name, subject: `${runId}, plan ${plan.id}`,
      outcome: `POST /api/audit/purge?days=${window.days}; ${plan.preview.rows} rows before ${plan.preview.cutoff}, ${plan.preview.alsoDue.rows} more until ${plan.preview.alsoDue.until}; plan ${plan.digest}${approver}`,
    } as const;
  }

  async function keep(runId: string, order: Order, outcome: Outcome): Promise<void> {
    await session.whenWritable();
    const db = session.write();
    db.transaction(() => {
      insertStep(db, runId, { ...outcome, atUs: nowUs(), ledgerEntry: null });
    });
    const { state, message } = outcome;
    await ledger.append({ action: 'retention.purge.ended', deployment: order.plan.deployment.name, subject: `${runId}, plan ${order.plan.id}`, outcome: `${state}: ${message}` });
  }

  return {
    async carryOut(order, job) {
      const { deploymentId, plan, window, approval } = order;
      const { cutoffUs, endUs } = stretchOf(plan);
      const runId = `r_${randomBytes(8).toString('hex')}`;
      let isNoted = false;
      try {
        const looked = await lookAgain(order, job);
        const due = await dueAtMost(order, looked, job);
        await deployments.withClient(deploymentId, job.signal, async (client, deployment) => {
          refuseMoved(plan, deployment);
          const lastMs = await clockFits(order, { client, due }, job);
          if (job.signal.aborted) throw cancelledBefore();
          inFlight.add(runId);
          const entry = await ledger.append(note(order, runId));
          const startedAtUs = nowUs();
          try {
            if (job.signal.aborted) throw cancelledBefore();
            const db = session.write();
            db.transaction(() => {
              refuseLate(db, order, looked);
              if (clock.monotonicMs() > lastMs) throw planChanged('Since its clock was read so much time has passed that it would delete more than the plan allows.');
              insertRun(db, { id: runId, deploymentId, planId: plan.id, address: deployment.url, days: window.days, approval: approval === null ? null : JSON.stringify(approval), startedAtUs });
              insertStep(db, runId, { state: 'requested', atUs: startedAtUs, deleted: null, serverCutoffUs: null, message: 'Asked for; no answer yet.', ledgerEntry: entry.seq });
              endPlan(db, plan.id, startedAtUs);
            });
            isNoted = true;
          } catch (error) {
            await ledger.append({ ...note(order, runId), action: 'retention.purge.ended', outcome: `nothing was sent: ${error instanceof AppError ? error.code : 'internal'}` }).catch(() => undefined);
            throw error;
          }
          job.report({ step: 'Asked the deployment to delete', done: 0, total: null });
          let outcome: Outcome;
          let failure: unknown = null;
          try {
            outcome = ofAnswer(await client.purge(window.days, job.signal), { rows: plan.preview.rows, alsoDue: plan.preview.alsoDue.rows, cutoffUs, endUs, hasGaps: looked.unread.open.length > 0 });
          } catch (error) {
            failure = error;
            outcome = ofFailure(error);
          }
          await keep(runId, order, outcome);
          // The registry of deployments hears of a failure on the way; whoever asked hears what became of the purge.
          if (failure !== null) throw failure;
        });
      } catch (error) {
        // After the request was noted, what is known of it stands in its steps; whoever asked reads them.
        if (!isNoted) throw notSent(error);
        if (session.state() !== 'open' || !(error instanceof AppError)) throw error;
      } finally {
        inFlight.delete(runId);
      }
      return runId;
    },
  };
}
