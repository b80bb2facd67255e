// The way of a purge as steps, with the one that is now; in production a second person or a day lies between the plan and the act.
import { Check } from 'lucide-react';
import type { Environment } from '#shared/domain/deployment.ts';

interface Step { readonly id: string; readonly title: string; readonly about: string }

const PREVIEW: Step = { id: 'preview', title: 'Preview', about: 'counts, keeps nothing' };
const PLAN: Step = { id: 'plan', title: 'Plan', about: 'names the rows, freezes the cutoff' };
const APPROVE: Step = { id: 'approve', title: 'Second person, or a day', about: 'production only' };
const ACT: Step = { id: 'act', title: 'Carry out', about: 'armed, typed, once' };

export function PurgeSteps({ environment, step }: { readonly environment: Environment; readonly step: 'preview' | 'plan' | 'done' }) {
  const steps = environment === 'production' ? [PREVIEW, PLAN, APPROVE, ACT] : [PREVIEW, PLAN, ACT];
  // A plan that stands is made: what comes next is to be done.
  const now = step === 'preview' ? 0 : step === 'plan' ? 2 : steps.length;
  return (
    <ol className="purge-steps" aria-label="Steps of a purge">
      {steps.map(({ id, title, about }, at) => (
        <li key={id} className={`purge-step ${at < now ? 'purge-step-done' : at === now ? 'purge-step-now' : ''}`} aria-current={at === now ? 'step' : undefined}>
          <span className="phase-mark">{at < now ? <Check size={12} aria-hidden /> : at + 1}</span>
          <span className="phase-name">{title}{at < now ? <span className="visually-hidden">, done</span> : null}</span>
          <span className="phase-word">{about}</span>
        </li>
      ))}
    </ol>
  );
}
