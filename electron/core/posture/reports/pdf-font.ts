// The fonts of PDF reports, and which characters they show as they are. A character that a font lacks, or that would join or turn its neighbours, is spelled out and never dropped.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { inflateSync } from 'node:zlib';

/** The folder of the fonts: beside the bundle that this module became part of, or in the package. */
const FOLDERS = [new URL('./fonts/', import.meta.url), new URL('../../../../node_modules/@fontsource/dejavu-sans/files/', import.meta.url)];

/** Whole fonts, whatever the names say. Only the characters in use are embedded, as their licence allows. */
export const FONT_FILES = { text: 'dejavu-sans-latin-400-normal.woff', bold: 'dejavu-sans-latin-700-normal.woff' } as const;
export type FontName = keyof typeof FONT_FILES;

const WOFF = 0x774f4646;
const WOFF_HEAD = 44;
const WOFF_ENTRY = 20;
const SFNT_HEAD = 12;
const SFNT_ENTRY = 16;

/** A font as TrueType. Compressed as it is kept, the library would inflate a whole table for each character. */
export function readFont(name: FontName): Buffer {
  for (const folder of FOLDERS) {
    try {
      return unwrapped(readFileSync(fileURLToPath(new URL(FONT_FILES[name], folder))));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  throw new Error(`the font ${FONT_FILES[name]} is not there`);
}

/** The TrueType font inside a WOFF of version 1. */
function unwrapped(woff: Buffer): Buffer {
  if (woff.readUInt32BE(0) !== WOFF) throw new Error('the font is no WOFF');
  const count = woff.readUInt16BE(12);
  const head = Buffer.alloc(SFNT_HEAD + count * SFNT_ENTRY);
  const power = 2 ** Math.floor(Math.log2(count));
  head.writeUInt32BE(woff.readUInt32BE(4), 0);
  head.writeUInt16BE(count, 4);
  head.writeUInt16BE(power * 16, 6);
  head.writeUInt16BE(Math.log2(power), 8);
  head.writeUInt16BE((count - power) * 16, 10);
  const tables: Buffer[] = [];
  let at = head.length;
  for (let index = 0; index < count; index += 1) {
    const entry = WOFF_HEAD + index * WOFF_ENTRY;
    const [offset, packed, length] = [woff.readUInt32BE(entry + 4), woff.readUInt32BE(entry + 8), woff.readUInt32BE(entry + 12)];
    const kept = woff.subarray(offset, offset + packed);
    const table = packed < length ? inflateSync(kept, { maxOutputLength: length }) : kept;
    const target = SFNT_HEAD + index * SFNT_ENTRY;
    woff.copy(head, target, entry, entry + 4);
    head.writeUInt32BE(woff.readUInt32BE(entry + 16), target + 4);
    head.writeUInt32BE(at, target + 8);
    head.writeUInt32BE(length, target + 12);
    // Each table begins at a multiple of four.
    const padding = Buffer.alloc((4 - (length % 4)) % 4);
    tables.push(table, padding);
    at += length + padding.length;
  }
  return Buffer.concat([head, ...tables]);
}

/** Letters that run from left to right and stand alone, digits, signs. */
const SIMPLE = /[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Common}]/u;
/** Marks sit on their neighbours. Signs of scripts that run from right to left belong to Common as well. */
const JOINING = /[\p{M}\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** @param hasGlyph whether the font can draw a code point; ⟨ and ⟩ it must be able to draw */
export function showable(text: string, hasGlyph: (codePoint: number) => boolean): string {
  return [...text].map((character) => {
    const codePoint = character.codePointAt(0) ?? 0;
    return SIMPLE.test(character) && !JOINING.test(character) && hasGlyph(codePoint) ? character : `⟨U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}⟩`;
  }).join('');
}
