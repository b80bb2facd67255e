// A small panel under a button, for a few controls; Escape and anything outside close it. It is no dialog: the screen behind stays in use.
import { useEffect, useId, useRef } from 'react';
import type { ReactNode } from 'react';
import type { LucideIcon } from 'lucide-react';
import { Button } from '../../../components/Button.tsx';

interface PopoverProps {
  readonly label: string;
  readonly icon: LucideIcon;
  readonly isOpen: boolean;
  readonly onOpen: (isOpen: boolean) => void;
  readonly children: ReactNode;
}

export function Popover({ label, icon, isOpen, onOpen, children }: PopoverProps) {
  const root = useRef<HTMLDivElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const id = useId();

  useEffect(() => {
    if (!isOpen) return undefined;
    const home = root.current;
    panel.current?.querySelector<HTMLElement>('button, input')?.focus();
    const closeOutside = (event: Event): void => {
      if (event.target instanceof Node && !(home?.contains(event.target) ?? false)) onOpen(false);
    };
    document.addEventListener('pointerdown', closeOutside);
    document.addEventListener('focusin', closeOutside);
    return () => {
      document.removeEventListener('pointerdown', closeOutside);
      document.removeEventListener('focusin', closeOutside);
      // The panel is gone: the focus goes back to its button, unless it went elsewhere by itself.
      if (document.activeElement === document.body) home?.querySelector('button')?.focus();
    };
  }, [isOpen, onOpen]);

  return (
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- Escape belongs to the panel as a whole.
    <div className="popover" ref={root} onKeyDown={(event) => { if (event.key === 'Escape' && isOpen) { event.preventDefault(); event.stopPropagation(); onOpen(false); } }}>
      <Button look="quiet" icon={icon} aria-expanded={isOpen} aria-controls={isOpen ? id : undefined} onClick={() => onOpen(!isOpen)}>{label}</Button>
      {isOpen ? <div className="popover-panel" id={id} ref={panel} role="group" aria-label={label}>{children}</div> : null}
    </div>
  );
}
