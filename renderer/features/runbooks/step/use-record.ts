// Records one thing about a step and waits until the screen shows what core made of it; it shows nothing that core did not answer.
import { flushSync } from 'react-dom';
import type { RunView } from '#shared/domain/runbook-view.ts';
import { announce } from '../../../lib/announce.ts';
import { call } from '../../../lib/client.ts';
import { putAnswer } from '../../../lib/query.ts';
import { useAction } from '../../../lib/use-action.ts';
import type { Action } from '../../../lib/use-action.ts';
import { lookOf, placedSteps } from './step-words.ts';

/** What every part of the pane gets. `onRecorded` closes what was open, and gives the focus a place. */
export interface StepPartProps { readonly run: RunView; readonly stepId: string; readonly onRecorded: (fresh: RunView) => void }

/** How the step stands now, as a sentence for a screen reader. */
export function spokenStanding(run: RunView, stepId: string): string {
  const placed = placedSteps(run).find(({ step }) => step.id === stepId);
  return placed === undefined ? 'Recorded.' : `${placed.step.title}: ${lookOf(placed.standing, run.pack.words).word}.`;
}

export function useRecord<A extends readonly unknown[]>({ run: { runId }, stepId, onRecorded }: StepPartProps, perform: (...given: A) => Promise<unknown>): Action<A> {
  return useAction(async (...given: A) => {
    await perform(...given);
    const fresh = await call('run.show', { runId });
    announce(spokenStanding(fresh, stepId));
    // In one drawing: a form that was recorded never stands beside what came of it.
    flushSync(() => {
      putAnswer('run.show', { runId }, fresh);
      onRecorded(fresh);
    });
  });
}
