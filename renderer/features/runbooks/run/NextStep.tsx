// The next step of a run, always in sight, and beside it what stands in the way of everybody.
import { ArrowRight, CircleAlert, TriangleAlert } from 'lucide-react';
import type { RunView } from '#shared/domain/runbook-view.ts';
import { HostileText } from '../../../components/HostileText.tsx';
import { Kbd } from '../../../components/Kbd.tsx';
import { Time } from '../../../components/Time.tsx';
import { TimerLeft } from '../step/TimerLeft.tsx';
import { concernsOf, openGates, placedStep } from './run-words.ts';
import type { Concern } from './run-words.ts';

interface NextStepProps { readonly run: RunView; readonly onStep: (step: string) => void; readonly onPeople: () => void }

export function NextStep({ run, onStep, onPeople }: NextStepProps) {
  const concerns = concernsOf(run);
  return (
    <section className="run-next" aria-label="Next step">
      <NextLine run={run} onStep={onStep} />
      {concerns.length === 0 ? null : <ul className="run-concerns" aria-label="What stands in the way">{concerns.map((each) => <ConcernItem key={each.id} concern={each} onStep={onStep} onPeople={onPeople} />)}</ul>}
    </section>
  );
}

function NextLine({ run, onStep }: Pick<NextStepProps, 'run' | 'onStep'>) {
  const next = placedStep(run, run.next);
  if (run.ended !== null) return <p className="run-next-line"><strong>{run.ended.outcome === 'completed' ? 'Completed' : 'Stopped'}</strong> <Time iso={run.ended.at} />{run.ended.note === '' ? null : <span className="sub cut"><HostileText text={run.ended.note} /></span>}</p>;
  if (next === null) {
    const open = openGates(run).length;
    return <p className="run-next-line"><strong>{open === 0 ? 'Every step has its outcome. The run can be ended.' : 'Every step that can be done now has its outcome; others wait.'}</strong></p>;
  }
  const role = run.roles.find((each) => each.role === next.step.role);
  return (
    <button type="button" className="run-next-line run-next-go" onClick={() => onStep(next.step.id)} aria-keyshortcuts="g">
      <span className="label">Next</span>
      <span className="run-next-title"><HostileText text={next.step.title} /></span>
      <span className="run-next-about sub cut"><HostileText text={next.section.title} />{role === undefined ? null : <> · <HostileText text={role.names.length === 0 ? `${role.title}: nobody yet` : `${role.title}: ${role.names.join(' / ')}`} /></>}</span>
      {next.standing.timer === null ? null : <TimerLeft timer={next.standing.timer} title={next.step.title} />}
      <ArrowRight size={14} aria-hidden /><Kbd>G</Kbd>
    </button>
  );
}

function ConcernItem({ concern: { tone, text, step, goesTo }, onStep, onPeople }: { readonly concern: Concern; readonly onStep: (step: string) => void; readonly onPeople: () => void }) {
  const Icon = tone === 'bad' ? CircleAlert : TriangleAlert;
  return <li><button type="button" className={`run-concern run-concern-${tone}`} onClick={() => { if (goesTo === 'people' || step === null) onPeople(); else onStep(step); }}><Icon size={13} aria-hidden /><span>{text}</span></button></li>;
}
