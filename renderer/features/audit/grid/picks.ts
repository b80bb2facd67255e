// Which rows an action will take: none, those picked one by one, or all of the view as its query; it never holds a list of ids for "all".
import type { AuditEvent } from '#shared/domain/audit-event.ts';

/** More than this are taken as a query, not one by one. */
export const MAX_PICKED = 10_000;

export interface Picks {
  /** All rows of the view, whatever they are by then: the query stands for them. */
  readonly isAll: boolean;
  /** Ids, and whether each one's payload is encrypted. */
  readonly ids: ReadonlyMap<number, boolean>;
  /** The row from which Shift extends. */
  readonly fromRow: number | null;
}

export const NO_PICKS: Picks = { isAll: false, ids: new Map(), fromRow: null };
export const ALL_PICKED: Picks = { isAll: true, ids: new Map(), fromRow: null };

export function hasPicks(picks: Picks): boolean {
  return picks.isAll || picks.ids.size > 0;
}

/** x: picks a row, or lets it go. From "all" it begins anew with this row, because "all but one" is no list we hold. */
export function toggled(picks: Picks, event: AuditEvent, row: number): Picks {
  if (picks.isAll) return { isAll: false, ids: new Map([[event.id, event.payloadState === 'encrypted']]), fromRow: row };
  const ids = new Map(picks.ids);
  if (!ids.delete(event.id) && ids.size < MAX_PICKED) ids.set(event.id, event.payloadState === 'encrypted');
  return { isAll: false, ids, fromRow: row };
}

/** Shift: picks these rows as well; `fromRow` stays where the stretch began. */
export function extended(picks: Picks, events: readonly AuditEvent[], fromRow: number): Picks {
  const ids = new Map(picks.isAll ? [] : picks.ids);
  for (const event of events) {
    if (ids.size >= MAX_PICKED) break;
    ids.set(event.id, event.payloadState === 'encrypted');
  }
  return { isAll: false, ids, fromRow };
}

export function encryptedAmong(picks: Picks): number {
  let count = 0;
  for (const isEncrypted of picks.ids.values()) if (isEncrypted) count += 1;
  return count;
}
