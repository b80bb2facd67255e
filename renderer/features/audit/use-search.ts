// What is searched for and how it is shown: query, order, columns; every way to change it (line, facet, bars, view) goes through here.
import { useState } from 'react';
import { withoutTerm, withTerm, withTimeRange } from '#shared/domain/audit-query-format.ts';
import { DEFAULT_COLUMNS, NEWEST_FIRST } from '#shared/domain/audit-search.ts';
import type { AuditColumn, AuditSort, SavedView } from '#shared/domain/audit-search.ts';
import { nextSort } from './grid/columns.ts';
import type { TimeRange } from './timeline/Histogram.tsx';

interface Shown { readonly query: string; readonly sort: AuditSort; readonly columns: readonly AuditColumn[] }

export interface SearchState extends Shown {
  /** Changes with every search that begins at the first row again. */
  readonly run: (query: string) => void;
  readonly addTerm: (term: string) => void;
  readonly removeTerm: (term: string) => void;
  /** null: the query shall name no time. */
  readonly setRange: (range: TimeRange | null) => void;
  readonly sortBy: (column: AuditColumn) => void;
  readonly setColumns: (columns: readonly AuditColumn[]) => void;
  readonly apply: (view: SavedView) => void;
}

export function useSearch(): SearchState {
  const [shown, setShown] = useState<Shown>({ query: '', sort: NEWEST_FIRST, columns: DEFAULT_COLUMNS });
  const change = (next: (now: Shown) => Partial<Shown>): void => setShown((now) => ({ ...now, ...next(now) }));
  return {
    ...shown,
    run: (query) => change(() => ({ query })),
    addTerm: (term) => change(({ query }) => ({ query: withTerm(query, term) })),
    removeTerm: (term) => change(({ query }) => ({ query: withoutTerm(query, term) })),
    setRange: (range) => change(({ query }) => ({ query: withTimeRange(query, range ?? { sinceUs: null, untilUs: null }) })),
    sortBy: (column) => change(({ sort }) => ({ sort: nextSort(sort, column) })),
    setColumns: (columns) => change(() => ({ columns })),
    apply: ({ query, sort, columns }) => change(() => ({ query, sort, columns })),
  };
}
