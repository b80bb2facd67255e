// Times, counts and durations as words; it guesses at no time zone and rounds no count.
import { parseInstantUs } from '#shared/domain/time.ts';

export type TimeZone = 'utc' | 'local';
export type TimeStyle = 'full' | 'minute' | 'row' | 'day' | 'clock';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;
const two = (value: number): string => String(value).padStart(2, '0');

interface Parts { readonly year: number; readonly month: string; readonly day: number; readonly hour: string; readonly minute: string; readonly second: string; readonly zone: string }

function partsOf(ms: number, zone: TimeZone): Parts {
  const date = new Date(ms);
  if (zone === 'utc') {
    return { year: date.getUTCFullYear(), month: MONTHS[date.getUTCMonth()] ?? '', day: date.getUTCDate(), hour: two(date.getUTCHours()), minute: two(date.getUTCMinutes()), second: two(date.getUTCSeconds()), zone: 'UTC' };
  }
  const offset = -date.getTimezoneOffset();
  const sign = offset < 0 ? '−' : '+';
  const hours = Math.floor(Math.abs(offset) / 60);
  const minutes = Math.abs(offset) % 60;
  return { year: date.getFullYear(), month: MONTHS[date.getMonth()] ?? '', day: date.getDate(), hour: two(date.getHours()), minute: two(date.getMinutes()), second: two(date.getSeconds()), zone: `UTC${sign}${hours}${minutes === 0 ? '' : `:${two(minutes)}`}` };
}

export interface TimeOptions { readonly zone: TimeZone; readonly style: TimeStyle; readonly nowMs: number }

/**
 * Writes an ISO instant. full: 22 Nov 2026 14:43:52 UTC. minute: 14:43 UTC today, else 21 Nov 14:43 UTC. row: 22 Nov 14:43:52 (the column names the zone).
 * A year that is not this year is always written.
 */
export function formatTime(iso: string, { zone, style, nowMs }: TimeOptions): string {
  const us = parseInstantUs(iso);
  if (us === null) return iso;
  const at = partsOf(Math.floor(us / 1000), zone);
  const now = partsOf(nowMs, zone);
  const year = at.year === now.year ? '' : ` ${at.year}`;
  switch (style) {
    case 'full': return `${at.day} ${at.month} ${at.year} ${at.hour}:${at.minute}:${at.second} ${at.zone}`;
    case 'minute': return at.year === now.year && at.month === now.month && at.day === now.day ? `${at.hour}:${at.minute} ${at.zone}` : `${at.day} ${at.month}${year} ${at.hour}:${at.minute} ${at.zone}`;
    case 'row': return `${two(at.day)} ${at.month}${year} ${at.hour}:${at.minute}:${at.second}`;
    case 'day': return `${at.day} ${at.month}${year}`;
    case 'clock': return `${at.hour}:${at.minute} ${at.zone}`;
  }
}

const UNITS = [['d', 86_400], ['h', 3600], ['min', 60]] as const;

/** A length of time in its largest whole unit: 52 s, 3 min, 3 h, 9 d. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  for (const [unit, size] of UNITS) if (whole >= size) return `${Math.floor(whole / size)} ${unit}`;
  return `${whole} s`;
}

/** How long ago, or how far ahead: now, 3 h ago, in 5 min. */
export function formatAge(iso: string, nowMs: number): string {
  const us = parseInstantUs(iso);
  if (us === null) return 'at an unknown time';
  const seconds = Math.round((nowMs - us / 1000) / 1000);
  if (Math.abs(seconds) < 60) return 'now';
  return seconds < 0 ? `in ${formatDuration(-seconds)}` : `${formatDuration(seconds)} ago`;
}

/** Whole numbers with thousands apart: 1,204,331. */
export function formatCount(count: number): string {
  return String(count).replaceAll(/\B(?=(\d{3})+$)/gu, ',');
}

/** A count for a narrow place: 18,204 · 1.2M. Rounds down, so that it never says more than there is. */
export function formatShortCount(count: number): string {
  if (count < 100_000) return formatCount(count);
  if (count < 1_000_000) return `${Math.floor(count / 1000)}k`;
  return `${(Math.floor(count / 100_000) / 10).toFixed(1)}M`;
}

/** 1 event, 2 events. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1_048_576) return `${Math.round(bytes / 1024)} KiB`;
  return `${(bytes / 1_048_576).toFixed(1)} MiB`;
}
