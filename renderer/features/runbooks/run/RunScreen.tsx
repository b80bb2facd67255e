// One run: its state, its clock, its next step, and what was done.
import { useState } from 'react';
import { Pane } from '../../../components/Pane.tsx';
import { Screen } from '../../../components/Screen.tsx';
import { useQuery } from '../../../lib/query.ts';
import { StepList } from '../step/StepList.tsx';
import { StepPane } from '../step/StepPane.tsx';

export function RunScreen({ runId }: { readonly runId: string }) {
  const { data } = useQuery('run.show', { runId });
  const [chosen, setChosen] = useState<string | null>(null);
  if (data === undefined) return <Screen title="Run">{null}</Screen>;
  const step = chosen ?? data.next ?? data.steps[0]?.step ?? null;
  return (
    <Screen title={data.title}>
      <div className="split">
        <div className="split-list"><StepList run={data} selected={step} onSelect={setChosen} /></div>
        <Pane label="Step">{step === null ? null : <StepPane run={data} step={step} />}</Pane>
      </div>
    </Screen>
  );
}
