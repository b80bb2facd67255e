// When a plan may be carried out and with what, read from its windows and a clock; it decides nothing that core does not decide again.
import type { PurgePlan } from '#shared/domain/retention-plan.ts';
import { parseInstantUs } from '#shared/domain/time.ts';

export type PlanWindow = PurgePlan['windows'][number];

export type PlanTime =
  | { readonly kind: 'open'; readonly window: PlanWindow; /** Milliseconds. */ readonly leftMs: number }
  | { readonly kind: 'waiting'; readonly next: PlanWindow; /** Milliseconds. */ readonly untilMs: number }
  | { readonly kind: 'over' };

const msOf = (iso: string): number => (parseInstantUs(iso) ?? Number.NaN) / 1000;

/** How the plan stands at this moment. Windows lie in order. */
export function planTime({ windows }: Pick<PurgePlan, 'windows'>, nowMs: number): PlanTime {
  for (const window of windows) {
    if (nowMs < msOf(window.from)) return { kind: 'waiting', next: window, untilMs: msOf(window.from) - nowMs };
    if (nowMs <= msOf(window.until)) return { kind: 'open', window, leftMs: msOf(window.until) - nowMs };
  }
  return { kind: 'over' };
}

/** Its time is over; it may be that another window comes. */
export const hasClosed = ({ until }: PlanWindow, nowMs: number): boolean => nowMs > msOf(until);

const two = (value: number): string => String(value).padStart(2, '0');

/** A length of time to the second: 14:59, or 23:45:00 from an hour on. Rounds down, so that it never promises more than is left. */
export function clockText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours === 0 ? `${minutes}:${two(seconds % 60)}` : `${hours}:${two(minutes)}:${two(seconds % 60)}`;
}

/** The window that a second person's approval opens, and the one that waiting opens; undefined where there is none. */
export function windowsByKind({ windows }: Pick<PurgePlan, 'windows'>): { readonly approved: PlanWindow | undefined; readonly delayed: PlanWindow | undefined } {
  return { approved: windows.find(({ kind }) => kind === 'approved'), delayed: windows.find(({ kind }) => kind === 'delayed') };
}
