// The sign-off of a step: who signed in which role with which verdict, and the form that signs everything recorded up to now.
import { useState } from 'react';
import type { FormEvent } from 'react';
import { Signature } from 'lucide-react';
import { Button } from '../../../components/Button.tsx';
import { Choices } from '../../../components/Choices.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { Field } from '../../../components/Field.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { Time } from '../../../components/Time.tsx';
import type { ChipTone } from '../../../components/WordChip.tsx';
import { WordChip } from '../../../components/WordChip.tsx';
import { call } from '../../../lib/client.ts';
import { plural } from '../../../lib/format.ts';
import type { PlacedStep } from './step-words.ts';
import { useRecord } from './use-record.ts';
import type { StepPartProps } from './use-record.ts';

type Verdict = 'approved' | 'conditional' | 'refused';
const TONES: Readonly<Record<Verdict, ChipTone>> = { approved: 'pass', conditional: 'warn', refused: 'fail' };

export function SignSection({ placed: { step, standing }, isOpen, ...part }: StepPartProps & { readonly placed: PlacedStep; readonly isOpen: boolean }) {
  const { run, onRecorded } = part;
  const signs = run.signatures.filter((each) => each.step === step.id);
  const [isAgain, setAgain] = useState(false);
  const role = run.roles.find((each) => each.role === step.signs);
  const isAsking = isOpen && (isAgain || standing.state === 'open' || standing.state === 'conflict');
  return (
    <section className="step-part" aria-label="Sign-off">
      <p className="label">Sign-off</p>
      <p className="sub">Signed as <HostileText text={role?.title ?? step.signs ?? ''} />{role === undefined || role.names.length === 0 ? '. Nobody has this role yet.' : <>: <HostileText text={role.names.join(', ')} />.</>}</p>
      {signs.length === 0 ? null : (
        <ul className="step-signs">{signs.toReversed().map(({ event, name, verdict, statement, at, by, isTrusted, isOutdated }) => (
          <li key={event}>
            <p className="row row-wrap"><WordChip tone={isTrusted && !isOutdated ? TONES[verdict] : 'unknown'} word={verdict} /><strong><HostileText text={name} /></strong>{isTrusted ? null : <WordChip tone="unknown" word="not trusted yet: does not count" />}{isOutdated ? <WordChip tone="warn" word="outdated" /> : null}</p>
            {statement === '' ? null : <p className="selectable"><HostileText text={statement} layout="block" /></p>}
            <p className="small sub">Signed with the key of <HostileText text={by} />, <Time iso={at} style="full" age />.{isOutdated ? ' Something that matters was recorded which this signature does not cover.' : ''}</p>
          </li>
        ))}</ul>
      )}
      {isAsking ? <SignForm role={step.signs ?? ''} roleTitle={role?.title ?? step.signs ?? ''} likely={role?.names.length === 1 ? role.names[0] ?? '' : ''} {...part} onRecorded={(fresh) => { setAgain(false); onRecorded(fresh); }} {...(isAgain ? { onCancel: () => setAgain(false) } : {})} /> : null}
      {isOpen && !isAsking ? <div><Button look="quiet" icon={Signature} onClick={() => setAgain(true)}>Sign again…</Button></div> : null}
    </section>
  );
}

interface SignFormProps extends StepPartProps { readonly role: string; readonly roleTitle: string; readonly likely: string; readonly onCancel?: () => void }

function SignForm({ role, roleTitle, likely, onCancel, ...part }: SignFormProps) {
  const [name, setName] = useState(likely);
  const [verdict, setVerdict] = useState<Verdict | 'none'>('none');
  const [statement, setStatement] = useState('');
  const [isTried, setTried] = useState(false);
  const events = part.run.authors.reduce((sum, author) => sum + author.events, 0);
  const sign = useRecord(part, (said: Verdict) => call('run.sign', { runId: part.run.runId, step: part.stepId, role, name: name.trim(), verdict: said, statement: statement.trim() }));
  const needsStatement = verdict === 'conditional' || verdict === 'refused';
  const lacks = { name: name.trim() === '' ? 'Name who signs.' : null, verdict: verdict === 'none' ? 'Choose a verdict.' : null, statement: needsStatement && statement.trim() === '' ? (verdict === 'refused' ? 'Say what is refused.' : 'Say what the condition is.') : null };
  function submit(event: FormEvent): void {
    event.preventDefault();
    setTried(true);
    if (verdict !== 'none' && lacks.name === null && lacks.statement === null) void sign.run(verdict);
  }
  return (
    <form className="stack step-form" aria-label="Sign" noValidate onSubmit={submit}>
      <p className="small sub">You sign as <HostileText text={roleTitle} />, with the key of this profile, everything that is recorded in this run up to now: {plural(events, 'event')}, in all steps and not only in this one. What is recorded later makes the signature outdated.</p>
      <Field label="Name" error={isTried ? lacks.name : null}>{(ids) => <input {...ids} className="input" value={name} maxLength={120} autoComplete="off" onChange={(event) => setName(event.target.value)} />}</Field>
      <Choices label="Verdict" chosen={verdict} onChoose={setVerdict} choices={[{ id: 'approved', title: 'Approved', text: 'Nothing stands against it.' }, { id: 'conditional', title: 'Conditional', text: 'Approved under a condition, which the statement names.' }, { id: 'refused', title: 'Refused', text: 'The step fails, and the statement says why.' }]} />
      {isTried && lacks.verdict !== null ? <p className="field-error" role="alert">{lacks.verdict}</p> : null}
      <Field label="Statement" optional={!needsStatement} error={isTried ? lacks.statement : null}>{(ids) => <textarea {...ids} className="textarea" rows={2} value={statement} maxLength={1000} onChange={(event) => setStatement(event.target.value)} />}</Field>
      {sign.error === null ? null : <ErrorNote error={sign.error} />}
      <div className="row"><Button type="submit" look="main" icon={Signature} busy={sign.busy}>Sign</Button>{onCancel === undefined ? null : <Button look="quiet" onClick={onCancel}>Cancel</Button>}</div>
    </form>
  );
}
