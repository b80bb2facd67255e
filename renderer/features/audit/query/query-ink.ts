// Which parts of a query text have which colour; the reading itself belongs to the query language.
import { scanQuery } from '#shared/domain/audit-query-scan.ts';
import type { Token } from '#shared/domain/audit-query-scan.ts';
import { QueryProblem } from '#shared/domain/audit-query-tree.ts';

export type Tone = 'plain' | 'field' | 'value' | 'sign';
export interface InkedPart { readonly text: string; readonly tone: Tone }

/** Tokens of a text, up to the first place that cannot be read. */
function readable(text: string): readonly Token[] {
  try {
    return scanQuery(text);
  } catch (error) {
    if (!(error instanceof QueryProblem)) throw error;
    const end = error.error.column - 1;
    return end >= text.length ? [] : readable(text.slice(0, end));
  }
}

/** The whole text in parts; joined they are the text. */
export function inked(text: string): readonly InkedPart[] {
  const parts: InkedPart[] = [];
  let at = 0;
  const put = (to: number, tone: Tone): void => {
    if (to > at) parts.push({ text: text.slice(at, to), tone });
    at = Math.max(at, to);
  };
  for (const token of readable(text)) {
    put(token.from, 'plain');
    if (token.kind === 'field') {
      put(token.from + token.field.length + 1, 'field');
      put(token.to, 'value');
    } else put(token.to, token.kind === 'words' ? 'plain' : 'sign');
  }
  put(text.length, 'plain');
  return parts;
}
