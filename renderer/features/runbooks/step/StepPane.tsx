// One step of a run: its text, how it stands, what proves it, and what can be recorded. It shows nothing that core did not answer.
import { useId, useMemo, useRef, useState } from 'react';
import type { ClipboardEvent, RefObject } from 'react';
import { OctagonPause } from 'lucide-react';
import type { RunView } from '#shared/domain/runbook-view.ts';
import { isSettled } from '#shared/domain/runbook-steps.ts';
import { EmptyState } from '../../../components/EmptyState.tsx';
import { useFocusHome } from '../../../components/focus-home.ts';
import { HostileText } from '../../../components/HostileText.tsx';
import { Note } from '../../../components/Note.tsx';
import { formatBytes } from '../../../lib/format.ts';
import { STEP_WORDS } from '../library/pack-words.ts';
import { MarkdownText } from '../markdown/MarkdownText.tsx';
import type { Adding } from './AddEvidenceForm.tsx';
import { CheckSection } from './CheckSection.tsx';
import { DecisionSection } from './DecisionSection.tsx';
import { EvidenceSection } from './EvidenceSection.tsx';
import { OutcomeSection } from './OutcomeSection.tsx';
import { SignSection } from './SignSection.tsx';
import { StandingSection } from './StandingSection.tsx';
import { StepChip } from './StepMark.tsx';
import { lookOf, placedSteps } from './step-words.ts';
import type { PlacedStep } from './step-words.ts';
import { TimerSection } from './TimerSection.tsx';
import { useRunRefresh } from './use-run-refresh.ts';
import './step.css';

/** Bytes whose base64 one message may carry: 1,500,000 characters. */
const PASTE_MAX_BYTES = 1_125_000;

interface StepPaneProps {
  readonly run: RunView;
  /** An id of the run's pack. */
  readonly step: string;
  /** Called when a recorded outcome settled the step. */
  readonly onMoveOn?: () => void;
}

export function StepPane({ run, step: stepId, onMoveOn }: StepPaneProps) {
  useRunRefresh(run);
  const placed = useMemo(() => placedSteps(run).find(({ step }) => step.id === stepId), [run, stepId]);
  const home = useRef<HTMLHeadingElement>(null);
  const [recorded, setRecorded] = useState(0);
  const now = `${stepId} ${recorded} ${JSON.stringify(placed?.standing ?? null)} ${run.ended === null}`;
  const [first] = useState(now);
  // What took the focus away with it gives it back to the title; at first the focus stays where the admin has it.
  useFocusHome(home, now === first ? null : now);
  if (placed === undefined) return <EmptyState title="No such step">This runbook has no step {stepId}.</EmptyState>;
  return (
    <StepBody key={stepId} run={run} placed={placed} home={home} onRecorded={(fresh) => {
      setRecorded((count) => count + 1);
      const standing = fresh.steps.find((each) => each.step === stepId);
      if (standing !== undefined && isSettled(standing) && !isSettled(placed.standing)) onMoveOn?.();
    }} />
  );
}

interface StepBodyProps { readonly run: RunView; readonly placed: PlacedStep; readonly home: RefObject<HTMLHeadingElement | null>; readonly onRecorded: (fresh: RunView) => void }

function StepBody({ run, placed, home, onRecorded }: StepBodyProps) {
  const { step, section, standing } = placed;
  const titleId = useId();
  const [adding, setAdding] = useState<Adding | null>(null);
  const [refusal, setRefusal] = useState<string | null>(null);
  const isEnded = run.ended !== null;
  const isOpen = !isEnded && standing.state !== 'waiting';
  const part = { run, stepId: step.id, onRecorded };

  async function paste(event: ClipboardEvent): Promise<void> {
    const image = [...event.clipboardData.files].find(({ type }) => type === 'image/png' || type === 'image/jpeg');
    if (image === undefined || isEnded) return;
    event.preventDefault();
    setRefusal(null);
    if (image.size > PASTE_MAX_BYTES) return setRefusal(`This image has ${formatBytes(image.size)}, and at most ${formatBytes(PASTE_MAX_BYTES)} can be pasted. Save it to a file, and add the file.`);
    const type = image.type === 'image/png' ? 'image/png' : 'image/jpeg';
    setAdding({ source: 'clipboard', bytes: new Uint8Array(await image.arrayBuffer()), type, name: type === 'image/png' ? 'pasted.png' : 'pasted.jpg' });
    return undefined;
  }

  return (
    // It takes the focus from a click into its text, so that an image can be pasted there.
    <section className="step-pane" aria-labelledby={titleId} tabIndex={-1} onPaste={(event) => { void paste(event); }}>
      <header className="step-head">
        <div className="row row-wrap"><StepChip look={lookOf(standing, run.pack.words)} /><span className="small sub">{STEP_WORDS[step.kind]}</span>{step.gate === 'blocks' ? <span className="small sub step-about-mark"><OctagonPause size={12} aria-hidden />blocks what comes after it in its section</span> : null}</div>
        <h2 id={titleId} tabIndex={-1} ref={home}><HostileText text={step.title} /></h2>
        <p className="small dim"><HostileText text={section.title} />{step.role === undefined ? null : <> · <RoleText run={run} role={step.role} /></>}</p>
      </header>
      {isEnded ? <Note><p>This run has ended. Nothing more can be recorded in it.</p></Note> : null}
      <StandingSection run={run} placed={placed} />
      {step.text === undefined ? null : <MarkdownText text={step.text} />}
      {step.marks === undefined || run.milestones[step.marks] !== null ? null : <p className="small sub">When it is done, the incident is noted as {step.marks} at that time.</p>}
      {step.kind === 'live-check' ? <CheckSection placed={placed} isOpen={isOpen} {...part} /> : null}
      {step.kind === 'decision' ? <DecisionSection placed={placed} isOpen={isOpen} {...part} /> : null}
      {step.kind === 'timer' ? <TimerSection placed={placed} isOpen={isOpen} {...part} /> : null}
      {step.kind === 'sign-off' ? <SignSection placed={placed} isOpen={isOpen} {...part} /> : null}
      {isEnded ? null : <OutcomeSection placed={placed} {...part} />}
      <EvidenceSection placed={placed} isOpen={!isEnded} adding={adding} onAdding={(next) => { setAdding(next); setRefusal(null); }} refusal={refusal} {...part} onRecorded={(fresh) => { setAdding(null); onRecorded(fresh); }} />
      {step.references.length === 0 ? null : <section className="step-part"><p className="label">References</p><ul className="sub">{step.references.map((reference) => <li key={reference} className="selectable"><HostileText text={reference} /></li>)}</ul></section>}
      <p className="small dim">Step <span className="mono selectable"><HostileText text={step.id} /></span></p>
    </section>
  );
}

function RoleText({ run, role }: { readonly run: RunView; readonly role: string }) {
  const found = run.roles.find((each) => each.role === role);
  return <HostileText text={found === undefined ? role : `${found.title}: ${found.names.length === 0 ? 'nobody yet' : found.names.join(', ')}`} />;
}
