// Tokens as a rotation reads them: what may make a refusal mean something else, and a negative control that really is another signature.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Secret } from '#core/secret.ts';
import { AppError } from '#shared/errors.ts';
import { negativeControl, readRotationToken } from './token-facts.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 1);
const isLong = process.env['HOLDFAST_TEST_LONG'] === '1';
const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = (claims: unknown, signature: string = Buffer.alloc(32, 7).toString('base64url'), alg: unknown = 'HS256'): Secret => new Secret(`${part({ alg, typ: 'JWT' })}.${part(claims)}.${signature}`);
const good = { sub: 'a', org_id: 'acme', role: 'admin', iat: 100, exp: 200 };

describe('a token', () => {
  it('is known by what it says', () => {
    expect(readRotationToken(new Secret(` Bearer ${jwt(good).reveal()}\n`)).facts).toMatchObject({ algorithm: 'HS256', subject: 'a', org: 'acme', issuedAt: 100, expiresAt: 200, notBefore: null, faults: [] });
    expect(readRotationToken(jwt({ sub: 'a', org_id: 'acme' })).facts).toMatchObject({ expiresAt: null, faults: [] });
  });

  it.each([
    [{ ...good, sub: undefined }, 'no-sub'], [{ ...good, sub: 7 }, 'no-sub'], [{ ...good, org_id: undefined }, 'no-org'], [{ ...good, org_id: '' }, 'no-org'], [{ ...good, exp: '200' }, 'bad-exp'], [{ ...good, exp: null }, 'bad-exp'],
    [{ ...good, nbf: -1 }, 'bad-nbf'], [{ ...good, iat: {} }, 'bad-iat'], [{ ...good, jti: 5 }, 'bad-jti'],
  ])('%j has the fault %s', (claims, fault) => {
    expect(readRotationToken(jwt(claims)).facts.faults).toEqual([fault]);
  });

  it('has the frame of another only with the same algorithm, issuer and audience', () => {
    const frame = (claims: unknown, alg = 'HS256'): string => readRotationToken(jwt(claims, undefined, alg)).facts.frame;
    expect(frame({ ...good, sub: 'b', exp: 999 })).toBe(frame(good));
    for (const other of [frame({ ...good, iss: 'x' }), frame({ ...good, aud: 'x' }), frame({ ...good, aud: ['x'] }), frame(good, 'HS512')]) expect(other).not.toBe(frame(good));
  });

  it.each(['', 'opaque', 'a.b.c', 'a.b', `${part({})}.${part([])}.AAAA`, `${part({ alg: 'none' })}.${part(good)}.`, `${jwt(good).reveal()}.x`, jwt(good, 'AAAAA').reveal()])('is refused when it is none: %s', (text) => {
    let code = 'none';
    try {
      readRotationToken(new Secret(text));
    } catch (error) {
      code = error instanceof AppError ? error.code : 'other';
    }
    expect(code).toBe('invalid_token');
  });
});

describe('the negative control', () => {
  it('differs in the last character alone, and in the bytes that come out of it', () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 1, maxLength: 70 }), (bytes) => {
      const signature = Buffer.from(bytes).toString('base64url');
      const read = readRotationToken(jwt(good, signature));
      const [token, control] = [read.token.reveal(), negativeControl(read).reveal()];
      expect(control.slice(0, -1)).toBe(token.slice(0, -1));
      const [before, after] = [token, control].map((text) => Buffer.from(text.split('.')[2] ?? '', 'base64url'));
      expect(after?.length).toBe(before?.length);
      expect(after?.equals(before as Buffer)).toBe(false);
      expect(after?.toString('base64url')).toBe(control.split('.')[2]);
    }), { seed, numRuns: isLong ? 1000 : 200 });
  });
});
