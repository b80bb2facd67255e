import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pythonJson } from '../../../test/deployments/navi/python-text.ts';
import { isSameJson } from './same-json.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 1);

it.each([
  ['{"a":"é"}', '{ "a": "\\u00e9" }', true], ['{"a":1}', '{"a":1.0}', false], ['{"a":1,"a":2}', '{"a":2,"a":2}', false], ['{"a":{"b":1,"c":":"}}', '{"a": {"c":":", "b":1}}', true], ['{"a":1,"a":2}', '{"a":2}', false], ['{"a":" b"}', '{"a":"b"}', false], ['not json', 'not  json', false], ['{"a":"\\/"}', '{"a":"/"}', true],
])('%s and %s', (one, other, isSame) => {
  expect(isSameJson(one, other)).toBe(isSame);
});

it('holds for both spellings of Python, and for nothing that says something else', () => {
  fc.assert(fc.property(fc.jsonValue(), fc.jsonValue(), (value, another) => {
    expect(isSameJson(pythonJson(value), pythonJson(value, 'compact'))).toBe(true);
    expect(isSameJson(JSON.stringify(value), JSON.stringify(another))).toBe(isDeepStrictEqual(JSON.parse(JSON.stringify(value)), JSON.parse(JSON.stringify(another))));
  }), { seed, numRuns: 300 });
});

describe('two JSON texts', () => {
  it.each([
    ['{"a":1,"b":[true,null]}', '{ "b" : [ true , null ], "a" : 1 }'],
    ['"caf\\u00e9"', '"café"'],
    ['{"a":{"x":1,"y":2}}', '{"a":{"y":2,"x":1}}'],
    ['[]', ' [ ] '],
  ])('%s and %s say the same', (a, b) => expect(isSameJson(a, b)).toBe(true));
  it.each([
    ['{"a":1}', '{"a":2}'],
    ['[1,2]', '[2,1]'],
    // A number that JavaScript would round to the same one, and two spellings of one number.
    ['9007199254740993', '9007199254740992'],
    ['1.0', '1'],
    ['{"a":1}', '[["a",1]]'],
    ['["object",["a",1]]', '{"a":1}'],
    ['["list"]', '[["list"]]'],
    ['1', '"1"'],
    ['null', 'false'],
    ['{"a":1', '{"a":1 '],
  ])('%s and %s differ', (a, b) => expect(isSameJson(a, b)).toBe(false));
  it('nested very deep, blanks still do not count', () => {
    const deep = (value: string): string => '['.repeat(200_000) + value + ']'.repeat(200_000);
    expect(isSameJson(deep('1'), `${deep(' 1')} `)).toBe(true);
    expect(isSameJson(deep('1'), deep('2'))).toBe(false);
  });
});

it('takes texts of any size', () => {
  const big = (blank: string): string => `{"a":${blank}"${'x'.repeat(5_000_000)}","b":"${'\\n'.repeat(1_000_000)}"}`;
  expect(isSameJson(big(''), big(' '))).toBe(true);
});
