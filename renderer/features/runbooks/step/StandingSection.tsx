// How a step stands: by whom, when, with which words; what is not proven, not trusted or overridden says so, and people who disagree stand side by side.
import type { RunView } from '#shared/domain/runbook-view.ts';
import { HostileText } from '../../../components/HostileText.tsx';
import { Note } from '../../../components/Note.tsx';
import { Time } from '../../../components/Time.tsx';
import { WordChip } from '../../../components/WordChip.tsx';
import { heldBackBy, outcomeWord, placedSteps, stateWordOf } from './step-words.ts';
import type { PlacedStep } from './step-words.ts';

interface StandingProps { readonly run: RunView; readonly placed: PlacedStep }

const TONES = { open: 'info', waiting: 'info', done: 'good', claimed: 'age', overridden: 'age', failed: 'bad', skipped: 'info', 'not-applicable': 'info', conflict: 'bad' } as const;

export function StandingSection({ run, placed: { step, standing } }: StandingProps) {
  const { state, by, at, note, isTrusted, override, carriedFrom, unproven } = standing;
  const waitsFor = state === 'waiting' ? heldBackBy(placedSteps(run), step.id) : null;
  if (state === 'conflict') return <ConflictSection run={run} stepId={step.id} standing={standing} />;
  if (state === 'waiting') return <Note><p className="note-main">It waits{waitsFor === null ? null : <> for “<HostileText text={waitsFor.title} />”</>}, which blocks. Nothing can be recorded here before that is settled.</p></Note>;
  if (by === null || at === null) return null;
  const word = state === 'open' ? 'Reopened' : stateWordOf(state, run.pack.words);
  const isUntrusted = !isTrusted && state !== 'open';
  return (
    <Note tone={isUntrusted ? 'age' : TONES[state]}>
      <p className="note-main"><span className="step-said">{word}</span> by <HostileText text={by} />, <Time iso={at} age />.</p>
      {state === 'claimed' ? <p>Somebody said it is done, and nothing proves it: it does not count as done. {unproven}</p> : null}
      {override === null ? null : <p>{state === 'overridden' ? 'It was not proven and went on with this reason' : 'An override was given'}: “<HostileText text={override} />”</p>}
      {isUntrusted ? <p>It comes from somebody who is not trusted yet, so it does not count as done. Compare the fingerprint with that person, then trust it under People.</p> : null}
      {note === '' ? null : <p className="step-note selectable"><HostileText text={note} layout="block" /></p>}
      {carriedFrom === null ? null : <p className="small sub">Carried over from an earlier run, because the text of the step is the same: <span className="mono">{carriedFrom}</span></p>}
    </Note>
  );
}

/** Two outcomes of one step that did not know each other. */
function ConflictSection({ run, stepId, standing }: { readonly run: RunView; readonly stepId: string; readonly standing: PlacedStep['standing'] }) {
  const decisions = run.decisions.filter(({ step }) => step === stepId);
  const signs = run.signatures.filter(({ step, isOutdated }) => step === stepId && !isOutdated);
  const isOfClaims = new Set(standing.claims.map(({ outcome }) => outcome)).size > 1;
  const options = run.pack.sections.flatMap(({ steps }) => steps).find(({ id }) => id === stepId)?.options ?? [];
  const sides = isOfClaims
    ? standing.claims.map(({ event, outcome, by, at, note, isTrusted }) => ({ key: event, word: outcomeWord(outcome, run.pack.words), by, at, note, isTrusted }))
    : decisions.length > 0
      ? decisions.map(({ event, option, reason, by, at, isTrusted }) => ({ key: event, word: options.find(({ id }) => id === option)?.title ?? option, by, at, note: reason, isTrusted }))
      : signs.map(({ event, verdict, statement, by, at, isTrusted }) => ({ key: event, word: verdict, by, at, note: statement, isTrusted }));
  return (
    <section className="step-conflict" aria-label="Conflict">
      <Note tone="bad">
        <p className="note-main">People recorded different {isOfClaims ? 'outcomes' : decisions.length > 0 ? 'decisions' : 'verdicts'} without knowing of each other. Nothing was chosen.</p>
        <p>Talk to each other, then {isOfClaims ? 'record the outcome' : decisions.length > 0 ? 'decide again' : 'sign again'} below: what you record now knows all of these and takes their place. They stay in the timeline.</p>
      </Note>
      <ul className="step-sides">{sides.map(({ key, word, by, at, note, isTrusted }) => (
        <li key={key} className="step-side">
          <p className="step-side-word"><HostileText text={word} /></p>
          <p><HostileText text={by} /> {isTrusted ? null : <WordChip tone="unknown" word="not trusted yet" />}</p>
          <p className="small sub"><Time iso={at} age /></p>
          {note === '' ? null : <p className="small selectable step-note"><HostileText text={note} layout="block" /></p>}
        </li>
      ))}</ul>
    </section>
  );
}
