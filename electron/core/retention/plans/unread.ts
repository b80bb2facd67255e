// Which stretches that nobody has read may hold rows. The deployment's own count shows that one is empty where it counts exactly the rows that are named; what it does not show stays unread.
import type { AuditGap } from '#shared/domain/audit-event.ts';
import { parseInstantUs } from '#shared/domain/time.ts';
import type { KnownRetention } from '../truth/known.ts';
import type { Reckoning } from './reckoning.ts';

export interface Unread {
  /** Nobody knows what is in them. */
  readonly open: readonly AuditGap[];
  /** Never read, and shown to be empty. */
  readonly closed: readonly AuditGap[];
  /** The count that shows it; null when none does. */
  readonly count: { readonly rows: number; readonly beforeUs: number; readonly atUs: number } | null;
}

/**
 * A count of n before its cutoff, where n rows are named before it, leaves no room for another one, as long as each that is named is there: whoever sends
 * something on the strength of it looks for them first. A row without its payload is not read, so that it closes nothing.
 * @param countNamed counts the rows that are named before a time
 */
export async function unreadOf(gaps: readonly AuditGap[], { policy, said }: Pick<KnownRetention, 'policy' | 'said'>, countNamed: (beforeUs: number) => Promise<Pick<Reckoning, 'ids' | 'bare'>>): Promise<Unread> {
  const none: Unread = { open: gaps, closed: [], count: null };
  const counted = policy.overdue.rows;
  if (gaps.length === 0 || policy.state !== 'on' || counted === null || said?.hasOwnClock !== true || said.cutoffUs === null) return none;
  const beforeUs = said.cutoffUs;
  const isBefore = ({ to }: AuditGap): boolean => to !== null && (parseInstantUs(to) ?? Number.POSITIVE_INFINITY) < beforeUs;
  if (!gaps.some(isBefore)) return none;
  const named = await countNamed(beforeUs);
  if (named.ids.length !== counted || named.bare > 0) return none;
  return { open: gaps.filter((gap) => !isBefore(gap)), closed: gaps.filter(isBefore), count: { rows: counted, beforeUs, atUs: said.observedAtUs } };
}

/** What to do about stretches that no list of the deployment shows. */
export const HOW_TO_READ = 'Sync with --full. Where its list does not reach so far back, have those rows exported from its database with their ids and payloads, and import that file here: once the deployment counts exactly the rows that are named, nothing is unread.';
