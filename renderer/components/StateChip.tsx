// A check's state as icon, word and tint together; never colour alone.
import { Check, CircleQuestionMark, Clock, Minus, X } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import type { CheckState } from '#shared/domain/evidence.ts';

const LOOKS: Readonly<Record<CheckState, { readonly icon: LucideIcon; readonly word: string; readonly tint: string }>> = {
  pass: { icon: Check, word: 'pass', tint: 'pass' },
  fail: { icon: X, word: 'fail', tint: 'fail' },
  unknown: { icon: CircleQuestionMark, word: 'unknown', tint: 'unknown' },
  stale: { icon: Clock, word: 'stale', tint: 'stale' },
  'not-applicable': { icon: Minus, word: 'n/a', tint: 'none' },
};

export function stateWord(state: CheckState): string {
  return state === 'not-applicable' ? 'not applicable' : state;
}

export function StateChip({ state, count }: { readonly state: CheckState; readonly count?: number }) {
  const { icon: Icon, word, tint } = LOOKS[state];
  return (
    <span className={`chip chip-${tint}`}>
      <Icon size={12} strokeWidth={2.4} aria-hidden />
      {count === undefined ? null : <span>{count}</span>}
      <span aria-hidden={state === 'not-applicable'}>{word}</span>
      {state === 'not-applicable' ? <span className="visually-hidden">not applicable</span> : null}
    </span>
  );
}
