// What the title of the window begins with while timers ring.
import { visibleLine } from '#shared/domain/visible-text.ts';
import type { RunTimer } from './run-words.ts';

/** Null: nothing rings. */
export function alertTitle(due: readonly RunTimer[]): string | null {
  const [first] = due;
  if (first === undefined) return null;
  return due.length === 1 ? `Timer due: ${visibleLine(first.step.title)}` : `${due.length} timers due`;
}
