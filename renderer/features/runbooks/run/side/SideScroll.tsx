// The room of one view beside the run: scrolls, and takes the focus when what had it moved or went.
import { useRef } from 'react';
import type { ReactNode } from 'react';
import { useFocusHome } from '../../../../components/focus-home.ts';

interface SideScrollProps { readonly label: string; /** What is listed; after it changed the focus may have nowhere to be. */ readonly changed: unknown; readonly children: ReactNode }

export function SideScroll({ label, changed, children }: SideScrollProps) {
  const home = useRef<HTMLDivElement>(null);
  useFocusHome(home, changed);
  // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable by keyboard.
  return <div ref={home} className="run-side-scroll" role="group" aria-label={label} tabIndex={0}>{children}</div>;
}
