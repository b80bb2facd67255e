// The events as a virtual grid with real grid semantics: one cell holds the focus, keys move it and pick rows; it draws only rows in sight.
import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import type { KeyboardEvent, MouseEvent, RefObject } from 'react';
import type { AuditColumn, AuditSort } from '#shared/domain/audit-search.ts';
import { useNow } from '../../../lib/clock.ts';
import { useSettings } from '../../../lib/settings.ts';
import { columnsThatFit, columnTracks, leastPx } from './columns.ts';
import { EventRow } from './EventRow.tsx';
import { gridCommand } from './grid-keys.ts';
import type { GridCommand, GridPosition } from './grid-keys.ts';
import { GridHeader } from './GridHeader.tsx';
import { hasPicks } from './picks.ts';
import type { Picks } from './picks.ts';
import { ROW_PX, trackPx } from './scroll-scale.ts';
import type { SparseRows } from './sparse-rows.ts';
import { useRowWindow } from './use-row-window.ts';

const HEADER_PX = 26;

interface AuditGridProps {
  readonly rows: SparseRows;
  /** Rows in all; null while they are being counted. */
  readonly matching: number | null;
  readonly columns: readonly AuditColumn[];
  readonly sort: AuditSort;
  readonly onSort: (column: AuditColumn) => void;
  readonly position: GridPosition;
  readonly moves: number | null;
  /** The event that is read beside the grid. */
  readonly currentId: number | null;
  readonly picks: Picks;
  readonly onCommand: (command: GridCommand) => void;
  readonly heldKeys: ReadonlySet<string> | null;
  /** The oldest row is of another year, so times need more room. */
  readonly hasYear: boolean;
  readonly isBusy: boolean;
  readonly scrollRef: RefObject<HTMLDivElement | null>;
}

export function AuditGrid({ rows, matching, columns, sort, onSort, position, moves, currentId, picks, onCommand, heldKeys, hasYear, isBusy, scrollRef }: AuditGridProps) {
  const { times: zone } = useSettings();
  const year = new Date(useNow()).getUTCFullYear();
  // Stays the same within a year, so that rows are not drawn again as the clock ticks.
  const nowMs = useMemo(() => Date.UTC(year, 6, 1), [year]);
  useSyncExternalStore(rows.subscribe, rows.version);
  const counted = rows.end() ?? matching;
  const count = counted ?? rowsKnown(rows);
  const look = useRowWindow(scrollRef, { rows: count, headerPx: HEADER_PX });
  const { first, last, show } = look;
  const shown = useMemo(() => (look.widthPx === 0 ? columns : columnsThatFit(columns, look.widthPx, hasYear)), [columns, look.widthPx, hasYear]);
  const row = Math.min(position.row, count - 1);
  const column = Math.min(position.column, shown.length - 1);
  const wantsFocus = useRef(false);
  const shownMoves = useRef(0);

  useEffect(() => { rows.look(first, last); }, [rows, first, last]);
  // A place that was chosen by a key or from outside is brought into view, once: rows that shift by themselves move nothing.
  useEffect(() => {
    if (moves === null || moves === shownMoves.current || count === 0) return;
    shownMoves.current = moves;
    show(Math.max(0, row));
  }, [moves, row, show, count]);
  useEffect(() => {
    if (!wantsFocus.current) return;
    const target = scrollRef.current?.querySelector<HTMLElement>('[data-roving]');
    if (target === null || target === undefined) return;
    wantsFocus.current = false;
    target.focus({ preventScroll: true });
  });

  function act(command: GridCommand): void {
    if (command.kind === 'move') wantsFocus.current = true;
    onCommand(command);
  }

  function onKey(event: KeyboardEvent): void {
    const isHeader = event.target instanceof HTMLButtonElement;
    // A header's own Enter and Space order the rows.
    if (isHeader && (event.key === 'Enter' || event.key === ' ')) return;
    const control = event.ctrlKey || event.metaKey;
    const command = count === 0 ? null : gridCommand({ key: event.key, shift: event.shiftKey, control, alt: event.altKey }, { row: isHeader ? -1 : row, column }, { rows: count, columns: shown.length, pageRows: look.pageRows });
    // Escape with nothing picked belongs to whoever listens behind the grid.
    if (command === null || (command.kind === 'clear' && !hasPicks(picks))) return;
    event.preventDefault();
    act(command);
  }

  function onClick(event: MouseEvent): void {
    if (!(event.target instanceof Element)) return;
    const cell = event.target.closest<HTMLElement>('[data-column]');
    const line = cell?.closest<HTMLElement>('[data-row]');
    if (cell === null || line === null || line === undefined) return;
    act({ kind: 'move', row: Number(line.dataset['row']), column: Number(cell.dataset['column']), extends: event.shiftKey });
    if (event.ctrlKey || event.metaKey) act({ kind: 'pick' });
  }

  const drawn = Array.from({ length: Math.max(0, last - first) }, (_, at) => first + at);
  // The focused cell must stay in the page, or the focus would fall out of the grid.
  if (row >= 0 && (row < first || row >= last) && count > 0) drawn.push(row);
  const somePicked = hasPicks(picks);
  const tracks = { '--columns': columnTracks(shown, { widthPx: look.widthPx, hasYear }), '--least': `${leastPx(shown, hasYear)}px` };
  return (
    <div ref={scrollRef} className="grid" role="grid" tabIndex={-1} aria-label="Audit events" aria-multiselectable aria-rowcount={counted === null ? -1 : counted + 1} aria-colcount={shown.length} aria-busy={isBusy || undefined} style={tracks as Record<string, string>} onKeyDown={onKey} onClick={onClick} onMouseDown={(event) => { if (event.shiftKey) event.preventDefault(); }}>
      <GridHeader columns={shown} sort={sort} zone={zone} focusColumn={row === -1 ? column : -1} onSort={onSort} />
      <div role="rowgroup" className="grid-body" style={{ height: trackPx(count) }}>
        {drawn.map((at) => {
          const event = rows.eventAt(at);
          const isCurrent = event !== undefined && event.id === currentId;
          const isPicked = picks.isAll || (event !== undefined && picks.ids.has(event.id));
          // With nothing picked, the row that is read is the one that an action would take.
          return <EventRow key={at} event={event} row={at} topPx={at * ROW_PX - look.basePx} columns={shown} isCurrent={isCurrent} isSelected={somePicked ? isPicked : isCurrent} isPicked={isPicked} focusColumn={at === row ? column : -1} zone={zone} heldKeys={heldKeys} nowMs={nowMs} />;
        })}
      </div>
    </div>
  );
}

/** Rows that are there for certain while the count is on its way: those of the first page, and one more when there are more. */
function rowsKnown(rows: SparseRows): number {
  let known = 0;
  while (rows.eventAt(known) !== undefined) known += 1;
  return known + 1;
}
