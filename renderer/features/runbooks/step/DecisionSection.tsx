// The decision of a step: what can be chosen, what follows from each, and why; and what was decided before, by whom.
import { useState } from 'react';
import type { FormEvent } from 'react';
import { GitBranch } from 'lucide-react';
import { Button } from '../../../components/Button.tsx';
import { Choices } from '../../../components/Choices.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { Field } from '../../../components/Field.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { Note } from '../../../components/Note.tsx';
import { Time } from '../../../components/Time.tsx';
import { WordChip } from '../../../components/WordChip.tsx';
import { call } from '../../../lib/client.ts';
import type { PlacedStep } from './step-words.ts';
import { useRecord } from './use-record.ts';
import type { StepPartProps } from './use-record.ts';

export function DecisionSection({ placed: { step, standing }, isOpen, ...part }: StepPartProps & { readonly placed: PlacedStep; readonly isOpen: boolean }) {
  const { run, onRecorded } = part;
  const decisions = run.decisions.filter((each) => each.step === step.id);
  const [isAgain, setAgain] = useState(false);
  const isAsking = isOpen && (isAgain || decisions.length === 0 || standing.state === 'conflict' || standing.state === 'open');
  const titleOf = (option: string): string => step.options?.find(({ id }) => id === option)?.title ?? option;
  return (
    <section className="step-part" aria-label="Decision">
      <p className="label">Decision</p>
      {decisions.length === 0 ? null : (
        <ul className="step-decisions">{decisions.toReversed().map(({ event, option, reason, by, at, isTrusted }, index) => (
          <li key={event} className={index > 0 && standing.state !== 'conflict' ? 'dim' : ''}>
            <p><strong><HostileText text={titleOf(option)} /></strong>, by <HostileText text={by} />, <Time iso={at} age /> {isTrusted ? null : <WordChip tone="unknown" word="not trusted yet" />}{index > 0 && standing.state !== 'conflict' ? <span className="small"> · earlier</span> : null}</p>
            <p className="sub selectable"><HostileText text={reason} layout="block" /></p>
          </li>
        ))}</ul>
      )}
      {isAsking || decisions.length > 0 ? null : <ul className="sub step-options" aria-label="What can be decided">{step.options?.map(({ id, title, ends }) => <li key={id}><HostileText text={title} />{ends === true ? <span className="dim">, which ends the run</span> : null}</li>)}</ul>}
      {isAsking ? <DecideForm step={step} {...part} onRecorded={(fresh) => { setAgain(false); onRecorded(fresh); }} {...(isAgain ? { onCancel: () => setAgain(false) } : {})} /> : null}
      {isOpen && !isAsking ? <div><Button look="quiet" icon={GitBranch} onClick={() => setAgain(true)}>Decide again…</Button></div> : null}
    </section>
  );
}

function DecideForm({ step, onCancel, ...part }: StepPartProps & { readonly step: PlacedStep['step']; readonly onCancel?: () => void }) {
  const [option, setOption] = useState('');
  const [reason, setReason] = useState('');
  const [isTried, setTried] = useState(false);
  const decide = useRecord(part, () => call('run.decide', { runId: part.run.runId, step: step.id, option, reason: reason.trim() }));
  const steps = part.run.pack.sections.flatMap((section) => section.steps);
  const chosen = step.options?.find(({ id }) => id === option);
  const lacks = { option: chosen === undefined ? 'Choose one.' : null, reason: reason.trim() === '' ? 'Say why.' : null };
  function submit(event: FormEvent): void {
    event.preventDefault();
    setTried(true);
    if (lacks.option === null && lacks.reason === null) void decide.run();
  }
  return (
    <form className="stack step-form" aria-label="Decide" noValidate onSubmit={submit}>
      <Choices label="What is decided" chosen={option} onChoose={setOption} choices={(step.options ?? []).map(({ id, title, ends, goes_to: goesTo }) => ({
        id, title, danger: ends === true,
        text: ends === true ? 'Ends the run: nothing more can be recorded in it.' : goesTo === undefined ? 'The run goes on.' : <>Goes on with “<HostileText text={steps.find((each) => each.id === goesTo)?.title ?? goesTo} />”.</>,
      }))} />
      {isTried && lacks.option !== null ? <p className="field-error" role="alert">{lacks.option}</p> : null}
      <Field label="Reason" error={isTried ? lacks.reason : null}>{(ids) => <textarea {...ids} className="textarea" rows={2} value={reason} maxLength={1000} onChange={(event) => setReason(event.target.value)} />}</Field>
      {chosen?.ends === true ? <Note tone="age"><p>This ends the run for everybody who takes it in.</p></Note> : null}
      {decide.error === null ? null : <ErrorNote error={decide.error} />}
      <div className="row"><Button type="submit" look={chosen?.ends === true ? 'danger-armed' : 'main'} icon={GitBranch} busy={decide.busy}>{chosen?.ends === true ? 'Decide and end the run' : 'Decide'}</Button>{onCancel === undefined ? null : <Button look="quiet" onClick={onCancel}>Cancel</Button>}</div>
    </form>
  );
}
