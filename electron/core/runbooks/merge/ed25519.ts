// Strict Ed25519 for what strangers hand in: keys and signatures in the one spelling that counts, no key that fits everything, no second signature made from a first one.
import { createPublicKey, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

const P = (1n << 255n) - 19n;
/** Order of the group that keys are made in. */
const L = (1n << 252n) + 27742317777372353535851937790883648493n;
/** y of the points whose order divides eight: with such a key one signature fits many texts. */
const SMALL_ORDER: ReadonlySet<bigint> = new Set([
  0n, 1n, P - 1n,
  2707385501144840649318225287225658788936804267575313519463743609750303402022n,
  55188659117513257062467267217118295137698188065244968500265048394206261417927n,
]);
/** The fixed bytes before an Ed25519 public key in its SubjectPublicKeyInfo (RFC 8410). */
const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex');
const KEYS_KEPT = 256;
const keys = new Map<string, KeyObject>();

const littleEndian = (bytes: Buffer): bigint => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);

/** Whether 32 bytes can be the encoding of a point that is worth anything: written with the least y, and not of a small order. */
function isSoundPoint(bytes: Buffer): boolean {
  const y = littleEndian(bytes) & ((1n << 255n) - 1n);
  return y < P && !SMALL_ORDER.has(y);
}

/** Bytes from base64 in its one spelling; null for anything else. */
function bytesOf(text: string, length: number): Buffer | null {
  if (text.length !== 4 * Math.ceil(length / 3)) return null;
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === length && bytes.toString('base64') === text ? bytes : null;
}

/** 32 bytes of a key that may sign, from base64; null for any other text. */
export function readStrictKey(text: string): Buffer | null {
  const bytes = bytesOf(text, 32);
  return bytes !== null && isSoundPoint(bytes) ? bytes : null;
}

function keyObjectOf(publicKey: Buffer): KeyObject {
  const name = publicKey.toString('base64');
  const known = keys.get(name);
  if (known !== undefined) return known;
  if (keys.size >= KEYS_KEPT) keys.clear();
  const made = createPublicKey({ key: Buffer.concat([SPKI_HEAD, publicKey]), format: 'der', type: 'spki' });
  keys.set(name, made);
  return made;
}

/** Whether the signature is one that the holder of the key made over this text, in the only form it can have. Both in base64. */
export function isSignedStrictly(text: string, { author, signature }: { readonly author: string; readonly signature: string }): boolean {
  const publicKey = readStrictKey(author);
  const bytes = bytesOf(signature, 64);
  if (publicKey === null || bytes === null || !isSoundPoint(bytes.subarray(0, 32)) || littleEndian(bytes.subarray(32)) >= L) return false;
  try {
    return verify(null, Buffer.from(text, 'utf8'), keyObjectOf(publicKey), bytes);
  } catch {
    // Bytes that are no point at all.
    return false;
  }
}

/** Whether the signature at the end of a signed note is in the only form it can have; who made it is another question. */
export function isSoundSeal(note: string): boolean {
  const signed = Buffer.from(note.trimEnd().split(' ').at(-1) ?? '', 'base64').subarray(4);
  return signed.length === 64 && isSoundPoint(signed.subarray(0, 32)) && littleEndian(signed.subarray(32)) < L;
}
