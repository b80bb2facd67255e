// What a font cannot show, or what would move its neighbours, is spelled out; the fonts come out of their wrapping whole.
import { describe, expect, it } from 'vitest';
import { readFont, showable } from './pdf-font.ts';

describe('fonts of PDF reports', () => {
  it('a glyph that the font lacks is never drawn', () => {
    expect(showable('ab', (codePoint) => codePoint !== 0x62)).toBe('a⟨U+0062⟩');
  });

  it('letters that stand alone pass; marks and scripts from right to left are spelled out', () => {
    expect(showable('äΩЖ→', () => true)).toBe('äΩЖ→');
    expect(showable('e\u0301 \u05e2 \u060c \u0627', () => true)).toBe('e⟨U+0301⟩ ⟨U+05E2⟩ ⟨U+060C⟩ ⟨U+0627⟩');
  });

  it.each(['text', 'bold'] as const)('%s is TrueType with its tables at multiples of four, inside the file', (name) => {
    const font = readFont(name);
    expect(font.readUInt32BE(0)).toBe(0x00010000);
    const count = font.readUInt16BE(4);
    const tables = Array.from({ length: count }, (_, index) => ({ tag: font.toString('latin1', 12 + index * 16, 16 + index * 16), at: font.readUInt32BE(20 + index * 16), length: font.readUInt32BE(24 + index * 16) }));
    for (const tag of ['glyf', 'loca', 'cmap', 'head']) expect(tables.map((table) => table.tag)).toContain(tag);
    for (const { at, length } of tables) expect([at % 4, at + length <= font.length]).toEqual([0, true]);
    const head = tables.find(({ tag }) => tag === 'head');
    // The magic number of the table.
    expect(font.readUInt32BE((head?.at ?? 0) + 12)).toBe(0x5f0f3cf5);
  });
});
