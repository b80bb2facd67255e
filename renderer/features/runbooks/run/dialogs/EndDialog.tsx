// The end of a run: completed or stopped. Names every step that blocks and is open, and every outcome that is not proven; whether it may be completed is core's to say.
import { useState } from 'react';
import type { RunView } from '#shared/domain/runbook-view.ts';
import { Choices } from '../../../../components/Choices.tsx';
import { Field } from '../../../../components/Field.tsx';
import { HostileText } from '../../../../components/HostileText.tsx';
import { plural } from '../../../../lib/format.ts';
import { lookOf } from '../../step/step-words.ts';
import type { PlacedStep } from '../../step/step-words.ts';
import { StepChip } from '../../step/StepMark.tsx';
import { openGates, unprovenSteps } from '../run-words.ts';
import { useRecord } from '../use-record.ts';
import { RecordDialog } from './RecordDialog.tsx';

const WAYS = [
  { id: 'completed', title: 'Completed', text: 'Everything that blocks is settled. Nothing can be recorded afterwards but a review.' },
  { id: 'stopped', title: 'Stopped', text: 'It ends here, whatever is open. The open steps stay open in every report.' },
] as const;

export function EndDialog({ run, onClose }: { readonly run: RunView; readonly onClose: () => void }) {
  const [outcome, setOutcome] = useState<'completed' | 'stopped'>('completed');
  const [note, setNote] = useState('');
  const action = useRecord('run.end', 'The run has ended.');
  const open = openGates(run);
  const unproven = unprovenSteps(run).filter((each) => !open.includes(each));
  return (
    <RecordDialog title="End the run" action={action} button={outcome === 'completed' ? 'End as completed' : 'End as stopped'} look="danger-armed" onClose={onClose} onSubmit={() => { void action.run({ runId: run.runId, outcome, note: note.trim() }).then((done) => { if (done) onClose(); }); }}>
      <Choices label="How does it end?" choices={WAYS} chosen={outcome} onChoose={(id) => { setOutcome(id); action.clear(); }} focusFirst />
      <Steps title={`${plural(open.length, 'step')} that ${open.length === 1 ? 'blocks is' : 'block are'} not settled`} steps={open} run={run} />
      <Steps title={`${plural(unproven.length, 'outcome')} not proven`} steps={unproven} run={run} />
      {open.length + unproven.length === 0 ? <p className="sub small">Everything that blocks is settled, and no outcome is unproven.</p> : null}
      <Field label="Note" optional>
        {(ids) => <textarea {...ids} className="textarea" rows={2} value={note} maxLength={4000} onChange={(event) => setNote(event.target.value)} />}
      </Field>
    </RecordDialog>
  );
}

function Steps({ title, steps, run }: { readonly title: string; readonly steps: readonly PlacedStep[]; readonly run: RunView }) {
  if (steps.length === 0) return null;
  return (
    <section className="run-open-steps" aria-label={title}>
      <h3>{title}</h3>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a list that scrolls must be reachable by keyboard. */}
      <ul tabIndex={0} aria-label={title}>{steps.map(({ step, standing, number }) => <li key={step.id}><span className="dim">{number}</span><span><HostileText text={step.title} /></span><StepChip look={lookOf(standing, run.pack.words)} /></li>)}</ul>
    </section>
  );
}
