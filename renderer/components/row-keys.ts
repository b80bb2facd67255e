// Moves a selection through rows by arrows, j and k, Home, End and page keys; it never takes a key from a field.
import type { KeyboardEvent } from 'react';

interface RowKeys { readonly count: number; readonly index: number; readonly pageSize?: number; readonly onMove: (index: number) => void }

/** The row that a key leads to; null when the key is none of ours. */
export function rowForKey(key: string, { count, index, pageSize = 10 }: Omit<RowKeys, 'onMove'>): number | null {
  if (count === 0) return null;
  const to = { ArrowDown: index + 1, j: index + 1, ArrowUp: index - 1, k: index - 1, PageDown: index + pageSize, PageUp: index - pageSize, Home: 0, End: count - 1 }[key];
  return to === undefined ? null : Math.min(count - 1, Math.max(0, to));
}

/** The handler for the element that holds the rows. */
export function onRowKey(event: KeyboardEvent, keys: RowKeys): void {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement || event.target instanceof HTMLSelectElement) return;
  const to = rowForKey(event.key, keys);
  if (to === null) return;
  event.preventDefault();
  keys.onMove(to);
}
