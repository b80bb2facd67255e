// The events as a virtual grid with real grid semantics: one cell holds the focus, arrows move it, the row under it is the selected one.
import { useCallback, useEffect, useRef } from 'react';
import type { KeyboardEvent, MouseEvent, RefObject } from 'react';
import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import type { Range } from '@tanstack/react-virtual';
import type { AuditEvent } from '#shared/domain/audit-event.ts';
import { HostileText } from '../../components/HostileText.tsx';
import { Time } from '../../components/Time.tsx';
import { useSettings } from '../../lib/settings.ts';
import { payloadCell } from './payload-words.ts';

const ROW_PX = 28;
const HEADER_PX = 26;
/** Ask for the next page when this few rows are left below. */
const AHEAD = 60;
const COLUMNS = ['Time', 'Method', 'Route', 'Actor', 'Org', 'Status', 'Payload'] as const;

export interface GridPosition { readonly row: number; readonly column: number }

interface AuditGridProps {
  readonly rows: readonly AuditEvent[];
  readonly matching: number;
  readonly hasMore: boolean;
  readonly onNeedMore: () => void;
  readonly position: GridPosition;
  readonly onMove: (position: GridPosition) => void;
  readonly selectedId: number | null;
  /** Enter: the admin wants to read or open the selected event. */
  readonly onEnter: () => void;
  readonly heldKeys: ReadonlySet<string> | null;
  readonly scrollRef: RefObject<HTMLDivElement | null>;
}

export function AuditGrid({ rows, matching, hasMore, onNeedMore, position, onMove, selectedId, onEnter, heldKeys, scrollRef }: AuditGridProps) {
  const { times } = useSettings();
  const wantsFocus = useRef(false);
  const row = Math.min(position.row, Math.max(0, rows.length - 1));
  const rangeExtractor = useCallback((range: Range) => {
    const shown = defaultRangeExtractor(range);
    // The focused cell must stay in the page, or the focus would fall out of the grid.
    return shown.includes(row) || row >= rows.length ? shown : [...shown, row].toSorted((a, b) => a - b);
  }, [row, rows.length]);
  // oxlint-disable-next-line react/incompatible-library -- its functions are called here and never handed on.
  const virtual = useVirtualizer({ count: rows.length + (hasMore ? 1 : 0), getScrollElement: () => scrollRef.current, estimateSize: () => ROW_PX, overscan: 12, rangeExtractor, scrollPaddingStart: HEADER_PX, scrollMargin: HEADER_PX });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;

  useEffect(() => {
    if (hasMore && last >= rows.length - AHEAD) onNeedMore();
  }, [hasMore, last, rows.length, onNeedMore]);

  // A row that was chosen from outside (a request, the palette) is brought into view.
  const hasRows = rows.length > 0;
  useEffect(() => {
    if (hasRows) virtual.scrollToIndex(row, { align: 'auto' });
  }, [row, hasRows, virtual]);

  useEffect(() => {
    if (!wantsFocus.current) return;
    const cell = scrollRef.current?.querySelector<HTMLElement>('[role="gridcell"][tabindex="0"]');
    if (cell === null || cell === undefined) return;
    wantsFocus.current = false;
    cell.focus({ preventScroll: true });
  });

  function move(to: GridPosition): void {
    wantsFocus.current = true;
    onMove({ row: Math.min(rows.length - 1, Math.max(0, to.row)), column: Math.min(COLUMNS.length - 1, Math.max(0, to.column)) });
  }

  /** The next column that is shown in this direction (a narrow window hides one); the same when there is none. */
  function step(from: number, by: 1 | -1): number {
    const headers = scrollRef.current?.querySelectorAll<HTMLElement>('[role="columnheader"]');
    for (let column = from + by; column >= 0 && column < COLUMNS.length; column += by) if (headers?.[column]?.offsetParent !== null) return column;
    return from;
  }

  function onKey(event: KeyboardEvent): void {
    if (event.altKey || event.metaKey || rows.length === 0) return;
    const page = Math.max(1, Math.floor((scrollRef.current?.clientHeight ?? 280) / ROW_PX) - 2);
    const { column } = position;
    const to = event.ctrlKey
      ? { Home: { row: 0, column: 0 }, End: { row: rows.length - 1, column: COLUMNS.length - 1 } }[event.key]
      : { ArrowDown: { row: row + 1, column }, j: { row: row + 1, column }, ArrowUp: { row: row - 1, column }, k: { row: row - 1, column }, ArrowRight: { row, column: step(column, 1) }, ArrowLeft: { row, column: step(column, -1) }, PageDown: { row: row + page, column }, PageUp: { row: row - page, column }, Home: { row, column: 0 }, End: { row, column: COLUMNS.length - 1 } }[event.key];
    if (to !== undefined) move(to);
    else if (event.key === 'Enter' && !event.ctrlKey) onEnter();
    else return;
    event.preventDefault();
  }

  function onClick(event: MouseEvent): void {
    if (!(event.target instanceof Element)) return;
    const cell = event.target.closest<HTMLElement>('[data-column]');
    const line = cell?.closest<HTMLElement>('[data-row]');
    if (cell === null || line === null || line === undefined) return;
    move({ row: Number(line.dataset['row']), column: Number(cell.dataset['column']) });
  }

  return (
    <div ref={scrollRef} className="split-list grid" role="grid" tabIndex={-1} aria-label="Audit events" aria-rowcount={matching + 1} aria-colcount={COLUMNS.length} onKeyDown={onKey} onClick={onClick}>
      <div role="rowgroup" className="grid-header">
        <div role="row" aria-rowindex={1} className="grid-row grid-head">
          {COLUMNS.map((name, index) => <div key={name} role="columnheader" aria-colindex={index + 1} className={`cell cell-${name.toLowerCase()}`}>{name === 'Time' ? `Time, ${times === 'utc' ? 'UTC' : 'local'}` : name}</div>)}
        </div>
      </div>
      <div role="rowgroup" className="grid-body" style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const event = rows[item.index];
          const style = { transform: `translateY(${item.start - HEADER_PX}px)` };
          if (event === undefined) return <div key="more" role="row" aria-rowindex={item.index + 2} className="grid-row grid-more" style={style}><div role="gridcell" className="cell dim">Loading more…</div></div>;
          return <EventRow key={event.id} event={event} index={item.index} style={style} isSelected={event.id === selectedId} column={item.index === row ? position.column : null} heldKeys={heldKeys} />;
        })}
      </div>
    </div>
  );
}

interface EventRowProps {
  readonly event: AuditEvent;
  readonly index: number;
  readonly style: { readonly transform: string };
  readonly isSelected: boolean;
  /** The column that can take the focus, when it is in this row. */
  readonly column: number | null;
  readonly heldKeys: ReadonlySet<string> | null;
}

function statusTone(code: number): string {
  return code >= 500 ? 'text-fail' : code >= 400 ? 'text-stale' : 'sub';
}

function EventRow({ event, index, style, isSelected, column, heldKeys }: EventRowProps) {
  const payload = payloadCell(event, heldKeys);
  const actor = event.actorEmail ?? event.actorSub;
  const cells = [
    <Time key="t" iso={event.createdAt} style="row" />,
    <HostileText key="m" text={event.method} />,
    <HostileText key="r" text={event.route} />,
    actor === null ? <span key="a" className="dim">no actor</span> : <HostileText key="a" text={actor} />,
    event.org === null ? <span key="o" className="dim">no org</span> : <HostileText key="o" text={event.org} />,
    <span key="s" className={statusTone(event.statusCode)}>{event.statusCode}</span>,
    <span key="p" className="payload-cell">
      <span className={`payload-mark payload-${event.payloadState}`} aria-hidden />
      {payload.text}
      {payload.lacksKey ? <span className="text-stale"> · key not held</span> : payload.keyId === null ? null : <span className="dim"> · <HostileText text={payload.keyId} /></span>}
    </span>,
  ];
  return (
    <div role="row" aria-rowindex={index + 2} aria-selected={isSelected} className="grid-row" style={style} data-row={index}>
      {cells.map((content, at) => (
        <div key={COLUMNS[at]} role="gridcell" aria-colindex={at + 1} tabIndex={column === at ? 0 : -1} className={`cell cell-${(COLUMNS[at] ?? '').toLowerCase()}`} data-column={at}>{content}</div>
      ))}
    </div>
  );
}
