// The steps of a run by section, each with how it stands.
import type { RunView } from '#shared/domain/runbook-view.ts';

/** The list is one stop of the Tab key; arrow keys move in it. */
export function StepList({ run, selected, onSelect }: { readonly run: RunView; readonly selected: string | null; readonly onSelect: (step: string) => void }) {
  return <ul>{run.steps.map(({ step, state }) => <li key={step}><button type="button" aria-current={step === selected} onClick={() => onSelect(step)}>{step} {state}</button></li>)}</ul>;
}
