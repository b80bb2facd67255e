// The log of decisions, the newest first: what was decided, why, by whom; and a way to record one that belongs to no step.
import { useState } from 'react';
import { Gavel } from 'lucide-react';
import type { RunView } from '#shared/domain/runbook-view.ts';
import { Button } from '../../../../components/Button.tsx';
import { ErrorNote } from '../../../../components/ErrorNote.tsx';
import { Field } from '../../../../components/Field.tsx';
import { HostileText } from '../../../../components/HostileText.tsx';
import { Time } from '../../../../components/Time.tsx';
import { WordChip } from '../../../../components/WordChip.tsx';
import { placedStep } from '../run-words.ts';
import { useRecord } from '../use-record.ts';
import { SideScroll } from './SideScroll.tsx';

interface DecisionsTabProps { readonly run: RunView; readonly onStep: (step: string) => void }

export function DecisionsTab({ run, onStep }: DecisionsTabProps) {
  const [option, setOption] = useState('');
  const [reason, setReason] = useState('');
  const action = useRecord('run.decide', 'The decision is recorded.');
  const isReady = option.trim() !== '' && reason.trim() !== '';
  return (
    <SideScroll label="Decisions of the run" changed={run.decisions}>
      {run.decisions.length === 0 ? <p className="sub">Nothing was decided yet.</p> : (
        <ol className="run-lines" aria-label="Decisions, the newest first">
          {run.decisions.toReversed().map(({ event, at, step, option: chosen, reason: why, by, isTrusted }) => {
            const placed = placedStep(run, step);
            const title = placed?.step.options?.find(({ id }) => id === chosen)?.title ?? chosen;
            return (
              <li key={event}>
                <p className="run-line-main"><HostileText text={title} /></p>
                <p><HostileText text={why} layout="block" /></p>
                <p className="small sub"><Time iso={at} /> · <HostileText text={by} /></p>
                {isTrusted ? null : <WordChip tone="unknown" word="not trusted yet" />}
                {placed === null ? null : <button type="button" className="link-quiet small" onClick={() => onStep(placed.step.id)}><HostileText text={placed.step.title} /></button>}
              </li>
            );
          })}
        </ol>
      )}
      {run.ended === null ? (
        <form className="run-side-form" aria-label="Record a decision" noValidate onSubmit={(event) => { event.preventDefault(); if (isReady) void action.run({ runId: run.runId, step: null, option: option.trim(), reason: reason.trim() }).then((done) => { if (done) { setOption(''); setReason(''); } }); }}>
          <h3>Record a decision</h3>
          <Field label="Decided">{(ids) => <input {...ids} className="input" value={option} maxLength={200} autoComplete="off" onChange={(event) => setOption(event.target.value)} />}</Field>
          <Field label="Why">{(ids) => <textarea {...ids} className="textarea" rows={2} value={reason} maxLength={1000} onChange={(event) => setReason(event.target.value)} />}</Field>
          {action.error === null ? null : <ErrorNote error={action.error} kept="What you typed stays here." />}
          <div className="row"><Button type="submit" icon={Gavel} disabled={!isReady} busy={action.busy}>Record the decision</Button></div>
        </form>
      ) : null}
    </SideScroll>
  );
}
