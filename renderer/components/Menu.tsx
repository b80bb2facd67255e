// A list that opens under a button: arrows move, Enter chooses, Escape and a click elsewhere close it.
import { Fragment, useEffect, useId, useRef, useState } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';

export interface MenuItem { readonly id: string; readonly content: ReactNode; readonly text: string; readonly checked?: boolean; readonly separated?: boolean; readonly onChoose: () => void }

interface MenuProps {
  /** Names the list, and is spoken after what the button shows. */
  readonly label: string;
  readonly button: ReactNode;
  readonly items: readonly MenuItem[];
  readonly className?: string;
}

export function Menu({ label, button, items, className = '' }: MenuProps) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const trigger = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const listId = useId();

  useEffect(() => {
    if (!open) return undefined;
    const found = list.current?.querySelector<HTMLElement>('[aria-checked="true"]') ?? list.current?.querySelector<HTMLElement>('[role^="menuitem"]');
    found?.focus();
    const closeOutside = (event: Event): void => {
      if (event.target instanceof Node && !(root.current?.contains(event.target) ?? false)) setOpen(false);
    };
    document.addEventListener('pointerdown', closeOutside);
    return () => document.removeEventListener('pointerdown', closeOutside);
  }, [open]);

  function close(): void {
    setOpen(false);
    trigger.current?.focus();
  }

  function onKey(event: KeyboardEvent): void {
    const all = [...(list.current?.querySelectorAll<HTMLElement>('[role^="menuitem"]') ?? [])];
    const at = all.indexOf(document.activeElement as HTMLElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (event.key === 'Escape') close();
    else if (event.key === 'Tab') return setOpen(false);
    else if (next !== undefined) all[(next + all.length) % all.length]?.focus();
    else if (event.key.length === 1 && /\S/u.test(event.key)) {
      const letter = event.key.toLowerCase();
      const order = [...items.keys()].map((offset) => (at + 1 + offset) % items.length);
      const hit = order.find((index) => items[index]?.text.toLowerCase().startsWith(letter));
      if (hit !== undefined) all[hit]?.focus();
      return undefined;
    } else return undefined;
    event.preventDefault();
    event.stopPropagation();
    return undefined;
  }

  return (
    <div className={`menu ${className}`} ref={root}>
      <button ref={trigger} type="button" className="menu-trigger" aria-haspopup="menu" aria-expanded={open} aria-controls={open ? listId : undefined}
        onClick={() => setOpen(!open)} onKeyDown={(event) => { if (event.key === 'ArrowDown' && !open) { event.preventDefault(); setOpen(true); } }}>
        {button}
        <span className="visually-hidden"> {label}</span>
      </button>
      {open ? (
        <div ref={list} id={listId} role="menu" tabIndex={-1} aria-label={label} className="menu-list" onKeyDown={onKey}>
          {items.map((item) => (
            <Fragment key={item.id}>
              {item.separated === true ? <hr /> : null}
              <button type="button" tabIndex={-1} role={item.checked === undefined ? 'menuitem' : 'menuitemradio'} aria-checked={item.checked} className="menu-item" onClick={() => { close(); item.onChoose(); }}>
                {item.content}
              </button>
            </Fragment>
          ))}
        </div>
      ) : null}
    </div>
  );
}
