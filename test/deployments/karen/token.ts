// Owns the login tokens of the backend: HS256 under one secret, as contracts/karen.md section 1 has them; refuses every other algorithm and every expired one.
import { createHmac, timingSafeEqual } from 'node:crypto';

export type Claims = Readonly<Record<string, unknown>>;

const segment = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const signatureOf = (signed: string, secret: string): Buffer => createHmac('sha256', secret).update(signed).digest();

export function signToken(claims: Claims, secret: string): string {
  const signed = `${segment({ alg: 'HS256', typ: 'JWT' })}.${segment(claims)}`;
  return `${signed}.${signatureOf(signed, secret).toString('base64url')}`;
}

function decoded(part: string): Claims | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Claims) : null;
  } catch {
    return null;
  }
}

/** The claims of a token that is signed and alive; null for any other. */
export function verifyToken(token: string, secret: string, nowSeconds: number): Claims | null {
  const [header = '', claims = '', signature = '', ...more] = token.split('.');
  if (more.length > 0 || decoded(header)?.['alg'] !== 'HS256') return null;
  const [given, expected] = [Buffer.from(signature, 'base64url'), signatureOf(`${header}.${claims}`, secret)];
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
  const read = decoded(claims);
  return typeof read?.['exp'] === 'number' && read['exp'] > nowSeconds ? read : null;
}
