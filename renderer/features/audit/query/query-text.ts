// A query as the bar holds it: characters that hide or reorder text stand as ⟨U+202E⟩ there, so that what is read is what is searched; both directions lose nothing.
import { splitHostile } from '../../../lib/hostile-text.ts';

const SPELLED = /⟨U\+([0-9A-F]{4,6})⟩/gu;
const LAST_POINT = 0x10ffff;

const spelled = (character: string): string => `⟨U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`;

/** The text for the bar. What looks like a spelling already is spelled itself, so that it comes back as it was. */
export function toShown(query: string): string {
  return splitHostile(query.replace(SPELLED, (text) => `${spelled('⟨')}${text.slice(1)}`))
    .map((segment) => (segment.kind === 'text' ? segment.text : [...segment.text].map(spelled).join(''))).join('');
}

/** The query that the text of the bar stands for. */
export function toQuery(shown: string): string {
  return shown.replace(SPELLED, (text, digits: string) => {
    const point = Number.parseInt(digits, 16);
    return point > LAST_POINT ? text : String.fromCodePoint(point);
  });
}

/** Where a place of the query stands in the bar. */
export function shownOffset(query: string, offset: number): number {
  return toShown(query.slice(0, offset)).length;
}
