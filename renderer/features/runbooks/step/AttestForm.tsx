// Takes what a person saw in place of a live check: who looked, whether it held, and what was seen. It stands as attested by hand wherever it is shown.
import { useState } from 'react';
import type { FormEvent } from 'react';
import { Eye } from 'lucide-react';
import { Button } from '../../../components/Button.tsx';
import { Choices } from '../../../components/Choices.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { Field } from '../../../components/Field.tsx';
import { call } from '../../../lib/client.ts';
import { focusAtOnce } from '../../security/ExceptionSection.tsx';
import { useRecord } from './use-record.ts';
import type { StepPartProps } from './use-record.ts';

const LEAST_SEEN = 3;

export function AttestForm({ onCancel, ...part }: StepPartProps & { readonly onCancel: () => void }) {
  const [by, setBy] = useState('');
  const [seen, setSeen] = useState('');
  const [result, setResult] = useState<'pass' | 'fail' | 'none'>('none');
  const [isTried, setTried] = useState(false);
  const attest = useRecord(part, (said: 'pass' | 'fail') => call('run.attest', { runId: part.run.runId, step: part.stepId, by: by.trim(), result: said, seen: seen.trim() }));
  const lacks = { by: by.trim() === '' ? 'Name who looked.' : null, seen: seen.trim().length < LEAST_SEEN ? 'Say what was seen, and where.' : null, result: result === 'none' ? 'Say whether it held.' : null };
  function submit(event: FormEvent): void {
    event.preventDefault();
    setTried(true);
    if (result !== 'none' && lacks.by === null && lacks.seen === null) void attest.run(result);
  }
  return (
    <form className="stack step-form" aria-label="Attest by hand" noValidate onSubmit={submit}>
      <p className="small sub">Somebody looked in place of the console. It is recorded as attested by hand, with the name, and grows old like an answer of the check.</p>
      <Field label="Who looked" error={isTried ? lacks.by : null}>{(ids) => <input {...ids} className="input" value={by} maxLength={120} autoComplete="off" ref={focusAtOnce} onChange={(event) => setBy(event.target.value)} />}</Field>
      <Field label="What was seen" error={isTried ? lacks.seen : null}>{(ids) => <textarea {...ids} className="textarea" rows={2} value={seen} maxLength={500} onChange={(event) => setSeen(event.target.value)} />}</Field>
      <Choices label="Did it hold?" chosen={result} onChoose={setResult} choices={[{ id: 'pass', title: 'It held', text: 'What was seen is what the check asks for.' }, { id: 'fail', title: 'It did not hold', text: 'Then the step cannot be called done.' }]} />
      {isTried && lacks.result !== null ? <p className="field-error" role="alert">{lacks.result}</p> : null}
      {attest.error === null ? null : <ErrorNote error={attest.error} />}
      <div className="row"><Button type="submit" look="main" icon={Eye} busy={attest.busy}>Attest</Button><Button look="quiet" onClick={onCancel}>Cancel</Button></div>
    </form>
  );
}
