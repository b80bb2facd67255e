// When a purge plan may be carried out: which of its windows is open, which is still to come, and when the last one closes. Core decides; this only says.
import type { PurgePlan } from '#shared/domain/retention-plan.ts';
import { parseInstantUs } from '#shared/domain/time.ts';

export type PlanWindow = PurgePlan['windows'][number];
export type WindowState = 'to-come' | 'open' | 'closed';

const ms = (iso: string): number => (parseInstantUs(iso) ?? Number.NaN) / 1000;

export function windowState({ from, until }: PlanWindow, nowMs: number): WindowState {
  return nowMs < ms(from) ? 'to-come' : nowMs <= ms(until) ? 'open' : 'closed';
}

/** The window that is open now; null when none is. `nowMs` is milliseconds since the epoch. */
export function openWindow({ windows }: PurgePlan, nowMs: number): PlanWindow | null {
  return windows.find((window) => windowState(window, nowMs) === 'open') ?? null;
}

/** When the last of its windows closes. */
export function endOf({ windows }: PurgePlan): string {
  return windows.reduce((last, { until }) => (ms(until) > ms(last) ? until : last), windows[0]?.until ?? '');
}

/** All of its windows are closed. */
export const isOver = ({ windows }: PurgePlan, nowMs: number): boolean => windows.every((window) => windowState(window, nowMs) === 'closed');

export const WINDOW_WORDS: Readonly<Record<PlanWindow['kind'], string>> = {
  now: 'as it is planned',
  approved: 'with the approval of a second person',
  delayed: 'after 24 hours, without an approval',
};
