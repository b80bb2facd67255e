// The four phases in their order, how each stands, and which one is shown.
import { ArrowRight, Check, CircleQuestionMark, CircleSlash } from 'lucide-react';
import type { RotationView } from '#shared/contract/rotation.ts';
import { PHASES } from '#shared/domain/rotation.ts';
import type { RotationPhase } from '#shared/domain/rotation.ts';
import { PHASE_WORDS } from '#shared/domain/rotation-words.ts';
import { stepState } from './phase-proof.ts';
import type { StepState } from './phase-proof.ts';

const WORDS: Readonly<Record<StepState, string>> = { proven: 'done, proven', claimed: 'not proven', now: 'now', left: 'abandoned here', 'to-come': 'to come' };
const ICONS = { proven: Check, claimed: CircleQuestionMark, now: ArrowRight, left: CircleSlash } as const;

interface StepsProps { readonly view: RotationView; readonly shown: RotationPhase; readonly onShow: (phase: RotationPhase) => void }

export function Steps({ view, shown, onShow }: StepsProps) {
  return (
    <nav aria-label="Phases of the rotation">
      <ol className="phases">
        {PHASES.map((phase, at) => {
          const state = stepState(phase, view);
          const Icon = state === 'to-come' ? null : ICONS[state];
          return (
            <li key={phase}>
              <button type="button" className={`phase phase-${state}`} aria-pressed={phase === shown} aria-current={state === 'now' ? 'step' : undefined} onClick={() => onShow(phase)}>
                <span className="phase-mark" aria-hidden>{Icon === null ? at + 1 : <Icon size={13} strokeWidth={2.4} />}</span>
                <span className="phase-name">{PHASE_WORDS[phase].title}</span>
                <span className="phase-word">{WORDS[state]}</span>
              </button>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
