// The right side of a split: the truth about the selected thing; it scrolls, so the keyboard must reach it.
import type { ReactNode, Ref } from 'react';

export function Pane({ label, children, ref }: { readonly label: string; readonly children: ReactNode; readonly ref?: Ref<HTMLElement> }) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable by keyboard.
    <aside className="pane" aria-label={label} tabIndex={0} {...(ref === undefined ? {} : { ref })}>{children}</aside>
  );
}
