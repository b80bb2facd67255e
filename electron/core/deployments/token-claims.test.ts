// Tokens on their way in: what is shown of them, what is refused, and that the token itself is never in what is shown.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '#shared/errors.ts';
import { tokenClaims } from '#shared/domain/deployment.ts';
import { Secret } from '../secret.ts';
import { normaliseToken, readTokenClaims } from './token-claims.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 1);
const now = Date.UTC(2026, 10, 22);
const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = (claims: unknown, header: unknown = { alg: 'HS256', typ: 'JWT' }): Secret => new Secret(`${part(header)}.${part(claims)}.c2lnbmF0dXJl`);
const admin = { sub: 'auth0|admin1', org_id: 'acme', role: 'admin', email: 'admin1@acme.example', iat: now / 1000, exp: now / 1000 + 3600 };

describe('readTokenClaims', () => {
  it('shows role, org and expiry of a platform token, without a warning', () => {
    expect(readTokenClaims(jwt(admin), now)).toEqual({ format: 'jwt', subject: 'auth0|admin1', role: 'admin', org: 'acme', email: 'admin1@acme.example', issuer: null, algorithm: 'HS256', issuedAt: '2026-11-22T00:00:00Z', expiresAt: '2026-11-22T01:00:00Z', warnings: [] });
  });
  it.each([
    [{ ...admin, exp: now / 1000 - 1 }, /expired/], [{ ...admin, exp: undefined }, /never expires/], [{ ...admin, sub: undefined }, /no sub/], [{ ...admin, org_id: undefined }, /no org_id/],
    [{ ...admin, role: 'Admin' }, /role is Admin/], [{ ...admin, role: undefined }, /no role/], [{ ...admin, aud: 'x' }, /audience/],
  ])('warns of what will not work: %j', (claims, warning) => {
    expect(readTokenClaims(jwt(claims), now).warnings.join(' ')).toMatch(warning);
  });
  it('warns of alg none, and calls what is no JWT opaque', () => {
    expect(readTokenClaims(jwt(admin, { alg: 'none' }), now).warnings.join(' ')).toMatch(/not signed/);
    for (const text of ['opaque-token', 'a.b.c', `${part({})}.${part([1])}.x`, `${part({})}.${part({})}`]) expect(readTokenClaims(new Secret(text), now).format, text).toBe('opaque');
  });
  it('any claims give a valid answer that does not hold the token', () => {
    fc.assert(fc.property(fc.oneof(fc.jsonValue(), fc.dictionary(fc.constantFrom('sub', 'role', 'org_id', 'exp', 'iat', 'email', 'iss'), fc.jsonValue())), (claims) => {
      const token = jwt(claims);
      const shown = readTokenClaims(token, now);
      expect(tokenClaims.safeParse(shown).success).toBe(true);
      expect(JSON.stringify(shown)).not.toContain('c2lnbmF0dXJl');
    }), { seed, numRuns: 1000 });
  });
});

describe('normaliseToken', () => {
  it('drops white space and Bearer', () => {
    for (const text of ['abc.def', ' abc.def\n', 'Bearer abc.def', 'bearer   abc.def ']) expect(normaliseToken(new Secret(text)).reveal()).toBe('abc.def');
  });
  it('refuses what could not stand in one header', () => {
    for (const text of ['', '   ', 'Bearer ', 'abc def', 'abc\r\nX-Evil: 1', 'añb', 'a\u0000b']) expect(() => normaliseToken(new Secret(text)), JSON.stringify(text)).toThrow(AppError);
  });
});
