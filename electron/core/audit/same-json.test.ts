import fc from 'fast-check';
import { expect, it } from 'vitest';
import { pythonJson } from '../../../test/deployments/navi/python-text.ts';
import { isSameJson } from './same-json.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 1);

it.each([
  ['{"a":"é"}', '{ "a": "\\u00e9" }', true], ['{"a":1}', '{"a":1.0}', false], ['{"a":1,"b":2}', '{"b":2,"a":1}', false], ['{"a":1,"a":2}', '{"a":2}', false], ['{"a":" b"}', '{"a":"b"}', false], ['not json', 'not  json', false], ['{"a":"\\/"}', '{"a":"/"}', true],
])('%s and %s', (one, other, isSame) => {
  expect(isSameJson(one, other)).toBe(isSame);
});

it('holds for both spellings of Python, and for nothing that says something else', () => {
  fc.assert(fc.property(fc.jsonValue(), fc.jsonValue(), (value, another) => {
    expect(isSameJson(pythonJson(value), pythonJson(value, 'compact'))).toBe(true);
    expect(isSameJson(JSON.stringify(value), JSON.stringify(another))).toBe(JSON.stringify(value) === JSON.stringify(another));
  }), { seed, numRuns: 300 });
});

it('takes texts of any size', () => {
  const big = (blank: string): string => `{"a":${blank}"${'x'.repeat(5_000_000)}","b":"${'\\n'.repeat(1_000_000)}"}`;
  expect(isSameJson(big(''), big(' '))).toBe(true);
});
