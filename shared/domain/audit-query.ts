// Reads a query of the audit log into a tree; whatever the text, the answer is a tree or an error that points at its column.
import { scanQuery } from './audit-query-scan.ts';
import type { Token } from './audit-query-scan.ts';
import { QueryProblem } from './audit-query-tree.ts';
import type { QueryError, QueryNode, Span } from './audit-query-tree.ts';
import { readField, readWords } from './audit-query-values.ts';

/** More terms than a person writes; keeps what is made of them within the limits of the database. */
const MAX_TERMS = 200;
const MAX_DEPTH = 40;

export type ParsedQuery = { readonly ok: true; readonly ast: QueryNode } | { readonly ok: false; readonly error: QueryError };

/**
 * Reads a query: words, "phrases", field:value, -x or NOT x, OR, parentheses; terms side by side must all hold (AND may be written).
 * NOT binds closest, then AND, then OR. An empty query is an `and` without items, which every row fulfils. Never throws.
 */
export function parseQuery(text: string): ParsedQuery {
  try {
    return { ok: true, ast: readTokens(scanQuery(text), text.length) };
  } catch (error) {
    if (error instanceof QueryProblem) return { ok: false, error: error.error };
    throw error;
  }
}

function readTokens(tokens: readonly Token[], length: number): QueryNode {
  let next = 0;
  let terms = 0;
  const peek = (): Token | undefined => tokens[next];

  function alternatives(depth: number, opened: Token | null): QueryNode {
    const items: QueryNode[] = [];
    for (;;) {
      items.push(conjunction(depth, opened));
      const sign = peek();
      if (sign?.kind !== 'or') break;
      next += 1;
      const after = peek();
      if (after === undefined || after.kind === 'close' || after.kind === 'or') throw new QueryProblem(sign, 'Nothing follows this OR.', 'Write a term behind it. To look for the word, put it into quotes.');
    }
    return joined('or', items);
  }

  function conjunction(depth: number, opened: Token | null): QueryNode {
    const items: QueryNode[] = [];
    for (;;) {
      const token = peek();
      if (token === undefined || token.kind === 'close' || token.kind === 'or') break;
      if (token.kind === 'and') {
        next += 1;
        const after = peek();
        if (items.length === 0 || after === undefined || after.kind === 'close' || after.kind === 'or' || after.kind === 'and') throw new QueryProblem(token, 'AND stands between two terms.', 'It may be left out: terms side by side must all hold. To look for the word, put it into quotes.');
        continue;
      }
      items.push(term(depth));
    }
    const [only] = items;
    if (only !== undefined) return joined('and', items);
    const token = peek();
    if (token?.kind === 'or') throw new QueryProblem(token, 'Nothing stands before this OR.', 'Write a term before it. To look for the word, put it into quotes.');
    if (opened !== null) throw new QueryProblem({ from: opened.from, to: token?.to ?? opened.to }, 'Nothing stands between these parentheses.', 'Write a term, or leave them out.');
    if (token !== undefined) throw new QueryProblem(token, 'This parenthesis closes nothing.', 'Leave it out, or put it into quotes.');
    return { kind: 'and', items: [], from: 0, to: length };
  }

  function term(depth: number): QueryNode {
    const token = peek();
    if (token === undefined) throw new Error('a term was expected where the text ends');
    next += 1;
    if (depth > MAX_DEPTH) throw new QueryProblem(token, 'This is nested too deeply.', `Keep within ${MAX_DEPTH} levels.`);
    if (token.kind === 'open') {
      const inner = alternatives(depth + 1, token);
      const close = peek();
      if (close?.kind !== 'close') throw new QueryProblem(token, 'This parenthesis is not closed.', 'Put a closing one behind the last term.');
      next += 1;
      return { ...inner, from: token.from, to: close.to };
    }
    if (token.kind === 'minus' || token.kind === 'not') {
      const after = peek();
      if (after === undefined || after.kind === 'close' || after.kind === 'or' || after.kind === 'and') throw new QueryProblem(token, token.kind === 'not' ? 'Nothing follows this NOT.' : 'Nothing follows this minus sign.', 'Write a term behind it. To look for it, put it into quotes.');
      const item = term(depth + 1);
      return { kind: 'not', item, from: token.from, to: item.to };
    }
    if (token.kind !== 'words' && token.kind !== 'field') throw new Error(`a term was expected, not ${token.kind}`);
    terms += token.kind === 'field' ? token.pieces.length : 1;
    if (terms > MAX_TERMS) throw new QueryProblem(token, `A query has at most ${MAX_TERMS} terms.`, 'Use ranges, or the beginning of words with a star.');
    const span: Span = { from: token.from, to: token.to };
    return token.kind === 'field' ? readField(token.field, token.pieces, span) : readWords(token, 'any', span);
  }

  const tree = alternatives(0, null);
  const left = peek();
  if (left !== undefined) throw new QueryProblem(left, 'This parenthesis closes nothing.', 'Leave it out, or put it into quotes.');
  return tree;
}

function joined(kind: 'and' | 'or', items: readonly QueryNode[]): QueryNode {
  const first = items[0];
  const last = items.at(-1);
  if (first === undefined || last === undefined) throw new Error('nothing to join');
  return items.length === 1 ? first : { kind, items, from: first.from, to: last.to };
}

/** Bounds of time that every row of the result keeps to, in microseconds, both inclusive; null where there is none. `nowUs` is the time of evaluation. */
export function timeBounds(ast: QueryNode, nowUs: number): { readonly sinceUs: number | null; readonly untilUs: number | null } {
  let sinceUs: number | null = null;
  let untilUs: number | null = null;
  for (const node of ast.kind === 'and' ? ast.items : [ast]) {
    if (node.kind !== 'time') continue;
    const us = 'us' in node.at ? node.at.us : nowUs - node.at.agoUs;
    if (node.side === 'since') sinceUs = sinceUs === null ? us : Math.max(sinceUs, us);
    else untilUs = untilUs === null ? us : Math.min(untilUs, us);
  }
  return { sinceUs, untilUs };
}

/** True for a query that names nothing but a stretch of time, or nothing at all. */
export function isOnlyTime(ast: QueryNode): boolean {
  return ast.kind === 'time' || (ast.kind === 'and' && ast.items.every((item) => item.kind === 'time'));
}
