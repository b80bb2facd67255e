// Where the marks of a time axis stand and what they say, aligned to days and hours of the zone that is shown; it draws nothing.
import type { TimeZone } from '../../../lib/format.ts';

export interface Span { readonly startSeconds: number; readonly endSeconds: number }
export interface Tick { readonly atSeconds: number; readonly label: string }

const DAY = 86_400;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;
type Step = { readonly unit: 'second' | 'day' | 'month'; readonly every: number; readonly seconds: number };
const seconds = (every: number): Step => ({ unit: 'second', every, seconds: every });
const days = (every: number): Step => ({ unit: 'day', every, seconds: every * DAY });
const months = (every: number): Step => ({ unit: 'month', every, seconds: every * 30 * DAY });
const STEPS: readonly Step[] = [
  ...[1, 5, 15, 30, 60, 300, 900, 1800, 3600, 10_800, 21_600, 43_200].map(seconds), ...[1, 2, 7, 14].map(days), ...[1, 3, 6, 12, 24, 60, 120].map(months),
];

const two = (value: number): string => String(value).padStart(2, '0');

interface Parts { readonly year: number; readonly month: number; readonly day: number; readonly hour: number; readonly minute: number; readonly second: number }

function partsOf(atSeconds: number, zone: TimeZone): Parts {
  const date = new Date(atSeconds * 1000);
  return zone === 'utc'
    ? { year: date.getUTCFullYear(), month: date.getUTCMonth(), day: date.getUTCDate(), hour: date.getUTCHours(), minute: date.getUTCMinutes(), second: date.getUTCSeconds() }
    : { year: date.getFullYear(), month: date.getMonth(), day: date.getDate(), hour: date.getHours(), minute: date.getMinutes(), second: date.getSeconds() };
}

/** Midnight of a day; days and months outside their range roll over. */
function midnight(year: number, month: number, { day, zone }: { readonly day: number; readonly zone: TimeZone }): number {
  return (zone === 'utc' ? Date.UTC(year, month, day) : new Date(year, month, day).getTime()) / 1000;
}

/** Marks inside the span, in order, at most `most` of them; as many as fit a good step. */
export function ticksOf({ startSeconds, endSeconds }: Span, most: number, zone: TimeZone): readonly Tick[] {
  const span = endSeconds - startSeconds;
  if (!(span > 0) || most < 1) return [];
  const step = STEPS.find((candidate) => span / candidate.seconds <= most) ?? STEPS.at(-1) ?? days(1);
  const at = step.unit === 'second' ? ofDay({ startSeconds, endSeconds }, step.every, zone) : step.unit === 'day' ? ofDays({ startSeconds, endSeconds }, step.every, zone) : ofMonths({ startSeconds, endSeconds }, step.every, zone);
  return at.filter((atSeconds) => atSeconds >= startSeconds && atSeconds <= endSeconds).slice(0, most + 1).map((atSeconds) => ({ atSeconds, label: labelOf(atSeconds, step, zone) }));
}

/** Steps within a day begin anew at each midnight, so that a change of the clocks shifts nothing. */
function ofDay({ startSeconds, endSeconds }: Span, every: number, zone: TimeZone): readonly number[] {
  const at: number[] = [];
  const { year, month, day } = partsOf(startSeconds, zone);
  for (let offset = 0; ; offset += 1) {
    const begin = midnight(year, month, { day: day + offset, zone });
    if (begin > endSeconds) return at;
    const next = midnight(year, month, { day: day + offset + 1, zone });
    const from = begin + Math.max(0, Math.floor((startSeconds - begin) / every)) * every;
    for (let time = from; time < next && time <= endSeconds; time += every) at.push(time);
  }
}

function ofDays({ startSeconds, endSeconds }: Span, every: number, zone: TimeZone): readonly number[] {
  const at: number[] = [];
  const { year, month, day } = partsOf(startSeconds, zone);
  for (let offset = 0; ; offset += 1) {
    const begin = midnight(year, month, { day: day + offset, zone });
    if (begin > endSeconds) return at;
    // Counted from a Monday, so that weeks begin with one and steps stay where they are when the span moves.
    const number = Math.round(Date.UTC(year, month, day + offset) / 1000 / DAY) + 3;
    if (number % every === 0) at.push(begin);
  }
}

function ofMonths({ startSeconds, endSeconds }: Span, every: number, zone: TimeZone): readonly number[] {
  const at: number[] = [];
  const { year } = partsOf(startSeconds, zone);
  const begin = every >= 12 ? Math.floor(year / (every / 12)) * (every / 12) : year;
  for (let month = 0; ; month += every) {
    const time = midnight(begin, month, { day: 1, zone });
    if (time > endSeconds) return at;
    at.push(time);
  }
}

function labelOf(atSeconds: number, step: Step, zone: TimeZone): string {
  const { year, month, day, hour, minute, second } = partsOf(atSeconds, zone);
  if (step.unit === 'month') return month === 0 || step.every >= 12 ? String(year) : MONTHS[month] ?? '';
  if (step.unit === 'day' || (hour === 0 && minute === 0 && second === 0)) return `${day} ${MONTHS[month] ?? ''}`;
  return step.every < 60 ? `${two(hour)}:${two(minute)}:${two(second)}` : `${two(hour)}:${two(minute)}`;
}

/** A stretch in words: 18 Nov, 18 Nov 06:00–12:00 UTC, 18 Nov 06:00 – 20 Nov 12:00 UTC. The end is not part of it. */
export function stretchWords({ startSeconds, endSeconds }: Span, zone: TimeZone): string {
  const from = partsOf(startSeconds, zone);
  const to = partsOf(endSeconds, zone);
  const zoneWord = zone === 'utc' ? ' UTC' : '';
  const dayOf = (parts: Parts, withYear: boolean): string => `${parts.day} ${MONTHS[parts.month] ?? ''}${withYear ? ` ${parts.year}` : ''}`;
  const isWholeDays = [from, to].every(({ hour, minute, second }) => hour === 0 && minute === 0 && second === 0);
  const withYear = from.year !== to.year;
  if (isWholeDays) {
    const last = partsOf(endSeconds - 1, zone);
    const isOneDay = last.day === from.day && last.month === from.month && last.year === from.year;
    return `${isOneDay ? dayOf(from, withYear) : `${dayOf(from, withYear)} – ${dayOf(last, withYear)}`}${zoneWord}`;
  }
  const hasSeconds = from.second !== 0 || to.second !== 0 || endSeconds - startSeconds < 60;
  const clock = (parts: Parts): string => `${two(parts.hour)}:${two(parts.minute)}${hasSeconds ? `:${two(parts.second)}` : ''}`;
  const isSameDay = dayOf(from, true) === dayOf(to, true);
  return `${dayOf(from, withYear)} ${clock(from)}${isSameDay ? `–${clock(to)}` : ` – ${dayOf(to, withYear)} ${clock(to)}`}${zoneWord}`;
}
