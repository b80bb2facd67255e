// Keeps: a mistake in the form is said at its field before anything is sent.
import { expect, test } from 'vitest';
import { draftErrors, fieldOfCode } from './deployment-draft.ts';
import type { DeploymentDraft } from './deployment-draft.ts';

const good: DeploymentDraft = { name: 'acme-prod', url: 'https://navi.acme.example', environment: 'production', readOnly: true, pin: '', caPem: null };

test('a good draft has no errors', () => expect(draftErrors(good)).toEqual({}));

test.each([
  [{ name: '' }, 'name'], [{ name: '-x' }, 'name'], [{ url: '' }, 'url'], [{ url: 'navi.acme.example' }, 'url'], [{ url: 'https://' }, 'url'], [{ url: 'ftp://navi.acme.example' }, 'url'], [{ caPem: 'not a certificate' }, 'caPem'],
] as const)('%j is refused at %s', (over, field) => expect(Object.keys(draftErrors({ ...good, ...over }))).toEqual([field]));

test('refusals of core are put at their field', () => {
  expect(fieldOfCode('insecure_url')).toBe('url');
  expect(fieldOfCode('invalid_pin')).toBe('pin');
  expect(fieldOfCode('disk_full')).toBeNull();
});
