// Carries a purge plan out, once: armed, compared anew, noted on disk, then asked for. While nobody knows whether it happened, nothing more is sent; looking settles it.
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { CallOutput, ParsedInput } from '#shared/contract.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import { APPROVAL_FORMAT, purgeApproval, rowsToGo } from '#shared/domain/retention-plan.ts';
import type { PurgeApproval, PurgePlan, PurgeRun } from '#shared/domain/retention-plan.ts';
import { formatInstantUs, parseInstantUs } from '#shared/domain/time.ts';
import { AppError } from '#shared/errors.ts';
import type { DeploymentsService } from '../../deployments/service.ts';
import type { Emitter } from '../../emitter.ts';
import type { JobHandle, Jobs } from '../../jobs/jobs.ts';
import type { LedgerService } from '../../ledger/service.ts';
import type { Clock } from '../../ports.ts';
import { keyFingerprint } from '../../seal.ts';
import type { Session } from '../../session.ts';
import type { KnownRetention } from '../truth/known.ts';
import { purgeOfferOf } from '../truth/purge-offer.ts';
import { checkApproval } from '../plans/approval.ts';
import type { HoldsPort } from '../plans/holds-port.ts';
import { readFormat, windowAt } from '../plans/plan-file.ts';
import type { PlanWindow } from '../plans/plan-file.ts';
import type { Plans } from '../plans/service.ts';
import { createCarrying } from './carrying.ts';
import { createSettling } from './settling.ts';
import { findRun, openEntries, runsOf, stepsOf, unsettledRuns } from './run-queries.ts';
import type { RunRow } from './run-queries.ts';

/** Runs that a page shows. */
const SHOWN = 50;

export interface Purges {
  /** @throws AppError not_offered, read_only, plan_expired, purge_unsettled */
  arm(deploymentId: string, planId: string): CallOutput<'retention.arm'>;
  /** Long: runs as a job. Once the request is noted, what became of it is the answer, not an error. */
  purge(input: ParsedInput<'retention.purge'>, signal: AbortSignal): Promise<PurgeRun>;
  /** Deletes nothing. @throws AppError plan_expired for a purge that is not there, and those of the way */
  settle(deploymentId: string, runId: string, signal: AbortSignal): Promise<PurgeRun>;
  /** Newest first. */
  runs(deploymentId: string): PurgeRun[];
  /** @throws AppError plan_expired */
  run(deploymentId: string, runId: string): { readonly run: PurgeRun; readonly plan: PurgePlan; readonly approval: PurgeApproval | null };
  /** Completes the ledger after a kill: what was noted and never left, and what was answered and not noted. Call it when a profile was opened for writing. */
  resume(): Promise<void>;
}

export interface PurgesDeps {
  readonly session: Session; readonly deployments: DeploymentsService; readonly ledger: LedgerService; readonly jobs: Jobs; readonly emitter: Emitter; readonly clock: Clock;
  readonly plans: Plans;
  readonly holds: HoldsPort;
  /** The policy as it is known from the cache. */
  readonly known: (deploymentId: string) => KnownRetention;
  /** A sync of the audit log, with everything that follows one. */
  readonly sync: (deploymentId: string, signal: AbortSignal) => Promise<unknown>;
  /** Asks for the security status and keeps it. */
  readonly observeStatus: (deploymentId: string, client: Parameters<Parameters<DeploymentsService['withClient']>[2]>[0], signal: AbortSignal) => Promise<void>;
  readonly knownKeys: () => readonly Buffer[];
}

interface Armed { readonly token: string; readonly digest: string; readonly untilUs: number }

export function createPurges(deps: PurgesDeps): Purges {
  const { session, deployments, ledger, jobs, emitter, clock, plans, knownKeys } = deps;
  const armed = new Map<string, Armed>();
  /** Purges that this process is carrying out. */
  const inFlight = new Set<string>();
  const nowUs = (): number => clock.now() * 1000;
  const changed = (deploymentId: string): void => emitter.emit('retention.changed', { deploymentId });

  function view(run: RunRow): PurgeRun {
    const plan = plans.find(run.planId);
    if (plan === null) throw new Error('a purge has no plan');
    const steps = stepsOf(session.read(), run.id);
    const last = steps.at(-1);
    if (last === undefined) throw new Error('a purge has no step');
    // Who only reads cannot tell whether the holder of the profile is at it.
    const wasLeft = last.state === 'requested' && !inFlight.has(run.id) && session.access() === 'write';
    const answered = steps.findLast(({ deleted }) => deleted !== null);
    const serverCutoffUs = answered?.serverCutoffUs ?? null;
    const approval = run.approval === null ? null : purgeApproval.parse(JSON.parse(run.approval));
    return {
      id: run.id, deploymentId: run.deploymentId, planId: run.planId, planDigest: plan.digest, startedAt: formatInstantUs(run.startedAtUs),
      endedAt: last.state === 'requested' ? null : formatInstantUs(last.atUs), state: wasLeft ? 'unknown' : last.state,
      planned: plan.preview.rows, alsoDue: plan.preview.alsoDue.rows, days: run.days, cutoff: plan.preview.cutoff,
      deleted: answered?.deleted ?? null, serverCutoff: serverCutoffUs === null ? null : formatInstantUs(serverCutoffUs), approvedBy: approval?.approvedBy ?? null,
      message: wasLeft ? 'Holdfast ended before an answer was kept, so whether rows were deleted is not known. Look before anything else is sent.' : last.message, ledgerEntry: steps[0]?.ledgerEntry ?? 0,
    };
  }

  function requireRun(deploymentId: string, runId: string): RunRow {
    deployments.get(deploymentId);
    const found = findRun(session.read(), runId);
    if (found === null || found.deploymentId !== deploymentId) throw new AppError('plan_expired', { message: 'There is no such purge of this deployment. Nothing was sent.', hint: 'See its list of purges.' });
    return found;
  }

  function refuseUnsettled(deploymentId: string): void {
    if (unsettledRuns(session.read(), deploymentId).length > 0) throw new AppError('purge_unsettled', { message: 'Of an earlier purge nobody knows whether it happened. Nothing was sent.', hint: 'Look first: that settles it.' });
  }

  function requireOffered(deployment: Deployment): void {
    const offer = purgeOfferOf(deployment);
    if (offer.state !== 'offered') throw new AppError('not_offered', { message: `${deployment.name} cannot be purged from here. ${offer.reason} Nothing was sent.`, hint: 'Test the connection to see what it offers.' });
    if (deployment.readOnly) throw new AppError('read_only', { message: `${deployment.name} is read-only here. Nothing was sent.`, hint: 'If the purge is wanted, switch off read-only for this deployment first.' });
  }

  function requireWindow(plan: PurgePlan): PlanWindow {
    const window = windowAt(plan, nowUs());
    if (window !== null) return window;
    const next = plan.windows.find(({ from }) => from > formatInstantUs(nowUs()));
    throw new AppError('plan_expired', { message: `This plan is not to be carried out now. Nothing was sent.${next === undefined ? '' : ` It may be from ${next.from} to ${next.until}.`}`, hint: next === undefined ? 'Make a new plan.' : 'Come back then, or make a new plan.' });
  }

  const confirmOf = (plan: PurgePlan): string => `${plan.deployment.name} ${rowsToGo(plan.preview)}`;

  function take(planId: string, token: string): Armed {
    const found = armed.get(planId);
    armed.delete(planId);
    if (found === undefined || nowUs() > found.untilUs || !sameText(found.token, token)) throw new AppError('plan_expired', { message: 'This purge is not armed. Nothing was sent.', hint: 'Look at the plan, then arm it again.' });
    return found;
  }

  async function approvalFor(plan: PurgePlan, window: PlanWindow, path: string | null): Promise<PurgeApproval | null> {
    if (path === null) {
      if (window.kind === 'approved') throw new AppError('approval_refused', { message: 'In production a second person approves a purge, or it waits for 24 hours. Nothing was sent.', hint: plan.windows.some(({ kind }) => kind === 'delayed') ? 'Have the plan approved with another profile, or come back in the delayed window.' : 'Have the plan approved with another profile.' });
      return null;
    }
    return checkApproval((await readFormat(path, APPROVAL_FORMAT)).value, { plan, ownKeys: knownKeys().map(keyFingerprint), nowUs: nowUs() });
  }

  const carrying = createCarrying({ ...deps, inFlight });
  const settling = createSettling(deps);

  const service: Purges = {
    arm(deploymentId, planId) {
      const deployment = deployments.get(deploymentId);
      requireOffered(deployment);
      // First: a plan whose purge nobody knows of has ended too, and a newer one must not be the advice.
      refuseUnsettled(deploymentId);
      const plan = plans.requireOpen(deploymentId, planId);
      const window = requireWindow(plan);
      const untilUs = parseInstantUs(window.until) ?? 0;
      const token = randomBytes(24).toString('hex');
      armed.set(planId, { token, digest: plan.digest, untilUs });
      return { token, planDigest: plan.digest, name: plan.deployment.name, rows: plan.preview.rows, confirm: confirmOf(plan), window, expiresAt: window.until };
    },

    async purge({ deploymentId, planId, token, confirm, approvalPath }, signal) {
      const { digest } = take(planId, token);
      const deployment = deployments.get(deploymentId);
      requireOffered(deployment);
      const plan = plans.requireOpen(deploymentId, planId);
      if (plan.digest !== digest) throw new AppError('plan_expired', { message: 'This purge was armed for another plan. Nothing was sent.', hint: 'Look at the plan, then arm it again.' });
      refuseUnsettled(deploymentId);
      const window = requireWindow(plan);
      if (confirm !== confirmOf(plan)) throw new AppError('confirmation_mismatch', { message: 'What was typed is not the name of the deployment and the number of rows that go. Nothing was sent.', hint: `Type ${confirmOf(plan)} exactly.` });
      const approval = await approvalFor(plan, window, approvalPath);
      session.write();
      await service.resume();
      const done = await jobs.run({ call: 'retention.purge', deploymentId, signal }, (job) => carrying.carryOut({ deploymentId, plan, window, approval }, job));
      changed(deploymentId);
      emitter.emit('audit.changed', { deploymentId });
      return view(requireRun(deploymentId, done));
    },

    async settle(deploymentId, runId, signal) {
      const run = requireRun(deploymentId, runId);
      if (inFlight.has(runId)) throw new AppError('busy', { message: 'This purge is under way. Nothing was looked for.', hint: 'Wait for it, or cancel it first.' });
      const { state } = view(run);
      // What was found not to have happened may have been slow, as long as nothing came after it.
      const isLatest = runsOf(session.read(), deploymentId, 1)[0]?.id === runId;
      if (state !== 'unknown' && !(state === 'found-not-done' && isLatest)) return view(run);
      session.write();
      const plan = plans.find(run.planId);
      if (plan === null) throw new Error('a purge has no plan');
      await jobs.run({ call: 'retention.settle', deploymentId, signal }, (job: JobHandle) => settling.settle({ run, plan, named: plans.named(run.planId) }, job.signal));
      changed(deploymentId);
      return view(run);
    },

    runs: (deploymentId) => runsOf(session.read(), deploymentId, SHOWN).map(view),

    run(deploymentId, runId) {
      const row = requireRun(deploymentId, runId);
      const plan = plans.find(row.planId);
      if (plan === null) throw new Error('a purge has no plan');
      return { run: view(row), plan, approval: row.approval === null ? null : purgeApproval.parse(JSON.parse(row.approval)) };
    },

    async resume() {
      if (session.access() !== 'write' || session.isEmptyLook()) return;
      for (const { seq, runId, deployment } of openEntries(session.read())) {
        const last = stepsOf(session.read(), runId).at(-1);
        if (inFlight.has(runId) || last?.state === 'requested') continue;
        await ledger.append({ action: 'retention.purge.ended', deployment, subject: runId, outcome: `about entry ${seq}: ${last === undefined ? 'nothing was sent: the program ended before' : `${last.state}: ${last.message}`}` });
      }
    },
  };
  return service;
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
