// Whether a deployment deletes what it says it deletes: decided by rows that were seen and rows that are gone, newest first; a declaration decides nothing.
import { DAY_US } from '#shared/domain/retention.ts';
import type { RetentionPolicy, RetentionVerdict } from '#shared/domain/retention.ts';
import { formatInstantUs } from '#shared/domain/time.ts';

/** there: rows still given more than a day after they came due. gone: rows that came due and are not there. stray: rows that are not there although they were not due. hint: decides nothing by itself. */
export interface Sign { readonly kind: 'there' | 'gone' | 'stray' | 'hint'; readonly atUs: number; readonly source: string; readonly text: string }

/** What was seen longer ago says how it was, not how it is. */
export const FRESH_US = 7 * DAY_US;
const EVIDENCE_MAX = 20;

export interface Judged {
  readonly policy: Pick<RetentionPolicy, 'state' | 'days' | 'reason' | 'overdue'>;
  /** When it last said a count of none that something speaks against; null: it did not. */
  readonly doubtedNoneUs: number | null;
  readonly signs: readonly Sign[];
  /** Why nothing decides, when nothing does. */
  readonly lack: string;
  readonly nowUs: number;
}

export function verdictOf({ policy, doubtedNoneUs, signs, lack, nowUs }: Judged): RetentionVerdict {
  const sorted = signs.toSorted((a, b) => b.atUs - a.atUs);
  const evidence = sorted.slice(0, EVIDENCE_MAX).map(({ atUs, source, text }) => ({ source, at: formatInstantUs(atUs), text }));
  const unknown = (message: string): RetentionVerdict => ({ state: 'unknown', message, evidence });
  if (policy.state !== 'on') return unknown(policy.state === 'off' ? 'Retention is switched off there, so nothing is to be deleted, and whether anything is was not asked.' : `Whether it deletes is not known. ${policy.reason}`);
  const there = sorted.find(({ kind }) => kind === 'there');
  const gone = sorted.find(({ kind }) => kind === 'gone');
  // Of two at the same time the one that accuses counts: a row that was given is there.
  const last = there !== undefined && (gone === undefined || there.atUs >= gone.atUs) ? there : gone;
  if (last === undefined) return unknown(lack);
  if (nowUs - last.atUs > FRESH_US) return unknown(`The last look that shows whether it deletes is of ${formatInstantUs(last.atUs)}, too long ago to say how it is now. Sync, and look again.`);
  if (last.kind === 'there') return { state: 'not-deleting', message: `Configured, but not deleting: rows older than ${policy.days} days were still there more than a day after they came due.`, evidence };
  const stray = sorted.find(({ kind, atUs }) => kind === 'stray' && nowUs - atUs <= FRESH_US);
  if (stray !== undefined) return unknown('Rows that came due are gone, but so are rows that were not due: something deletes there, and not as configured. Find out what before you rely on it; audit verify lists them.');
  // Such a count may come of a database that is away: what was shown before it says nothing of now.
  if (doubtedNoneUs !== null && doubtedNoneUs > last.atUs) {
    return unknown(`Whether it deletes now is not known: the last answer shows nothing, and rows were shown to be gone only before it, on ${formatInstantUs(last.atUs)}. ${policy.overdue.reason}`);
  }
  return { state: 'deleting', message: `Deleting as configured: rows older than ${policy.days} days that were seen there are gone.`, evidence };
}
