import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileExpression, UNKNOWN } from './posture-compile.ts';
import type { Answer } from './posture-compile.ts';
import { parseExpression } from './posture-expression.ts';
import type { Json } from './posture-expression.ts';
import { parseInstantUs } from './time.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 1);
const numRuns = process.env['HOLDFAST_TEST_LONG'] === '1' ? 2500 : 500;
const nowUs = parseInstantUs('2026-03-01T12:00:00Z') ?? 0;
const d: Json = {
  yes: true, no: false, nothing: null, five: 5, text: 'Abc', blank: '  ', list: ['a', 'Bc'], mixed: ['a', 1], empty: [], table: { x: 'Your-Domain', n: 1 }, size: '50MB', kib: '2 KiB', at: '2026-03-01T10:00:00Z', odd: 'soon', nested: { '/api/chat': { n: 30 } },
};
const ask = (text: string, documents: Readonly<Record<string, Json>> = { d }): Answer => compileExpression(parseExpression(text))({ documents, nowUs, slots: [] });
const shown = (answer: Answer): string => (answer === UNKNOWN ? '?' : JSON.stringify(answer));

describe('three answers', () => {
  const answers = { T: 'd.yes == true', F: 'd.yes == false', U: 'd.gone == true' } as const;
  it.each([
    ['T and T', 'true'], ['T and F', 'false'], ['F and U', 'false'], ['U and F', 'false'], ['T and U', '?'], ['U and T', '?'], ['U and U', '?'], ['F and F', 'false'],
    ['T or T', 'true'], ['F or T', 'true'], ['T or U', 'true'], ['U or T', 'true'], ['F or F', 'false'], ['F or U', '?'], ['U or F', '?'], ['U or U', '?'],
    ['not T', 'false'], ['not F', 'true'], ['not U', '?'], ['not not U', '?'], ['not (F or U) and F', 'false'],
  ])('%s is %s', (text, expected) => expect(shown(ask(text.replaceAll(/[TFU]/g, (letter) => answers[letter as 'T'])))).toBe(expected));
});

it.each([
  ['d.five == 5', 'true'], ['d.five == "5"', '?'], ['d.five != 5', 'false'], ['d.five != "5"', '?'], ['d.nothing == null', 'true'], ['d.five == null', 'false'], ['d.list == "a"', '?'], ['d.table == d.table', '?'],
  ['d.five < 6', 'true'], ['d.five >= 6', 'false'], ['d.text < 6', '?'], ['d.five in 1..5', 'true'], ['d.five in 6..9', 'false'], ['d.text in 1..5', '?'],
  ['d.text in ["x", "Abc"]', 'true'], ['d.text in ["x"]', 'false'], ['d.text in [1, 2]', '?'], ['d.text in "Abc"', '?'], ['d.nothing in [null, "x"]', 'true'], ['d.list in [["a"]]', '?'], ['d.table in ["a"]', '?'], ['"a" in d.list', 'true'],
  ['d.text contains "bc"', 'true'], ['d.list contains "a"', 'true'], ['d.list contains "z"', 'false'], ['d.mixed contains "a"', '?'], ['d.five contains "5"', '?'], ['d.text contains d.five', '?'],
  ['d.text starts "A"', 'true'], ['d.five starts "5"', '?'], ['lower(d.text) == "abc"', 'true'], ['lower(d.five) == "5"', '?'],
  ['length(d.list)', '2'], ['length(d.text)', '3'], ['length(d.table)', '2'], ['length(d.five)', '?'], ['length(d.nothing)', '?'],
  ['items(d.list)', '2'], ['items(d.empty)', '0'], ['items(d.mixed)', '?'], ['items(d.text)', '?'], ['items(d.table)', '?'], ['items(d.nothing)', '?'],
  ['bytes(d.size)', '50000000'], ['bytes(d.kib)', '2048'], ['bytes(d.five)', '5'], ['bytes(d.text)', '?'], ['bytes(d.yes)', '?'], [`bytes("${'9'.repeat(400)}") > 1`, '?'],
  ['age_hours(d.at)', '2'], ['age_hours(d.odd)', '?'], ['age_hours(d.five)', '?'], ['age_hours(d.nothing)', '?'],
  ['mentions(d.table, "your-domain")', 'true'], ['mentions(d.list, "b")', 'true'], ['mentions(d.list, "zz")', 'false'], ['mentions(d.mixed, "zz")', '?'], ['mentions(d.mixed, "a")', 'true'], ['mentions(d.five, "5")', '?'], ['mentions(d.nothing, "x")', '?'], ['mentions(d, "zz")', '?'],
  ['same(["a", "B"], ["b", "A"])', 'true'], ['same(["a", "a"], ["a", "b"])', 'false'], ['same(["a"], ["b"])', 'false'], ['same(d.list, d.list)', 'true'], ['same(d.mixed, d.mixed)', '?'], ['same(d.text, d.text)', '?'], ['same(d.list, d.gone)', '?'], ['same([], [])', 'true'],
  ['every_starts(d.list, "a")', 'false'], ['every_starts(["ab", "a"], "a")', 'true'], ['every_starts(d.mixed, "a")', '?'], ['every_starts(d.text, "A")', '?'],
  ['text(d.text)', 'true'], ['text(d.blank)', 'false'], ['text(d.nothing)', 'false'], ['text(d.five)', '?'], ['text(d.gone)', '?'],
  ['known(d.text)', 'true'], ['known(d.gone)', 'false'], ['known(e.text)', '?'], ['known(d.nothing)', 'true'], ['known(d.text.inner)', 'false'],
  ['d.nested["/api/chat"].n', '30'], ['d.list.length', '?'], ['d.text.length', '?'], ['d.__proto__', '?'], ['d.constructor', '?'], ['d.toString', '?'], ['__proto__.x', '?'], ['d.list["0"]', '?'],
])('%s gives %s', (text, expected) => expect(shown(ask(text))).toBe(expected));

it('takes a property that is called __proto__ for plain data', () => {
  const hostile = JSON.parse('{"__proto__": {"enabled": true}, "constructor": {"prototype": 1}}') as Json;
  expect(shown(ask('d.enabled', { d: hostile }))).toBe('?');
  expect(shown(ask('d.__proto__.enabled', { d: hostile }))).toBe('true');
  expect(shown(ask('d.x', JSON.parse('{"__proto__": {"d": {"x": 1}}}') as Record<string, Json>))).toBe('?');
});

it.each([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN])('a number without end (%d) is no value', (value) => {
  expect(shown(ask('d.n >= 12 or d.n < 12', { d: { n: value } }))).toBe('?');
  expect(shown(ask('bytes(d.n) > 1', { d: { n: value } }))).toBe('?');
});

it('looks into what is nested without end only so far', () => {
  let deep: Json = 'your-domain';
  for (let level = 0; level < 20_000; level += 1) deep = [deep];
  expect(shown(ask('mentions(d.deep, "your-domain")', { d: { deep } }))).toBe('?');
});

const EXPRESSIONS = ['d.a == true', 'd.a != "x"', 'd.a in ["x", "y"]', 'd.a in 1..5', 'd.a contains "x"', 'd.a starts "x"', 'd.a <= 3', 'length(d.a) > 0', 'items(d.a) > 0', 'lower(d.a) == "x"', 'bytes(d.a) < 5', 'age_hours(d.a) < 5', 'mentions(d.a, "x")', 'every_starts(d.a, "x")', 'same(d.a, ["x"])', 'text(d.a)', 'known(d.a.b)', 'd.a', 'not d.a', 'd.a and d.b', 'd.a == d.b', 'd.a in d.b'];
it('gives an answer to every value, and never throws', () => {
  const compiled = EXPRESSIONS.map((text) => compileExpression(parseExpression(text)));
  fc.assert(fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
    for (const evaluate of compiled) {
      const answer = evaluate({ documents: { d: { a: a as Json, b: b as Json } }, nowUs, slots: [] });
      expect(answer === UNKNOWN || answer !== undefined).toBe(true);
    }
  }), { seed, numRuns });
});
it('says nothing about what is missing', () => {
  for (const text of EXPRESSIONS) {
    expect([text, shown(ask(text, {}))]).toEqual([text, '?']);
    if (!text.startsWith('known')) expect([text, shown(ask(text, { d: {} }))]).toEqual([text, '?']);
  }
});
