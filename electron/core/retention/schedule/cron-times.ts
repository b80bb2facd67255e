// When the five fields of a crontab, or of a CronJob, come true: never, every minute, or how many times a year. It refuses what cron would refuse.

export type CronTimes =
  | { readonly ok: false; readonly reason: string }
  | { readonly ok: true; /** Runs in a year of 366 days. */ readonly perYear: number; /** At each start of the machine instead. */ readonly isAtBoot: boolean };

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const LENGTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

interface Field { readonly name: string; readonly low: number; readonly high: number; readonly names: readonly string[]; /** Number of the first name. */ readonly first: number }

export const FIELDS: readonly Field[] = [
  { name: 'minute', low: 0, high: 59, names: [], first: 0 }, { name: 'hour', low: 0, high: 23, names: [], first: 0 }, { name: 'day of the month', low: 1, high: 31, names: [], first: 0 },
  { name: 'month', low: 1, high: 12, names: MONTHS, first: 1 }, { name: 'day of the week', low: 0, high: 7, names: DAYS, first: 0 },
];

const NICKNAMES: Readonly<Record<string, number>> = { '@yearly': 1, '@annually': 1, '@monthly': 12, '@weekly': 52, '@daily': 366, '@midnight': 366, '@hourly': 366 * 24, '@every_minute': 366 * 1440 };

function valueIn(text: string, { low, high, names, first, name }: Field): number | string {
  const named = names.indexOf(text.toLowerCase());
  if (named !== -1) return named + first;
  if (!/^\d{1,4}$/.test(text)) return `"${text}" is no ${name}`;
  const value = Number(text);
  return value < low || value > high ? `${value} is no ${name}: it goes from ${low} to ${high}` : value;
}

/** @returns the values of a field, or what is wrong with it */
function expand(text: string, field: Field): ReadonlySet<number> | string {
  const values = new Set<number>();
  for (const part of text.split(',')) {
    const [range = '', step, ...more] = part.split('/');
    if (more.length > 0 || (step !== undefined && (!/^\d{1,4}$/.test(step) || Number(step) === 0))) return `"${part}" has no step that counts`;
    const [from = '', to, ...rest] = range.split('-');
    if (rest.length > 0) return `"${part}" is no range`;
    const low = from === '*' || from === '?' ? field.low : valueIn(from, field);
    const high = from === '*' || from === '?' ? field.high : to === undefined ? (step === undefined ? low : field.high) : valueIn(to, field);
    if (typeof low === 'string') return low;
    if (typeof high === 'string') return high;
    if (to !== undefined && (from === '*' || from === '?')) return `"${part}" is no range`;
    if (low > high) return `"${part}" goes backwards`;
    for (let value = low; value <= high; value += Number(step ?? 1)) values.add(value);
  }
  return values;
}

/** @param expression five fields, or a nickname such as @daily */
export function cronTimes(expression: string): CronTimes {
  const text = expression.trim();
  if (text.startsWith('@')) {
    if (text === '@reboot') return { ok: true, perYear: 0, isAtBoot: true };
    const every = /^@every (?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text);
    if (every !== null && every[0] !== '@every ') {
      const seconds = Number(every[1] ?? 0) * 3600 + Number(every[2] ?? 0) * 60 + Number(every[3] ?? 0);
      return seconds === 0 ? { ok: false, reason: '"@every" of nothing' } : { ok: true, perYear: 366 * 86_400 / seconds, isAtBoot: false };
    }
    const perYear = NICKNAMES[text];
    return perYear === undefined ? { ok: false, reason: `"${text}" is no known nickname` } : { ok: true, perYear, isAtBoot: false };
  }
  const parts = text.split(/\s+/);
  if (parts.length !== 5) return { ok: false, reason: `there are ${parts.length} fields instead of 5` };
  const sets: ReadonlySet<number>[] = [];
  for (const [index, field] of FIELDS.entries()) {
    const found = expand(parts[index] ?? '', field);
    if (typeof found === 'string') return { ok: false, reason: found };
    sets.push(found);
  }
  const [minutes, hours, days, months, weekdays] = sets as [ReadonlySet<number>, ReadonlySet<number>, ReadonlySet<number>, ReadonlySet<number>, ReadonlySet<number>];
  const week = new Set([...weekdays].map((day) => day % 7));
  const isAny = (index: number): boolean => /^[*?]/.test(parts[index] ?? '');
  // Where both days are given, either is enough; where one is left open, both must hold.
  const isEither = !isAny(2) && !isAny(4);
  let ofDays = 0;
  let all = 0;
  for (const month of months) {
    const length = LENGTHS[month - 1] ?? 31;
    all += length;
    ofDays += [...days].filter((day) => day <= length).length;
  }
  const share = week.size / 7;
  const runs = isEither ? Math.max(ofDays, all * share, ofDays + (all - ofDays) * share) : ofDays * share;
  return { ok: true, perYear: runs * minutes.size * hours.size, isAtBoot: false };
}
