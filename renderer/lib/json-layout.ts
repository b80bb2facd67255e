// Lays JSON text out in lines without reading it: every token stays as the server wrote it (numbers, duplicate keys, escapes); text that is not JSON comes back unchanged.

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/gsu;
const MAX_DEPTH = 200;

/** Indents JSON text by two spaces. Only white space between tokens changes. */
export function layOutJson(text: string): string {
  const tokens = text.match(TOKEN);
  if (tokens === null || withoutSpace(text) !== tokens.join('').length) return text;
  let depth = 0;
  let out = '';
  for (const [index, token] of tokens.entries()) {
    const next = tokens[index + 1];
    if (token === '{' || token === '[') {
      if (next === '}' || next === ']') out += token;
      else out += `${token}\n${indent(depth += 1)}`;
    } else if (token === '}' || token === ']') {
      const previous = tokens[index - 1];
      if (previous === '{' || previous === '[') out += token;
      else out += `\n${indent(depth = Math.max(0, depth - 1))}${token}`;
    } else if (token === ',') out += `,\n${indent(depth)}`;
    else if (token === ':') out += ': ';
    else out += token;
    if (depth > MAX_DEPTH) return text;
  }
  return out;
}

function indent(depth: number): string {
  return '  '.repeat(depth);
}

/** Length of the text without white space outside of strings; differs from the tokens' length when a string does not end. */
function withoutSpace(text: string): number {
  let length = 0;
  let inString = false;
  for (let index = 0; index < text.length; index += 1) {
    const char = text[index] ?? '';
    if (inString && char === '\\') {
      length += 2;
      index += 1;
      continue;
    }
    if (char === '"') inString = !inString;
    if (inString || !/\s/u.test(char)) length += 1;
  }
  return length;
}
