// The columns of the audit grid: their names, their widths, and what a row must leave out when room is short; it draws nothing.
import type { AuditColumn, AuditSort } from '#shared/domain/audit-search.ts';
import { AUDIT_COLUMNS } from '#shared/domain/audit-search.ts';

interface ColumnLook {
  readonly title: string;
  /** Never less. */
  readonly minPx: number;
  /** Enough to be read; columns are left out before others fall below it. */
  readonly goodPx: number;
  /** Share of the room that is left; 0 for columns of one width. */
  readonly share: number;
  /** Which way the first click sorts. */
  readonly sortsFirst: AuditSort['direction'];
}

const LOOKS: Readonly<Record<AuditColumn, ColumnLook>> = {
  time: { title: 'Time', minPx: 128, goodPx: 128, share: 0, sortsFirst: 'desc' },
  id: { title: 'Id', minPx: 88, goodPx: 88, share: 0, sortsFirst: 'desc' },
  method: { title: 'Method', minPx: 64, goodPx: 64, share: 0, sortsFirst: 'asc' },
  route: { title: 'Route', minPx: 96, goodPx: 140, share: 2, sortsFirst: 'asc' },
  event: { title: 'Type', minPx: 80, goodPx: 100, share: 1, sortsFirst: 'asc' },
  actor: { title: 'Actor', minPx: 80, goodPx: 110, share: 1.2, sortsFirst: 'asc' },
  org: { title: 'Org', minPx: 56, goodPx: 60, share: 0.6, sortsFirst: 'asc' },
  resource: { title: 'Resource', minPx: 76, goodPx: 84, share: 0.8, sortsFirst: 'asc' },
  status: { title: 'Status', minPx: 60, goodPx: 60, share: 0, sortsFirst: 'desc' },
  payload: { title: 'Payload', minPx: 118, goodPx: 208, share: 2, sortsFirst: 'asc' },
};
/** A time of another year has the year in it. */
const TIME_WITH_YEAR_PX = 166;
/** Left out one after the other when the grid is narrow; all of it stands in the detail. */
const FIRST_TO_GO: readonly AuditColumn[] = ['org', 'resource', 'event', 'id', 'method'];
const GRID_PADDING_PX = 16;

export function columnTitle(column: AuditColumn): string {
  return LOOKS[column].title;
}

/** In the order in which they are always shown. */
export function inOrder(columns: ReadonlySet<AuditColumn>): readonly AuditColumn[] {
  return AUDIT_COLUMNS.filter((column) => columns.has(column));
}

/** The columns that fit; at least one stays. */
export function columnsThatFit(columns: readonly AuditColumn[], widthPx: number, hasYear: boolean): readonly AuditColumn[] {
  let shown = columns;
  for (const column of FIRST_TO_GO) {
    if (widthOf(shown, hasYear, 'goodPx') <= widthPx || shown.length === 1) break;
    shown = shown.filter((one) => one !== column);
  }
  return shown.length === 0 ? columns.slice(0, 1) : shown;
}

const widthOf = (columns: readonly AuditColumn[], hasYear: boolean, which: 'minPx' | 'goodPx'): number => columns.reduce((sum, column) => sum + (column === 'time' && hasYear ? TIME_WITH_YEAR_PX : LOOKS[column][which]), GRID_PADDING_PX);

/** Below this the grid scrolls sideways. */
export function leastPx(columns: readonly AuditColumn[], hasYear: boolean): number {
  return widthOf(columns, hasYear, 'minPx');
}

/** For grid-template-columns: where there is room for it every column can be read, before shares are given out. */
export function columnTracks(columns: readonly AuditColumn[], { widthPx, hasYear }: { readonly widthPx: number; readonly hasYear: boolean }): string {
  const which = widthOf(columns, hasYear, 'goodPx') <= widthPx ? 'goodPx' : 'minPx';
  return columns.map((column) => {
    const { share } = LOOKS[column];
    const least = column === 'time' && hasYear ? TIME_WITH_YEAR_PX : LOOKS[column][which];
    return share === 0 ? `${least}px` : `minmax(${least}px, ${share}fr)`;
  }).join(' ');
}

/** The order after a click on a header: the column's own way first, then the other way round. */
export function nextSort(sort: AuditSort, column: AuditColumn): AuditSort {
  if (sort.by !== column) return { by: column, direction: LOOKS[column].sortsFirst };
  return { by: column, direction: sort.direction === 'asc' ? 'desc' : 'asc' };
}
