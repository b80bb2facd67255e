// The text of Prometheus, read strictly: names, labels and numbers. A line that cannot be read, or a series that stands twice, makes the whole of it worthless: a sum over the rest would say too little.

export interface Sample { readonly name: string; readonly labels: Readonly<Record<string, string>>; readonly value: number }

const NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const LABEL = /[a-zA-Z_][a-zA-Z0-9_]*/y;
/** Go's ParseFloat without its hexadecimal forms and underscores. */
const NUMBER = /[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[iI][nN][fF](?:[iI][nN][iI][tT][yY])?|[nN][aA][nN])/y;
const TIMESTAMP = /[+-]?\d+(?:\.\d+)?/y;
const BLANK = /[ \t]*/y;

export type Exposition = { readonly samples: readonly Sample[] } | { /** From 1. */ readonly line: number; readonly problem: string };

class Fault extends Error {}

function reader(line: string): { take(pattern: RegExp): string | null; skip(): void; at(text: string): boolean; isEnd(): boolean; quoted(): string } {
  let at = 0;
  const take = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    const [found] = pattern.exec(line) ?? [];
    if (found !== undefined) at += found.length;
    return found ?? null;
  };
  return {
    take,
    skip: () => void take(BLANK),
    at(text) {
      if (!line.startsWith(text, at)) return false;
      at += text.length;
      return true;
    },
    isEnd: () => at >= line.length,
    quoted() {
      let value = '';
      for (;;) {
        const character = line[at];
        if (character === undefined) throw new Fault('a label is not closed');
        at += 1;
        if (character === '"') return value;
        if (character !== '\\') {
          value += character;
          continue;
        }
        const escape = line[at];
        at += 1;
        if (escape === 'n') value += '\n';
        else if (escape === '\\' || escape === '"') value += escape;
        else throw new Fault('a label has an escape that there is not');
      }
    },
  };
}

function numberOf(text: string): number {
  if (/nan/i.test(text)) return Number.NaN;
  if (/inf/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return Number(text);
}

function sampleOf(line: string): Sample {
  const text = reader(line);
  text.skip();
  const name = text.take(NAME);
  if (name === null) throw new Fault('it begins with no name');
  text.skip();
  const labels: Record<string, string> = Object.create(null) as Record<string, string>;
  if (text.at('{')) {
    for (text.skip(); !text.at('}');) {
      const label = text.take(LABEL);
      text.skip();
      if (label === null || !text.at('=')) throw new Fault('a label has no name or no value');
      text.skip();
      if (!text.at('"')) throw new Fault('a label has no value in quotes');
      if (label in labels) throw new Fault(`the label ${label} stands twice`);
      labels[label] = text.quoted();
      text.skip();
      const more = text.at(',');
      text.skip();
      if (!more) {
        if (!text.at('}')) throw new Fault('its labels are not closed');
        break;
      }
    }
    text.skip();
  }
  const value = text.take(NUMBER);
  if (value === null) throw new Fault('it has no number');
  text.skip();
  if (!text.isEnd() && !text.at('#')) {
    if (text.take(TIMESTAMP) === null) throw new Fault('something stands after its number');
    text.skip();
    // What follows a number sign is an exemplar or a comment.
    if (!text.isEnd() && !text.at('#')) throw new Fault('something stands after its time');
  }
  return { name, labels, value: numberOf(value) };
}

const keyOf = ({ name, labels }: Sample): string => JSON.stringify([name, Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))]);

export function readExposition(text: string): Exposition {
  const samples: Sample[] = [];
  const seen = new Set<string>();
  const lines = text.split('\n');
  for (const [index, raw] of lines.entries()) {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    if (/^[ \t]*(?:#|$)/.test(line)) continue;
    try {
      const sample = sampleOf(line);
      const key = keyOf(sample);
      if (seen.has(key)) throw new Fault('this series stands twice');
      seen.add(key);
      samples.push(sample);
    } catch (error) {
      if (error instanceof Fault) return { line: index + 1, problem: error.message };
      throw error;
    }
  }
  return { samples };
}

/** Those of a name that have all of these labels with these values; other labels may stand beside them. */
export function matching(samples: readonly Sample[], name: string, labels: Readonly<Record<string, string>>): readonly Sample[] {
  return samples.filter((sample) => sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value));
}
