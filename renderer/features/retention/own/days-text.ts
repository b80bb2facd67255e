// Days as an admin types them for this workstation's own rule: a whole number, or nothing for "kept"; it guesses at nothing else.
import { plural } from '../../../lib/format.ts';

/** Of the contract. */
export const MOST_OWN_DAYS = 36_500;

/** What a field says. @returns undefined for what is no number of days */
export function daysOfText(text: string): number | null | undefined {
  const typed = text.trim();
  if (typed === '') return null;
  const days = Number(typed);
  return /^\d{1,6}$/u.test(typed) && days >= 1 && days <= MOST_OWN_DAYS ? days : undefined;
}

export function ownDays(days: number | null): string {
  return days === null ? 'kept' : plural(days, 'day');
}
