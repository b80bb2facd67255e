// Purge plans: what would go, frozen and digested; written down for a second person; approved for somebody else. It asks no deployment and deletes nothing.
import { randomBytes } from 'node:crypto';
import type { CallOutput, ParsedInput } from '#shared/contract.ts';
import type { AuditGap } from '#shared/domain/audit-event.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import { APPROVAL_FORMAT, PLAN_FORMAT, purgeApproval, purgePlan } from '#shared/domain/retention-plan.ts';
import type { PurgeApproval, PurgePlan, PurgePreview } from '#shared/domain/retention-plan.ts';
import { DAY_US, MAX_RETENTION_DAYS } from '#shared/domain/retention.ts';
import { formatInstantUs } from '#shared/domain/time.ts';
import { AppError } from '#shared/errors.ts';
import { createPace } from '../../audit/witness/pace.ts';
import type { DeploymentsService } from '../../deployments/service.ts';
import type { Emitter } from '../../emitter.ts';
import { openAtomicFile } from '../../files/atomic-file.ts';
import type { LedgerService } from '../../ledger/service.ts';
import type { Clock } from '../../ports.ts';
import { recorded } from '../../recorded.ts';
import { keyFingerprint } from '../../seal.ts';
import type { SigningKey } from '../../seal.ts';
import type { Session } from '../../session.ts';
import type { KnownRetention } from '../truth/known.ts';
import { purgeOfferOf } from '../truth/purge-offer.ts';
import type { TruthService } from '../truth/service.ts';
import { checkApproval, CLOCKS_US, signApproval } from './approval.ts';
import { readClock } from './clock-reading.ts';
import type { ClockDeps } from './clock-reading.ts';
import type { HoldsPort } from './holds-port.ts';
import { checkPlan, digested, endOf, readFormat, windowAt, WINDOW_US, windowsOf } from './plan-file.ts';
import { endPlan, findPlan, givenApproval, insertPlan, keepApproval, plansOf, replacePlans, rowsOfPlan } from './plan-queries.ts';
import { previewOf } from './preview.ts';
import { emptiedAt, heldThere, reckon } from './reckoning.ts';
import type { Reckoning, Stretch } from './reckoning.ts';
import { packIds, unpackIds } from './row-ids.ts';
import { HOW_TO_READ, unreadOf } from './unread.ts';
import type { Unread } from './unread.ts';

type Written = CallOutput<'retention.writePlan'>;

export interface Named { readonly rows: readonly number[]; readonly alsoDue: readonly number[] }
export interface Looked { readonly preview: PurgePreview; readonly reckoning: Reckoning; /** Never read. */ readonly gaps: readonly AuditGap[]; /** Which of them may hold rows. */ readonly unread: Unread; readonly known: KnownRetention }

export interface Plans {
  /** @throws AppError policy_unknown, not_offered */
  preview(input: ParsedInput<'retention.preview'>, signal: AbortSignal): Promise<PurgePreview>;
  /** @throws AppError policy_unknown, not_offered, rows_held, ledger_broken */
  plan(input: ParsedInput<'retention.plan'>, signal: AbortSignal): Promise<PurgePlan>;
  /** @throws AppError plan_expired */
  drop(deploymentId: string, planId: string): void;
  readPlan(path: string): Promise<PurgePlan>;
  /** @throws AppError plan_damaged, plan_expired, approval_refused and those of reading a file */
  approve(input: ParsedInput<'retention.approve'>): Promise<PurgeApproval>;
  /** @throws AppError plan_expired, approval_refused and those of reading a file */
  readApproval(input: { readonly deploymentId: string; readonly planId: string; readonly path: string }): Promise<PurgeApproval>;
  writePlan(input: ParsedInput<'retention.writePlan'>): Promise<Written>;
  writeApproval(input: ParsedInput<'retention.writeApproval'>): Promise<Written>;
  /** The newest plan that has not ended. */
  newest(deploymentId: string): PurgePlan | null;
  /** A plan that has not ended. @throws AppError plan_expired */
  requireOpen(deploymentId: string, planId: string): PurgePlan;
  /** A plan, whatever became of it. */
  find(planId: string): PurgePlan | null;
  named(planId: string): Named;
  /** Counts anew for a stretch of time. @throws AppError cancelled */
  look(deployment: Deployment, what: { readonly days: number; readonly stretch: Stretch }, signal: AbortSignal): Promise<Looked>;
}

export interface PlansDeps {
  readonly session: Session; readonly deployments: Pick<DeploymentsService, 'get' | 'withClient'>; readonly ledger: LedgerService; readonly emitter: Emitter; readonly clock: Clock; readonly actor: string;
  readonly truth: Pick<TruthService, 'known' | 'gapsBefore'>;
  readonly observeStatus: ClockDeps['observeStatus'];
  readonly holds: HoldsPort;
  readonly signing: { key(): Promise<SigningKey>; /** Every public key that the ledger names. */ known(): readonly Buffer[] };
}

export function placeOf({ at }: KnownRetention): { readonly dep: number; readonly deploymentId: string; readonly address: string } {
  return at;
}

const expired = (message: string): AppError => new AppError('plan_expired', { message: `${message} Nothing was sent.`, hint: 'Make a new plan.' });

/** Null when it does not fit its digest. */
function asKept(body: string): PurgePlan | null {
  try {
    return checkPlan(JSON.parse(body), 'The plan');
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}

export function createPlans({ session, deployments, ledger, emitter, clock, actor, truth, observeStatus, holds, signing }: PlansDeps): Plans {
  const nowUs = (): number => clock.now() * 1000;
  const changed = (deploymentId: string): void => emitter.emit('retention.changed', { deploymentId });
  const ownKeys = async (): Promise<string[]> => [await signing.key().then(({ publicKey }) => publicKey), ...signing.known()].map(keyFingerprint);

  /** The present by the deployment's clock, less the days. @throws AppError policy_unknown */
  function stretchFor(known: KnownRetention, days: number): { readonly stretch: Stretch; readonly clockNote: string | null } {
    const isOn = known.policy.state === 'on';
    const cutoffUs = nowUs() + (isOn ? known.aheadUs : 0) - days * DAY_US;
    const clockNote = isOn && known.said?.hasOwnClock === true ? null : 'The clock of the deployment is not known; the cutoff is by the clock of this computer.';
    return { stretch: { cutoffUs, endUs: cutoffUs + WINDOW_US }, clockNote };
  }

  const SYNC_FIRST = 'Sync, so that its status is read.';
  const unknown = (message: string, hint: string): AppError => new AppError('policy_unknown', { message: `${message} Nothing was planned.`, hint });

  function daysFor({ policy }: KnownRetention, given: number | undefined): number {
    if (given !== undefined) return given;
    if (policy.state !== 'on' || policy.days === null) throw unknown(`For how long this deployment keeps rows is not known. ${policy.reason}`, 'Sync, so that its status is read, or give the days.');
    if (policy.days > MAX_RETENTION_DAYS) throw unknown(`Its rule of ${policy.days} days is longer than its purge takes.`, `Give the days: at most ${MAX_RETENTION_DAYS}.`);
    return policy.days;
  }

  /** What must be known for a plan. @throws AppError policy_unknown */
  function refuseUnknown({ policy, said }: KnownRetention): void {
    if (policy.state === 'off') throw unknown('Retention is switched off there, and while it is the deployment refuses to purge.', 'Switch it on there (AUDIT_RETENTION_ENABLED) and sync, then plan.');
    if (policy.state !== 'on') throw unknown(`Its clock and its rule are not known. ${policy.reason}`, SYNC_FIRST);
    if (said?.hasOwnClock !== true) throw unknown('Its status names no cutoff, so its clock is not known, and neither is what it would delete.', SYNC_FIRST);
    if (said.observedAtUs > nowUs() + CLOCKS_US) throw unknown(`Its status is of ${formatInstantUs(said.observedAtUs)}, later than now by the clock of this computer, which went back: a plan would be older than it is.`, SYNC_FIRST);
  }

  /** The stretch of a plan, and why no waiting counts for it; null: its cutoff is by a present that the deployment told just now, so that its clock alone shows the wait. */
  async function stretchOfPlan({ id, environment }: Deployment, days: number, signal: AbortSignal): Promise<{ readonly stretch: Stretch; readonly clockProblem: string | null }> {
    const clockProblem = environment === 'production' ? await readClock({ deployments, observeStatus, truth, clock }, id, signal) : null;
    const known = truth.known(id);
    refuseUnknown(known);
    const { said } = known;
    if (environment !== 'production' || clockProblem !== null || said === null || said.cutoffUs === null || said.days === null) return { stretch: stretchFor(known, days).stretch, clockProblem };
    const cutoffUs = said.cutoffUs + (said.days - days) * DAY_US;
    return { stretch: { cutoffUs, endUs: cutoffUs + WINDOW_US }, clockProblem };
  }

  /** What is to be known of a plan beside what it takes. */
  function planWarnings(clockProblem: string | null, replaced: readonly string[]): string[] {
    return [
      ...(clockProblem === null ? [] : [`The clock of the deployment was not read when this plan was made (${clockProblem}), so nothing could show that 24 hours passed. It is carried out with an approval, or not at all.`]),
      ...(replaced.length === 0 ? [] : [`It takes the place of ${replaced.join(', ')}, which cannot be carried out any more.`]),
    ];
  }

  async function look(deployment: Deployment, { days, stretch }: { readonly days: number; readonly stretch: Stretch }, signal: AbortSignal): Promise<Looked> {
    const known = truth.known(deployment.id);
    const place = placeOf(known);
    const emptied = emptiedAt(session.read(), place, known.noneLeft);
    const reckoner = { read: session.read, place, emptied, pace: createPace(signal, () => clock.monotonicMs()) };
    const reckoning = await reckon(reckoner, stretch);
    const gaps = truth.gapsBefore(deployment.id, stretch.endUs);
    const unread = await unreadOf(gaps, known, (beforeUs) => reckon(reckoner, { cutoffUs: beforeUs, endUs: beforeUs }));
    const held = heldThere(session.read(), { place, emptied, holds }, stretch);
    const { clockNote } = stretchFor(known, days);
    const preview = previewOf({ days, stretch, reckoning, held, gaps, unread, known, isHoldStanding: holds.isAnyStanding(session.read(), deployment.id), clockNote, isOffered: purgeOfferOf(deployment).state === 'offered' });
    return { preview, reckoning, gaps, unread, known };
  }

  function requireOpen(deploymentId: string, planId: string): PurgePlan {
    const found = findPlan(session.read(), planId);
    if (found === null || found.deploymentId !== deploymentId) throw expired('There is no such plan for this deployment.');
    if (found.replacedBy !== null) throw expired(`A newer plan, ${found.replacedBy}, took the place of this one.`);
    if (found.hasEnded) throw expired('This plan has ended: it was dropped, or it was carried out.');
    const plan = asKept(found.body);
    if (plan === null) throw expired('This plan is not kept as it was made.');
    if (nowUs() > endOf(plan)) throw expired('The time of this plan is over.');
    return plan;
  }

  function isLiving(body: string): boolean {
    const plan = asKept(body);
    return plan !== null && nowUs() <= endOf(plan);
  }

  /** Ids of plans that may still be carried out: by their windows and by what became of them. */
  function openPlans(deploymentId: string): string[] {
    return plansOf(session.read(), deploymentId, 20).filter(({ hasEnded, body }) => !hasEnded && isLiving(body)).map(({ id }) => id);
  }

  async function write(path: string, overwrite: boolean, value: unknown): Promise<Written> {
    const file = await openAtomicFile(path, overwrite ? { mayReplace: () => Promise.resolve(true) } : {});
    try {
      await file.write(`${JSON.stringify(value, null, 2)}\n`);
      return { path, ...await file.commit() };
    } catch (error) {
      await file.abort();
      throw error;
    }
  }

  return {
    look,
    requireOpen,
    async preview({ deploymentId, days }, signal) {
      const known = truth.known(deploymentId);
      const asked = daysFor(known, days);
      return (await look(deployments.get(deploymentId), { days: asked, stretch: stretchFor(known, asked).stretch }, signal)).preview;
    },

    async plan({ deploymentId, days }, signal) {
      const known = truth.known(deploymentId);
      const deployment = deployments.get(deploymentId);
      const offer = purgeOfferOf(deployment);
      if (offer.state !== 'offered') throw new AppError('not_offered', { message: `${deployment.name} cannot be purged from here, so nothing was planned. ${offer.reason}`, hint: offer.state === 'unknown' ? 'Test the connection, then plan.' : 'Have a schedule written for its server.' });
      refuseUnknown(known);
      const asked = daysFor(known, days);
      session.write();
      const madeByKey = keyFingerprint((await signing.key()).publicKey);
      const { stretch, clockProblem } = await stretchOfPlan(deployment, asked, signal);
      const madeAtUs = nowUs();
      const { preview: counted, reckoning, unread } = await look(deployment, { days: asked, stretch }, signal);
      const replaced = openPlans(deploymentId);
      const preview = { ...counted, warnings: [...counted.warnings, ...planWarnings(clockProblem, replaced)] };
      const isUnread = unread.open.length > 0 || (preview.serverCount.rows ?? 0) > preview.rows + preview.alsoDue.rows;
      if (preview.heldRows + preview.alsoDue.held > 0 || (isUnread && holds.isAnyStanding(session.read(), deploymentId))) {
        throw new AppError('rows_held', { message: `Nothing was planned. ${preview.warnings[0] ?? ''}`, hint: preview.heldRows + preview.alsoDue.held > 0 ? 'Release the hold with a reason, or choose more days.' : `${HOW_TO_READ} Or release the hold.` });
      }
      const { name, url, environment, dialect } = deployment;
      const plan = digested({
        format: PLAN_FORMAT, id: `p_${randomBytes(8).toString('hex')}`, deployment: { name, url, environment, dialect }, madeAt: formatInstantUs(madeAtUs), madeBy: actor, madeByKey,
        windows: windowsOf(environment, madeAtUs, { days: asked, isClockRead: clockProblem === null }), preview,
      });
      await recorded(ledger, { action: 'retention.planned', deployment: name, subject: `${plan.id}, ${preview.rows} rows before ${preview.cutoff}`, outcome: `plan ${plan.digest}; rows ${preview.rowsDigest}; ${preview.alsoDue.rows} more until ${preview.alsoDue.until}; ${preview.gaps.length} gaps${replaced.length === 0 ? '' : `; in the place of ${replaced.join(', ')}`}` }, async () => {
        await session.whenWritable();
        const db = session.write();
        db.transaction(() => {
          insertPlan(db, { id: plan.id, deploymentId, madeAtUs, digest: plan.digest, body: JSON.stringify(plan), rowIds: packIds(reckoning.ids), alsoDueIds: packIds(reckoning.alsoIds) });
          replacePlans(db, deploymentId, { by: plan.id, atUs: madeAtUs });
        });
      });
      changed(deploymentId);
      return plan;
    },

    drop(deploymentId, planId) {
      deployments.get(deploymentId);
      const { id } = requireOpen(deploymentId, planId);
      endPlan(session.write(), id, nowUs());
      changed(deploymentId);
    },

    async readPlan(path) {
      const { name, value } = await readFormat(path, PLAN_FORMAT);
      return checkPlan(value, name);
    },

    async approve({ path, approvedBy, note }) {
      const { name, value } = await readFormat(path, PLAN_FORMAT);
      const plan = checkPlan(value, name);
      session.write();
      const refused = (message: string): AppError => new AppError('approval_refused', { message: `${message} Nothing was signed.`, hint: 'An approval is made by somebody else, with a profile of their own, on the plan as it was written.' });
      if ((await ownKeys()).includes(plan.madeByKey)) throw refused('This plan was made with this profile.');
      if (!plan.windows.some(({ kind }) => kind === 'approved')) throw refused(`A plan for a ${plan.deployment.environment} deployment needs no approval.`);
      const window = windowAt(plan, nowUs());
      if (window?.kind !== 'approved') throw new AppError('plan_expired', { message: 'This plan is not to be approved now: its time is over, or it lies in the future by the clock of this computer. Nothing was signed.', hint: 'Have a new plan made.' });
      const approval = signApproval(plan, { approvedBy, note, atUs: nowUs(), key: await signing.key() });
      await recorded(ledger, { action: 'retention.approved', deployment: plan.deployment.name, subject: `${plan.id}, ${plan.preview.rows} rows before ${plan.preview.cutoff}`, reason: note === '' ? null : note, outcome: `plan ${plan.digest} of ${plan.deployment.url} signed by ${approvedBy}` }, async () => {
        await session.whenWritable();
        keepApproval(session.write(), { planDigest: plan.digest, body: JSON.stringify(approval), atUs: nowUs() });
      });
      return approval;
    },

    async readApproval({ deploymentId, planId, path }) {
      deployments.get(deploymentId);
      const plan = requireOpen(deploymentId, planId);
      const { value } = await readFormat(path, APPROVAL_FORMAT);
      return checkApproval(value, { plan, ownKeys: signing.known().map(keyFingerprint), nowUs: nowUs() });
    },

    async writePlan({ deploymentId, planId, path, overwrite }) {
      deployments.get(deploymentId);
      return write(path, overwrite, requireOpen(deploymentId, planId));
    },

    async writeApproval({ planDigest, path, overwrite }) {
      const kept = givenApproval(session.read(), planDigest);
      if (kept === null) throw new AppError('approval_refused', { message: 'This profile has signed no approval for this plan. Nothing was written.', hint: 'Approve the plan first.' });
      return write(path, overwrite, purgeApproval.parse(JSON.parse(kept)));
    },

    newest(deploymentId) {
      for (const { body, hasEnded } of plansOf(session.read(), deploymentId, 20)) {
        if (hasEnded) continue;
        const plan = asKept(body);
        if (plan !== null && nowUs() <= endOf(plan)) return plan;
      }
      return null;
    },

    find(planId) {
      const found = findPlan(session.read(), planId);
      return found === null ? null : purgePlan.parse(JSON.parse(found.body));
    },

    named(planId) {
      const kept = rowsOfPlan(session.read(), planId);
      return { rows: unpackIds(kept?.rowIds ?? Buffer.alloc(0)), alsoDue: unpackIds(kept?.alsoDueIds ?? Buffer.alloc(0)) };
    },
  };
}
