// Whether two JSON texts say the same: one server writes a payload as "a": "é" here and "a":"\u00e9" there, or its members in another order, and none of it is a change.

/** Blanks, escapes and the order of members do not count; a number counts as it is written, and so does a text with doubled members. Texts that are no JSON are the same only when equal. */
export function isSameJson(one: string, other: string): boolean {
  if (one === other) return true;
  if (!isJson(one) || !isJson(other)) return false;
  if (squeezedJson(one, respelled) === squeezedJson(other, respelled)) return true;
  try {
    const [left, right] = [canonical(one), canonical(other)];
    return left !== null && left === right;
  } catch (error) {
    // Nested beyond what can be compared in another order.
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** A number as it is written: 1.0 and 1 are two spellings, and a large one is not rounded. */
class WrittenNumber {
  readonly source: string;
  constructor(source: string) {
    this.source = source;
  }
}

/** The text with its members in order; null when some are doubled, of which parsing would keep one. */
function canonical(text: string): string | null {
  const keepNumbers = (_key: string, value: unknown, context?: { readonly source?: string }): unknown => (typeof value === 'number' ? new WrittenNumber(context?.source ?? String(value)) : value);
  let members = 0;
  /** Lists and objects begin with a mark, so that one is never taken for the other. */
  const sorted = (value: unknown): unknown => {
    if (value instanceof WrittenNumber) return ['number', value.source];
    if (Array.isArray(value)) return ['list', ...value.map(sorted)];
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
    members += entries.length;
    return ['object', ...entries.map(([key, member]) => [key, sorted(member)])];
  };
  const said = JSON.stringify(sorted(JSON.parse(text, keepNumbers as (key: string, value: unknown) => unknown)));
  return squeezedJson(text, () => '').split(':').length - 1 === members ? said : null;
}

/** In the spelling of JSON.stringify. */
function respelled(quoted: string): string {
  return quoted.includes('\\') ? JSON.stringify(JSON.parse(quoted)) : quoted;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * A text without the blanks between its parts, for JSON of any size (a regular expression would run out of stack on long texts).
 * @param quotedAs what becomes of each string in it, quotes included
 */
export function squeezedJson(text: string, quotedAs: (quoted: string) => string = (quoted) => quoted): string {
  const parts: string[] = [];
  for (let at = 0; at < text.length;) {
    const quote = text.indexOf('"', at);
    const end = quote === -1 ? text.length : quote;
    if (end > at) parts.push(text.slice(at, end).replace(/[ \t\r\n]+/g, ''));
    if (quote === -1) break;
    const behind = endOfString(text, quote);
    parts.push(quotedAs(text.slice(quote, behind)));
    at = behind;
  }
  return parts.join('');
}

/** Behind the closing quote; the end of the text when there is none. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; ;) {
    const quote = text.indexOf('"', at);
    if (quote === -1) return text.length;
    let backslashes = 0;
    while (text.charCodeAt(quote - 1 - backslashes) === 0x5c) backslashes += 1;
    if (backslashes % 2 === 0) return quote + 1;
    at = quote + 1;
  }
}
