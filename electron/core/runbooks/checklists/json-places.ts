// JSON as it lies in a file: its values with the places of their text. It is for text that was read strictly before; what is no JSON has no places worth anything.

export interface JsonPlace {
  readonly start: number;
  readonly end: number;
  /** Of an object. */
  readonly members: ReadonlyMap<string, JsonPlace>;
  /** Of a list. */
  readonly items: readonly JsonPlace[];
}

const BLANK = /[ \t\r\n]*/y;
const SCALAR = /[^ \t\r\n,\]}]*/y;

export function placesIn(text: string): JsonPlace {
  let at = 0;
  const take = (pattern: RegExp): void => {
    pattern.lastIndex = at;
    at += pattern.exec(text)?.[0].length ?? 0;
  };

  function readString(): string {
    const start = at;
    for (at += 1; at < text.length && text[at] !== '"'; at += 1) if (text[at] === '\\') at += 1;
    at += 1;
    return JSON.parse(text.slice(start, at)) as string;
  }

  /** What stands between two brackets, piece by piece. */
  function readList(end: string, readOne: () => void): void {
    for (at += 1; at < text.length;) {
      take(BLANK);
      if (text[at] === end) break;
      if (text[at] === ',') at += 1;
      else readOne();
    }
    at += 1;
  }

  function readValue(): JsonPlace {
    take(BLANK);
    const start = at;
    const members = new Map<string, JsonPlace>();
    const items: JsonPlace[] = [];
    if (text[at] === '{') {
      readList('}', () => {
        const key = readString();
        take(BLANK);
        at += 1;
        members.set(key, readValue());
      });
    } else if (text[at] === '[') readList(']', () => void items.push(readValue()));
    else if (text[at] === '"') readString();
    else {
      take(SCALAR);
      // It goes on whatever stands there.
      if (at === start) at += 1;
    }
    return { start, end: at, members, items };
  }

  return readValue();
}
