// A task that takes the room of a screen below its head: says what it is, takes the focus, and leads back; the top bar and the lock stay in reach.
import { useEffect, useId, useRef } from 'react';
import type { ReactNode } from 'react';
import { ArrowLeft } from 'lucide-react';
import { Button } from './Button.tsx';
import './workspace.css';

interface WorkspaceProps {
  readonly title: string;
  readonly about?: ReactNode;
  readonly actions?: ReactNode;
  /** What the way back is called. */
  readonly back?: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** Escape leads back, except from a field that holds text (what was typed must not go by one key) and from a pane, where it leads to the list. */
function leavesByEscape(target: EventTarget): boolean {
  if (target instanceof Element && target.closest('.pane') !== null) return false;
  return !((target instanceof HTMLInputElement && target.type !== 'radio' && target.type !== 'checkbox') || target instanceof HTMLTextAreaElement) || target.value === '';
}

export function Workspace({ title, about, actions, back = 'Back to the events', onClose, children }: WorkspaceProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const titleId = useId();
  useEffect(() => {
    const before = document.activeElement;
    heading.current?.focus();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- Escape is a second way to the button that leads back.
    <section className="workspace" aria-labelledby={titleId} onKeyDown={(event) => { if (event.key === 'Escape' && !event.defaultPrevented && leavesByEscape(event.target)) { event.preventDefault(); onClose(); } }}>
      <header className="workspace-head">
        <Button look="quiet" icon={ArrowLeft} onClick={onClose}>{back}</Button>
        <h2 id={titleId} tabIndex={-1} ref={heading}>{title}</h2>
        <div className="sub workspace-about">{about}</div>
        <div className="row">{actions}</div>
      </header>
      {children}
    </section>
  );
}
