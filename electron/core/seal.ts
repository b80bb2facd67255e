// Signed statements of this profile: canonical JSON, its digest, and an Ed25519 signature as a signed note (C2SP signed-note). Each kind has an origin of its own, so that none can be taken for another.
import { createHash, createPublicKey, verify } from 'node:crypto';

export interface SigningKey { /** 32 bytes. */ readonly publicKey: Buffer; sign(text: string): Buffer }

/** JSON with the keys of every object in order (by UTF-16 unit) and no white space: one value has one spelling. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).filter(([, each]) => each !== undefined).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, each]) => `${JSON.stringify(key)}:${canonicalJson(each)}`);
  return `{${members.join(',')}}`;
}

/** SHA-256, hex, over the canonical JSON of what is given. */
export const digestOf = (value: unknown): string => createHash('sha256').update(canonicalJson(value), 'utf8').digest('hex');

const keyIdOf = (origin: string, publicKey: Buffer): Buffer => createHash('sha256').update(`${origin}\n`).update(Buffer.of(1)).update(publicKey).digest().subarray(0, 4);
const noteOf = (text: string, origin: string, signed: Buffer): string => `${text}\n\u2014 ${origin} ${signed.toString('base64')}\n`;
const textOf = (origin: string, digest: string): string => `${origin}\n${digest}\n`;

/** @param origin for example holdfast.local/retention/approval */
export function sealOf(origin: string, digest: string, key: SigningKey): string {
  const text = textOf(origin, digest);
  return noteOf(text, origin, Buffer.concat([keyIdOf(origin, key.publicKey), key.sign(text)]));
}

/** The fixed bytes before an Ed25519 public key in its SubjectPublicKeyInfo (RFC 8410). */
const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex');

/** A key as it is written: base64 of 32 bytes, in the one spelling that counts. Null for anything else. */
export function readPublicKey(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === 32 && bytes.toString('base64') === text ? bytes : null;
}

/** Whether the seal is exactly what this key gives for this digest under this origin. */
export function isSealedBy(seal: string, { origin, digest, publicKey }: { readonly origin: string; readonly digest: string; readonly publicKey: Buffer }): boolean {
  const text = textOf(origin, digest);
  const signed = Buffer.from(seal.slice(`${text}\n\u2014 ${origin} `.length).trimEnd(), 'base64');
  // Base64 has several spellings for the same bytes: only the one that is written here counts.
  if (noteOf(text, origin, signed) !== seal || signed.length !== 68 || !signed.subarray(0, 4).equals(keyIdOf(origin, publicKey))) return false;
  return verify(null, Buffer.from(text), createPublicKey({ key: Buffer.concat([SPKI_HEAD, publicKey]), format: 'der', type: 'spki' }), signed.subarray(4));
}

/** SHA-256 of a public key, hex: how people tell keys apart. */
export const keyFingerprint = (publicKey: Buffer): string => createHash('sha256').update(publicKey).digest('hex');
