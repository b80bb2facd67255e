// Keys of a run that work from anywhere, except where something is typed or a question is open; none of them changes anything.
import { useEffect, useEffectEvent } from 'react';

export interface RunKey { readonly keys: readonly string[]; readonly shown: readonly string[]; readonly what: string }
export type RunKeyName = 'entry' | 'down' | 'up' | 'next' | 'large' | 'compact' | 'help';

export const RUN_KEYS: Readonly<Record<RunKeyName, RunKey>> = {
  entry: { keys: ['n'], shown: ['N'], what: 'Write what happens now' },
  down: { keys: ['j', 'ArrowDown'], shown: ['J', '↓'], what: 'The step below' },
  up: { keys: ['k', 'ArrowUp'], shown: ['K', '↑'], what: 'The step above' },
  next: { keys: ['g'], shown: ['G'], what: 'Go to the next step' },
  large: { keys: ['l'], shown: ['L'], what: 'Large type, for a shared screen' },
  compact: { keys: ['w'], shown: ['W'], what: 'Small window, above the others' },
  help: { keys: ['?'], shown: ['?'], what: 'These keys' },
};

/** What a key press means; null: nothing of ours. Arrows count only where the focus is on nothing that they could move. */
export function runKeyOf({ key, isFree }: { readonly key: string; readonly isFree: boolean }): RunKeyName | null {
  const found = (Object.keys(RUN_KEYS) as RunKeyName[]).find((name) => RUN_KEYS[name].keys.includes(key.length === 1 ? key.toLowerCase() : key));
  return found === undefined || (key.startsWith('Arrow') && !isFree) ? null : found;
}

const TAKES_KEYS = 'input:not([type="checkbox"]):not([type="radio"]), textarea, select, [contenteditable], [role="menu"]';
const FREE = 'body, main, h1, h2, button';

export function useRunKeys(on: Readonly<Record<RunKeyName, () => void>>): void {
  const press = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const target = event.target instanceof Element ? event.target : null;
    if ((target?.closest(TAKES_KEYS) ?? null) !== null || document.querySelector('dialog[open]') !== null) return;
    const name = runKeyOf({ key: event.key, isFree: target === null || target.matches(FREE) });
    if (name === null) return;
    event.preventDefault();
    on[name]();
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => press(event);
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}
