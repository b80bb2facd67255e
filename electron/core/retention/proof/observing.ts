// Looks at a deployment for a certificate: its status between two answers of its database, its list, and rows that should be gone, kept or held. It changes nothing there.
import { AppError } from '#shared/errors.ts';
import type { Pace } from '../../audit/witness/pace.ts';
import type { ReadDb } from '../../db/sql.ts';
import type { NaviClient } from '../../deployments/service.ts';
import type { Emptied } from '../plans/belief.ts';
import { rowsBefore, tracesOfIds } from '../plans/plan-queries.ts';
import type { Place } from '../plans/plan-queries.ts';
import { lookFor } from '../purge/looking.ts';
import type { Found, ListSeen, Looker } from '../purge/looking.ts';
import { statusPart } from '../purge/status-queries.ts';
import { readStatus } from '../truth/policy.ts';
import type { StatusSaid } from '../truth/policy.ts';
import type { Look, Status } from './checks.ts';
import { broughtFrom } from './proof-queries.ts';

const AT_ONCE = 2000;
const MOST = { gone: 120, kept: 40, held: 60 };

export interface Wanted {
  /** Rows that should be gone; null: every cached row older than `goneBeforeUs`. */
  readonly named: readonly number[] | null;
  /** Given the status that was just read; null without a cutoff. */
  readonly bounds: (said: StatusSaid | null) => { readonly goneBeforeUs: number | null; readonly keptFromUs: number | null };
  /** What was missed before this is not expected. */
  readonly missedBeforeUs: number;
  readonly purged: readonly Emptied[];
  readonly heldIds: readonly number[];
}

export interface Observed {
  readonly status: Status;
  readonly list: ListSeen | { readonly lack: string };
  readonly goneBeforeUs: number | null;
  readonly keptFromUs: number | null;
  readonly gone: Look;
  readonly kept: Look;
  readonly held: Look;
}

export interface Observing {
  readonly read: () => ReadDb; readonly place: Place; readonly client: NaviClient; readonly looker: Looker; readonly pace: Pace; readonly nowUs: () => number;
  readonly observeStatus: () => Promise<void>;
}

/** What stands in the way of one look and may leave others possible. A refused token or a cancel stops everything. */
const lackOf = (error: unknown): { readonly lack: string } => {
  if (!(error instanceof AppError) || ['cancelled', 'unauthorized', 'forbidden', 'profile_locked', 'read_only'].includes(error.code)) throw error;
  return { lack: error.message };
};

async function older({ read, place, pace }: Observing, beforeUs: number): Promise<Map<number, number>> {
  const found = new Map<number, number>();
  for (let after: { readonly createdAtUs: number; readonly id: number } | null = null; ;) {
    const page = rowsBefore(read(), place, { beforeUs, throughSeq: Number.MAX_SAFE_INTEGER, after, limit: AT_ONCE });
    for (const { id, createdAtUs } of page) found.set(id, createdAtUs);
    after = page.at(-1) ?? null;
    if (page.length < AT_ONCE) return found;
    await pace.turn();
  }
}

async function younger({ read, place, pace }: Observing, fromUs: number, { missedBeforeUs, purged }: Wanted): Promise<Map<number, number>> {
  const found = new Map<number, number>();
  for (let after: { readonly createdAtUs: number; readonly id: number } | null = null; ;) {
    const page = broughtFrom(read(), place, { fromUs, after, limit: AT_ONCE });
    for (const { id, createdAtUs, missedUs } of page) {
      if ((missedUs === null || missedUs > missedBeforeUs) && !purged.some(({ cutoffUs }) => createdAtUs < cutoffUs)) found.set(id, createdAtUs);
    }
    after = page.at(-1) ?? null;
    if (page.length < AT_ONCE) return found;
    await pace.turn();
  }
}

/** @throws AppError when neither status nor list could be read, and for what stops everything */
export async function observe(work: Observing, wanted: Wanted): Promise<Observed> {
  const { looker, read, place, nowUs } = work;
  const first = await looker.list().catch(lackOf);
  const askedUs = nowUs();
  const status = await work.observeStatus().then(() => statusPart(read(), place), lackOf);
  const list = await looker.list().catch(lackOf);
  if ('lack' in list && status !== null && 'lack' in status) throw new AppError('server_unavailable', { message: `Nothing could be looked at, so nothing was certified. ${list.lack}`, hint: 'Try again when the deployment answers.' });
  const isRead = status !== null && !('lack' in status) && status.observedAtUs >= askedUs;
  const said = isRead ? readStatus(status.part, status) : null;
  const { goneBeforeUs, keptFromUs } = wanted.bounds(said);

  const look = async (times: ReadonlyMap<number, number>, ids: readonly number[], most: number): Promise<Look> => {
    if ('lack' in list) return list;
    try {
      const byTime = ids.toSorted((a, b) => (times.get(a) ?? 0) - (times.get(b) ?? 0) || a - b);
      return { total: byTime.length, found: await lookFor(looker, list, { ids: byTime, times, most }) };
    } catch (error) {
      return lackOf(error);
    }
  };
  const goneTimes = wanted.named === null ? (goneBeforeUs === null ? new Map<number, number>() : await older(work, goneBeforeUs)) : new Map(tracesOfIds(read(), place, wanted.named).map(({ id, createdAtUs }) => [id, createdAtUs] as const));
  const gone = goneBeforeUs === null ? { lack: 'Without a rule that is on there is no cutoff.' } : await look(goneTimes, wanted.named ?? [...goneTimes.keys()], MOST.gone);
  const keptTimes = keptFromUs === null ? new Map<number, number>() : await younger(work, keptFromUs, wanted);
  const kept = keptFromUs === null ? { lack: 'Without a rule that is on there is no cutoff.' } : await look(keptTimes, [...keptTimes.keys()], MOST.kept);
  const heldTimes = new Map(tracesOfIds(read(), place, wanted.heldIds).map(({ id, createdAtUs }) => [id, createdAtUs] as const));
  const held = await look(heldTimes, wanted.heldIds, MOST.held);
  return {
    list, goneBeforeUs, keptFromUs, gone, kept, held,
    status: said === null ? { lack: status !== null && 'lack' in status ? status.lack : 'The status could not be kept.' } : { said, isDatabaseShown: !('lack' in first) && !('lack' in list) },
  };
}

/** Everything that was seen of single rows, for keeping. */
export function sightsOf(looks: readonly Look[]): Found['sights'] {
  return new Map(looks.flatMap((look) => ('lack' in look ? [] : [...look.found.sights])));
}
