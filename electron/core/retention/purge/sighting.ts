// Looks at single rows before anything is sent: those that were taken for gone without ever being looked for, and those on whose presence a count was believed.
import type { NaviClient } from '../../deployments/service.ts';
import type { RetryBudget } from '../../deployments/retry.ts';
import { isGone } from '../plans/belief.ts';
import { stretchOf } from '../plans/plan-file.ts';
import { tracesOfIds } from '../plans/plan-queries.ts';
import { emptiedAt } from '../plans/reckoning.ts';
import type { Looked } from '../plans/service.ts';
import type { Order } from './carrying.ts';
import { planChanged } from './checking.ts';
import { createLooker, lookFor, spread } from './looking.ts';
import type { ListSeen, Sight } from './looking.ts';
import { timesOf } from './run-queries.ts';
import type { PurgesDeps } from './service.ts';

/** Rows of each kind that are asked for one by one, at most. */
const ASKED_AT_MOST = 40;

export interface Way { readonly client: NaviClient; readonly retries: RetryBudget; readonly signal: AbortSignal }

export interface Sighting {
  /** Keeps what shows that rows which were taken for gone are there: what follows then counts them. */
  noteReturned(order: Order, way: Way): Promise<void>;
  /** Named rows that a count was believed by must be there, or another row may have been counted in their place. @throws AppError plan_changed */
  requireNamed(order: Order, looked: Looked, way: Way): Promise<void>;
}

export function createSighting({ session, clock, holds, known }: PurgesDeps): Sighting {
  async function keep({ deploymentId }: Order, sights: ReadonlyMap<number, Sight>): Promise<void> {
    if (sights.size === 0) return;
    const { at: place } = known(deploymentId);
    await session.whenWritable();
    const db = session.write();
    db.transaction(() => holds.recordPresence(db, [...sights].map(([eventId, { isThere, source, atUs }]) => ({ dep: place.dep, address: place.address, eventId, isThere, source, atUs }))));
  }

  /** Rows that the list gives although they were taken for gone: they must be named, or nothing is sent. */
  function inListAgain({ deploymentId, plan }: Order, { times, atUs }: ListSeen): Map<number, Sight> {
    const { endUs } = stretchOf(plan);
    const old = [...times].filter(([, createdAtUs]) => createdAtUs < endUs).map(([id]) => id);
    const { at: place, noneLeft } = known(deploymentId);
    const emptied = emptiedAt(session.read(), place, noneLeft);
    const back = old.length === 0 ? [] : tracesOfIds(session.read(), place, old).filter((row) => isGone(row, emptied));
    return new Map(back.map(({ id }) => [id, { isThere: true, source: 'GET /api/audit?limit=1000', atUs }]));
  }

  /** Held rows of which only a count, or an answer to an earlier purge, says that they are gone. The newest of them went last, if they went. */
  function heldAndInferred({ deploymentId, plan }: Order): readonly { readonly id: number; readonly createdAtUs: number }[] {
    const { at: place, noneLeft } = known(deploymentId);
    const db = session.read();
    const { ids } = holds.heldBefore(db, deploymentId, { toUs: stretchOf(plan).endUs });
    if (ids.size === 0) return [];
    const emptied = emptiedAt(db, place, noneLeft);
    return tracesOfIds(db, place, [...ids]).filter((row) => isGone(row, emptied) && !isGone(row, [])).toSorted((a, b) => b.createdAtUs - a.createdAtUs || b.id - a.id);
  }

  return {
    async noteReturned(order, { client, retries, signal }) {
      const looker = createLooker({ client, retries, clock, signal });
      const list = await looker.list();
      await keep(order, inListAgain(order, list));
      const inferred = heldAndInferred(order);
      if (inferred.length === 0) return;
      const times = new Map(inferred.map(({ id, createdAtUs }) => [id, createdAtUs]));
      const found = await lookFor(looker, list, { ids: inferred.map(({ id }) => id), times, most: ASKED_AT_MOST });
      await keep(order, found.sights);
    },

    async requireNamed(order, { reckoning, unread }, { client, retries, signal }) {
      if (unread.closed.length === 0 || reckoning.ids.length === 0) return;
      const { at: place } = known(order.deploymentId);
      const looker = createLooker({ client, retries, clock, signal });
      const list = await looker.list();
      const times = timesOf(session.read(), place.dep, reckoning.ids);
      // From the oldest to the newest, whatever their numbers are.
      const ids = reckoning.ids.toSorted((a, b) => (times.get(a) ?? 0) - (times.get(b) ?? 0) || a - b);
      const found = await lookFor(looker, list, { ids, times, most: ASKED_AT_MOST, always: spread(ids, ASKED_AT_MOST) });
      if (found.gone.length === 0) return;
      await keep(order, found.sights);
      throw planChanged(`Of the rows that it names, some are gone (${found.gone.slice(0, 5).join(', ')}), so the count of the deployment, by which a stretch that nobody has read was taken to be empty, counted others.`);
    },
  };
}
