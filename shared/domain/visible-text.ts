// How text that a server or a stranger wrote is shown: what would act on the display or hide in it is spelled out; it refuses to drop anything.

/** Controls (ANSI begins with one), bidi marks, zero-width and other invisible characters, line separators, lone surrogates. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

function spelled(character: string): string {
  return `⟨U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`;
}

/** One line of foreign text with every acting or invisible character spelled out as ⟨U+202E⟩; a line feed or tab too. */
export function visibleLine(text: string): string {
  return text.replace(HIDDEN, spelled);
}

/** The same for text that may span lines: only the line feed keeps its meaning. */
export function visibleBlock(text: string): string {
  return text.split('\n').map(visibleLine).join('\n');
}

/** JSON text in which those characters stand as \u escapes, so that it parses to the same value and cannot act on a terminal. */
export function visibleJson(value: unknown, indent = 2): string {
  const text = JSON.stringify(value, null, indent);
  // Line feeds here are only JSON's own layout: inside a string JSON.stringify has already escaped them.
  return text.replace(HIDDEN, (character) => (character === '\n' ? '\n' : escaped(character)));
}

function escaped(character: string): string {
  let text = '';
  for (let unit = 0; unit < character.length; unit += 1) text += `\\u${character.charCodeAt(unit).toString(16).padStart(4, '0')}`;
  return text;
}
