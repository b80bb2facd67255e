// What a live check found, in the words of an event. Whoever could not tell says so: unknown is no pass.
import type { BodyOf } from '#shared/domain/runbook-registers.ts';
import { formatInstantMs } from '#shared/domain/time.ts';
import { visibleLine } from '#shared/domain/visible-text.ts';

export type Result = BodyOf<'check'>['result'];

export interface Found { readonly result: Result; readonly seen: string; readonly because: string; readonly source: string; /** ISO 8601. */ readonly observedAt: string }

const SEEN_MAX = 500;
const SOURCE_MAX = 300;

const cut = (text: string, most: number): string => {
  const line = visibleLine(text);
  return line.length <= most ? line : `${line.slice(0, most - 1).replace(/[\ud800-\udbff]$/u, '')}…`;
};

/** Within the lengths of an event, with whatever could act on a display spelled out. @param at milliseconds since the epoch, or ISO 8601 */
export function found(result: Result, { seen, because, source, at }: { readonly seen: string; readonly because: string; readonly source: string; readonly at: number | string }): Found {
  return { result, seen: cut(seen, SEEN_MAX), because: cut(because, SEEN_MAX), source: cut(source, SOURCE_MAX), observedAt: typeof at === 'number' ? formatInstantMs(at) : at };
}

export const isPassing = (holds: boolean): Result => (holds ? 'pass' : 'fail');
