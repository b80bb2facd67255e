// When what had the focus is gone, the focus goes to what stands in its place; it never takes the focus from where the admin went.
import { useEffect } from 'react';
import type { RefObject } from 'react';

/** Runs when `changed` changes: into the first field that was refused, else onto the element itself, which needs a tabIndex. */
export function useFocusHome(home: RefObject<HTMLElement | null>, changed: unknown): void {
  useEffect(() => {
    const { activeElement } = document;
    if (changed === null || (activeElement !== null && activeElement !== document.body && !(activeElement instanceof HTMLDialogElement))) return;
    (home.current?.querySelector<HTMLElement>('[aria-invalid="true"]') ?? home.current)?.focus();
  }, [home, changed]);
}
