// The query language (R62): what it reads, where its errors point, that it never throws, and that terms read back as they were written.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { completionAt } from './audit-query-completion.ts';
import { describeFields } from './audit-query-fields.ts';
import { formatTerm, hasTerm, withoutTerm, withTerm, withTimeRange } from './audit-query-format.ts';
import { QUERY_FIELDS } from './audit-query-tree.ts';
import type { QueryError, QueryNode } from './audit-query-tree.ts';
import { isOnlyTime, parseQuery, timeBounds } from './audit-query.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 1);
const LONG = process.env['HOLDFAST_TEST_LONG'] === '1';
const HOUR_US = 3600e6;

function tree(text: string): QueryNode {
  const parsed = parseQuery(text);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.error.message}`);
  return parsed.ast;
}
function problem(text: string): QueryError {
  const parsed = parseQuery(text);
  if (parsed.ok) throw new Error(`${text} was read`);
  return parsed.error;
}
/** A node without places. */
function meaning(node: QueryNode): unknown {
  return JSON.parse(JSON.stringify(node, (key, value: unknown) => (key === 'from' || key === 'to' ? undefined : value)));
}
const words = (text: string, part = 'any', prefix = false): unknown => ({ kind: 'text', part, text, prefix });

describe('parseQuery', () => {
  it('reads words, phrases and fields side by side as AND', () => {
    expect(meaning(tree('login "two words" org:acme'))).toEqual({ kind: 'and', items: [words('login'), words('two words'), { kind: 'value', field: 'org', matches: [{ how: 'same', value: 'acme' }] }] });
    expect(meaning(tree('a AND b'))).toEqual(meaning(tree('a b')));
  });
  it('takes every row for an empty query', () => {
    for (const text of ['', '  ', '\t\n']) expect(meaning(tree(text))).toEqual({ kind: 'and', items: [] });
  });
  it('binds NOT before AND before OR, and parentheses before all', () => {
    expect(meaning(tree('a b OR -c'))).toEqual({ kind: 'or', items: [{ kind: 'and', items: [words('a'), words('b')] }, { kind: 'not', item: words('c') }] });
    expect(meaning(tree('a (b OR NOT c)'))).toEqual({ kind: 'and', items: [words('a'), { kind: 'or', items: [words('b'), { kind: 'not', item: words('c') }] }] });
    expect(meaning(tree('-(a b)'))).toEqual({ kind: 'not', item: { kind: 'and', items: [words('a'), words('b')] } });
  });
  it('keeps minus signs inside words, and small and/or/not as words', () => {
    expect(meaning(tree('plan-42'))).toEqual(words('plan-42'));
    expect(meaning(tree('and or not'))).toEqual({ kind: 'and', items: [words('and'), words('or'), words('not')] });
    expect(meaning(tree('"OR"'))).toEqual(words('OR'));
  });
  it('reads stars, quotes and backslashes', () => {
    expect(meaning(tree('log*'))).toEqual(words('log', 'any', true));
    expect(meaning(tree('"a b"*'))).toEqual(words('a b', 'any', true));
    expect(meaning(tree('"a*"'))).toEqual(words('a*'));
    expect(meaning(tree('10.0.*'))).toEqual(words('10.0.'));
    expect(meaning(tree(String.raw`"a\"b\\c"`))).toEqual(words('a"b\\c'));
    expect(meaning(tree('route:/api/audit*'))).toEqual(words('/api/audit', 'route', true));
    expect(meaning(tree('route:=/api/audit*'))).toEqual({ kind: 'value', field: 'route', matches: [{ how: 'exactly', value: '/api/audit*' }] });
    expect(meaning(tree('org:ac*,none,"none",=Acme,*'))).toEqual({ kind: 'value', field: 'org', matches: [{ how: 'prefix', value: 'ac' }, { how: 'none' }, { how: 'same', value: 'none' }, { how: 'exactly', value: 'Acme' }, { how: 'any' }] });
    expect(meaning(tree('org:="none"'))).toEqual({ kind: 'value', field: 'org', matches: [{ how: 'exactly', value: 'none' }] });
  });
  it('reads numbers', () => {
    const ranges = (text: string): unknown => (tree(text) as { ranges?: unknown }).ranges;
    expect(ranges('status:404,5xx,>=400,>400,<=300,<300,400..499,500..')).toEqual([
      { min: 404, max: 404 }, { min: 500, max: 599 }, { min: 400, max: null }, { min: 401, max: null }, { min: null, max: 300 }, { min: null, max: 299 }, { min: 400, max: 499 }, { min: 500, max: null },
    ]);
    expect(ranges('id:17,19..40,>=5')).toEqual([{ min: 17, max: 17 }, { min: 19, max: 40 }, { min: 5, max: null }]);
  });
  it('reads times, the date of until as its whole day', () => {
    const day = Date.UTC(2026, 10, 22) * 1000;
    expect(timeBounds(tree('since:2026-11-22 until:2026-11-22'), 0)).toEqual({ sinceUs: day, untilUs: day + 24 * HOUR_US - 1 });
    expect(timeBounds(tree('since:24h until:30m'), 100 * HOUR_US)).toEqual({ sinceUs: 76 * HOUR_US, untilUs: 99.5 * HOUR_US });
    expect(timeBounds(tree('since:"2026-11-22 05:37:08" since:1w x'), day)).toEqual({ sinceUs: day + 5 * HOUR_US + 2_228_000_000, untilUs: null });
    expect([isOnlyTime(tree('')), isOnlyTime(tree('since:1d until:1h')), isOnlyTime(tree('since:1d x')), isOnlyTime(tree('-since:1d'))]).toEqual([true, true, false, false]);
  });
  it('reads the states of payloads, and anything else as words of the payload', () => {
    expect(meaning(tree('payload:failed'))).toEqual({ kind: 'state', states: ['failed'] });
    expect(meaning(tree('payload:none'))).toEqual({ kind: 'state', states: [null] });
    expect(meaning(tree('payload:"failed"'))).toEqual(words('failed', 'payload'));
    expect(meaning(tree('payload:trace*'))).toEqual(words('trace', 'payload', true));
    expect(meaning(tree('encrypted:NO'))).toEqual({ kind: 'state', states: ['plain', 'failed', 'malformed'] });
  });
  it.each(['https://host/path', 'fe80::1', 'auth0|abc', 'urn:uuid:1', 'mailto:a@b.org', 'C:\\x', '10.0.0.1:443', 'x-request-id:7', 'foo:'])('takes %s for a text', (text) => {
    expect(meaning(tree(text))).toEqual(words(text));
  });
  it.each([
    ['acter:bob', 1, 5, 'actor'], ['x ogr:acme', 3, 3, 'org'], ['user:alice', 1, 4, 'actor'], ['foo:bar', 1, 3, 'Did you mean'], ['user:"a b"', 1, 4, 'actor'],
  ])('says which field was meant: %s', (...[text, column, length, meant]) => {
    expect(problem(text)).toMatchObject({ column, length });
    expect(problem(text).message).toContain(meant);
  });
  it.each([
    ['a "open', 3, 5], ['(a', 1, 1], ['a )', 3, 1], ['()', 1, 2], ['a OR', 3, 2], ['OR a', 1, 2], ['a AND', 3, 3], ['AND a', 1, 3], ['NOT', 1, 3], ['a /', 3, 1], ['-', 1, 1], ['*', 1, 1], ['a - b', 3, 1],
    ['actor:', 1, 6], ['org:a,', 6, 1], ['status:abc', 8, 3], ['status:200,9x', 12, 2], ['status:500..400', 8, 8], ['id:99999999999999999999', 4, 20], ['since:yesterday', 7, 9], ['since:2026-02-30', 7, 10],
    ['encrypted:maybe', 11, 5], ['route:///', 7, 3], ['org:"a"b', 8, 1], ['org:a"b"', 6, 1], ['org:="a"*', 9, 1], ['payload:=x', 9, 2], ['payload:not-synced', 9, 10], ['(a OR (b', 7, 1], ['a NOT OR b', 3, 3],
  ])('points at what is wrong in %s', (text, column, length) => {
    const error = problem(text);
    expect([error.column, error.length]).toEqual([column, length]);
    expect(error.message).not.toBe('');
    expect(error.hint).not.toBe('');
  });
  it('counts columns in UTF-16 units, as an input field does', () => {
    expect(problem('"😀" acter:x').column).toBe(6);
  });
  it('keeps within its limits', () => {
    expect(problem('a '.repeat(201)).message).toContain('200');
    expect(problem('('.repeat(60) + 'a' + ')'.repeat(60)).message).toContain('nested');
    expect(problem('-'.repeat(4000) + 'a').message).toContain('nested');
  });
  it('every example of the help is a query', () => {
    for (const { field, example, values } of describeFields()) {
      expect(parseQuery(example).ok, example).toBe(true);
      for (const value of values ?? []) expect(parseQuery(`${field}:${value}`).ok, value).toBe(true);
    }
  });
});

const PIECES = ['a', 'OR', 'AND', 'NOT', '-', '(', ')', '"', '\\', '*', '=', ',', ':', '..', '>=', '<', ' ', '  ', 'actor:', 'org:', 'status:', 'since:', 'until:', 'id:', 'payload:', 'encrypted:', 'route:', 'acter:', '4xx', '404', '24h', '2026-11-22', 'none', '/api', '😀', '\u202e', '\ud800', '\u0000', 'é', '日本', '\n'];
const anyText = fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.array(fc.constantFrom(...PIECES), { maxLength: 25 }).map((parts) => parts.join('')), fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)), maxLength: 40 }));

describe('whatever the text', () => {
  it('R62: the parser never throws, and every place lies inside the text', () => {
    const inside = (node: QueryNode, text: string): void => {
      expect(node.from >= 0 && node.from <= node.to && node.to <= text.length).toBe(true);
      if ('items' in node) node.items.forEach((item) => inside(item, text));
      if ('item' in node) inside(node.item, text);
    };
    fc.assert(fc.property(anyText, (text) => {
      const parsed = parseQuery(text);
      if (parsed.ok) inside(parsed.ast, text);
      else {
        expect(parsed.error.column).toBeGreaterThanOrEqual(1);
        expect(parsed.error.length).toBeGreaterThanOrEqual(1);
        expect(parsed.error.column - 1 + parsed.error.length).toBeLessThanOrEqual(text.length);
      }
    }), { seed, numRuns: LONG ? 20_000 : 4_000 });
  });
  it('completion never throws, and what it replaces lies inside the text', () => {
    fc.assert(fc.property(anyText, fc.integer({ min: -2, max: 80 }), (text, cursor) => {
      const { from, to } = completionAt(text, cursor);
      expect(from >= 0 && from <= to && to <= text.length).toBe(true);
    }), { seed, numRuns: LONG ? 20_000 : 4_000 });
  });
  it('adding and removing terms never throws and leaves a query a query', () => {
    fc.assert(fc.property(anyText, fc.string(), (text, value) => {
      const term = formatTerm('org', value);
      if (!parseQuery(text).ok) return;
      const more = withTerm(text, term);
      expect(hasTerm(more, term)).toBe(true);
      const less = withoutTerm(more, term);
      expect(hasTerm(less, term)).toBe(false);
      expect(parseQuery(less).ok, less).toBe(true);
      const ranged = withTimeRange(text, { sinceUs: 5_000_000, untilUs: 7_000_000 });
      const parsed = tree(ranged);
      expect(timeBounds(parsed, 0)).toEqual({ sinceUs: 5_000_000, untilUs: 7_000_000 });
    }), { seed, numRuns: LONG ? 20_000 : 4_000 });
  });
});

const anyValue = fc.oneof(fc.string({ maxLength: 30 }), fc.string({ unit: 'binary', maxLength: 20 }), fc.array(fc.constantFrom('"', '\\', '*', ',', '=', 'none', ' ', '(', ')', '-', 'a', '😀', '\n', '\ud800'), { maxLength: 8 }).map((parts) => parts.join('')));

describe('formatTerm', () => {
  it.each(['actor', 'org', 'method', 'route', 'event', 'resource', 'key'] as const)('%s: reads back to exactly the value, negated or not', (field) => {
    fc.assert(fc.property(anyValue, fc.boolean(), (value, negated) => {
      const node = { kind: 'value', field, matches: [{ how: 'exactly', value }] };
      expect(meaning(tree(formatTerm(field, value, { negated })))).toEqual(negated ? { kind: 'not', item: node } : node);
    }), { seed, numRuns: LONG ? 20_000 : 1_000 });
  });
  it('without exact: whole values without case, and words of routes, actors, payloads and anywhere', () => {
    fc.assert(fc.property(anyValue, (value) => {
      expect(meaning(tree(formatTerm('org', value, { exact: false })))).toEqual({ kind: 'value', field: 'org', matches: [{ how: 'same', value }] });
      if (!/[\p{L}\p{N}\p{Co}]/u.test(value)) return;
      expect(meaning(tree(formatTerm('route', value, { exact: false })))).toEqual(words(value, 'route'));
      expect(meaning(tree(formatTerm(null, value)))).toEqual(words(value));
      if (!/^(plain|encrypted|failed|malformed)$/.test(value)) expect(meaning(tree(formatTerm('payload', value)))).toEqual(words(value, 'payload'));
    }), { seed, numRuns: LONG ? 20_000 : 1_000 });
  });
  it('null is: no value', () => {
    for (const field of ['org', 'actor', 'resource', 'method', 'event'] as const) expect(meaning(tree(formatTerm(field, null)))).toEqual({ kind: 'value', field, matches: [{ how: 'none' }] });
    expect(meaning(tree(formatTerm('payload', null, { negated: true })))).toEqual({ kind: 'not', item: { kind: 'state', states: [null] } });
    expect(meaning(tree(formatTerm('key', null)))).toEqual({ kind: 'and', items: [{ kind: 'value', field: 'key', matches: [{ how: 'none' }] }, { kind: 'state', states: ['encrypted'] }] });
    expect(hasTerm(withTerm('x', formatTerm('key', null)), formatTerm('key', null))).toBe(true);
    expect(meaning(tree(formatTerm('encrypted', null)))).toEqual({ kind: 'state', states: [null] });
  });
});

describe('terms in a query', () => {
  it('are added around OR, found by meaning, and taken out with their AND', () => {
    expect(withTerm('', 'org:=a')).toBe('org:=a');
    expect(withTerm('x OR y', 'org:=a')).toBe('(x OR y) org:=a');
    expect(withTerm('(x) OR (y)', 'org:=a')).toBe('((x) OR (y)) org:=a');
    expect(withTerm('(x OR y)', 'org:=a')).toBe('(x OR y) org:=a');
    expect(hasTerm('x org:="a" y', 'org:=a')).toBe(true);
    expect(hasTerm('x OR org:=a', 'org:=a')).toBe(false);
    expect(withoutTerm('x AND org:=a AND y', 'org:=a')).toBe('x AND y');
    expect(withoutTerm('org:=a AND y', 'org:=a')).toBe('y');
    expect(withoutTerm('x OR org:=a', 'org:=a')).toBe('x OR org:=a');
    expect(withoutTerm('org:=a AND org:=a AND y', 'org:=a')).toBe('y');
    expect(withoutTerm('AND= org:=a "two  spaces"', 'org:=a')).toBe('AND= "two  spaces"');
  });
  it('the brush replaces the range of time', () => {
    const text = withTimeRange('login since:24h status:5xx until:1h', { sinceUs: Date.UTC(2026, 0, 1) * 1000, untilUs: null });
    expect(text).toBe('login status:5xx since:2026-01-01T00:00:00Z');
    expect(withTimeRange(text, { sinceUs: null, untilUs: null })).toBe('login status:5xx');
  });
});

describe('completionAt', () => {
  const at = (marked: string): unknown => {
    const cursor = marked.indexOf('|');
    const { kind, field, prefix, from, to } = completionAt(marked.replace('|', ''), cursor);
    return [kind, field, prefix, from, to];
  };
  it.each([
    ['|', ['field', null, '', 0, 0]],
    ['ac|', ['field', null, 'ac', 0, 2]],
    ['x -ac|tor', ['field', null, 'ac', 3, 8]],
    ['ac|tor:bob', ['field', null, 'ac', 0, 6]],
    ['(org:|', ['value', 'org', '', 5, 5]],
    ['x org:ac|me y', ['value', 'org', 'ac', 6, 10]],
    ['org:a,b|c,d', ['value', 'org', 'b', 6, 8]],
    ['org:"two w|', ['value', 'org', 'two w', 4, 10]],
    ['route:=/api|', ['value', 'route', '/api', 6, 11]],
    ['"two w|ords"', ['none', null, '', 6, 6]],
    ['10.0|', ['none', null, '', 4, 4]],
    ['x |', ['field', null, '', 2, 2]],
  ])('%s', (marked, expected) => {
    expect(at(marked)).toEqual(expected);
  });
  it('knows every field', () => {
    for (const field of QUERY_FIELDS) expect(completionAt(`${field}:a`, field.length + 2)).toMatchObject({ kind: 'value', field });
  });
});
