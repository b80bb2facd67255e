// The header of the audit grid: each column orders the rows; the arrow and aria-sort say how they are ordered now.
import { ArrowDown, ArrowUp } from 'lucide-react';
import type { AuditColumn, AuditSort } from '#shared/domain/audit-search.ts';
import type { TimeZone } from '../../../lib/format.ts';
import { columnTitle } from './columns.ts';

interface GridHeaderProps {
  readonly columns: readonly AuditColumn[];
  readonly sort: AuditSort;
  readonly zone: TimeZone;
  /** The column whose header can take the focus; -1 when the focus is among the rows. */
  readonly focusColumn: number;
  readonly onSort: (column: AuditColumn) => void;
}

export function GridHeader({ columns, sort, zone, focusColumn, onSort }: GridHeaderProps) {
  return (
    <div role="rowgroup" className="grid-header">
      <div role="row" aria-rowindex={1} className="grid-row grid-head">
        {columns.map((column, at) => {
          const isSorted = sort.by === column;
          const Arrow = sort.direction === 'asc' ? ArrowUp : ArrowDown;
          return (
            <div key={column} role="columnheader" aria-colindex={at + 1} aria-sort={isSorted ? (sort.direction === 'asc' ? 'ascending' : 'descending') : 'none'} className={`cell cell-${column}`}>
              <button type="button" className="sort-button" tabIndex={focusColumn === at ? 0 : -1} data-roving={focusColumn === at || undefined} onClick={() => onSort(column)}>
                <span className="cut">{column === 'time' ? `Time, ${zone === 'utc' ? 'UTC' : 'local'}` : columnTitle(column)}</span>
                {isSorted ? <Arrow size={11} strokeWidth={2.4} aria-hidden /> : null}
              </button>
            </div>
          );
        })}
      </div>
    </div>
  );
}
