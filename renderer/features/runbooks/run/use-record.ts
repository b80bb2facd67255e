// One record of a run from one control: what is shown afterwards is core's answer, never what was asked for.
import type { CallInput, CallName, CallOutput } from '#shared/contract.ts';
import type { RunView } from '#shared/domain/runbook-view.ts';
import { announce } from '../../../lib/announce.ts';
import { call } from '../../../lib/client.ts';
import { putAnswer } from '../../../lib/query.ts';
import { useAction } from '../../../lib/use-action.ts';
import type { Action } from '../../../lib/use-action.ts';
import { freshRun } from '../step/use-run-refresh.ts';

/** Calls that answer with the run. */
type ViewCall = { [N in CallName]: CallOutput<N> extends RunView ? N : never }[CallName];
/** Calls that answer with one step: the run is read anew after them. */
type StepCall = 'run.step' | 'run.check' | 'run.timer';

/** @param said what a screen reader hears when it is on disk */
export function useRecord<N extends ViewCall>(name: N, said: string): Action<[CallInput<N> & { readonly runId: string }]> {
  return useAction(async (input) => {
    const view = await call(name, input) as RunView;
    putAnswer('run.show', { runId: view.runId }, view);
    announce(said);
  });
}

export function useStepRecord<N extends StepCall>(name: N, said: string): Action<[CallInput<N> & { readonly runId: string }]> {
  return useAction(async (input) => {
    await call(name, input);
    await freshRun(input.runId);
    announce(said);
  });
}
