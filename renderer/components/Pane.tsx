// The right side of a split: the truth about the selected thing; it scrolls, so the keyboard must reach it.
import type { ReactNode, Ref } from 'react';

interface PaneProps {
  readonly label: string;
  readonly children: ReactNode;
  readonly ref?: Ref<HTMLElement>;
  /** The way back to the list. */
  readonly onEscape?: () => void;
}

export function Pane({ label, children, ref, onEscape }: PaneProps) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex, jsx-a11y/no-noninteractive-element-interactions -- a region that scrolls must be reachable by keyboard, and left by it.
    <aside className="pane" aria-label={label} tabIndex={0} onKeyDown={(event) => { if (event.key === 'Escape' && !event.defaultPrevented) onEscape?.(); }} {...(ref === undefined ? {} : { ref })}>{children}</aside>
  );
}
