// How payloads that were opened together ended, in words and tints.
import type { BulkCounts, BulkOutcome, BulkPlan, BulkRow } from '#shared/domain/audit-bulk.ts';
import type { ChipTone } from '../../../components/WordChip.tsx';
import { formatCount, plural } from '../../../lib/format.ts';

export const OUTCOME_LOOKS: Readonly<Record<BulkOutcome, { readonly word: string; readonly tone: ChipTone; readonly sentence: string }>> = {
  opened: { word: 'opened', tone: 'pass', sentence: 'Opened.' },
  'no-key': { word: 'no key', tone: 'warn', sentence: 'No key that is held here opens it. Add the key, then open it again.' },
  damaged: { word: 'damaged', tone: 'fail', sentence: 'The token is not whole, or was altered. No key can open it.' },
  'not-object': { word: 'not an object', tone: 'warn', sentence: 'A key opens it, but what it holds is no JSON object, so it is not shown.' },
};

export function countOf(counts: BulkCounts, outcome: BulkOutcome): number {
  return { opened: counts.opened, 'no-key': counts.noKey, damaged: counts.damaged, 'not-object': counts.notObject }[outcome];
}

/** All rows of a run, each counted once. */
export function totalOf(counts: BulkCounts): number {
  return counts.opened + counts.noKey + counts.damaged + counts.notObject;
}

/** "1,150 opened · 40 no key": every outcome that occurred. */
export function countsSentence(counts: BulkCounts): string {
  const parts = (['opened', 'no-key', 'damaged', 'not-object'] as const).filter((outcome) => countOf(counts, outcome) > 0).map((outcome) => `${formatCount(countOf(counts, outcome))} ${OUTCOME_LOOKS[outcome].word}`);
  return parts.length === 0 ? 'no row' : parts.join(' · ');
}

/** White space of JSON outside of its strings; a string that does not end (the payload may be cut) is left as it is. */
const LAYOUT = /("(?:[^"\\]|\\.)*"?)|[ \t\r\n]+/gsu;

/** The line of a row in the list: the payload without its layout, or why there is none. */
export function previewOf(row: Pick<BulkRow, 'payload' | 'outcome'>): string {
  return row.payload?.replaceAll(LAYOUT, (_, string: string | undefined) => string ?? '') ?? OUTCOME_LOOKS[row.outcome].sentence;
}

/** What would be opened, and what of the selection would not. */
export function planSentence({ rows, others, withoutPayload }: Pick<BulkPlan, 'rows' | 'others' | 'withoutPayload'>): string {
  return `${plural(rows, 'encrypted payload')} would be opened.${leftOutSentence({ others, withoutPayload })}`;
}

/** Why the plan has another number than the button that led to it. */
export function announcedSentence(announced: number): string {
  return `The button counted ${plural(announced, 'whole token')}. The plan also takes rows whose token is damaged, which are tried and listed as such, and rows that came since.`;
}

/** Empty when nothing of the selection is left out. A payload that is not here is never called plain. */
export function leftOutSentence({ others, withoutPayload }: Pick<BulkPlan, 'others' | 'withoutPayload'>): string {
  const plain = others === 0 ? '' : ` ${plural(others, 'other event')} in the selection ${others === 1 ? 'is' : 'are'} not encrypted and left out.`;
  const absent = withoutPayload === 0 ? '' : ` For ${plural(withoutPayload, 'event')} no payload is held here, so whether ${withoutPayload === 1 ? 'it is' : 'they are'} encrypted is not known.`;
  return `${plain}${absent}`;
}
