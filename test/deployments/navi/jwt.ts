// Owns signing and checking of JSON Web Tokens as the backend's three verifiers do it; refuses to say why a platform token failed.
import { createHmac, createSign, createVerify, timingSafeEqual, type KeyObject } from 'node:crypto';

export type JwtClaims = Readonly<Record<string, unknown>>;

interface ParsedJwt {
  readonly header: JwtClaims;
  readonly claims: JwtClaims;
  readonly signed: string;
  readonly signature: Buffer;
}

/** An HS256 token. */
export function signHs256(claims: JwtClaims, secret: string): string {
  const signed = `${segment({ alg: 'HS256', typ: 'JWT' })}.${segment(claims)}`;
  return `${signed}.${hmac(signed, secret).toString('base64url')}`;
}

/** An unsigned token (`alg: none`), which every verifier must refuse. */
export function unsignedJwt(claims: JwtClaims): string {
  return `${segment({ alg: 'none', typ: 'JWT' })}.${segment(claims)}.`;
}

/** An RS256 token; `kid` null leaves the header field out. */
export function signRs256(claims: JwtClaims, key: { readonly kid: string | null; readonly privateKey: KeyObject }): string {
  const header = { alg: 'RS256', ...(key.kid === null ? {} : { kid: key.kid }), typ: 'JWT' };
  const signed = `${segment(header)}.${segment(claims)}`;
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(key.privateKey).toString('base64url')}`;
}

function segment(value: JwtClaims): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function hmac(signed: string, secret: string): Buffer {
  return createHmac('sha256', secret).update(signed).digest();
}

function hasHs256Signature(jwt: ParsedJwt, secret: string): boolean {
  const expected = hmac(jwt.signed, secret);
  return jwt.signature.length === expected.length && timingSafeEqual(jwt.signature, expected);
}

function parse(token: string): ParsedJwt | null {
  const [header, claims, signature, ...more] = token.split('.');
  if (header === undefined || claims === undefined || signature === undefined || more.length > 0) return null;
  const [headerValue, claimsValue] = [decoded(header), decoded(claims)];
  if (headerValue === null || claimsValue === null) return null;
  return { header: headerValue, claims: claimsValue, signed: `${header}.${claims}`, signature: Buffer.from(signature, 'base64url') };
}

function decoded(text: string): JwtClaims | null {
  try {
    const value = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as unknown;
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JwtClaims) : null;
  } catch {
    return null;
  }
}

export interface ClaimRules {
  readonly audience: string | null;
  readonly issuer: string | null;
  readonly nowSeconds: number;
}

/**
 * The platform verifier in HS256 mode: secrets are tried in order; a bad signature goes on to the next one, bad claims stop.
 * Returns the claims, or null for every failure.
 */
export function verifyHs256(token: string, secrets: readonly string[], rules: ClaimRules): JwtClaims | null {
  const jwt = parse(token);
  if (jwt === null || jwt.header['alg'] !== 'HS256') return null;
  const isSigned = secrets.some((secret) => hasHs256Signature(jwt, secret));
  return isSigned && hasAcceptableClaims(jwt.claims, rules) ? jwt.claims : null;
}

/** The platform verifier in JWKS mode: `kid` must match, and `azp` or `client_id` must be on the allow list. */
export function verifyRs256(token: string, keys: readonly { readonly kid: string; readonly publicKey: KeyObject }[], rules: ClaimRules & { readonly clientIds: readonly string[] }): JwtClaims | null {
  const jwt = parse(token);
  if (jwt === null || jwt.header['alg'] !== 'RS256') return null;
  const key = keys.find((candidate) => candidate.kid === jwt.header['kid']);
  if (key === undefined || !createVerify('RSA-SHA256').update(jwt.signed).verify(key.publicKey, jwt.signature)) return null;
  const client = jwt.claims['azp'] ?? jwt.claims['client_id'];
  const isKnownClient = typeof client === 'string' && rules.clientIds.includes(client);
  return isKnownClient && hasAcceptableClaims(jwt.claims, rules) ? jwt.claims : null;
}

/** python-jose's rules: `exp` is optional; an `aud` in the token with no audience configured is refused. */
function hasAcceptableClaims(claims: JwtClaims, rules: ClaimRules): boolean {
  const { exp, nbf, aud, iss, sub } = claims;
  if (exp !== undefined && !(typeof exp === 'number' && Math.floor(exp) >= rules.nowSeconds)) return false;
  if (nbf !== undefined && !(typeof nbf === 'number' && Math.floor(nbf) <= rules.nowSeconds)) return false;
  if (sub !== undefined && typeof sub !== 'string') return false;
  if (aud !== undefined) {
    const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
    if (rules.audience === null || !audiences.includes(rules.audience)) return false;
  }
  return rules.issuer === null || iss === rules.issuer;
}

/** The session verifier (device flow and SSO tokens, GET /api/me): unlike the platform's it says what was wrong. */
export function verifySession(token: string, secret: string, nowSeconds: number): { readonly claims: JwtClaims } | { readonly failure: string } {
  const jwt = parse(token);
  if (jwt === null) return { failure: 'Not enough segments' };
  if (jwt.header['alg'] !== 'HS256') return { failure: 'The specified alg value is not allowed' };
  if (!hasHs256Signature(jwt, secret)) return { failure: 'Signature verification failed' };
  for (const required of ['exp', 'sub']) {
    if (jwt.claims[required] === undefined) return { failure: `Token is missing the "${required}" claim` };
  }
  const { exp } = jwt.claims;
  return typeof exp === 'number' && exp > nowSeconds ? { claims: jwt.claims } : { failure: 'Signature has expired' };
}
