// The sealed envelope that vault file and wrapped key share: scrypt, a key check, AES-256-GCM with the header bound; it refuses any change of any byte.
import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from '#shared/zod.ts';
import { Secret } from '../secret.ts';
import { DERIVED_BYTES, SALT_BYTES, SCRYPT_COST, scryptCost } from './kdf.ts';
import type { Derive } from './kdf.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HASH_BYTES = 32;

function base64(bytes?: number): z.ZodType<string> {
  // Only the canonical spelling: Buffer.from takes junk, and a second spelling of the same bytes would be a change nobody notices.
  const text = z.string().refine((value) => Buffer.from(value, 'base64').toString('base64') === value, 'not canonical base64');
  return bytes === undefined ? text : text.refine((value) => Buffer.from(value, 'base64').length === bytes, `not ${bytes} bytes`);
}

/** The stored form. `check` proves the passphrase, `tag` the contents, `digest` tells random damage from a wrong passphrase before any key is derived. */
export const sealed = z.strictObject({
  format: z.enum(['holdfast-vault', 'holdfast-wrapped-key']),
  version: z.literal(1),
  kdf: scryptCost,
  salt: base64(SALT_BYTES),
  check: base64(HASH_BYTES),
  nonce: base64(NONCE_BYTES),
  body: base64(),
  tag: base64(TAG_BYTES),
  digest: base64(HASH_BYTES),
});
export type Sealed = z.infer<typeof sealed>;
type Format = Sealed['format'];
type Header = Pick<Sealed, 'format' | 'version' | 'kdf' | 'salt'>;

/** A derived key together with the header it belongs to; one per passphrase and salt, used with a fresh nonce for every write. */
export interface SealKey {
  readonly header: Header;
  readonly key: Secret<Buffer>;
}

function headerBytes(header: Header, check: string): Buffer {
  const { format, version, kdf, salt } = header;
  return Buffer.from(JSON.stringify([format, version, kdf.name, kdf.N, kdf.r, kdf.p, salt, check]));
}

function checkValue({ header, key }: SealKey): Buffer {
  return createHmac('sha256', key.reveal().subarray(32)).update('holdfast key check').update(headerBytes(header, '')).digest();
}

function digestOf(envelope: Omit<Sealed, 'digest'>): string {
  const { nonce, body, tag, check } = envelope;
  return createHash('sha256').update(headerBytes(envelope, check)).update(`\n${nonce}\n${body}\n${tag}`).digest('base64');
}

/** A key under a fresh salt, for a new envelope or a new passphrase. */
export async function newSealKey(format: Format, passphrase: Secret, derive: Derive): Promise<SealKey> {
  const salt = randomBytes(SALT_BYTES);
  const derived = await derive(passphrase, salt);
  if (derived.length !== DERIVED_BYTES) throw new Error('the derivation gave a key of the wrong length');
  return { header: { format, version: 1, kdf: SCRYPT_COST, salt: salt.toString('base64') }, key: new Secret(derived) };
}

/** The key of an envelope, or null when the passphrase is not the one it was sealed with. */
export async function sealKeyOf(envelope: Sealed, passphrase: Secret, derive: Derive): Promise<SealKey | null> {
  const { format, version, kdf, salt } = envelope;
  const candidate: SealKey = { header: { format, version, kdf, salt }, key: new Secret(await derive(passphrase, Buffer.from(salt, 'base64'))) };
  if (keyFits(envelope, candidate)) return candidate;
  candidate.key.reveal().fill(0);
  return null;
}

/** Whether the envelope was sealed with this very key. */
export function keyFits(envelope: Sealed, sealKey: SealKey): boolean {
  return envelope.salt === sealKey.header.salt && timingSafeEqual(checkValue(sealKey), Buffer.from(envelope.check, 'base64'));
}

/** Seals bytes under a fresh nonce. */
export function seal(sealKey: SealKey, plain: Buffer): Sealed {
  const check = checkValue(sealKey).toString('base64');
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', sealKey.key.reveal().subarray(0, 32), nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(headerBytes(sealKey.header, check));
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  const envelope = { ...sealKey.header, check, nonce: nonce.toString('base64'), body: body.toString('base64'), tag: cipher.getAuthTag().toString('base64') };
  return { ...envelope, digest: digestOf(envelope) };
}

/** The sealed bytes, or null when a single bit differs from what was sealed. The key must fit (`keyFits`). */
export function unseal(envelope: Sealed, sealKey: SealKey): Buffer | null {
  const decipher = createDecipheriv('aes-256-gcm', sealKey.key.reveal().subarray(0, 32), Buffer.from(envelope.nonce, 'base64'), { authTagLength: TAG_BYTES });
  decipher.setAAD(headerBytes(envelope, envelope.check));
  decipher.setAuthTag(Buffer.from(envelope.tag, 'base64'));
  try {
    return Buffer.concat([decipher.update(Buffer.from(envelope.body, 'base64')), decipher.final()]);
  } catch {
    return null;
  }
}

/** Whether the envelope is the one that was written, as far as that can be seen without a key. */
export function isUndamaged(envelope: Sealed): boolean {
  return digestOf(envelope) === envelope.digest;
}
