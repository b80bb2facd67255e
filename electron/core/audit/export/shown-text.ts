// Text of a row as it may stand in a file that is read on a terminal: most of it is plain and passes as it is, the rest is spelled out.
import { visibleJson, visibleLine } from '#shared/domain/visible-text.ts';

/** Nothing in it is spelled out. Looking for this first is several times faster than looking for everything that would be. */
const PLAIN = /^[\x20-\x7e]*$/;

/** As visibleLine. */
export function shownLine(text: string): string {
  return PLAIN.test(text) ? text : visibleLine(text);
}

/** A text, number or null as JSON; in texts whatever would act on a display stands as \u escape, which is the same value. */
export function shownJson(value: string | number | null): string {
  return typeof value !== 'string' || PLAIN.test(value) ? JSON.stringify(value) : visibleJson(value, 0);
}

export function isPlain(text: string): boolean {
  return PLAIN.test(text);
}
