// Keeps: a choice changes only what it names, and gives a query that can be run.
import { expect, test } from 'vitest';
import { parseQuery } from '#shared/domain/audit-query.ts';
import { completionIn, inserted, suggestionsFor, valuesToAsk } from './suggestions.ts';
import type { Suggestion } from './suggestions.ts';

const NOTHING = { values: [], views: [] };
function choose([text, cursor]: readonly [string, number], wanted: (suggestion: Suggestion) => boolean, values: readonly { value: string | null; count: number }[] = []) {
  const completion = completionIn(text, cursor);
  const found = suggestionsFor(completion, { ...NOTHING, values, text }).find(wanted);
  if (found === undefined || found.kind === 'view') throw new Error('not proposed');
  return inserted(text, completion, found.insert);
}

test('fields are proposed by their beginning', () => {
  expect(suggestionsFor(completionIn('st', 2), { ...NOTHING, text: 'st' }).map(({ text }) => text)).toEqual(['status:']);
  expect(choose(['st', 2], ({ text }) => text === 'status:')).toEqual({ text: 'status:', cursor: 7 });
});

test('values come with their counts, fixed ones without a made-up count', () => {
  const completion = completionIn('status:', 7);
  const found = suggestionsFor(completion, { ...NOTHING, text: 'status:', values: [{ value: '200', count: 41 }] });
  expect(found[0]).toMatchObject({ text: '200', count: 41 });
  expect(found.find(({ text }) => text === '4xx')).toMatchObject({ count: null });
  expect(valuesToAsk(completion)).toEqual({ field: 'status', prefix: '' });
  expect(valuesToAsk(completionIn('since:', 6))).toBeNull();
});

test.each(['/api/a b', 'x"y\\', 'none', '\u202eabc', 'a,b', '⟨U+202E⟩'])('the route %j can be chosen, and what is chosen is a query', (value) => {
  const { text } = choose(['route:', 6], ({ kind }) => kind === 'value', [{ value, count: 1 }]);
  expect(parseQuery(text).ok, text).toBe(true);
});

test('a choice in the middle leaves the rest', () => {
  expect(choose(['org:ac status:404', 6], ({ text }) => text === 'acme', [{ value: 'acme', count: 2 }]).text).toBe('org:acme status:404');
  expect(choose(['method:GET,po', 13], ({ text }) => text === 'POST', [{ value: 'POST', count: 2 }]).text).toBe('method:GET,POST ');
});
