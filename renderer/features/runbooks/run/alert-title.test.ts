// The title of the window while timers ring.
import { expect, it } from 'vitest';
import { runbookStep } from '#shared/domain/runbook-pack.ts';
import { alertTitle } from './alert-title.ts';

const timer = (title: string) => ({ step: runbookStep.parse({ id: 'a', title, kind: 'timer', minutes: 1 }), dueMs: 0 });

it('names the one that rings, counts several, and is nothing when none does', () => {
  expect([alertTitle([]), alertTitle([timer('Update')]), alertTitle([timer('A'), timer('B')])]).toEqual([null, 'Timer due: Update', '2 timers due']);
});
