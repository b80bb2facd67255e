// The truth about a deployment's retention, from the cache: its policy, the ages of its rows, whether it deletes, and what comes due. It asks nobody.
import type { CoverageSegment } from '#shared/domain/audit-coverage.ts';
import type { AuditGap } from '#shared/domain/audit-event.ts';
import type { RetentionView } from '#shared/contract/retention.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import { DAY_US } from '#shared/domain/retention.ts';
import type { DueBy } from '#shared/domain/retention.ts';
import { formatInstantUs } from '#shared/domain/time.ts';
import { latestSync } from '../../audit/queries.ts';
import { createPace } from '../../audit/witness/pace.ts';
import { deploymentNumber } from '../../audit/store.ts';
import type { DeploymentsService } from '../../deployments/service.ts';
import type { Clock } from '../../ports.ts';
import type { Session } from '../../session.ts';
import { membersByStep, standingHoldsOf } from '../holds/hold-queries.ts';
import { unpreserved } from '../holds/membership.ts';
import { refuseKaren } from '../holds/service.ts';
import { inStandingVault, timeEnds } from './age-queries.ts';
import { agesOf, barsOf, countAges, olderThan } from './ages.ts';
import { gapsBefore } from './gaps.ts';
import { knownRetention } from './known.ts';
import type { KnownRetention } from './known.ts';
import { purgeOfferOf } from './purge-offer.ts';
import { gatherSigns } from './signs.ts';
import { verdictOf } from './verdict.ts';

const DUE_DAYS = [7, 30, 90];

export type Truth = Pick<RetentionView, 'deploymentId' | 'policy' | 'verdict' | 'ages' | 'due' | 'purge' | 'isReadOnly'>;

export interface TruthService {
  /** @throws AppError deployment_not_found, not_offered */
  show(deploymentId: string, signal?: AbortSignal): Promise<Truth>;
  /** The policy alone, for those who plan and verify. @throws AppError deployment_not_found, not_offered */
  known(deploymentId: string): KnownRetention;
  /** Stretches before a time that were never read completely; null: of any time. */
  gapsBefore(deploymentId: string, cutoffUs: number | null): AuditGap[];
  /** Counts what came by age, so that the next look is quick; call it after a sync or an import. What fails is counted the next time. */
  countAfterSync(deploymentId: string, options?: { readonly signal?: AbortSignal }): Promise<void>;
}

export interface TruthDeps {
  readonly session: Session; readonly deployments: DeploymentsService; readonly clock: Clock;
  readonly coverage: (deploymentId: string) => readonly CoverageSegment[];
}

export function createTruth({ session, deployments, clock, coverage }: TruthDeps): TruthService {
  const nowUs = (): number => clock.now() * 1000;
  const paceOf = (signal: AbortSignal | undefined): (() => Promise<void>) => {
    const pace = createPace(signal ?? null, () => clock.monotonicMs());
    return () => pace.turn();
  };

  function asked(deploymentId: string): Deployment {
    const deployment = deployments.get(deploymentId);
    refuseKaren(deployment);
    return deployment;
  }

  const knownOf = (deployment: Deployment): KnownRetention => knownRetention(session.read(), { deployment, token: deployments.tokenFingerprint(deployment.id), nowUs: nowUs() });

  /** Times of rows that are under a standing hold and not in the vault yet, each row once. */
  async function waiting(dep: number, pause: () => Promise<void>): Promise<readonly number[]> {
    const found = new Map<number, number>();
    for (const hold of standingHoldsOf(session.read(), dep)) {
      for (const places of unpreserved(session.read(), dep, hold)) {
        for (const { id, createdAtUs } of places) found.set(id, createdAtUs);
        await pause();
      }
    }
    if (found.size === 0) return [];
    const kept = inStandingVault(session.read(), dep, [...found.keys()]);
    return [...found].flatMap(([id, us]) => (kept.has(id) ? [] : [us]));
  }

  return {
    known: (deploymentId) => knownOf(asked(deploymentId)),
    gapsBefore: (deploymentId, cutoffUs) => gapsBefore(coverage(deploymentId), cutoffUs),

    async countAfterSync(deploymentId, { signal } = {}) {
      await countAges({ session, dep: deploymentNumber(session.read(), deploymentId), pause: paceOf(signal) });
    },

    async show(deploymentId, signal) {
      const deployment = asked(deploymentId);
      const pause = paceOf(signal);
      const dep = deploymentNumber(session.read(), deploymentId);
      const groups = await agesOf({ session, dep, pause });
      const late = await waiting(dep, pause);
      const db = session.read();
      const known = knownOf(deployment);
      const { cutoffUs } = known;
      const now = nowUs();
      const { signs, seenPastCutoff, lack } = gatherSigns({ db, known, groups, nowUs: now });
      const ends = timeEnds(db, dep);
      const holdIds = standingHoldsOf(db, dep).map(({ id }) => id);

      const heldBySteps = (grid: { readonly fromUs: number; readonly toUs: number; readonly stepUs: number }): Map<number, number> => {
        const held = new Map(holdIds.length === 0 ? [] : membersByStep(db, holdIds, grid).map(({ step, rows }) => [step, rows] as const));
        for (const us of late) {
          if (us < grid.fromUs || us >= grid.toUs) continue;
          const step = Math.floor((us - grid.fromUs) / grid.stepUs);
          held.set(step, (held.get(step) ?? 0) + 1);
        }
        return held;
      };
      const older = (us: number): { readonly rows: number; readonly bytes: number } => olderThan(db, { dep, groups }, us);
      const dueBy = (cutoff: number, days: number): DueBy => {
        const end = cutoff + days * DAY_US;
        const [present, then] = [older(cutoff), older(end)];
        const held = [...heldBySteps({ fromUs: cutoff, toUs: end, stepUs: days * DAY_US }).values()].reduce((sum, n) => sum + n, 0);
        return { days, by: formatInstantUs(now + days * DAY_US), rows: then.rows - present.rows, bytes: then.bytes - present.bytes, held };
      };
      const bars = ends === null ? { stepDays: 1, bars: [] } : barsOf({ groups, ...ends, cutoffUs, heldBySteps });
      const sync = latestSync(db, { deploymentId, address: deployment.url });
      return {
        deploymentId, policy: known.policy,
        verdict: verdictOf({ policy: known.policy, doubtedNoneUs: known.doubtedNoneUs, signs, lack, nowUs: now }),
        ages: {
          rows: groups.reduce((sum, { rows }) => sum + rows, 0),
          oldestAt: ends === null ? null : formatInstantUs(ends.oldestUs), newestAt: ends === null ? null : formatInstantUs(ends.newestUs),
          pastCutoff: cutoffUs === null ? null : older(cutoffUs).rows, seenPastCutoff: cutoffUs === null ? null : seenPastCutoff,
          syncedAt: sync === null ? null : formatInstantUs(sync.endedAtUs), gaps: gapsBefore(coverage(deploymentId), cutoffUs), ...bars,
        },
        due: cutoffUs === null ? [] : DUE_DAYS.map((days) => dueBy(cutoffUs, days)),
        purge: purgeOfferOf(deployment), isReadOnly: deployment.readOnly,
      };
    },
  };
}
