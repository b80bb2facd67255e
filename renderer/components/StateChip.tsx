// A check's state as icon, word and tint together; never colour alone. A failing check that somebody answers for has a word and a tint of its own, never those of a pass.
import { Check, CircleQuestionMark, Clock, Minus, UserCheck, X } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import type { CheckState } from '#shared/domain/evidence.ts';

/** As a screen shows it: a failing check with an exception that holds is accepted. */
export type ShownState = CheckState | 'accepted';

const LOOKS: Readonly<Record<ShownState, { readonly icon: LucideIcon; readonly word: string; readonly tint: string }>> = {
  pass: { icon: Check, word: 'pass', tint: 'pass' },
  fail: { icon: X, word: 'fail', tint: 'fail' },
  accepted: { icon: UserCheck, word: 'accepted', tint: 'accepted' },
  unknown: { icon: CircleQuestionMark, word: 'unknown', tint: 'unknown' },
  stale: { icon: Clock, word: 'stale', tint: 'stale' },
  'not-applicable': { icon: Minus, word: 'n/a', tint: 'none' },
};

export function stateWord(state: ShownState): string {
  return state === 'not-applicable' ? 'not applicable' : state;
}

export function StateChip({ state, count }: { readonly state: ShownState; readonly count?: number }) {
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
