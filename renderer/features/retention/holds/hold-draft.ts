// What an admin types for a hold, read against the contract; it asks nobody and keeps nothing.
import { holdFields } from '#shared/domain/retention-hold.ts';

export interface HoldDraft { readonly caseId: string; readonly owner: string; readonly reason: string; readonly reviewOn: string; readonly query: string }
export type HoldErrors = { readonly [F in keyof HoldDraft]: string | null };

const SAY: { readonly [F in keyof HoldDraft]: string } = {
  caseId: 'Name the case: letters, digits, space and . _ / # -, up to 80 characters.',
  owner: 'Name who answers for it, up to 120 characters.',
  reason: 'Say why, in 3 to 500 characters.',
  reviewOn: 'Give a day on which somebody asks again.',
  query: 'Give a query: what it matches is held.',
};

/** Months after today at which a review is proposed. */
const REVIEW_MONTHS = 3;

/** YYYY-MM-DD, three months from now, UTC. `nowMs` is milliseconds since the epoch. */
export function reviewFrom(nowMs: number): string {
  const now = new Date(nowMs);
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + REVIEW_MONTHS, Math.min(28, now.getUTCDate()))).toISOString().slice(0, 10);
}

/** Per field what is wrong, as a sentence; null where nothing is. The query's own mistakes are core's to say. */
export function holdErrors(draft: HoldDraft): HoldErrors {
  const wrong = (field: keyof HoldDraft): string | null => (holdFields[field].safeParse(draft[field]).success ? null : SAY[field]);
  return { caseId: wrong('caseId'), owner: wrong('owner'), reason: wrong('reason'), reviewOn: wrong('reviewOn'), query: draft.query.trim() === '' ? SAY.query : wrong('query') };
}

export const isWhole = (errors: HoldErrors): boolean => Object.values(errors).every((error) => error === null);
