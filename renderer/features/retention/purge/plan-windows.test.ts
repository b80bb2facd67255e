import { describe, expect, it } from 'vitest';
import type { PurgePlan } from '#shared/domain/retention-plan.ts';
import { endOf, isOver, openWindow, windowState } from './plan-windows.ts';

const approved = { kind: 'approved', from: '2026-11-22T12:00:00Z', until: '2026-11-22T12:15:00Z', days: 90 } as const;
const delayed = { kind: 'delayed', from: '2026-11-23T12:00:00Z', until: '2026-11-23T12:15:00Z', days: 91 } as const;
const plan = { windows: [approved, delayed] } as unknown as PurgePlan;
const at = (text: string): number => Date.parse(text);

describe('the windows of a plan', () => {
  it.each([
    ['2026-11-22T11:59:59Z', null], ['2026-11-22T12:00:00Z', 'approved'], ['2026-11-22T12:15:00Z', 'approved'], ['2026-11-22T12:15:01Z', null], ['2026-11-23T12:05:00Z', 'delayed'], ['2026-11-24T00:00:00Z', null],
  ])('at %s open is %s', (now, kind) => {
    expect(openWindow(plan, at(now))?.kind ?? null).toBe(kind);
  });

  it('each is to come, open or closed, and the last one ends the plan', () => {
    expect([windowState(delayed, at('2026-11-22T12:00:00Z')), windowState(delayed, at('2026-11-23T12:01:00Z')), windowState(approved, at('2026-11-23T12:00:00Z'))]).toEqual(['to-come', 'open', 'closed']);
    expect([isOver(plan, at('2026-11-22T13:00:00Z')), isOver(plan, at('2026-11-23T12:15:00Z')), isOver(plan, at('2026-11-23T12:15:01Z'))]).toEqual([false, false, true]);
    expect(endOf(plan)).toBe(delayed.until);
  });
});
