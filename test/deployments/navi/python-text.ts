// Owns the text forms that Python gives to JSON and timestamps; refuses anything that Python would refuse.

/** `json.dumps` with the default separators, or compact ones; non-ASCII is escaped as Python does by default. */
export function pythonJson(value: unknown, separators: 'default' | 'compact' = 'default'): string {
  const [comma, colon] = separators === 'default' ? [', ', ': '] : [',', ':'];
  function write(part: unknown): string {
    if (Array.isArray(part)) return `[${part.map(write).join(comma)}]`;
    if (typeof part === 'object' && part !== null) {
      return `{${Object.entries(part).map(([key, item]) => `${escaped(key)}${colon}${write(item)}`).join(comma)}}`;
    }
    return typeof part === 'string' ? escaped(part) : JSON.stringify(part);
  }
  return write(value);
}

function escaped(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const MICROS_PER_SECOND = 1_000_000;

/** `datetime.isoformat()` of microseconds since the epoch, UTC: the fraction is left out when it is zero. */
export function isoFormat(micros: number, zone: 'aware' | 'naive'): string {
  const seconds = Math.floor(micros / MICROS_PER_SECOND);
  const fraction = micros - seconds * MICROS_PER_SECOND;
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19);
  return `${whole}${fraction === 0 ? '' : `.${String(fraction).padStart(6, '0')}`}${zone === 'aware' ? '+00:00' : ''}`;
}

const DATE = /^(\d{4})-?(\d{2})-?(\d{2})$/;
const TIME = /^(\d{2})(?::?(\d{2})(?::?(\d{2})(?:[.,](\d+))?)?)?(Z|[+-]\d{2}(?::?\d{2}(?::?\d{2})?)?)?$/;

/** What `datetime.fromisoformat` of Python 3.11 and later makes of a text, in microseconds UTC (naive = UTC), or null. */
export function parseIso(text: string): number | null {
  const dateLength = text[4] === '-' ? 10 : 8;
  const date = DATE.exec(text.slice(0, dateLength));
  if (date === null) return null;
  const [year, month, day] = [Number(date[1]), Number(date[2]), Number(date[3])];
  const midnight = Date.UTC(year, month - 1, day);
  const check = new Date(midnight);
  if (year === 0 || check.getUTCMonth() !== month - 1 || check.getUTCDate() !== day) return null;
  if (text.length === dateLength) return midnight * 1000;
  // One separator character of any kind is allowed between date and time.
  const time = TIME.exec(text.slice(dateLength + 1));
  if (time === null) return null;
  const [hour, minute, second] = [Number(time[1]), Number(time[2] ?? 0), Number(time[3] ?? 0)];
  if (hour > 23 || minute > 59 || second > 59) return null;
  const fraction = Number((time[4] ?? '').slice(0, 6).padEnd(6, '0'));
  const seconds = midnight / 1000 + hour * 3600 + minute * 60 + second - offsetSeconds(time[5]);
  return seconds * MICROS_PER_SECOND + fraction;
}

function offsetSeconds(offset: string | undefined): number {
  if (offset === undefined || offset === 'Z') return 0;
  const digits = offset.slice(1).replaceAll(':', '');
  const seconds = Number(digits.slice(0, 2)) * 3600 + Number(digits.slice(2, 4) || 0) * 60 + Number(digits.slice(4, 6) || 0);
  return offset.startsWith('-') ? -seconds : seconds;
}

/** One row of Python's csv.writer with minimal quoting, with the CRLF. None is an empty field. */
export function csvRow(fields: readonly (string | number | null)[]): string {
  return `${fields.map(csvField).join(',')}\r\n`;
}

function csvField(field: string | number | null): string {
  const text = field === null ? '' : String(field);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
