// Words and looks for retention: verdict, policy, holds, purges and certificates. What proves nothing is called so, and only what was proven is green.
import type { Hold } from '#shared/domain/retention-hold.ts';
import type { PurgeRun, RetentionCertificate, RetentionCheck } from '#shared/domain/retention-plan.ts';
import type { RetentionPolicy, RetentionVerdict } from '#shared/domain/retention.ts';
import { DUE_SOON_DAYS } from '#shared/domain/retention.ts';
import type { ChipTone } from '../../components/WordChip.tsx';
import { formatCount, plural } from '../../lib/format.ts';

export interface Look { readonly tone: ChipTone; readonly word: string }

export const VERDICT_LOOKS: Readonly<Record<RetentionVerdict['state'], Look>> = {
  'deleting': { tone: 'pass', word: 'deleting' },
  'not-deleting': { tone: 'fail', word: 'not deleting' },
  'unknown': { tone: 'unknown', word: 'unknown' },
};

/** An answer is what the deployment says of itself: a certificate proves, an answer does not. */
export const RUN_LOOKS: Readonly<Record<PurgeRun['state'], Look>> = {
  'requested': { tone: 'none', word: 'asked for' },
  'answered': { tone: 'none', word: 'answered' },
  'refused': { tone: 'none', word: 'refused' },
  'unknown': { tone: 'warn', word: 'unknown' },
  'found-done': { tone: 'none', word: 'found done' },
  'found-not-done': { tone: 'none', word: 'found not done' },
};

export const OUTCOME_LOOKS: Readonly<Record<RetentionCertificate['outcome'], Look>> = {
  holds: { tone: 'pass', word: 'holds' },
  fails: { tone: 'fail', word: 'fails' },
  open: { tone: 'unknown', word: 'open' },
};

export const CHECK_LOOKS: Readonly<Record<RetentionCheck['state'], Look>> = {
  'holds': { tone: 'pass', word: 'holds' },
  'fails': { tone: 'fail', word: 'fails' },
  'could-not': { tone: 'unknown', word: 'could not' },
};

/** Purges of which nobody knows whether they happened. */
export const isUnsettled = ({ state }: PurgeRun): boolean => state === 'requested' || state === 'unknown';

/** Whether looking can tell more: of the newest also when it was found not done, for it may have been slow. */
export const canLook = (run: PurgeRun, newest: PurgeRun | undefined): boolean => run.state === 'unknown' || (run.state === 'found-not-done' && newest?.id === run.id);

export function policyWord({ state, days }: RetentionPolicy): string {
  if (state === 'off') return 'Retention is switched off there';
  if (state === 'unknown') return days === null ? 'The rule is not known' : `It says ${plural(days, 'day')}, and that is not usable`;
  return days === null ? 'Retention is on' : `Rows older than ${plural(days, 'day')} are due`;
}

/** The count of overdue rows as it was said, and whether it counts for anything. */
export function overdueWord({ overdue: { said, rows } }: RetentionPolicy): { readonly text: string; readonly isProof: boolean } {
  if (rows !== null) return { text: plural(rows, 'row'), isProof: true };
  return { text: said === null ? 'not said' : `${formatCount(said)} said, which proves nothing`, isProof: false };
}

/** What is to be looked at of a hold, the gravest first. Empty: nothing. */
export function holdWarnings({ counts, isReviewOverdue, released }: Pick<Hold, 'counts' | 'isReviewOverdue' | 'released'>): readonly Look[] {
  if (released !== null) return [];
  return [
    ...(counts.vanished > 0 ? [{ tone: 'fail', word: `${formatCount(counts.vanished)} vanished` } as const] : []),
    ...(counts.due > 0 ? [{ tone: 'warn', word: `${formatCount(counts.due)} due now` } as const] : []),
    ...(counts.dueSoon > 0 ? [{ tone: 'warn', word: `${formatCount(counts.dueSoon)} due in ${DUE_SOON_DAYS} d` } as const] : []),
    ...(counts.preserved < counts.rows ? [{ tone: 'warn', word: `${formatCount(counts.rows - counts.preserved)} not preserved` } as const] : []),
    ...(isReviewOverdue ? [{ tone: 'warn', word: 'review overdue' } as const] : []),
  ];
}

/** What the deployment answered, beside what was planned. */
export function deletedWord({ deleted, planned, alsoDue }: Pick<PurgeRun, 'deleted' | 'planned' | 'alsoDue'>): string {
  const named = `${plural(planned, 'row')} planned${alsoDue === 0 ? '' : `, ${formatCount(alsoDue)} more allowed`}`;
  return deleted === null ? `${named}; how many went is not known` : `${formatCount(deleted)} deleted by its answer; ${named}`;
}
