// Whether two JSON texts say the same with other blanks and escapes: one server writes a payload as "a": "é" here and "a":"\u00e9" there, and neither is a change.

/** Compares part by part; numbers count as written, and the order of members counts. Texts that are no JSON are the same only when equal. */
export function isSameJson(one: string, other: string): boolean {
  if (one === other) return true;
  return isJson(one) && isJson(other) && squeezedJson(one, respelled) === squeezedJson(other, respelled);
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
