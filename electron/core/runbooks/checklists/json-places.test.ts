// Places in JSON: every value lies where it is said to lie, whatever stands between and inside of the texts.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { placesIn } from './json-places.ts';
import type { JsonPlace } from './json-places.ts';

function valueAt(text: string, { start, end, members, items }: JsonPlace): unknown {
  const slice = text.slice(start, end);
  if (slice.startsWith('{')) return Object.fromEntries([...members].map(([key, place]) => [key, valueAt(text, place)]));
  return slice.startsWith('[') ? items.map((place) => valueAt(text, place)) : JSON.parse(slice);
}

it('any JSON is put together again from the places of its parts', () => {
  fc.assert(fc.property(fc.jsonValue(), fc.constantFrom('', ' ', '\t', '  \t '), fc.boolean(), (given, indent, isCrlf) => {
    const value: unknown = JSON.parse(JSON.stringify(given));
    const text = ` ${isCrlf ? JSON.stringify(value, null, indent).replaceAll('\n', '\r\n') : JSON.stringify(value, null, indent)} `;
    expect(valueAt(text, placesIn(text))).toEqual(value);
  }), { numRuns: 500 });
});

it('reads texts with quotes, backslashes and brackets in them, and empty ones', () => {
  const text = '{"a\\"]":"\\\\", "" : "}{,:" ,"b":[ ],"c":{ } , "d":[-1.5e3,null]}';
  expect(valueAt(text, placesIn(text))).toEqual(JSON.parse(text));
  const place = placesIn(text).members.get('a"]');
  expect(text.slice(place?.start, place?.end)).toBe('"\\\\"');
});

it('ends on a text that is no JSON', () => {
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom('{', '}', '[', ']', ',', ':', '"', '\\', ' ', '1', 'a') }), (text) => {
    try {
      placesIn(text);
    } catch (error) {
      expect(error).toBeInstanceOf(SyntaxError);
    }
  }), { numRuns: 1000 });
});
