// Fernet tokens (github.com/fernet/spec), opened strictly: canonical text, exact length, version, constant-time MAC, full padding. It seals nothing.
import { createDecipheriv, createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { AppError } from '#shared/errors.ts';
import type { Secret } from '../secret.ts';

const VERSION = 0x80;
const HEADER_BYTES = 1 + 8 + 16;
const MAC_BYTES = 32;
const BLOCK_BYTES = 16;
const CANONICAL = /^[A-Za-z0-9_-]+={0,2}$/;

export interface FernetKey { readonly signing: KeyObject; readonly encryption: KeyObject }

/** not-a-token: the text has not the form of a token. not-authentic: no key of ours made it, or it was altered. bad-padding: authentic, but not sealed by the rules. */
export type FernetFailure = 'not-a-token' | 'not-authentic' | 'bad-padding' | 'expired' | 'from-the-future';
export type FernetResult =
  | { readonly ok: true; readonly plaintext: Buffer; readonly sealedAtSeconds: number }
  | { readonly ok: false; readonly why: FernetFailure };

/** Time limits, used only by the published vectors: the backends check none (contract section 4). */
export interface FernetTimeLimits { readonly nowSeconds: number; readonly ttlSeconds: number; readonly maxSkewSeconds: number }

/**
 * Reads a Fernet key: 32 bytes as 44 characters of base64url with padding; the first 16 sign, the last 16 encrypt.
 * @throws AppError invalid_key, which says what is wrong and never repeats the key.
 */
export function parseFernetKey(text: Secret): FernetKey {
  const key = text.reveal().trim();
  const hint = 'A Fernet key is 32 bytes as 44 characters of base64url, ending in "=". It is the value of AUDIT_ENCRYPTION_KEY.';
  if (/^[A-Za-z0-9_-]{43}$/.test(key)) throw new AppError('invalid_key', { message: 'The key has 43 characters: its padding is missing. A backend refuses such a key too, so it sealed nothing with it. It was not stored.', hint });
  const bytes = decodeCanonical(key);
  if (bytes === null || bytes.length !== 32) throw new AppError('invalid_key', { message: 'This is not a Fernet key. It was not stored.', hint });
  return { signing: createSecretKey(bytes.subarray(0, 16)), encryption: createSecretKey(bytes.subarray(16)) };
}

/** Decodes base64url only when the text is the one canonical spelling of its bytes; Node's decoder alone takes junk. */
function decodeCanonical(text: string): Buffer | null {
  if (text.length === 0 || text.length % 4 !== 0 || !CANONICAL.test(text)) return null;
  const bytes = Buffer.from(text, 'base64url');
  const unpadded = text.replace(/=+$/, '');
  return bytes.toString('base64url') === unpadded ? bytes : null;
}

/** The time inside a token, in seconds since the epoch, without opening it; null when the text is no token. */
export function fernetSealedAt(token: string): number | null {
  const bytes = decodeToken(token);
  return bytes === null ? null : readTime(bytes);
}

function decodeToken(token: string): Buffer | null {
  const bytes = decodeCanonical(token);
  if (bytes === null || bytes.length < HEADER_BYTES + BLOCK_BYTES + MAC_BYTES || bytes[0] !== VERSION) return null;
  return (bytes.length - HEADER_BYTES - MAC_BYTES) % BLOCK_BYTES === 0 ? bytes : null;
}

/** 64-bit big-endian seconds; a value beyond 2^53 cannot be a real time, so null. */
function readTime(bytes: Buffer): number | null {
  const seconds = bytes.readBigUInt64BE(1);
  return seconds <= 253_402_300_799n ? Number(seconds) : null;
}

/** Opens one token with one key. Returns a failure as a value, because trying several keys is the normal case. */
export function openFernet(token: string, key: FernetKey, limits?: FernetTimeLimits): FernetResult {
  const bytes = decodeToken(token);
  if (bytes === null) return { ok: false, why: 'not-a-token' };
  const signedLength = bytes.length - MAC_BYTES;
  const mac = createHmac('sha256', key.signing).update(bytes.subarray(0, signedLength)).digest();
  if (!timingSafeEqual(mac, bytes.subarray(signedLength))) return { ok: false, why: 'not-authentic' };
  const sealedAtSeconds = readTime(bytes);
  if (sealedAtSeconds === null) return { ok: false, why: 'not-a-token' };
  if (limits !== undefined) {
    if (sealedAtSeconds + limits.ttlSeconds < limits.nowSeconds) return { ok: false, why: 'expired' };
    if (sealedAtSeconds > limits.nowSeconds + limits.maxSkewSeconds) return { ok: false, why: 'from-the-future' };
  }
  const decipher = createDecipheriv('aes-128-cbc', key.encryption, bytes.subarray(9, HEADER_BYTES)).setAutoPadding(false);
  const padded = Buffer.concat([decipher.update(bytes.subarray(HEADER_BYTES, signedLength)), decipher.final()]);
  const padding = padded[padded.length - 1] ?? 0;
  if (padding < 1 || padding > BLOCK_BYTES) return { ok: false, why: 'bad-padding' };
  for (let index = padded.length - padding; index < padded.length; index += 1) if (padded[index] !== padding) return { ok: false, why: 'bad-padding' };
  return { ok: true, plaintext: padded.subarray(0, padded.length - padding), sealedAtSeconds };
}
