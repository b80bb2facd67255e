// A phase that is done, was left, or is still to come: what it asked for, and the answers by which its step was proven.
import type { Ref } from 'react';
import type { RotationView } from '#shared/contract/rotation.ts';
import type { RotationPhase } from '#shared/domain/rotation.ts';
import { nextEnvironment, PHASE_WORDS } from '#shared/domain/rotation-words.ts';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { Note } from '../../../components/Note.tsx';
import { Skeleton } from '../../../components/Skeleton.tsx';
import { Time } from '../../../components/Time.tsx';
import { AnswersTable } from './AnswersTable.tsx';
import { keptRows, presentRows } from './answer-words.ts';
import { phaseProofs, stepState } from './phase-proof.ts';
import type { RecordState } from './use-rotation.ts';
import { WhatToDo } from './WhatToDo.tsx';

interface PhasePastProps { readonly view: RotationView; readonly phase: RotationPhase; readonly record: RecordState; readonly heading: Ref<HTMLHeadingElement> }

export function PhasePast({ view, phase, record, heading }: PhasePastProps) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable by keyboard.
    <div className="scroll phase-body" role="region" aria-label="This phase" tabIndex={0}>
      <h3 tabIndex={-1} ref={heading}>{PHASE_WORDS[phase].title}</h3>
      <Answers view={view} phase={phase} record={record} />
      <WhatToDo phase={phase} todo={PHASE_WORDS[phase].todo} environment={nextEnvironment(phase)} isOpen={stepState(phase, view) === 'to-come'} />
    </div>
  );
}

function Answers({ view, phase, record: { record, error, retry } }: Omit<PhasePastProps, 'heading'>) {
  const state = stepState(phase, view);
  if (state === 'to-come') return <Note>{view.outcome === 'open' ? 'This phase is still to come. Its lines and its steps can be read ahead; nothing is asked for it yet.' : 'The rotation ended before this phase.'}</Note>;
  if (state === 'left') return view.probe === null ? <Note>The nodes were not asked in this phase before the rotation was abandoned.</Note> : (
    <section className="answers-section" aria-label="Answers of the nodes">
      <Note>The last answers before the rotation was abandoned. They led to no step.</Note>
      <AnswersTable rows={presentRows(view)} worth={view.probe.void === null ? 'old' : 'void'} label="Answers of the nodes" />
    </section>
  );
  if (state === 'claimed') return <Note tone="bad"><HostileText text={`The record does not verify, so this phase is not proven. ${view.record.message}`} /></Note>;
  if (record === null) return error === null ? <Skeleton lines={5} label="Reading the record" /> : <ErrorNote error={error} onRetry={retry} />;
  const proof = phaseProofs(record.entries).get(phase);
  if (proof === undefined) return <Note tone="age">The record holds no proof of this phase that can be judged here.</Note>;
  return (
    <section className="answers-section" aria-label="Answers of the nodes">
      <Note tone={view.record.verdict === 'key-unknown' ? 'info' : 'good'}><p className="note-main">Proven by entry {proof.seq} of the record. Marked done by <HostileText text={proof.actor} /> at <Time iso={proof.advancedAt} style="full" />.</p></Note>
      {proof.judged.isProof ? null : <Note>The old tokens had expired by then; they were seen to be accepted together with the new one before.</Note>}
      <AnswersTable rows={keptRows(proof.judged)} worth="proven" label="Answers of the nodes" />
    </section>
  );
}
