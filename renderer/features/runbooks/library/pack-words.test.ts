// Live checks in words, and the order of the library.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunbookHead } from '#shared/contract/runbook.ts';
import { appliesWords, checkSentence, filterPacks, groupPacks, minutesWords, NO_PACK_FILTER, PACK_KINDS } from './pack-words.ts';

const head = (over: Partial<RunbookHead>): RunbookHead => ({ id: 'one', version: '1.0.0', title: 'One', kind: 'incident', digest: '0'.repeat(64), steps: 1, isShipped: true, importedAt: null, applies: [], ...over });
const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 1);

describe('a live check in words', () => {
  it('names every figure that decides it', () => {
    expect(checkSentence({ asks: 'health', path: '/health/ready', within_ms: 2000 })).toBe('/health/ready answers 200 within 2,000 ms, without a token.');
    expect(checkSentence({ asks: 'health', path: '/health', within_ms: 5, holds: 'ok' })).toContain('holds “ok”');
    expect(checkSentence({ asks: 'error-rate', minutes: 1, below_percent: 0.5 })).toBe('Fewer than 0.5 % of the answers of 1 minute are server errors (5xx).');
    expect(checkSentence({ asks: 'token', expect: 'refused' })).toContain('is refused');
    expect(checkSentence({ asks: 'security-check', check: 'jwt.enabled' })).toContain('jwt.enabled');
    expect(checkSentence({ asks: 'overdue-rows', at_most: 0 })).toContain('No audit row is overdue');
    expect(checkSentence({ asks: 'overdue-rows', at_most: 1 })).toBe('At most 1 audit row is overdue.');
    expect(checkSentence({ asks: 'metric', name: 'up', labels: { job: 'navi', zone: 'a' }, is: '>=', value: 1 })).toBe('The metric up {job="navi", zone="a"} is at least 1.');
    expect(checkSentence({ asks: 'metric', name: 'up', labels: {}, is: '==', value: 0 })).toBe('The metric up is 0.');
    expect(checkSentence({ asks: 'rotation', phase: 'finished' })).toContain('its end');
  });
});

describe('the library', () => {
  const navi = head({ id: 'n', title: 'Rollback', kind: 'drill', applies: ['navi'] });
  const karen = head({ id: 'k', title: 'Canary', kind: 'rollout', applies: ['karen'] });
  const any = head({ id: 'a', title: 'Post-mortem', kind: 'review', isShipped: false });
  const incident = head({ id: 'i', title: 'Zone down', kind: 'incident', applies: ['navi', 'karen'] });

  it('shows what is for the deployment first, in each group what cannot wait first', () => {
    expect(groupPacks([any, karen, navi, incident], 'navi').map(({ id, heads }) => [id, heads.map((each) => each.id)])).toEqual([['own', ['i', 'n']], ['any', ['a']], ['other', ['k']]]);
    expect(groupPacks([any, karen], null).map(({ id }) => id)).toEqual(['any', 'other']);
    expect(groupPacks([], 'navi')).toEqual([]);
  });

  it('filters by kind, and by words in any order', () => {
    const all = [any, karen, navi, incident];
    expect(filterPacks(all, NO_PACK_FILTER)).toEqual(all);
    expect(filterPacks(all, { text: '', kinds: new Set(['drill', 'review']) })).toEqual([any, navi]);
    expect(filterPacks(all, { text: ' MORTEM post ', kinds: new Set() })).toEqual([any]);
    expect(filterPacks(all, { text: 'imported', kinds: new Set() })).toEqual([any]);
    expect(filterPacks(all, { text: 'canary navi', kinds: new Set() })).toEqual([]);
  });

  it('loses none and shows none twice', () => {
    const heads = fc.uniqueArray(fc.record({ id: fc.string({ minLength: 1 }), title: fc.string(), kind: fc.constantFrom(...PACK_KINDS), applies: fc.subarray(['navi', 'karen'] as const).map((kinds) => [...kinds]) }), { selector: ({ id }) => id });
    fc.assert(fc.property(heads, fc.constantFrom('navi', 'karen', null), (given, deployment) => {
      const shown = groupPacks(given.map(head), deployment).flatMap((group) => group.heads.map(({ id }) => id));
      expect(shown.toSorted()).toEqual(given.map(({ id }) => id).toSorted());
    }), { seed });
  });

  it('says a length of time without rounding it', () => {
    expect([1, 45, 60, 90, 1440, 4321].map(minutesWords)).toEqual(['1 min', '45 min', '1 h', '1 h 30 min', '1 d', '3 d 1 min']);
  });

  it('says whom a runbook is for', () => {
    expect(appliesWords([])).toBe('Any deployment, or none');
    expect(appliesWords(['navi', 'karen'])).toBe('NAVI and AI-Karen');
  });
});
