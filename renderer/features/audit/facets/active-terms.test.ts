// Keeps: what is shown as active can be taken out, and nothing else is shown.
import { expect, test } from 'vitest';
import { withoutTerm } from '#shared/domain/audit-query-format.ts';
import { activeTerms } from './active-terms.ts';

test('terms are found with their facets, and can be taken out', () => {
  const query = 'login method:=POST -status:500 since:1d payload:failed actor:alice key:a,b';
  expect(activeTerms(query)).toEqual([
    { field: 'method', term: 'method:=POST', isNegated: false }, { field: 'status', term: '-status:500', isNegated: true }, { field: 'payload', term: 'payload:failed', isNegated: false },
    { field: 'actor', term: 'actor:alice', isNegated: false }, { field: 'key', term: 'key:a,b', isNegated: false },
  ]);
  for (const { term } of activeTerms(query)) expect(withoutTerm(query, term)).not.toContain(term);
});

test('alternatives and what cannot be read have none', () => {
  for (const query of ['', 'method:GET OR status:404', '(method:GET OR status:404) x', 'method:', 'login']) expect(activeTerms(query)).toEqual([]);
  expect(activeTerms('id:17 since:1d')).toEqual([]);
});
