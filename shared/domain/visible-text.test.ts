// Tests of visible text: nothing that acts on a display or hides in it comes through, and nothing is lost.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { visibleBlock, visibleJson, visibleLine } from './visible-text.ts';

const ACTING = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;
const hostile = fc.string({ unit: fc.oneof(fc.constantFrom('\u001b', '\u202e', '\u2066', '\u200b', '\u0007', '\u009b', '\u2028', '\ufeff', '\u00ad', '\u{e0041}', '\ud800', '\r', '\n', '\t', '\u0000'), fc.string({ unit: 'binary', minLength: 1, maxLength: 1 })) });

/** Undoes the spelling, to show that nothing was dropped. */
function unspelled(text: string): string {
  return text.replace(/⟨U\+([0-9A-F]{4,6})⟩/g, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)));
}

describe('visible text', () => {
  it('R60: spells out the character that turns text round', () => {
    expect(visibleLine('admin\u202egnp.exe')).toBe('admin⟨U+202E⟩gnp.exe');
    expect(visibleLine('\u001b[2Jgone')).toBe('⟨U+001B⟩[2Jgone');
    expect(visibleLine('a\tb\nc')).toBe('a⟨U+0009⟩b⟨U+000A⟩c');
    expect(visibleLine('Zoë 東京 ✓')).toBe('Zoë 東京 ✓');
  });

  it('R60: lets no acting or invisible character through, whatever the text', () => {
    fc.assert(fc.property(hostile, (text) => {
      expect(visibleLine(text)).not.toMatch(ACTING);
      expect(visibleBlock(text).replaceAll('\n', '')).not.toMatch(ACTING);
      expect(visibleBlock(text).split('\n')).toHaveLength(text.split('\n').length);
    }), { numRuns: 2000 });
  });

  it('R60: drops nothing: the spelling can be undone', () => {
    fc.assert(fc.property(hostile.filter((text) => !text.includes('⟨U+')), (text) => {
      expect(unspelled(visibleLine(text))).toBe(text);
    }), { numRuns: 2000 });
  });

  it('R60: JSON parses back to the same value and holds no acting character but its own line feeds', () => {
    fc.assert(fc.property(fc.dictionary(hostile, fc.oneof(hostile, fc.array(hostile))), fc.constantFrom(0, 2), (value, indent) => {
      const text = visibleJson(value, indent);
      expect(text.replaceAll('\n', '')).not.toMatch(ACTING);
      if (indent === 0) expect(text).not.toContain('\n');
      expect(JSON.stringify(JSON.parse(text))).toBe(JSON.stringify(value));
    }), { numRuns: 1000 });
  });
});
