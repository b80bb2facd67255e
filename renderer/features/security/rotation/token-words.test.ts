// Tokens that prove nothing are called so, each for its reason; and the token that decides the cutover is the last to expire.
import { describe, expect, it } from 'vitest';
import type { RotationView } from '#shared/contract/rotation.ts';
import { TOKEN_FAULTS } from '#shared/domain/rotation.ts';
import type { TokenFacts, TokenSlot } from '#shared/domain/rotation.ts';
import { decidingToken, instantOf, splitInstants, uselessBecause, wantedSlot } from './token-words.ts';

const NOW_S = 1_790_000_000;
const facts = (over: Partial<TokenFacts> = {}): TokenFacts => ({ fingerprint: '0'.repeat(16), frame: '0'.repeat(16), algorithm: 'HS256', issuer: null, audience: null, subject: 'a', org: 'acme', role: 'admin', issuedAt: NOW_S, notBefore: null, expiresAt: NOW_S + 3600, faults: [], ...over });
const token = (label: string, slot: TokenSlot, expiresAt: number | null): RotationView['tokens'][number] => ({ label, slot, facts: facts({ expiresAt }) });
const cutover = (basis: RotationView['cutover']['basis']): RotationView['cutover'] => ({ earliest: null, basis, message: '' });

describe('a token as evidence', () => {
  it('has nothing against it when it is whole and lives', () => {
    expect(uselessBecause(facts(), NOW_S * 1000)).toEqual([]);
    expect(uselessBecause(facts({ expiresAt: null }), NOW_S * 1000)).toEqual([]);
  });

  it.each([
    [{ expiresAt: NOW_S }, 'has expired'], [{ expiresAt: NOW_S - 5 }, 'has expired'], [{ expiresAt: NOW_S + 59 }, 'within a minute'], [{ notBefore: NOW_S + 5 }, 'not valid yet'],
    [{ algorithm: 'RS256' }, 'JWT_JWKS_URL'], [{ algorithm: null }, 'JWT_JWKS_URL'],
  ] as const)('is none with %j', (over, words) => {
    const said = uselessBecause(facts(over), NOW_S * 1000);
    expect(said).toHaveLength(1);
    expect(said[0]).toContain(words);
  });

  it('names every fault', () => {
    const said = uselessBecause(facts({ faults: [...TOKEN_FAULTS] }), NOW_S * 1000);
    expect(new Set(said).size).toBe(TOKEN_FAULTS.length);
    expect(said.join(' ')).not.toContain('undefined');
  });
});

describe('the kind that is asked for', () => {
  it('is the old one, then the new one, then one for the proof', () => {
    expect(wantedSlot([])).toBe('old');
    expect(wantedSlot([token('old-1', 'old', 1)])).toBe('new');
    expect(wantedSlot([token('new', 'new', 1), token('old-1', 'old', 1)])).toBe('old-test');
  });
});

describe('the token that decides', () => {
  it('is the old one in use that expires last, or never', () => {
    const tokens = [token('old-1', 'old', 20), token('old-2', 'old', 30), token('old-test-1', 'old-test', 99), token('new', 'new', 99)];
    expect(decidingToken({ tokens, cutover: cutover('largest-exp') })).toBe('old-2');
    expect(decidingToken({ tokens: [...tokens, token('old-3', 'old', null)], cutover: cutover('never') })).toBe('old-3');
    expect(decidingToken({ tokens, cutover: cutover('ttl') })).toBeNull();
    expect(decidingToken({ tokens: [], cutover: cutover('unknown') })).toBeNull();
  });

  it('has a time that can be written', () => {
    expect(instantOf(253_402_300_799)).toBe('9999-12-31T23:59:59.000Z');
  });
});

describe('a sentence of core', () => {
  it('is split at its instants, and nothing of it goes', () => {
    const text = 'It expires at 2026-11-22T21:39:49Z. Others until 2026-11-22T22:38:48.059Z.';
    const parts = splitInstants(text);
    expect(parts.map(({ part }) => part).join('')).toBe(text);
    expect(parts.filter(({ isInstant }) => isInstant).map(({ part }) => part)).toEqual(['2026-11-22T21:39:49Z', '2026-11-22T22:38:48.059Z']);
    expect(splitInstants('on 2026-13-45T99:00:00Z').every(({ isInstant }) => !isInstant)).toBe(true);
    expect(splitInstants('')).toEqual([]);
  });
});
