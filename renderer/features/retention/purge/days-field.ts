// The days that an admin typed for a preview: a whole number that the deployment's purge takes, or what is wrong with it.
import { MAX_RETENTION_DAYS } from '#shared/domain/retention.ts';

export type Days = { readonly days: number; readonly error: null } | { readonly days: null; readonly error: string };

export function readDays(text: string): Days {
  const trimmed = text.trim();
  if (!/^\d{1,9}$/u.test(trimmed)) return { days: null, error: `Give whole days, from 1 to ${MAX_RETENTION_DAYS}.` };
  const days = Number(trimmed);
  return days < 1 || days > MAX_RETENTION_DAYS ? { days: null, error: `A purge takes from 1 to ${MAX_RETENTION_DAYS} days.` } : { days, error: null };
}
