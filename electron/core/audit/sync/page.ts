// Reads one answer of a deployment as evidence: its order, its oldest instant, and the places of rows that could not be read. It decides nothing.
import type { NaviRow, NaviRows } from '../../deployments/service.ts';
import { BEGINNING, PRESENT } from './coverage.ts';
import type { Range } from './coverage.ts';

export interface Rejections {
  /** Where unreadable rows stand: between their readable neighbours, both included. */
  readonly places: readonly (Range & { readonly reason: string })[];
  /** Unreadable rows after the last readable one: how old they are is not known. */
  readonly trailing: number;
}

/** True when no row is newer than the one before it: only then does an answer prove anything of the time between its rows. */
export function isNewestFirst(rows: readonly NaviRow[]): boolean {
  return rows.every((row, index) => index === 0 || row.createdAtUs <= (rows[index - 1]?.createdAtUs ?? PRESENT));
}

export function oldestOf(rows: readonly NaviRow[]): number | null {
  return rows.reduce<number | null>((low, row) => (low === null || row.createdAtUs < low ? row.createdAtUs : low), null);
}

/** The newest time that is not ahead of `nowUs`: a row with a time that is still to come says nothing of what was read. */
export function newestOf(rows: readonly NaviRow[], nowUs: number): number | null {
  return rows.reduce<number | null>((high, row) => (row.createdAtUs <= nowUs && (high === null || row.createdAtUs > high) ? row.createdAtUs : high), null);
}

/** Finds the places of rejected rows by their position in the answer. */
export function rejectionsOf({ rows, rejected, received }: Pick<NaviRows, 'rows' | 'rejected' | 'received'>): Rejections {
  if (rejected.length === 0) return { places: [], trailing: 0 };
  const reasons = new Map(rejected.map(({ index, reason }) => [index, reason]));
  const places: (Range & { reason: string })[] = [];
  let next = 0;
  let trailing = 0;
  for (let index = 0; index < received; index += 1) {
    const reason = reasons.get(index);
    if (reason === undefined) {
      next += 1;
      trailing = 0;
      continue;
    }
    trailing += 1;
    places.push({ fromUs: rows[next]?.createdAtUs ?? BEGINNING, toUs: rows[next - 1]?.createdAtUs ?? PRESENT, reason: `A row of an answer could not be read: ${reason}` });
  }
  return { places: places.slice(0, places.length - trailing), trailing };
}
