// What a query of the audit log is made of once it is read: its tree, with the place of every part in the text, and its errors.

/** A place in the query text: UTF-16 offsets, `to` not included. */
export interface Span { readonly from: number; readonly to: number }

export const QUERY_FIELDS = ['actor', 'org', 'method', 'route', 'status', 'event', 'resource', 'encrypted', 'payload', 'key', 'since', 'until', 'id'] as const;
export type QueryField = (typeof QUERY_FIELDS)[number];

/** Fields that are compared as a whole. */
export type ValueField = 'org' | 'method' | 'event' | 'resource' | 'key' | 'route' | 'actor';
/** Where words are looked for; `any` is every part of the text index. */
export type TextPart = 'any' | 'route' | 'actor' | 'payload';
/** State of a payload as the cache keeps it; null where none was obtained. */
export type KeptState = 'plain' | 'encrypted' | 'failed' | 'malformed' | null;

/**
 * same: the whole value, without regard to case. exactly: the whole value, to the letter. prefix: begins so, without regard to case.
 * none: no value. any: some value.
 */
export type ValueMatch =
  | { readonly how: 'same' | 'exactly' | 'prefix'; readonly value: string }
  | { readonly how: 'none' | 'any' };

/** Both ends belong to it; null is no end. */
export interface NumberRange { readonly min: number | null; readonly max: number | null }
/** Microseconds since the epoch, or microseconds before the time of evaluation. */
export type QueryTime = { readonly us: number } | { readonly agoUs: number };

export type QueryNode = Span & (
  /** Without items: `and` holds for every row. */
  | { readonly kind: 'and' | 'or'; readonly items: readonly QueryNode[] }
  | { readonly kind: 'not'; readonly item: QueryNode }
  /** Words in this order, side by side; with `prefix` the last one may go on. */
  | { readonly kind: 'text'; readonly part: TextPart; readonly text: string; readonly prefix: boolean }
  | { readonly kind: 'value'; readonly field: ValueField; readonly matches: readonly ValueMatch[] }
  | { readonly kind: 'number'; readonly field: 'status' | 'id'; readonly ranges: readonly NumberRange[] }
  | { readonly kind: 'state'; readonly states: readonly KeptState[] }
  | { readonly kind: 'time'; readonly side: 'since' | 'until'; readonly at: QueryTime }
);

export interface QueryError {
  /** From 1, in UTF-16 units: the first character that is wrong. */
  readonly column: number;
  /** How many characters; at least 1, and inside the text. */
  readonly length: number;
  readonly message: string;
  readonly hint: string;
}

/** Carries a QueryError out of the reader; parseQuery catches it. */
export class QueryProblem extends Error {
  readonly error: QueryError;

  constructor(at: Span, message: string, hint: string) {
    super(message);
    this.error = { column: at.from + 1, length: Math.max(1, at.to - at.from), message, hint };
  }
}

/** Letters and digits as the text index counts them; everything else separates words. */
export const WORD_CHARACTER = /[\p{L}\p{N}\p{Co}]/u;
