// What must be said about a legal hold, the gravest first; it draws no conclusion that core did not draw.
import type { Hold } from '#shared/domain/retention-hold.ts';
import { formatCount, plural } from '../../lib/format.ts';

export interface HoldWarning { readonly id: 'vanished' | 'due' | 'due-soon' | 'waiting' | 'no-payload' | 'review' | 'empty'; readonly tone: 'bad' | 'age'; readonly text: string }

/** Warnings of a hold that stands; a released one has none. */
export function holdWarnings({ counts, released, isReviewOverdue }: Pick<Hold, 'counts' | 'released' | 'isReviewOverdue'>): readonly HoldWarning[] {
  if (released !== null) return [];
  const { rows, preserved, withoutPayload, dueSoon, due, vanished } = counts;
  const found: (HoldWarning | null)[] = [
    vanished === 0 ? null : { id: 'vanished', tone: 'bad', text: `${plural(vanished, 'held row')} ${vanished === 1 ? 'was' : 'were'} looked for at the server and ${vanished === 1 ? 'was' : 'were'} not there any more.${preserved > 0 ? ' What was preserved is kept here.' : ''}` },
    due === 0 ? null : { id: 'due', tone: 'bad', text: vanished === 0 ? `${plural(due, 'held row')} ${due === 1 ? 'is' : 'are'} due now: the server may delete ${due === 1 ? 'it' : 'them'} at any time.` : `${plural(due, 'held row')} ${due === 1 ? 'is' : 'are'} past the cutoff, what has vanished among them: the server may delete what is left of them at any time.` },
    dueSoon === 0 ? null : { id: 'due-soon', tone: 'age', text: `${plural(dueSoon, 'held row')} ${dueSoon === 1 ? 'comes' : 'come'} due within 14 days.` },
    rows <= preserved ? null : { id: 'waiting', tone: 'bad', text: `${formatCount(rows - preserved)} of ${plural(rows, 'row')} ${rows - preserved === 1 ? 'is' : 'are'} not in the vault of this workstation yet. The next sync goes on with it.` },
    withoutPayload === 0 ? null : { id: 'no-payload', tone: 'age', text: `${plural(withoutPayload, 'preserved row')} ${withoutPayload === 1 ? 'has' : 'have'} no payload: it was never obtained.` },
    isReviewOverdue ? { id: 'review', tone: 'age', text: 'The review date has passed. The hold still stands; ask its owner whether it is needed.' } : null,
    rows === 0 ? { id: 'empty', tone: 'age', text: 'No row that is held here matches it. It takes in what a later sync brings.' } : null,
  ];
  return found.filter((warning) => warning !== null);
}

/** The holds that stand, the most urgent first: what vanished, then what comes due, then by case. */
export function standingFirst(holds: readonly Hold[]): { readonly standing: readonly Hold[]; readonly released: readonly Hold[] } {
  const urgency = ({ counts }: Hold): number => (counts.vanished > 0 ? 3 : counts.due > 0 ? 2 : counts.dueSoon > 0 ? 1 : 0);
  return {
    standing: holds.filter(({ released }) => released === null).toSorted((a, b) => urgency(b) - urgency(a) || a.caseId.localeCompare(b.caseId)),
    released: holds.filter(({ released }) => released !== null).toSorted((a, b) => (b.released?.at ?? '').localeCompare(a.released?.at ?? '')),
  };
}
