// When an OnCalendar= of systemd comes true, for the part of its language that is judged here: weekdays, dates with lists, ranges and steps, times, UTC and zones. Everything else is said not to be judged.

export type CalendarTimes =
  | { readonly state: 'wrong'; readonly reason: string }
  | { readonly state: 'unjudged' }
  | { readonly state: 'judged'; readonly isNever: boolean; /** Runs in a day on which it runs. */ readonly perDay: number; /** Runs in a year, about. */ readonly perYear: number; /** null: that of the machine. */ readonly zone: string | null };

const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
const NICKNAMES: Readonly<Record<string, string>> = {
  minutely: '*-*-* *:*:00', hourly: '*-*-* *:00:00', daily: '*-*-* 00:00:00', monthly: '*-*-01 00:00:00', weekly: 'Mon *-*-* 00:00:00', yearly: '*-01-01 00:00:00', annually: '*-01-01 00:00:00',
  quarterly: '*-01,04,07,10-01 00:00:00', semiannually: '*-01,07-01 00:00:00', 'semi-annually': '*-01,07-01 00:00:00', biannually: '*-01,07-01 00:00:00', 'bi-annually': '*-01,07-01 00:00:00', anually: '*-01-01 00:00:00',
};
const LENGTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

interface Part { readonly name: string; readonly low: number; readonly high: number }
const PARTS = {
  year: { name: 'year', low: 1970, high: 2199 }, month: { name: 'month', low: 1, high: 12 }, day: { name: 'day', low: 1, high: 31 },
  hour: { name: 'hour', low: 0, high: 23 }, minute: { name: 'minute', low: 0, high: 59 }, second: { name: 'second', low: 0, high: 59 },
} as const;

class Wrong extends Error {}
class Unjudged extends Error {}
/** The forms that systemd reads and that are not judged here: days from the end of a month, parts of a second, seconds since 1970; and a zone that only its machine may know. Whatever else cannot be read here, systemd refuses. */
const UNJUDGED = /~|:\d[\d*/,]*\.\d|^@\d| [A-Z]\w+\/[A-Z]\w+$/;

function values(text: string, { name, low, high }: Part): ReadonlySet<number> {
  if (text === '*') return new Set(Array.from({ length: high - low + 1 }, (_, index) => low + index));
  const found = new Set<number>();
  for (const each of text.split(',')) {
    if (/^\*\/\d+$/.test(each)) throw new Wrong(`${each} is no repetition: it is written ${low}/${each.slice(2)}`);
    const match = /^(\d{1,4})(?:\.\.(\d{1,4}))?(?:\/(\d{1,4}))?$/.exec(each);
    if (match === null) throw new Unjudged();
    const [, first, last, step] = match;
    const from = Number(first);
    const to = last === undefined ? (step === undefined ? from : high) : Number(last);
    for (const value of [from, to]) if (value < low || value > high) throw new Wrong(`${value} is no ${name}`);
    if (from > to) throw new Wrong(`${each} goes backwards`);
    if (step !== undefined && (Number(step) === 0 || (last === undefined && Number(step) > high - from))) throw new Wrong(`${each} has no step that counts`);
    for (let value = from; value <= to; value += Number(step ?? 1)) found.add(value);
  }
  return found;
}

function weekdays(text: string): ReadonlySet<number> {
  const found = new Set<number>();
  const indexOf = (name: string): number => {
    const at = WEEKDAYS.findIndex((day) => day === name.toLowerCase() || day.slice(0, 3) === name.toLowerCase());
    if (at === -1) throw new Unjudged();
    return at;
  };
  for (const each of text.split(',').filter((part) => part !== '')) {
    const [from = '', to, ...rest] = each.split(/\.\.|-/);
    if (rest.length > 0) throw new Unjudged();
    const [low, high] = [indexOf(from), indexOf(to ?? from)];
    if (low > high) throw new Wrong(`${each} goes backwards`);
    for (let day = low; day <= high; day += 1) found.add(day);
  }
  return found;
}

function isZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).format(0) !== '';
  } catch {
    return false;
  }
}

/** @param year the present one: a year that is over does not come back */
export function calendarTimes(expression: string, year: number): CalendarTimes {
  const text = expression.trim();
  if (text === '') return { state: 'wrong', reason: 'it is empty' };
  if (/^(?:\S+\s+){4}\S+$/.test(text) && !text.includes(':')) return { state: 'wrong', reason: 'it is written as in a crontab' };
  try {
    return judge(text, year);
  } catch (error) {
    if (error instanceof Wrong) return { state: 'wrong', reason: error.message };
    if (error instanceof Unjudged) return UNJUDGED.test(text) ? { state: 'unjudged' } : { state: 'wrong', reason: 'it is none of the forms that it takes' };
    throw error;
  }
}

function judge(text: string, year: number): CalendarTimes {
  const words = text.split(/\s+/);
  const last = words.at(-1) ?? '';
  let zone: string | null = null;
  if (words.length > 1 && /^[A-Za-z]/.test(last) && isZone(last)) {
    zone = last;
    words.pop();
  }
  const nickname = words.length === 1 ? NICKNAMES[(words[0] ?? '').toLowerCase()] : undefined;
  const parts = nickname === undefined ? words : nickname.split(' ');
  let week: ReadonlySet<number> | null = null;
  if (/^[A-Za-z]/.test(parts[0] ?? '')) week = weekdays(parts.shift() ?? '');
  const time = (parts.at(-1) ?? '').includes(':') ? parts.pop() ?? '' : '00:00:00';
  const date = parts.shift() ?? '*-*-*';
  if (parts.length > 0) throw new Unjudged();
  const dates = date.split('-');
  if (dates.length === 2) dates.unshift('*');
  if (dates.length !== 3) throw new Unjudged();
  const years = values(dates[0] ?? '', PARTS.year);
  const months = values(dates[1] ?? '', PARTS.month);
  const days = values(dates[2] ?? '', PARTS.day);
  const times = time.split(':');
  if (times.length < 2 || times.length > 3) throw new Unjudged();
  const [hours, minutes, seconds] = [values(times[0] ?? '', PARTS.hour), values(times[1] ?? '', PARTS.minute), values(times[2] ?? '00', PARTS.second)];
  const ahead = [...years].filter((each) => each >= year);
  const share = week === null ? 1 : week.size / 7;
  const isLeap = (each: number): boolean => each % 4 === 0 && (each % 100 !== 0 || each % 400 === 0);
  const dayPairs = (leap: boolean): number => [...months].reduce((sum, month) => sum + [...days].filter((day) => day <= (month === 2 && !leap ? 28 : LENGTHS[month - 1] ?? 31)).length, 0);
  const isNever = !ahead.some((each) => dayPairs(isLeap(each)) > 0);
  const perDay = hours.size * minutes.size * seconds.size;
  return { state: 'judged', isNever, perDay, perYear: isNever ? 0 : dayPairs(true) * share * perDay, zone };
}
