// What can be recorded for the next step from the small window. What is not proven cannot be ticked here; core says what is lacking.
import { useState } from 'react';
import { Check, Play, Radar } from 'lucide-react';
import type { RunView } from '#shared/domain/runbook-view.ts';
import { Button } from '../../../components/Button.tsx';
import { Field } from '../../../components/Field.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { WordChip } from '../../../components/WordChip.tsx';
import { focusAtOnce } from '../../security/ExceptionSection.tsx';
import { outcomeWord } from '../step/step-words.ts';
import type { PlacedStep } from '../step/step-words.ts';
import { TimerLeft } from '../step/TimerLeft.tsx';
import { useRecord, useStepRecord } from './use-record.ts';

interface NextOutcomeProps { readonly run: RunView; readonly placed: PlacedStep }
type Asking = 'failed' | 'skipped' | 'decision' | null;

const RESULT_LOOKS = { pass: { tone: 'pass', word: 'check passed' }, fail: { tone: 'fail', word: 'check failed' }, unknown: { tone: 'unknown', word: 'check could not tell' } } as const;

export function NextOutcome({ run, placed: { step, standing } }: NextOutcomeProps) {
  const [asking, setAsking] = useState<Asking>(null);
  const [reason, setReason] = useState('');
  const tick = useStepRecord('run.step', 'The outcome is recorded.');
  const check = useStepRecord('run.check', 'The check has its answer.');
  const timer = useStepRecord('run.timer', 'The timer runs.');
  const decide = useRecord('run.decide', 'The decision is recorded.');
  const at = { runId: run.runId, step: step.id };
  const record = (outcome: 'done' | 'failed' | 'skipped' | 'not-applicable', note = ''): void => { void tick.run({ ...at, outcome, note }); };
  const error = tick.error ?? check.error ?? timer.error ?? decide.error;
  const refusal = error === null ? null : <p className="small text-fail" role="alert"><HostileText text={error.wire.message} /> {error.wire.hint}</p>;
  const isWhole = step.kind !== 'sign-off' && step.kind !== 'decision';
  const isTimed = standing.timer !== null && standing.timer.state !== 'stopped';

  if (asking !== null) {
    return (
      <form className="stack-small" aria-label={asking === 'decision' ? 'Decide' : 'Why'} noValidate onSubmit={(event) => { event.preventDefault(); if (asking !== 'decision' && (asking === 'failed' || reason.trim() !== '')) record(asking, reason.trim()); }}>
        <Field label={asking === 'skipped' ? 'Why it is skipped' : asking === 'failed' ? 'What failed' : 'Why'} optional={asking === 'failed'}>{(ids) => <input {...ids} className="input" value={reason} maxLength={1000} autoComplete="off" ref={focusAtOnce} onChange={(event) => setReason(event.target.value)} />}</Field>
        <div className="run-compact-acts">
          {asking === 'decision' ? step.options?.map(({ id, title, ends }) => <Button key={id} disabled={reason.trim() === ''} busy={decide.busy} onClick={() => { void decide.run({ ...at, option: id, reason: reason.trim() }); }}><HostileText text={title} />{ends === true ? ' (ends the run)' : ''}</Button>)
            : <Button type="submit" look="main" disabled={asking === 'skipped' && reason.trim() === ''} busy={tick.busy}>{outcomeWord(asking, run.pack.words)}</Button>}
          <Button look="quiet" onClick={() => { setAsking(null); setReason(''); }}>Back</Button>
        </div>
        {refusal}
      </form>
    );
  }
  return (
    <div className="stack-small">
      {standing.check === null ? null : <div className="row row-wrap"><WordChip {...(standing.check.isStale ? { tone: 'warn' as const, word: 'answer is stale' } : RESULT_LOOKS[standing.check.result])} /><span className="small sub"><HostileText text={standing.check.seen} /></span></div>}
      {standing.timer === null ? null : <TimerLeft timer={standing.timer} title={step.title} />}
      {isWhole && standing.unproven !== null ? <p className="small sub">{standing.unproven}{step.kind === 'evidence' || step.evidence !== undefined ? ' Add it in the whole window.' : ''}</p> : null}
      {step.kind === 'sign-off' ? <p className="small sub">It is signed in the whole window.</p> : null}
      <div className="run-compact-acts">
        {step.kind === 'live-check' ? <Button look={standing.unproven === null ? 'plain' : 'main'} icon={Radar} busy={check.busy} onClick={() => { void check.run(at); }}>{standing.check === null ? 'Run the check' : 'Check again'}</Button> : null}
        {step.kind === 'timer' && !isTimed ? <Button look="main" icon={Play} busy={timer.busy} onClick={() => { void timer.run({ ...at, action: 'started' }); }}>Start the timer</Button> : null}
        {step.kind === 'decision' ? <Button look="main" onClick={() => setAsking('decision')}>Decide…</Button> : null}
        {isWhole ? <Button look={standing.unproven === null ? 'main' : 'plain'} icon={Check} disabled={standing.unproven !== null} busy={tick.busy} onClick={() => record('done')}>{outcomeWord('done', run.pack.words)}</Button> : null}
        <Button onClick={() => setAsking('failed')}>{outcomeWord('failed', run.pack.words)}…</Button>
        <Button onClick={() => setAsking('skipped')}>Skip…</Button>
        <Button look="quiet" busy={tick.busy} onClick={() => record('not-applicable')}>Not applicable</Button>
      </div>
      {refusal}
    </div>
  );
}
