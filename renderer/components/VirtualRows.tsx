// A long list of rows of one height of which only those in sight are in the page; arrows, j and k, Home and End move the chosen row.
import { useEffect, useRef } from 'react';
import type { ReactNode } from 'react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { onRowKey } from './row-keys.ts';

interface VirtualRowsProps {
  readonly label: string;
  readonly count: number;
  readonly rowPx: number;
  /** The row that is chosen; null for a list that is only read. */
  readonly chosen: number | null;
  readonly onChoose?: (index: number) => void;
  /** Enter on the chosen row. */
  readonly onEnter?: () => void;
  readonly className?: string;
  /** The first and last row in sight, whenever they change. */
  readonly onRange?: (first: number, last: number) => void;
  readonly row: (index: number) => ReactNode;
}

export function VirtualRows({ label, count, rowPx, chosen, onChoose, onEnter, className = '', onRange, row }: VirtualRowsProps) {
  const scroll = useRef<HTMLDivElement>(null);
  // oxlint-disable-next-line react/incompatible-library -- its functions are called here and never handed on.
  const virtual = useVirtualizer({ count, getScrollElement: () => scroll.current, estimateSize: () => rowPx, overscan: 8 });
  const items = virtual.getVirtualItems();
  const first = items.at(0)?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => { onRange?.(first, last); }, [first, last, onRange]);
  useEffect(() => {
    if (chosen !== null && chosen < count) virtual.scrollToIndex(chosen, { align: 'auto' });
  }, [chosen, count, virtual]);
  const isChoosing = onChoose !== undefined;
  const activeId = `${label.replaceAll(/\W+/gu, '-')}-${chosen ?? 0}`;
  return (
    // The list itself holds the focus and names its active row: a row that scrolls out of the page cannot take the focus with it.
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- its role is one of two, and only the one with keys handles them.
    <div ref={scroll} className={`virtual-rows ${className}`} tabIndex={0} role={isChoosing ? 'listbox' : 'list'} aria-label={label}
      {...(isChoosing && chosen !== null && items.some(({ index }) => index === chosen) ? { 'aria-activedescendant': activeId } : {})}
      onKeyDown={(event) => {
        if (!isChoosing) return;
        if (event.key === 'Enter' && chosen !== null) {
          event.preventDefault();
          onEnter?.();
          return;
        }
        onRowKey(event, { count, index: chosen ?? -1, pageSize: Math.max(1, Math.floor((scroll.current?.clientHeight ?? 280) / rowPx) - 2), onMove: onChoose });
      }}
      onFocus={() => { if (isChoosing && chosen === null && count > 0) onChoose(0); }}>
      <div className="virtual-body" role="presentation" style={{ height: virtual.getTotalSize() }}>
        {items.map(({ index, start }) => (
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus -- the list takes the keys and the focus for its rows.
          <div key={index} className="virtual-row" role={isChoosing ? 'option' : 'listitem'} aria-setsize={count} aria-posinset={index + 1} style={{ transform: `translateY(${start}px)`, height: rowPx }}
            {...(isChoosing ? { 'aria-selected': index === chosen, id: index === chosen ? activeId : undefined, onClick: () => { onChoose(index); scroll.current?.focus({ preventScroll: true }); } } : {})}>
            {row(index)}
          </div>
        ))}
      </div>
    </div>
  );
}
