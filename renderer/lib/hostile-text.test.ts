// Keeps: what cannot be seen is never drawn as if it were not there, and nothing is lost on the way.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasHidden, splitHostile } from './hostile-text.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.constantFrom(0x202e, 0x200b, 0x1b, 0x301, 0xd800, 0x2066, 0xfeff, 0xa0)), { maxLength: 80 }).map((units) => String.fromCharCode(...units)),
);

describe('R60: hostile text', () => {
  test('R60: joining the segments gives the input back, in both layouts', () => {
    fc.assert(fc.property(anyText, fc.constantFrom('line' as const, 'block' as const), (text, layout) => {
      expect(splitHostile(text, layout).map((segment) => segment.text).join('')).toBe(text);
    }), { numRuns: 2000 });
  });

  test('R60: no drawn segment holds a control, bidi, zero-width or unassigned character', () => {
    fc.assert(fc.property(anyText, (text) => {
      for (const segment of splitHostile(text)) {
        if (segment.kind === 'text') expect(segment.text).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
        else expect(segment.label).toMatch(/^⟨(U\+[0-9A-F]{4,6}|\d+ marks)⟩$/u);
      }
    }), { numRuns: 2000 });
  });

  test.each([
    ['admin\u202etxt.exe', '⟨U+202E⟩', 'right-to-left override'],
    ['pay\u200bload', '⟨U+200B⟩', 'zero width space'],
    ['\u001b[31mred', '⟨U+001B⟩', 'escape (terminal command)'],
    ['a\nb', '⟨U+000A⟩', 'line feed'],
    ['x\u{e0041}y', '⟨U+E0041⟩', 'a character that cannot be seen'],
    ['lone \ud800 half', '⟨U+D800⟩', 'a character that cannot be seen'],
    ['filler\u3164', '⟨U+3164⟩', 'Hangul filler'],
  ])('R60: %j is marked as %s', (text, label, name) => {
    const mark = splitHostile(text).find((segment) => segment.kind === 'mark');
    expect(mark).toMatchObject({ label, name });
    expect(hasHidden(text)).toBe(true);
  });

  test('R60: a pile of combining marks is counted instead of drawn', () => {
    const marks = splitHostile(`a${'\u0300'.repeat(40)}`).filter((segment) => segment.kind === 'mark');
    expect(marks).toHaveLength(1);
    expect(marks[0]).toMatchObject({ label: '⟨37 marks⟩' });
  });

  test('ordinary text in many scripts is left alone', () => {
    for (const text of ['POST /api/plan', 'Zoë Ångström', 'Привет', '日本語', 'עברית', 'naïve café', '😀']) {
      expect(splitHostile(text)).toEqual([{ kind: 'text', text }]);
      expect(hasHidden(text)).toBe(false);
    }
  });

  test('a block keeps line feeds and tabs as layout', () => {
    expect(splitHostile('{\n\t"a": 1\n}', 'block')).toHaveLength(1);
  });
});
