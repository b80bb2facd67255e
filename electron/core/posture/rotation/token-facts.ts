// What a rotation needs to know of a token, read without its key; and the negative control: the same token under a signature that cannot be right.
import { createHash } from 'node:crypto';
import type { TokenFacts } from '#shared/domain/rotation.ts';
import { AppError } from '#shared/errors.ts';
import { Secret } from '../../secret.ts';

const JWT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
const MAX_CLAIM = 256;
/** 9999-12-31T23:59:59Z, the last moment that is written with four digits. */
const LAST_SECOND = 253_402_300_799;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

type Claims = Readonly<Record<string, unknown>>;

export interface ReadToken { readonly token: Secret; readonly facts: TokenFacts }

const sha = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

/** First 16 hex digits of the SHA-256, as the token of a deployment is known by. */
export function fingerprintOf(token: Secret): string {
  return sha(token.reveal());
}

/** Reads a token as it was pasted. @throws AppError invalid_token for what is no signed JWT: nothing else is ever accepted on the admin routes */
export function readRotationToken(given: Secret): ReadToken {
  const text = given.reveal().trim().replace(/^bearer\s+/i, '');
  const [head = '', body = '', signature = ''] = JWT.test(text) ? text.split('.') : [];
  const header = decoded(head);
  const claims = decoded(body);
  if (header === null || claims === null) throw new AppError('invalid_token', { message: 'This is not a signed JWT. Nothing was stored.', hint: 'Give the whole access token of an admin, as the issuer made it: three parts with dots.' });
  const token = new Secret(text);
  if (signatureTwin(signature) === null) throw new AppError('invalid_token', { message: 'The signature of this token is not base64url. Nothing was stored.', hint: 'Copy the token again, to its last character.' });
  return { token, facts: factsOf(header, claims, sha(text)) };
}

function decoded(part: string): Claims | null {
  try {
    const value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(part, 'base64url'))) as unknown;
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Claims : null;
  } catch {
    return null;
  }
}

const claim = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value.slice(0, MAX_CLAIM) : null);
const isAbsent = (value: unknown): boolean => value === undefined;
/** Seconds, rounded down; null when it is no plausible time. */
const date = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) && value >= 0 && value <= LAST_SECOND ? Math.floor(value) : null);
const isBadDate = (value: unknown): boolean => !isAbsent(value) && date(value) === null;

function factsOf(header: Claims, claims: Claims, fingerprint: string): TokenFacts {
  const { alg } = header;
  const { sub, org_id: org, iss, aud, iat, nbf, exp, jti, role } = claims;
  const faults: TokenFacts['faults'] = [
    ...(claim(sub) === null ? ['no-sub' as const] : []), ...(claim(org) === null ? ['no-org' as const] : []), ...(isBadDate(exp) ? ['bad-exp' as const] : []), ...(isBadDate(nbf) ? ['bad-nbf' as const] : []),
    ...(isBadDate(iat) ? ['bad-iat' as const] : []), ...(isAbsent(jti) || typeof jti === 'string' ? [] : ['bad-jti' as const]), ...(typeof alg === 'string' && alg.toLowerCase() === 'none' ? ['unsigned' as const] : []),
  ];
  return {
    fingerprint, frame: sha(JSON.stringify([alg ?? null, iss ?? null, aud ?? null])), algorithm: claim(alg), issuer: claim(iss), audience: isAbsent(aud) ? null : (typeof aud === 'string' ? aud : JSON.stringify(aud)).slice(0, MAX_CLAIM),
    subject: claim(sub), org: claim(org), role: claim(role), issuedAt: date(iat), notBefore: date(nbf), expiresAt: date(exp), faults,
  };
}

/** The signature with another last character, so that other bytes come out of it; null when it is no base64url of whole bytes. */
function signatureTwin(signature: string): string | null {
  const bytes = Buffer.from(signature, 'base64url');
  if (bytes.length === 0 || signature.length % 4 === 1) return null;
  const stem = signature.slice(0, -1);
  for (const last of ALPHABET) {
    const twin = Buffer.from(stem + last, 'base64url');
    // Spare bits of the last character do not count: some readers take no notice of them, others refuse them.
    if (twin.length === bytes.length && !twin.equals(bytes) && twin.toString('base64url') === stem + last) return stem + last;
  }
  return null;
}

/** The same header and claims under a signature whose last byte is another. */
export function negativeControl({ token }: ReadToken): Secret {
  const [head = '', body = '', signature = ''] = token.reveal().split('.');
  const twin = signatureTwin(signature);
  if (twin === null) throw new Error('a token was taken whose signature cannot be changed');
  return new Secret(`${head}.${body}.${twin}`);
}
