// A state in its own word with icon and tint, where the five words of a check do not fit; never colour alone.
import { Check, CircleQuestionMark, Minus, TriangleAlert, X } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import { formatCount } from '../lib/format.ts';

/** warn looks like age, but what it says does not get better by asking again. */
export type ChipTone = 'pass' | 'fail' | 'unknown' | 'warn' | 'none';

const ICONS: Readonly<Record<ChipTone, LucideIcon>> = { pass: Check, fail: X, unknown: CircleQuestionMark, warn: TriangleAlert, none: Minus };

interface WordChipProps {
  readonly tone: ChipTone;
  readonly word: string;
  readonly count?: number;
  /** In place of the tone's own icon. */
  readonly icon?: LucideIcon;
}

export function WordChip({ tone, word, count, icon }: WordChipProps) {
  const Icon = icon ?? ICONS[tone];
  return (
    <span className={`chip chip-${tone === 'warn' ? 'stale' : tone}`}>
      <Icon size={12} strokeWidth={2.4} aria-hidden />
      {count === undefined ? null : <span>{formatCount(count)}</span>}
      <span>{word}</span>
    </span>
  );
}
