// Two or more views of one thing, one shown at a time: arrows move along the tabs, Tab goes into the view.
import { useId, useRef } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';
import { formatCount } from '../lib/format.ts';

export interface TabItem<K extends string> { readonly id: K; readonly name: string; readonly count?: number | undefined; readonly tone?: 'fail' | 'stale' | undefined }

interface TabsProps<K extends string> {
  readonly label: string;
  readonly items: readonly TabItem<K>[];
  readonly chosen: K;
  readonly onChoose: (id: K) => void;
  /** The view of the chosen tab. */
  readonly children: ReactNode;
}

export function Tabs<K extends string>({ label, items, chosen, onChoose, children }: TabsProps<K>) {
  const baseId = useId();
  const list = useRef<HTMLDivElement>(null);

  function onKey(event: KeyboardEvent): void {
    const at = items.findIndex(({ id }) => id === chosen);
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    const index = (next + items.length) % items.length;
    const item = items[index];
    if (item === undefined) return;
    onChoose(item.id);
    list.current?.querySelectorAll<HTMLElement>('[role="tab"]')[index]?.focus();
  }

  return (
    <>
      <div role="tablist" tabIndex={-1} aria-label={label} className="tabs" ref={list} onKeyDown={onKey}>
        {items.map(({ id, name, count, tone }) => (
          <button key={id} type="button" role="tab" id={`${baseId}-${id}`} className="tab" aria-selected={id === chosen} aria-controls={id === chosen ? `${baseId}-view` : undefined} tabIndex={id === chosen ? 0 : -1} onClick={() => onChoose(id)}>
            {name}{count === undefined ? null : <span className={`tab-count ${tone === undefined || count === 0 ? '' : `tab-count-${tone}`}`}>{formatCount(count)}</span>}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${baseId}-view`} aria-labelledby={`${baseId}-${chosen}`} className="tab-body">{children}</div>
    </>
  );
}
