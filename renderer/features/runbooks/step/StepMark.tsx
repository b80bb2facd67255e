// How a step stands as shape, word and tint together; never colour alone.
import { Check, Circle, CircleQuestionMark, GitFork, Hourglass, Minus, SkipForward, TriangleAlert, UserRoundX, X } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import { WordChip } from '../../../components/WordChip.tsx';
import type { MarkShape, StepLook } from './step-words.ts';

const ICONS: Readonly<Record<MarkShape, LucideIcon>> = { open: Circle, waiting: Hourglass, done: Check, claimed: CircleQuestionMark, overridden: TriangleAlert, failed: X, skipped: SkipForward, 'not-applicable': Minus, conflict: GitFork, 'not-trusted': UserRoundX };

/** The state as a chip. The words of a pack are bounded and without characters that cannot be seen. */
export function StepChip({ look: { word, tone, shape } }: { readonly look: StepLook }) {
  return <WordChip tone={tone} word={word} icon={ICONS[shape]} />;
}
