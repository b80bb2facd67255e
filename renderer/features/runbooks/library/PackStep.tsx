// One step of a runbook to read: what it asks, who does it, what waits for it, and what proves it.
import type { ReactNode } from 'react';
import { Activity, Clock, FileCheck, GitFork, Hand, PenLine } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import type { RunbookPack, RunbookStep, StepKind } from '#shared/domain/runbook-pack.ts';
import { HostileText } from '../../../components/HostileText.tsx';
import { MarkdownText } from '../markdown/MarkdownText.tsx';
import { checkSentence, minutesWords, STEP_WORDS } from './pack-words.ts';

const ICONS: Readonly<Record<StepKind, LucideIcon>> = { manual: Hand, 'live-check': Activity, decision: GitFork, timer: Clock, 'sign-off': PenLine, evidence: FileCheck };

interface PackStepProps { readonly step: RunbookStep; readonly number: number; readonly pack: RunbookPack }

export function PackStep({ step, number, pack }: PackStepProps) {
  const Icon = ICONS[step.kind];
  const role = (id: string | undefined): string | undefined => pack.roles.find((each) => each.id === id)?.title ?? id;
  const titleOf = (id: string): string => pack.sections.flatMap(({ steps }) => steps).find((each) => each.id === id)?.title ?? id;
  const owner = role(step.role);
  const about: ReactNode[] = [
    <span key="kind" className="lib-step-kind"><Icon size={12} aria-hidden /> {STEP_WORDS[step.kind]}</span>,
    ...(step.gate === 'blocks' ? [<span key="gate" className="text-stale">what follows in its section waits for it</span>] : []),
    ...(owner === undefined ? [] : [<span key="role"><HostileText text={owner} /></span>]),
    ...(step.can_override ? [<span key="override">may go on unproven, with a reason</span>] : []),
    ...(step.marks === undefined ? [] : [<span key="marks">notes the time as {step.marks}</span>]),
  ];
  return (
    <li className="lib-step">
      <span className="lib-step-number" aria-hidden>{number}</span>
      <div className="lib-step-body">
        <h4><HostileText text={step.title} /></h4>
        <p className="lib-step-about small">{about}</p>
        {step.check === undefined ? null : <p className="lib-proof"><span className="label">Asks</span> <HostileText text={checkSentence(step.check)} />{step.stale_minutes === undefined ? null : <span className="dim"> Good for {minutesWords(step.stale_minutes)}.</span>}</p>}
        {step.minutes === undefined ? null : <p className="lib-proof"><span className="label">Runs</span> {minutesWords(step.minutes)}</p>}
        {step.signs === undefined ? null : <p className="lib-proof"><span className="label">Signed by</span> <HostileText text={role(step.signs) ?? step.signs} /></p>}
        {step.evidence === undefined ? null : <p className="lib-proof"><span className="label">Evidence</span> <HostileText text={step.evidence} /></p>}
        {step.options === undefined ? null : (
          <ul className="lib-options" aria-label="What can be decided">{step.options.map(({ id, title, ends, marks, goes_to: goesTo }) => <li key={id}><HostileText text={title} />{marks === undefined ? null : <span className="dim"> · notes the time as {marks}</span>}{ends === true ? <span className="dim"> · ends the run</span> : null}{goesTo === undefined ? null : <span className="dim"> · goes on with <HostileText text={titleOf(goesTo)} /></span>}</li>)}</ul>
        )}
        {step.text === undefined ? null : <div className="lib-markdown sub"><MarkdownText text={step.text} /></div>}
        {step.references.length === 0 ? null : <ul className="lib-references small dim" aria-label="References">{step.references.map((reference, at) => <li key={at}><HostileText text={reference} /></li>)}</ul>}
      </div>
    </li>
  );
}
