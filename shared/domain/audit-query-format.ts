// Writes terms that read back to exactly one value, and puts them into a query or takes them out; it never changes the other terms.
import { parseQuery } from './audit-query.ts';
import { scanQuery } from './audit-query-scan.ts';
import type { QueryField, QueryNode, Span } from './audit-query-tree.ts';
import { isValueField } from './audit-query-values.ts';
import { formatInstantUs } from './time.ts';

export interface TermOptions {
  /** Rows that do not fulfil the term. */
  readonly negated?: boolean;
  /** The value to the letter, as facets need it (`=`); otherwise words of a route or actor, and whole values without regard to case. */
  readonly exact?: boolean;
}

/** May stand without quotes. */
const BARE = /^[\p{L}\p{N}_./@|:#~&;?!$+-]+$/u;

/**
 * A term for one value of a field; null stands for rows without one (none, or unknown for encrypted). Without a field the value is a phrase.
 * Values of status, id, since, until and encrypted are written as they are.
 */
export function formatTerm(field: QueryField | null, value: string | null, { negated = false, exact = true }: TermOptions = {}): string {
  // Only an encrypted payload can name a key: rows of other payloads do not lack one.
  if (field === 'key' && value === null) return `${negated ? '-' : ''}(key:none encrypted:yes)`;
  return `${negated ? '-' : ''}${field === null ? quoted(value ?? '') : `${field}:${formatValue(field, value, exact)}`}`;
}

function formatValue(field: QueryField, value: string | null, exact: boolean): string {
  if (value === null) return field === 'encrypted' ? 'unknown' : 'none';
  if (field === 'payload') return /^(plain|encrypted|failed|malformed)$/.test(value) ? value : quoted(value);
  if (!isValueField(field)) return value;
  if (exact) return `=${BARE.test(value) ? value : quoted(value)}`;
  return BARE.test(value) && !/^none$/i.test(value) ? value : quoted(value);
}

function quoted(value: string): string {
  return `"${value.replace(/[\\"]/g, '\\$&')}"`;
}

/** The terms of the outermost AND, with their places; null when the text is no query. */
function outerTerms(text: string): readonly QueryNode[] | null {
  const parsed = parseQuery(text);
  if (!parsed.ok) return null;
  // What stands in parentheses begins before its first item: it is one term.
  const { ast } = parsed;
  return ast.kind === 'and' && (ast.items.length === 0 || ast.items[0]?.from === ast.from) ? ast.items : [ast];
}

/** The text without one term of its outermost AND, and without the AND that stood beside it. */
function cut(text: string, term: Span): string {
  const tokens = scanQuery(text);
  const before = tokens.findLast((token) => token.to <= term.from);
  const after = tokens.find((token) => token.from >= term.to);
  const from = before?.kind === 'and' ? before.from : term.from;
  const to = before?.kind !== 'and' && after?.kind === 'and' ? after.to : term.to;
  return `${text.slice(0, from).trimEnd()} ${text.slice(to).trimStart()}`.trim();
}

function cutAll(text: string, isMeant: (node: QueryNode) => boolean): string {
  let rest = text;
  for (;;) {
    const found = (outerTerms(rest) ?? []).find((node) => node.to > node.from && isMeant(node));
    if (found === undefined) return rest;
    rest = cut(rest, found);
  }
}

/** The query with one more term that must hold. A text that is no query gets the term at its end and stays none. */
export function withTerm(text: string, term: string): string {
  const rest = text.trim();
  if (rest === '') return term;
  const parsed = parseQuery(rest);
  const isOpenOr = parsed.ok && parsed.ast.kind === 'or' && parsed.ast.items[0]?.from === parsed.ast.from;
  return isOpenOr ? `(${rest}) ${term}` : `${rest} ${term}`;
}

/** True when this very term must hold in the query. */
export function hasTerm(text: string, term: string): boolean {
  const isMeant = sameAs(term);
  return (outerTerms(text) ?? []).some((node) => node.to > node.from && isMeant(node));
}

/** The query without this term; unchanged where the term does not stand in its outermost AND. */
export function withoutTerm(text: string, term: string): string {
  return cutAll(text, sameAs(term));
}

function sameAs(term: string): (node: QueryNode) => boolean {
  const wanted = parseQuery(term);
  const meaning = wanted.ok ? meaningOf(wanted.ast) : null;
  return (node) => meaningOf(node) === meaning;
}

/** A node without its places, as a text to compare. */
function meaningOf(node: QueryNode): string {
  return JSON.stringify(node, (key, value: unknown) => (key === 'from' || key === 'to' ? undefined : value));
}

/** The query with this stretch of time (microseconds, both ends inclusive) in place of the one it named; null leaves that end open. */
export function withTimeRange(text: string, range: { readonly sinceUs: number | null; readonly untilUs: number | null }): string {
  let next = cutAll(text, (node) => node.kind === 'time').trim();
  if (range.sinceUs !== null) next = withTerm(next, formatTerm('since', formatInstantUs(range.sinceUs)));
  if (range.untilUs !== null) next = withTerm(next, formatTerm('until', formatInstantUs(range.untilUs)));
  return next;
}
