// Looks whether a purge whose answer was lost has happened: what it named, and what lies just beyond. It keeps what it saw, and sends nothing that changes anything.
import type { PurgePlan } from '#shared/domain/retention-plan.ts';
import { AppError } from '#shared/errors.ts';
import { deploymentNumber } from '../../audit/store.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import { isGone } from '../plans/belief.ts';
import { stretchOf } from '../plans/plan-file.ts';
import { tracesOfIds } from '../plans/plan-queries.ts';
import { emptiedAt } from '../plans/reckoning.ts';
import type { Named } from '../plans/service.ts';
import { readStatus } from '../truth/policy.ts';
import { createLooker, lookFor } from './looking.ts';
import type { Found } from './looking.ts';
import { insertStep, rowsFrom, timesOf } from './run-queries.ts';
import type { RunRow } from './run-queries.ts';
import type { PurgesDeps } from './service.ts';
import { judge } from './settle.ts';
import type { Judgement } from './settle.ts';
import { statusPart } from './status-queries.ts';

const MOST_NAMED = 30;
const KEPT = 5;
const SOURCE_MAX = 5000;

export interface Settling { settle(what: { readonly run: RunRow; readonly plan: PurgePlan; readonly named: Named }, signal: AbortSignal): Promise<void> }

export function createSettling({ session, deployments, ledger, clock, holds, known, observeStatus }: PurgesDeps): Settling {
  const nowUs = (): number => clock.now() * 1000;

  async function keep(run: RunRow, plan: PurgePlan, { found, judgement }: { readonly found: readonly Found[]; readonly judgement: Judgement }): Promise<void> {
    await session.whenWritable();
    const db = session.write();
    const dep = deploymentNumber(db, run.deploymentId);
    db.transaction(() => {
      const seen = found.flatMap(({ sights }) => [...sights]).slice(0, SOURCE_MAX).map(([eventId, { isThere, source, atUs }]) => ({ dep, address: run.address, eventId, isThere, source, atUs }));
      holds.recordPresence(db, seen);
      insertStep(db, run.id, { state: judgement.state, atUs: nowUs(), deleted: null, serverCutoffUs: null, message: judgement.message, ledgerEntry: null });
    });
    await ledger.append({ action: 'retention.purge.settled', deployment: plan.deployment.name, subject: `${run.id}, plan ${plan.id}`, outcome: `${judgement.state}: ${judgement.message}` });
  }

  /** What the status counts, where it counts by the same days. */
  function overdueWords({ deploymentId, days, address }: RunRow): string | null {
    const status = statusPart(session.read(), { deploymentId, address });
    if (status === null) return null;
    const said = readStatus(status.part, status);
    return said.state !== 'on' || said.days !== days || said.overdue === null ? null : `Its status counts ${said.overdue} rows older than ${days} days.`;
  }

  /** Some rows just after a time that should be there: neither due by the rule nor known to be gone. */
  function expectedFrom(deploymentId: string, endUs: number): readonly { readonly id: number; readonly createdAtUs: number }[] {
    const { at: place, cutoffUs, noneLeft } = known(deploymentId);
    const db = session.read();
    const emptied = emptiedAt(db, place, noneLeft);
    const next = rowsFrom(db, place.dep, { fromUs: Math.max(endUs, cutoffUs ?? endUs), limit: 10 * KEPT });
    return tracesOfIds(db, place, next.map(({ id }) => id)).filter((row) => row.cameUs !== null && !isGone(row, emptied)).toSorted((a, b) => a.createdAtUs - b.createdAtUs || a.id - b.id).slice(0, KEPT);
  }

  return {
    async settle({ run, plan, named }, signal) {
      const dep = deploymentNumber(session.read(), run.deploymentId);
      const { endUs } = stretchOf(plan);
      const times = timesOf(session.read(), dep, named.rows);
      const after = expectedFrom(run.deploymentId, endUs);
      const ends = [plan.preview.first?.id, plan.preview.last?.id].filter((id) => id !== undefined);
      await deployments.withClient(run.deploymentId, signal, async (client, deployment: Deployment, retries) => {
        if (deployment.url !== run.address) throw new AppError('not_offered', { message: `${deployment.name} has moved to another address since this purge. Whether it happened cannot be seen from there.`, hint: 'Set the address of that time again, then look.' });
        await observeStatus(run.deploymentId, client, signal).catch((error: unknown) => { if (!(error instanceof AppError) || error.code === 'cancelled') throw error; });
        const looker = createLooker({ client, retries, clock, signal });
        const list = await looker.list();
        const found = await lookFor(looker, list, { ids: named.rows, times, most: MOST_NAMED, always: ends });
        const kept = await lookFor(looker, list, { ids: after.map(({ id }) => id), times: new Map(after.map(({ id, createdAtUs }) => [id, createdAtUs])), most: KEPT });
        const judgement = judge({ named: found, kept, planned: named.rows.length, sinceUs: nowUs() - run.startedAtUs, overdue: overdueWords(run) });
        await keep(run, plan, { found: [found, kept], judgement });
      });
    },
  };
}
