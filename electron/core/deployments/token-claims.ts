// What can be read from a token without its secret: a JWT's claims, unverified, to recognise it by. The token itself never leaves here.
import { createHash } from 'node:crypto';
import type { TokenClaims } from '#shared/domain/deployment.ts';
import { formatInstantMs } from '#shared/domain/time.ts';
import { AppError } from '#shared/errors.ts';
import { Secret } from '../secret.ts';
import { parseStrictJson } from './strict-json.ts';

/** Longest claim that is kept for display. */
const MAX_CLAIM = 256;

/** Drops surrounding white space and a leading "Bearer ". Throws invalid_token when what is left cannot stand in a header. */
export function normaliseToken(given: Secret): Secret {
  const text = given.reveal().trim().replace(/^bearer(?:\s+|$)/i, '');
  if (text === '') throw new AppError('invalid_token', { message: 'The token is empty. Nothing was stored.', hint: 'Paste the whole token.' });
  if (!/^[\x21-\x7e]+$/.test(text)) throw new AppError('invalid_token', { message: 'The token holds spaces, line breaks or other characters that cannot be sent. Nothing was stored.', hint: 'Copy it again, as one line.' });
  return new Secret(text);
}

/** First 16 hex digits of the SHA-256 of a normalised token: tells tokens apart, reveals nothing. */
export function tokenFingerprint(token: Secret): string {
  return createHash('sha256').update(token.reveal()).digest('hex').slice(0, 16);
}

/** Reads a JWT's claims without verifying them; anything else is called opaque. Warnings say why it may not work (contract section 1). */
export function readTokenClaims(token: Secret, nowMs: number): TokenClaims {
  const parts = token.reveal().split('.');
  const header = parts.length === 3 ? decodePart(parts[0]) : null;
  const claims = parts.length === 3 ? decodePart(parts[1]) : null;
  if (header === null || claims === null) {
    return { format: 'opaque', subject: null, role: null, org: null, email: null, issuer: null, algorithm: null, issuedAt: null, expiresAt: null, warnings: ['This is not a JWT. NAVI accepts only platform JWTs on its admin routes; a device-flow token is refused.'] };
  }
  const role = text(claims['role']);
  const org = text(claims['org_id']);
  const subject = text(claims['sub']);
  const expiresMs = time(claims['exp']);
  const algorithm = text(header['alg']);
  const warnings: string[] = [];
  if (expiresMs !== null && expiresMs <= nowMs) warnings.push('It has expired.');
  if (expiresMs === null) warnings.push('It never expires: it has no exp claim.');
  if (subject === null || org === null) warnings.push(`It has no ${subject === null ? 'sub' : 'org_id'} claim; NAVI needs sub and org_id.`);
  if (role !== 'admin') warnings.push(role === null ? 'It carries no role; NAVI takes it for a viewer.' : `Its role is ${role}; the admin routes need admin, spelled in lower case.`);
  if (algorithm?.toLowerCase() === 'none') warnings.push('It is not signed (alg none).');
  if (claims['aud'] !== undefined) warnings.push('It names an audience; a NAVI without JWT_AUDIENCE refuses such a token.');
  return {
    format: 'jwt', subject, role, org, email: text(claims['email']), issuer: text(claims['iss']), algorithm,
    issuedAt: format(time(claims['iat'])), expiresAt: format(expiresMs), warnings,
  };
}

function decodePart(part: string | undefined): Record<string, unknown> | null {
  if (part === undefined || !/^[A-Za-z0-9_-]+$/.test(part)) return null;
  try {
    const value = parseStrictJson(Buffer.from(part, 'base64url'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Record<string, unknown> : null;
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value.slice(0, MAX_CLAIM) : null;
}

/** NumericDate (RFC 7519) in seconds to milliseconds; null when it is no plausible time. */
function time(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 && value < 253_402_300_800 ? Math.floor(value * 1000) : null;
}

function format(ms: number | null): string | null {
  return ms === null ? null : formatInstantMs(ms);
}
