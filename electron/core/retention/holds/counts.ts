// What is known of the rows under one hold: how many, how many of them are safe, what comes due, what has vanished.
import { DAY_US, DUE_SOON_DAYS } from '#shared/domain/retention.ts';
import type { HoldCounts } from '#shared/domain/retention-hold.ts';
import type { ReadDb } from '../../db/sql.ts';
import { memberCounts, membersBetween } from './hold-queries.ts';
import type { HoldRow } from './hold-queries.ts';
import { unpreserved } from './membership.ts';

export interface Counted { readonly counts: HoldCounts; /** Of its oldest row. */ readonly oldestUs: number | null }

export interface Counting {
  readonly db: () => ReadDb;
  readonly dep: number;
  /** Rows older than this are due; null where no policy is known. */
  readonly cutoffUs: number | null;
  readonly vanished: number;
  /** Called between two pieces. */
  readonly pause: () => Promise<void>;
}

/** A released hold keeps what it had; it takes nothing in any more. */
export async function countHold({ db, dep, cutoffUs, vanished, pause }: Counting, hold: HoldRow): Promise<Counted> {
  const kept = memberCounts(db(), hold.id);
  const soonUs = cutoffUs === null ? null : cutoffUs + DUE_SOON_DAYS * DAY_US;
  let rows = kept.rows;
  let oldestUs = kept.oldestUs;
  let due = cutoffUs === null ? 0 : membersBetween(db(), hold.id, { fromUs: Number.MIN_SAFE_INTEGER, toUs: cutoffUs });
  let dueSoon = cutoffUs === null || soonUs === null ? 0 : membersBetween(db(), hold.id, { fromUs: cutoffUs, toUs: soonUs });
  if (hold.released === null) {
    for (const places of unpreserved(db(), dep, hold)) {
      for (const { createdAtUs } of places) {
        rows += 1;
        if (oldestUs === null || createdAtUs < oldestUs) oldestUs = createdAtUs;
        if (cutoffUs !== null && createdAtUs < cutoffUs) due += 1;
        else if (soonUs !== null && createdAtUs < soonUs) dueSoon += 1;
      }
      await pause();
    }
  }
  return { counts: { rows, preserved: kept.rows, withoutPayload: kept.withoutPayload, dueSoon, due, vanished }, oldestUs };
}
