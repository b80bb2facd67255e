// Times as this product keeps them: microseconds since the Unix epoch, UTC; it refuses to guess at a time it cannot read.
import { z } from '../zod.ts';

/** An instant as ISO 8601 in UTC with a Z, for example 2026-11-22T05:37:08.285987Z. */
export const isoInstant = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z$/);

const PATTERN = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?:\s?(Z|z|[+-]\d{2}:?\d{2}))?)?$/;

/**
 * Reads a server or human time into microseconds since the epoch.
 * A time without a zone is UTC (the SQLite backend writes naive UTC: contract section 3.1); a date alone is its midnight UTC.
 * @returns null when the text is not a real time.
 */
export function parseInstantUs(text: string): number | null {
  const match = PATTERN.exec(text.trim());
  if (!match) return null;
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] = match;
  const ms = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  const back = new Date(ms);
  if (back.getUTCFullYear() !== Number(year) || back.getUTCMonth() !== Number(month) - 1 || back.getUTCDate() !== Number(day)) return null;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null;
  let offsetMinutes = 0;
  if (zone !== 'Z' && zone !== 'z') {
    const digits = zone.replace(':', '');
    const hours = Number(digits.slice(1, 3));
    const minutes = Number(digits.slice(3, 5));
    if (hours > 23 || minutes > 59) return null;
    offsetMinutes = (hours * 60 + minutes) * (digits.startsWith('-') ? -1 : 1);
  }
  const us = Number(fraction.slice(0, 6).padEnd(6, '0'));
  return (ms - offsetMinutes * 60_000) * 1000 + us;
}

/** Writes microseconds since the epoch as ISO 8601 UTC; the fraction is left out when it is zero. */
export function formatInstantUs(us: number): string {
  const ms = Math.floor(us / 1000);
  const seconds = new Date(ms).toISOString().slice(0, 19);
  const fraction = us - Math.floor(us / 1_000_000) * 1_000_000;
  return fraction === 0 ? `${seconds}Z` : `${seconds}.${String(fraction).padStart(6, '0')}Z`;
}

/** An instant from milliseconds since the epoch. */
export function formatInstantMs(ms: number): string {
  return formatInstantUs(ms * 1000);
}
