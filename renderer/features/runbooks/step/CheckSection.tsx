// The live check of a step: what it asks, what was seen, when and by whom; runs it again, and takes what a person saw where the console cannot look.
import { useRef, useState } from 'react';
import { Eye, Radio } from 'lucide-react';
import type { StepStanding } from '#shared/domain/runbook-run.ts';
import type { RunView } from '#shared/domain/runbook-view.ts';
import { Button } from '../../../components/Button.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { useFocusHome } from '../../../components/focus-home.ts';
import { HostileText } from '../../../components/HostileText.tsx';
import { Note } from '../../../components/Note.tsx';
import { ProgressLine } from '../../../components/ProgressLine.tsx';
import { StateChip } from '../../../components/StateChip.tsx';
import { Time } from '../../../components/Time.tsx';
import { WordChip } from '../../../components/WordChip.tsx';
import { call } from '../../../lib/client.ts';
import { useJob } from '../../../lib/jobs.ts';
import { checkSentence } from '../library/pack-words.ts';
import { AttestForm } from './AttestForm.tsx';
import type { PlacedStep } from './step-words.ts';
import { useRecord } from './use-record.ts';
import type { StepPartProps } from './use-record.ts';

/** Why nothing can be asked from here; null: it can. */
function whyNotAsked(deployment: RunView['deployment']) {
  if (deployment === null) return <>This run is about no deployment, so there is nothing to ask.</>;
  if (deployment.deploymentId === null) return <>This profile has no deployment at <span className="mono"><HostileText text={deployment.url} /></span>, so it cannot be asked from here.</>;
  return null;
}

export function CheckSection({ placed: { step, standing }, isOpen, ...part }: StepPartProps & { readonly placed: PlacedStep; readonly isOpen: boolean }) {
  const { deployment, runId } = part.run;
  const deploymentId = deployment?.deploymentId ?? null;
  const [isAttesting, setAttesting] = useState(false);
  const job = useJob('run.check', deploymentId);
  const check = useRecord(part, () => call('run.check', { runId, step: step.id }));
  const home = useRef<HTMLElement>(null);
  // The way to cancel goes when the check ends, and must not take the focus with it.
  useFocusHome(home, check.error === null || check.busy ? null : `${check.error.wire.id} ${job === null}`);
  const whyNot = whyNotAsked(deployment);
  const needsPerson = whyNot !== null || (check.error !== null && check.error.wire.code !== 'cancelled');
  const isWanted = standing.check === null || standing.check.isStale || standing.check.result !== 'pass';
  if (step.check === undefined) return null;
  return (
    <section ref={home} tabIndex={-1} className="step-part" aria-label="Live check">
      <p className="label">Live check</p>
      <p className="sub"><HostileText text={checkSentence(step.check)} />{whyNot === null ? <> Asked of <HostileText text={deployment?.name ?? ''} />, read-only.</> : null}</p>
      {standing.check === null ? <p className="dim">It was not run yet.</p> : <CheckResult check={standing.check} />}
      {whyNot === null ? null : <Note><p>{whyNot} {isOpen ? 'Somebody who can see it may attest it by hand, with a name.' : null}</p></Note>}
      {job === null || !check.busy ? null : <ProgressLine job={job} />}
      {check.error === null ? null : check.error.wire.code === 'cancelled' ? <Note><p role="status">Cancelled. Nothing was recorded.</p></Note> : <ErrorNote error={check.error} />}
      {isOpen && !isAttesting ? (
        <div className="row row-wrap">
          {whyNot === null ? <Button look={isWanted && !needsPerson ? 'main' : 'plain'} icon={Radio} busy={check.busy} onClick={() => { void check.run(); }}>{standing.check === null ? 'Check now' : 'Check again'}</Button> : null}
          <Button look={needsPerson ? 'plain' : 'quiet'} icon={Eye} onClick={() => setAttesting(true)}>Attest by hand…</Button>
        </div>
      ) : null}
      {isOpen && isAttesting ? <AttestForm {...part} onRecorded={(fresh) => { setAttesting(false); check.clear(); part.onRecorded(fresh); }} onCancel={() => setAttesting(false)} /> : null}
    </section>
  );
}

function CheckResult({ check: { result, seen, because, source, observedAt, attestedBy, isStale } }: { readonly check: NonNullable<StepStanding['check']> }) {
  return (
    <div className="step-check">
      <div className="row row-wrap">{isStale ? <><StateChip state="stale" /><span className="sub small">It was {result} then. That is too old to count.</span></> : <StateChip state={result} />}{attestedBy === null ? null : <WordChip tone="unknown" word="attested by hand" icon={Eye} />}</div>
      <dl className="facts">
        <dt>Seen</dt><dd className="selectable"><HostileText text={seen === '' ? 'nothing' : seen} /></dd>
        {because === '' || attestedBy !== null ? null : <><dt>Because</dt><dd className="selectable"><HostileText text={because} /></dd></>}
        <dt>Source</dt><dd className="mono selectable"><HostileText text={source} /></dd>
        <dt>Looked at</dt><dd><Time iso={observedAt} style="full" age /></dd>
        {attestedBy === null ? null : <><dt>Attested by</dt><dd><HostileText text={attestedBy} /></dd></>}
      </dl>
    </div>
  );
}
