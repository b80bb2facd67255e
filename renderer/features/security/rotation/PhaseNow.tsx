// The present phase of an open rotation: what to do, what the nodes answer, and the step that core alone can allow.
import { useState } from 'react';
import type { Ref } from 'react';
import { Check, Radar } from 'lucide-react';
import type { RotationView } from '#shared/contract/rotation.ts';
import { NEXT } from '#shared/domain/rotation.ts';
import { PHASE_WORDS } from '#shared/domain/rotation-words.ts';
import { Button } from '../../../components/Button.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { Note } from '../../../components/Note.tsx';
import { ProgressLine } from '../../../components/ProgressLine.tsx';
import { Time } from '../../../components/Time.tsx';
import { WordChip } from '../../../components/WordChip.tsx';
import { plural } from '../../../lib/format.ts';
import { useJob } from '../../../lib/jobs.ts';
import { AnswersTable } from './AnswersTable.tsx';
import { presentRows, worthOf } from './answer-words.ts';
import { ConsentNote, useProbesAllowed } from './ConsentNote.tsx';
import { CoreWords } from './CoreWords.tsx';
import { rotationTasks } from './rotation-task.ts';
import { WhatToDo } from './WhatToDo.tsx';

/** Reasons that are shown at once; the others unfold. Where the proof is void, that alone says enough. */
const SHOWN = 2;

export function PhaseNow({ view, heading }: { readonly view: RotationView; readonly heading: Ref<HTMLHeadingElement> }) {
  const { deploymentId, phase, probe, plan, todo, environment, warnings } = view;
  const task = rotationTasks.useTask(deploymentId);
  const probing = useJob('rotation.probe', deploymentId);
  const advancing = useJob('rotation.advance', deploymentId);
  const job = probing ?? advancing;
  const isRunning = task.running || job !== null;
  const isAllowed = useProbesAllowed(deploymentId);
  const rows = presentRows(view);
  const worth = worthOf(view);
  // What voids the proof comes first: nothing else matters until it is mended.
  const isVoid = worth === 'void';
  const notes = warnings.map((warning) => <Note key={warning} tone="age"><HostileText text={warning} /></Note>);
  const isAskedFor = worth !== 'fresh' || probe === null || !probe.isProof;
  return (
    <>
      {isRunning ? (job === null ? <div className="progress-line" role="status"><progress className="progress" aria-label="Starting" /><span>Starting…</span></div> : <ProgressLine job={job} />) : null}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable by keyboard. */}
      <div className="scroll phase-body" role="region" aria-label="This phase" tabIndex={0}>
        <h3 tabIndex={-1} ref={heading}>{PHASE_WORDS[phase].title}</h3>
        {task.error === null ? null : task.error.wire.code === 'cancelled' ? <Note>Cancelled. Answers that came before are kept as they were; nothing was marked done.</Note> : <ErrorNote error={task.error} />}
        {isVoid ? null : notes}
        <WhatToDo phase={phase} todo={todo} environment={environment} isOpen={probe === null} />
        <section className="answers-section" aria-label="Answers of the nodes">
          <header className="answers-head">
            <p className="label">Answers of the nodes</p>
            <span className="small sub">{probe === null ? 'Not asked in this phase yet' : <>asked at <Time iso={probe.at} style="full" age /></>}</span>
            <span className="grow" />
            <Button look={isAskedFor ? 'main' : 'plain'} icon={Radar} busy={isRunning} disabled={plan.length === 0 || isAllowed !== true} onClick={() => { void rotationTasks.start(deploymentId, { deploymentId, done: null }); }}>Probe now</Button>
          </header>
          {plan.length === 0 ? null : <ConsentNote deploymentId={deploymentId} />}
          {probe === null || probe.void === null ? null : <Note tone="bad"><p className="note-main" role="status"><HostileText text={probe.void.message} /></p></Note>}
          {worth === 'other-tokens' ? <Note tone="age">The tokens were changed since. Probe again: these answers prove nothing about the new ones.</Note> : null}
          {worth === 'old' ? <Note tone="age">These answers are older than ten minutes. Probe again before the step.</Note> : null}
          {plan.length === 0 ? <p className="sub">Give one token of the old key and one of the new key first. Nothing can be asked before.</p> : (
            <>
              <WhatIsSent plan={plan} />
              <AnswersTable rows={rows} worth={worth} label="Answers of the nodes" />
            </>
          )}
        </section>
        {isVoid ? notes : null}
      </div>
      <StepFoot view={view} isRunning={isRunning} />
    </>
  );
}

/** Named before it is sent. */
function WhatIsSent({ plan }: { readonly plan: RotationView['plan'] }) {
  const nodes = [...new Set(plan.map(({ node }) => node))].map((node) => ({ node, asks: plan.filter((one) => one.node === node) }));
  return (
    <details className="sent">
      <summary>{plural(plan.length, 'request')} that only read, at most two a second at one node</summary>
      <ul>
        {nodes.map(({ node, asks }) => <li key={node}><span className="mono"><HostileText text={`${asks[0]?.request ?? ''} at ${node}`} /></span> <span className="dim">with, one after the other: {asks.map(({ token }) => token).join(', ')}</span></li>)}
      </ul>
    </details>
  );
}

function StepFoot({ view, isRunning }: { readonly view: RotationView; readonly isRunning: boolean }) {
  const { deploymentId, phase, lacking } = view;
  const [isOpen, setOpen] = useState(false);
  const next = NEXT[phase];
  const proofVoid = view.probe?.void ?? null;
  const first = proofVoid === null ? SHOWN : 1;
  const shown = isOpen ? lacking : lacking.slice(0, first);
  return (
    <section className="step-foot" aria-label="The next step">
      {lacking.length === 0 ? (
        <p className="step-why"><WordChip tone="pass" word="proven" /> <span>{next === 'finished' ? 'Every answer that counts is as it should be. The rotation can be finished, and its record is signed then.' : `Every answer that counts is as it should be. Next: ${PHASE_WORDS[next].title}.`}</span></p>
      ) : (
        <div className="step-why">
          <WordChip tone="unknown" word="not proven" />
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a list that scrolls must be reachable by keyboard. */}
          <ul aria-label="What is lacking" tabIndex={0}>{shown.map((reason) => <li key={reason}>{reason === proofVoid?.message ? 'The proof is void, for the reason above.' : <CoreWords text={reason} />}</li>)}</ul>
          {lacking.length > first ? <button type="button" className="more-reasons" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>{isOpen ? 'Fewer' : `${lacking.length - first} more`}</button> : null}
        </div>
      )}
      <Button look={lacking.length === 0 ? 'main' : 'plain'} icon={Check} disabled={lacking.length > 0} busy={isRunning && lacking.length === 0} onClick={() => { void rotationTasks.start(deploymentId, { deploymentId, done: phase }); }}>
        {next === 'finished' ? 'Done, finish and sign' : `Done, next: ${PHASE_WORDS[next].title}`}
      </Button>
    </section>
  );
}
