// The list of people: what needs a look comes first, and a borrowed name is seen.
import { describe, expect, it } from 'vitest';
import type { Identity } from '#shared/contract/runbook.ts';
import { borrowedFrom, inOrder } from './people-order.ts';

const key = (over: Partial<Identity>): Identity => ({ fingerprint: '0'.repeat(64), publicKey: 'x', name: null, trust: 'not-trusted-yet', firstSeenAt: '2026-01-01T00:00:00.000Z', runs: 1, ...over });
const self = key({ fingerprint: '1'.repeat(64), name: 'Ada', trust: 'self' });
const bob = key({ fingerprint: '2'.repeat(64), name: 'Bob', trust: 'trusted' });
const stranger = key({ fingerprint: '3'.repeat(64), name: ' BOB\u200b ' });
const distrusted = key({ fingerprint: '4'.repeat(64), name: 'Bob', trust: 'distrusted' });

describe('people', () => {
  it('come with those first that nobody judged yet', () => {
    expect(inOrder([distrusted, bob, stranger]).map(({ trust }) => trust)).toEqual(['not-trusted-yet', 'trusted', 'distrusted']);
  });

  it('who go by a name that is somebody else’s are found', () => {
    const others = [bob, stranger, distrusted];
    expect(borrowedFrom(stranger, self, others)).toBe('trusted');
    expect(borrowedFrom(key({ fingerprint: '5'.repeat(64), name: 'ada' }), self, others)).toBe('self');
    expect(borrowedFrom(key({ fingerprint: '5'.repeat(64), name: 'Carol' }), self, others)).toBeNull();
    expect(borrowedFrom(key({ fingerprint: '5'.repeat(64) }), self, others)).toBeNull();
    expect(borrowedFrom(bob, self, others)).toBeNull();
    expect(borrowedFrom(distrusted, self, others)).toBeNull();
    expect(borrowedFrom(stranger, null, [stranger])).toBeNull();
  });
});
