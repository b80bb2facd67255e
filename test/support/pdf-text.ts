// Reads the text of a PDF that pdfkit made: streams inflated, glyphs mapped back through each font's ToUnicode. It proves what a reader sees; it is no reader for other PDFs.
import { inflateSync } from 'node:zlib';

interface Stream { readonly dictionary: string; readonly content: string }

/** Objects by number: dictionary text and inflated stream, both as Latin 1. */
function objectsOf(pdf: Buffer): ReadonlyMap<number, Stream> {
  const text = pdf.toString('latin1');
  const objects = new Map<number, Stream>();
  for (const match of text.matchAll(/(?:^|\n)(\d+) 0 obj\n([^]*?)\nendobj/g)) {
    const [, number = '', body = ''] = match;
    const at = body.indexOf('stream\n');
    const dictionary = at === -1 ? body : body.slice(0, at);
    const raw = at === -1 ? '' : body.slice(at + 'stream\n'.length, body.lastIndexOf('\nendstream'));
    objects.set(Number(number), { dictionary, content: /FlateDecode/.test(dictionary) && raw !== '' ? inflateSync(Buffer.from(raw, 'latin1')).toString('latin1') : raw });
  }
  return objects;
}

const utf16 = (hex: string): string => Buffer.from(hex, 'hex').swap16().toString('utf16le');

/** Glyph to text, from a ToUnicode map with ranges of lists, as the library writes it. */
function toUnicode(map: string): ReadonlyMap<number, string> {
  const glyphs = new Map<number, string>();
  for (const [, from = '', , list = ''] of map.matchAll(/<([0-9a-fA-F]+)> <([0-9a-fA-F]+)> \[([^\]]*)\]/g)) {
    [...list.matchAll(/<([0-9a-fA-F ]*)>/g)].forEach(([, hex = ''], index) => glyphs.set(Number.parseInt(from, 16) + index, utf16(hex.replaceAll(' ', ''))));
  }
  return glyphs;
}

/** The text of all pages, one line of it a line. Pieces of one line are joined as they stand; a wrapped line is joined to the next by nothing but its own space. */
export function pdfText(pdf: Buffer): string {
  const objects = objectsOf(pdf);
  const fonts = new Map<string, ReadonlyMap<number, string>>();
  for (const { dictionary } of objects.values()) {
    for (const [, name = '', ref = ''] of dictionary.matchAll(/\/(F\d+) (\d+) 0 R/g)) {
      const unicode = /\/ToUnicode (\d+) 0 R/.exec(objects.get(Number(ref))?.dictionary ?? '')?.[1];
      if (unicode !== undefined) fonts.set(name, toUnicode(objects.get(Number(unicode))?.content ?? ''));
    }
  }
  const pages = [...objects.values()].filter(({ content }) => /\bBT\b/.test(content) && /\bTJ?\b/.test(content));
  return pages.map(({ content }) => {
    let font: ReadonlyMap<number, string> = new Map();
    let text = '';
    for (const [, name, array] of content.matchAll(/\/(F\d+) [\d.]+ Tf|\[((?:<[0-9a-fA-F]*>|[\s\d.-])*)\] TJ/g)) {
      if (name !== undefined) font = fonts.get(name) ?? new Map();
      else text += [...(array ?? '').matchAll(/<([0-9a-fA-F]*)>/g)].map(([, hex = '']) => (hex.match(/.{4}/g) ?? []).map((glyph) => font.get(Number.parseInt(glyph, 16)) ?? '\ufffd').join('')).join('');
    }
    return text;
  }).join('\n');
}
