// How results look on a terminal: aligned tables, labelled fields, times in UTC; every cell is taken as hostile text.
import { visibleBlock, visibleLine } from '#shared/domain/visible-text.ts';
import type { CheckState } from '#shared/domain/evidence.ts';
import type { OutStream } from './io.ts';

export type Tone = 'good' | 'bad' | 'doubtful' | 'quiet';
export type Cell = string | number | null | { readonly text: string; readonly tone: Tone };
export interface Column { readonly title: string; readonly align?: 'right'; /** May be cut to fit the terminal. */ readonly cut?: true }

export interface Look { readonly colour: boolean; /** null where the output is not a terminal: nothing is cut. */ readonly columns: number | null }

const ABSENT = '-';
const GAP = '  ';
const NARROWEST = 12;
const SGR: Readonly<Record<Tone, string>> = { good: '32', bad: '31', doubtful: '33', quiet: '2' };
const TONES: Readonly<Record<CheckState, Tone>> = { pass: 'good', fail: 'bad', unknown: 'doubtful', stale: 'doubtful', 'not-applicable': 'quiet' };

/** Colour only on a terminal that did not ask for none (https://no-color.org). */
export function lookOf(out: OutStream, env: Readonly<Record<string, string | undefined>>): Look {
  const terminal = out.isTTY === true;
  return { colour: terminal && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb', columns: terminal ? out.columns ?? null : null };
}

/** The word of a check's state, in its tone. */
export function stateCell(state: CheckState): Cell {
  return { text: state, tone: TONES[state] };
}

/** "2026-11-22 05:37:08 UTC" from an ISO instant; the fraction is left out. */
export function utc(instant: string | null): string {
  return instant === null ? 'never' : `${bareUtc(instant)} UTC`;
}

/** The same without the zone, for a column whose title says UTC. */
export function bareUtc(instant: string): string {
  const match = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(?:\.\d+)?Z$/.exec(instant);
  return match === null ? instant : `${match[1]} ${match[2]}`;
}

/** A sentence whose inserted values are taken as hostile text. */
export function say(words: TemplateStringsArray, ...values: readonly (string | number)[]): string {
  return words.map((word, index) => (index < values.length ? word + visibleLine(String(values[index])) : word)).join('');
}

/** "1 event", "5 events". */
export function counted(count: number, singular: string, plural = `${singular}s`): string {
  return `${count} ${count === 1 ? singular : plural}`;
}

/** Rows under titles. Columns marked `cut` shrink, widest first, until a line fits the terminal. */
export function table(columns: readonly Column[], rows: readonly (readonly Cell[])[], look: Look): string {
  const texts = rows.map((row) => columns.map((_, index) => cellText(row[index] ?? null)));
  const widths = columns.map((column, index) => Math.max(width(column.title), ...texts.map((row) => width(row[index] ?? ''))));
  if (look.columns !== null) shrink(columns, widths, look.columns);
  const line = (cells: readonly string[], tones: readonly (Tone | null)[]): string =>
    columns.map((column, index) => {
      const text = cut(cells[index] ?? '', widths[index] ?? 0);
      const padding = ' '.repeat(Math.max(0, (widths[index] ?? 0) - width(text)));
      const shown = paint(text, tones[index] ?? null, look);
      if (column.align === 'right') return padding + shown;
      return index === columns.length - 1 ? shown : shown + padding;
    }).join(GAP).trimEnd();
  const head = line(columns.map((column) => column.title), columns.map(() => 'quiet'));
  return [head, ...texts.map((cells, row) => line(cells, columns.map((_, index) => toneOf(rows[row]?.[index] ?? null))))].join('\n');
}

/** Labelled lines; a value of several lines is indented under its label. */
export function fields(pairs: readonly (readonly [label: string, value: Cell])[], look: Look): string {
  const left = Math.max(...pairs.map(([label]) => width(label)));
  return pairs.map(([label, value]) => `${label.padEnd(left)}${GAP}${paint(cellText(value), toneOf(value), look)}`).join('\n');
}

/**
 * Text of several lines, broken at spaces where a line is wider than the terminal, each line behind the indent. Without a terminal nothing is broken.
 * What stands before the first word of a line is kept, and its later parts stand under it. A word is never broken.
 */
export function wrapped(text: string, indent: string, look: Pick<Look, 'columns'>): string {
  const room = Math.max(NARROWEST, (look.columns ?? Number.MAX_SAFE_INTEGER) - width(indent));
  return visibleBlock(text).split('\n').flatMap((line) => {
    const lead = /^ *(?:[-*] |\d{1,3}\. )?/.exec(line)?.[0] ?? '';
    const lines = [lead];
    for (const word of line.slice(lead.length).split(' ')) {
      const last = lines.at(-1) ?? '';
      if (last.trimEnd().length <= lead.trimEnd().length) lines[lines.length - 1] = `${last}${word}`;
      else if (width(last) + 1 + width(word) <= room) lines[lines.length - 1] = `${last} ${word}`;
      else lines.push(`${' '.repeat(lead.length)}${word}`);
    }
    return lines.map((each) => `${indent}${each}`.trimEnd());
  }).join('\n');
}

function cellText(cell: Cell): string {
  if (cell === null) return ABSENT;
  if (typeof cell === 'number') return String(cell);
  return visibleLine(typeof cell === 'string' ? cell : cell.text);
}

function toneOf(cell: Cell): Tone | null {
  return typeof cell === 'object' && cell !== null ? cell.tone : null;
}

function paint(text: string, tone: Tone | null, look: Look): string {
  return tone === null || !look.colour ? text : `\u001b[${SGR[tone]}m${text}\u001b[0m`;
}

function shrink(columns: readonly Column[], widths: number[], available: number): void {
  const excess = (): number => widths.reduce((sum, each) => sum + each, 0) + GAP.length * (widths.length - 1) - available;
  while (excess() > 0) {
    let widest = -1;
    columns.forEach((column, index) => {
      if (column.cut === true && (widths[index] ?? 0) > NARROWEST && (widths[index] ?? 0) > (widths[widest] ?? 0)) widest = index;
    });
    if (widest === -1) return;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
}

/** Fullwidth and wide characters take two cells (Unicode TR 11, the common blocks), combining marks none. */
const WIDE = /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
const MARK = /\p{Mn}|\p{Me}/u;

/** Terminal cells that a text takes. */
export function width(text: string): number {
  let cells = 0;
  for (const character of text) if (!MARK.test(character)) cells += WIDE.test(character) ? 2 : 1;
  return cells;
}

function cut(text: string, cells: number): string {
  if (width(text) <= cells) return text;
  let kept = '';
  let used = 1;
  for (const character of text) {
    used += width(character);
    if (used > cells) break;
    kept += character;
  }
  return `${kept}…`;
}
