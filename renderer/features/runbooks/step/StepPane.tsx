// One step of a run: its text, how it stands, and what can be recorded.
import type { RunView } from '#shared/domain/runbook-view.ts';

/** `step` is an id of the run's pack. `onMoveOn` is called when a recorded outcome settled it. */
export function StepPane({ run, step }: { readonly run: RunView; readonly step: string; readonly onMoveOn?: () => void }) {
  return <p>{run.steps.find((each) => each.step === step)?.state}</p>;
}
