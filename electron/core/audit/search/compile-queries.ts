// Turns the tree of a query into SQL conditions over `audit_event e` and into expressions of the text index; text of a person never becomes syntax.
import { isOnlyTime, timeBounds } from '#shared/domain/audit-query.ts';
import { WORD_CHARACTER } from '#shared/domain/audit-query-tree.ts';
import type { NumberRange, QueryNode, TextPart, ValueField, ValueMatch } from '#shared/domain/audit-query-tree.ts';
import { joinSql, sql } from '../../db/sql.ts';
import type { Sql } from '../../db/sql.ts';

/** A stretch of row numbers (`seq`), both ends inclusive: what a condition need look at in the text index. */
export interface SeqRange { readonly low: number; readonly high: number }

export interface CompiledQuery {
  /**
   * Holds (1) or does not (0) for each row of `audit_event e`, never NULL, so that a negation is its exact opposite. `within` narrows what is read of the text index:
   * the rows asked about must lie inside. Time bounds that stand at the top are part of it.
   */
  condition(within: SeqRange | null): Sql;
  /** The same without `text`. */
  conditionBesideText(within: SeqRange | null): Sql;
  /** An expression of the text index that every matching row fulfils, as part of the query; null when there is none. */
  readonly text: string | null;
  /** `text`, narrowed by words that whole values need to hold: finds few rows by the index where the columns would need a scan. */
  readonly narrowText: string | null;
  /** Ids that every matching row is within; null when the query does not say. */
  readonly ids: readonly NumberRange[] | null;
  /** Bounds of time that every matching row keeps to, microseconds, both inclusive. */
  readonly sinceUs: number | null;
  readonly untilUs: number | null;
  /** Conditions of the text index stand in it, also below OR and NOT. */
  readonly usesText: boolean;
  /** `text` is all that there is. */
  readonly isOnlyText: boolean;
  /** Nothing but bounds of time at the top, or nothing at all. */
  readonly isOnlyTime: boolean;
}

/** @param nowUs the time from which relative times count back */
export function compileQuery(ast: QueryNode, nowUs: number): CompiledQuery {
  const terms = flatten(ast);
  const beside: QueryNode[] = [];
  const texts: string[] = [];
  const hints: string[] = [];
  let ids: readonly NumberRange[] | null = null;
  for (const term of terms) {
    const text = asText(term);
    if (text === null) beside.push(term);
    else texts.push(text);
    if (term.kind === 'value') hints.push(...hintOf(term.field, term.matches));
    if (term.kind === 'number' && term.field === 'id') ids ??= term.ranges;
  }
  const all = [...texts, ...hints];
  return {
    condition: (within) => conjunction(terms, { within, nowUs }),
    conditionBesideText: (within) => conjunction(beside, { within, nowUs }),
    text: texts.length === 0 ? null : texts.join(' AND '),
    narrowText: all.length === 0 ? null : all.join(' AND '),
    ids,
    ...timeBounds({ kind: 'and', items: terms, from: ast.from, to: ast.to }, nowUs),
    usesText: terms.some(usesText),
    isOnlyText: texts.length > 0 && beside.length === 0,
    isOnlyTime: isOnlyTime(ast),
  };
}

/** The terms that must all hold, through nested ANDs. */
function flatten(node: QueryNode): readonly QueryNode[] {
  return node.kind === 'and' ? node.items.flatMap(flatten) : [node];
}

function usesText(node: QueryNode): boolean {
  if (node.kind === 'text') return true;
  if (node.kind === 'not') return usesText(node.item);
  return 'items' in node && node.items.some(usesText);
}

const PARTS: Readonly<Record<TextPart, string>> = { any: '', route: 'route : ', actor: 'actor : ', payload: 'payload : ' };

/**
 * One phrase: a string of the index's own syntax, in which nothing but the quote has a meaning. NUL would end the expression.
 * The index folds a letter with one mark, and none with two: such a word is asked for composed and taken apart (NFC, NFD), as a row may hold either.
 */
function phrase(column: string, text: string, prefix: boolean): string {
  const forms = [...new Set([text, text.normalize('NFC'), text.normalize('NFD')])].map((form) => `(${column}"${form.replaceAll('\0', ' ').replaceAll('"', '""')}"${prefix ? '*' : ''})`);
  return forms.length === 1 ? forms.join('') : `(${forms.join(' OR ')})`;
}

/** The index's own parser gives up at about 33 levels. */
const MAX_TEXT_DEPTH = 10;

/** The node as an expression of the text index; null when more than words is in it, or when it is nested too deeply for one. */
function asText(node: QueryNode, depth = 0): string | null {
  if (node.kind === 'text') return phrase(PARTS[node.part], node.text, node.prefix);
  if ((node.kind !== 'and' && node.kind !== 'or') || node.items.length === 0 || depth === MAX_TEXT_DEPTH) return null;
  const items = node.items.map((item) => asText(item, depth + 1));
  return items.some((item) => item === null) ? null : `(${items.join(node.kind === 'and' ? ' AND ' : ' OR ')})`;
}

/** Where the words of whole values stand in the text index. */
const HINTS: Readonly<Partial<Record<ValueField, string>>> = { org: 'other : ', method: 'other : ', event: 'other : ', resource: 'other : ', route: 'route : ', actor: 'actor : ' };
// Beyond ASCII the index folds letters in its own way: there the column alone decides.
const PRINTABLE_ASCII = /^[\x20-\x7e]+$/;

/** Words that a row needs to hold to have one of these values. */
function hintOf(field: ValueField, matches: readonly ValueMatch[]): readonly string[] {
  const column = HINTS[field];
  const phrases = matches.map((match) => (column !== undefined && 'value' in match && PRINTABLE_ASCII.test(match.value) && WORD_CHARACTER.test(match.value)
    ? phrase(column, match.value, match.how === 'prefix' && /[a-z0-9]$/i.test(match.value)) : null));
  return phrases.includes(null) ? [] : [`(${phrases.join(' OR ')})`];
}

interface Scope { readonly within: SeqRange | null; readonly nowUs: number }

function conjunction(nodes: readonly QueryNode[], scope: Scope): Sql {
  return nodes.length === 0 ? sql`1` : joinSql(nodes.map((node) => sql`(${condition(node, scope)})`), sql` AND `);
}

function condition(node: QueryNode, scope: Scope): Sql {
  const text = asText(node);
  if (text !== null) return inText(text, scope.within);
  switch (node.kind) {
    case 'and': return conjunction(node.items, scope);
    case 'or': return joinSql(node.items.map((item) => sql`(${condition(item, scope)})`), sql` OR `);
    case 'not': return sql`NOT (${condition(node.item, scope)})`;
    case 'value': return joinSql(node.matches.map((match) => valueCondition(node.field, match)), sql` OR `);
    case 'number': return joinSql(node.ranges.map((range) => inRange(node.field === 'id' ? sql`e.id` : sql`e.status_code`, range)), sql` OR `);
    case 'state': return joinSql(node.states.map((state) => sql`e.state IS ${state}`), sql` OR `);
    case 'time': {
      const us = 'us' in node.at ? node.at.us : scope.nowUs - node.at.agoUs;
      // The plus keeps SQLite from choosing this bound where a closer one drives the index.
      return node.side === 'since' ? sql`+e.created_at >= ${us}` : sql`+e.created_at <= ${us}`;
    }
    case 'text': throw new Error('words are an expression of the text index');
  }
}

/** Rows that an expression of the text index finds. */
// It takes bounds from whole numbers only: a plain number would be bound as a floating one, and the bounds be passed over.
export function inText(text: string, within: SeqRange | null): Sql {
  return within === null
    ? sql`e.seq IN (SELECT rowid FROM audit_text WHERE audit_text MATCH ${text})`
    : sql`e.seq IN (SELECT rowid FROM audit_text WHERE audit_text MATCH ${text} AND rowid BETWEEN ${BigInt(within.low)} AND ${BigInt(within.high)})`;
}

/** Ids and statuses within a range. */
export function inRange(column: Sql, { min, max }: NumberRange): Sql {
  if (min !== null && max !== null) return sql`${column} BETWEEN ${min} AND ${max}`;
  if (min !== null) return sql`${column} >= ${min}`;
  return max === null ? sql`1` : sql`${column} <= ${max}`;
}

const COLUMNS: Readonly<Record<ValueField, readonly Sql[]>> = {
  org: [sql`e.org`], method: [sql`e.method`], event: [sql`e.event_type`], resource: [sql`e.resource_id`], key: [sql`e.key_id`], route: [sql`e.route`], actor: [sql`e.actor_email`, sql`e.actor_sub`],
};

function valueCondition(field: ValueField, match: ValueMatch): Sql {
  const each = COLUMNS[field].map((column) => columnCondition(column, match));
  return sql`(${joinSql(each, match.how === 'none' ? sql` AND ` : sql` OR `)})`;
}

function columnCondition(column: Sql, match: ValueMatch): Sql {
  switch (match.how) {
    case 'none': return sql`${column} IS NULL`;
    case 'any': return sql`${column} IS NOT NULL`;
    case 'exactly': return sql`${column} IS ${match.value}`;
    case 'same': return sql`(${column} IS NOT NULL AND (${joinSql(casings(match.value).map((value) => sql`${column} = ${value} COLLATE NOCASE`), sql` OR `)}))`;
    case 'prefix': return sql`(${column} IS NOT NULL AND (${joinSql(casings(match.value).map((value) => sql`substr(${column}, 1, ${[...value].length}) = ${value} COLLATE NOCASE`), sql` OR `)}))`;
  }
}

/** SQLite folds the case of A to Z only: of other letters as written, all small and all capital are tried. */
function casings(value: string): readonly string[] {
  // eslint-disable-next-line no-control-regex -- the range of ASCII
  return /^[\x00-\x7f]*$/.test(value) ? [value] : [...new Set([value, value.toLowerCase(), value.toUpperCase()])];
}
