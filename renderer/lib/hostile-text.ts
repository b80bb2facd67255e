// Splits text of unknown origin into what may be drawn and what must be shown as a mark; it drops and reorders nothing.

export type HostileSegment =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'mark'; readonly text: string; readonly label: string; readonly name: string };

const NAMES: Readonly<Record<number, string>> = {
  0x00: 'null', 0x07: 'bell', 0x08: 'backspace', 0x09: 'tab', 0x0a: 'line feed', 0x0d: 'carriage return', 0x1b: 'escape (terminal command)', 0x7f: 'delete', 0x9b: 'terminal command',
  0xa0: 'no-break space', 0xad: 'soft hyphen', 0x61c: 'Arabic letter mark', 0x200b: 'zero width space', 0x200c: 'zero width non-joiner', 0x200d: 'zero width joiner',
  0x200e: 'left-to-right mark', 0x200f: 'right-to-left mark', 0x2028: 'line separator', 0x2029: 'paragraph separator', 0x202a: 'left-to-right embedding', 0x202b: 'right-to-left embedding',
  0x202c: 'pop directional formatting', 0x202d: 'left-to-right override', 0x202e: 'right-to-left override', 0x2060: 'word joiner', 0x2066: 'left-to-right isolate', 0x2067: 'right-to-left isolate',
  0x2068: 'first strong isolate', 0x2069: 'pop directional isolate', 0xfeff: 'zero width no-break space', 0x3164: 'Hangul filler', 0x115f: 'Hangul filler', 0x1160: 'Hangul filler', 0xffa0: 'Hangul filler', 0x2800: 'blank Braille pattern',
};

// C: controls, formats (bidi, zero width, tags), lone surrogates, private and unassigned characters. DI: what fonts draw as nothing (fillers,
// variation selectors). Then separators other than the space, and piles of combining marks (UTS #39, UTS #55).
const HIDDEN = /[\p{C}\p{DI}\p{Zl}\p{Zp}\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\u2800]|(?<=\p{M}{3})\p{M}+/gu;
const HIDDEN_BLOCK = new RegExp(`(?![\\n\\t])(?:${HIDDEN.source})`, 'gu');

/** True when the text holds a character that must be shown as a mark. */
export function hasHidden(text: string): boolean {
  return text.search(HIDDEN) !== -1;
}

/**
 * Splits text so that joining every segment's `text` gives the input back.
 * @param layout line: line feeds and tabs are marks too. block: they lay the text out.
 */
export function splitHostile(text: string, layout: 'line' | 'block' = 'line'): readonly HostileSegment[] {
  const segments: HostileSegment[] = [];
  let from = 0;
  for (const match of text.matchAll(layout === 'block' ? HIDDEN_BLOCK : HIDDEN)) {
    if (match.index > from) segments.push({ kind: 'text', text: text.slice(from, match.index) });
    segments.push(markOf(match[0]));
    from = match.index + match[0].length;
  }
  if (from < text.length) segments.push({ kind: 'text', text: text.slice(from) });
  return segments;
}

function markOf(hidden: string): HostileSegment {
  const code = hidden.codePointAt(0) ?? 0;
  const point = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  const count = [...hidden].length;
  if (count > 1) return { kind: 'mark', text: hidden, label: `⟨${count} marks⟩`, name: `${count} stacked combining marks` };
  return { kind: 'mark', text: hidden, label: `⟨${point}⟩`, name: NAMES[code] ?? 'a character that cannot be seen' };
}
