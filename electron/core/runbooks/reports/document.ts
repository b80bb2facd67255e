// A report as plain parts, the same for Markdown, HTML and PDF. Text in it is what people and servers wrote, with whatever acts on a display spelled out; markup is none of it.
import { visibleBlock, visibleLine } from '#shared/domain/visible-text.ts';

/** Text, or a name that is read letter by letter: a digest, an id, an address. */
export type Cell = string | { readonly code: string };

export type Block =
  | { readonly kind: 'section'; readonly title: string }
  | { readonly kind: 'text'; readonly text: string; readonly isStrong?: boolean }
  | { readonly kind: 'facts'; readonly facts: readonly (readonly [string, Cell])[] }
  | { readonly kind: 'table'; readonly heads: readonly string[]; readonly rows: readonly (readonly Cell[])[]; /** In place of a table without rows. */ readonly none: string };

export interface ReportDocument {
  readonly title: string;
  readonly blocks: readonly Block[];
  /** Below each page. */
  readonly footer: string;
  /** Of the newest event; milliseconds since the epoch. */
  readonly atMs: number;
}

/** One line. */
export const said = (text: string): string => visibleLine(text.trim().replaceAll(/\s*\n\s*/g, ' / '));
/** Lines that stay lines. */
export const saidBlock = (text: string): string => visibleBlock(text.trim());

const DAY_MS = 86_400_000;

/** "1 d 2 h 3 min", "4 min 5 s"; what is negative is said to be before. */
export function durationText(ms: number): string {
  if (!Number.isFinite(ms)) return 'not known';
  if (ms < 0) return `${durationText(-ms)} before`;
  const seconds = Math.floor(ms / 1000);
  const [days, hours, minutes] = [Math.floor(ms / DAY_MS), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
  const parts = [days > 0 ? `${days} d` : '', hours > 0 ? `${hours} h` : '', minutes > 0 ? `${minutes} min` : '', days === 0 && hours === 0 ? `${seconds % 60} s` : ''].filter((part) => part !== '');
  return parts.join(' ') || '0 s';
}
