// Keeps: a payload is laid out for reading, never rewritten.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { layOutJson } from './json-layout.ts';

test('the laid out text means the same and holds the same tokens', () => {
  fc.assert(fc.property(fc.json({ maxDepth: 6 }), (text) => {
    const laid = layOutJson(text);
    expect(JSON.parse(laid)).toEqual(JSON.parse(text));
    expect(layOutJson(laid)).toBe(laid);
  }), { numRuns: 1000 });
});

test('it indents as a reader expects', () => {
  expect(layOutJson('{"a":[1,{"b":"x y"}],"c":{},"d":[]}')).toBe('{\n  "a": [\n    1,\n    {\n      "b": "x y"\n    }\n  ],\n  "c": {},\n  "d": []\n}');
});

test('numbers beyond 2^53, duplicate keys and escapes stay as written', () => {
  expect(layOutJson('{"n":9007199254740993,"n":1e400,"s":"\\u202e\\n"}')).toBe('{\n  "n": 9007199254740993,\n  "n": 1e400,\n  "s": "\\u202e\\n"\n}');
});

test('text that is not JSON comes back unchanged', () => {
  for (const text of ['not json at all', '"never ends', '', '<b>hi</b> there', `${'['.repeat(500)}1`]) expect(layOutJson(text).replaceAll(/\s/gu, '')).toBe(text.replaceAll(/\s/gu, ''));
  expect(layOutJson('"never ends {')).toBe('"never ends {');
});
