// Signed notes (C2SP signed-note and tlog-checkpoint): writes a checkpoint as text and signs it, and reads one back only when every byte is as it would be written.
import { createHash, createPublicKey, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { isoInstant } from '#shared/domain/time.ts';
import { HASH_BYTES } from './merkle.ts';

/** Why a checkpoint was signed although something was not as the one before had left it. */
export const ADOPTIONS = ['head-missing', 'head-behind', 'key-missing'] as const;
export type Adoption = (typeof ADOPTIONS)[number];

export interface CheckpointText {
  /** Which log: also the name of the key in the signature line. */
  readonly origin: string;
  readonly size: number;
  /** latin1 text of 32 bytes. */
  readonly root: string;
  readonly at: string;
  /** 1, 2, 3… for each log. */
  readonly number: number;
  readonly adopted: readonly Adoption[];
}

export interface SignedCheckpoint extends CheckpointText {
  /** What the signature covers. */
  readonly text: string;
  /** The short name of the key: 4 bytes, hex. */
  readonly keyId: string;
  readonly signature: Buffer;
}

const ED25519 = 1;
const KEY_ID_BYTES = 4;
const SIGNATURE_BYTES = 64;
const DASH = '\u2014';
const FORM = /^(?<text>(?<origin>[\x21-\x2a\x2c-\x7e]{1,200})\n(?<size>0|[1-9]\d{0,15})\n(?<root>[A-Za-z0-9+/]{43}=)\ntime (?<at>[0-9TZ:.-]{20,30})\ncheckpoint (?<number>[1-9]\d{0,15})\n(?<adopted>(?:adopted [a-z-]+\n){0,3}))\n\u2014 (?<name>[\x21-\x2a\x2c-\x7e]{1,200}) (?<signature>[A-Za-z0-9+/]{91}=)\n$/;

/** The origin of a deployment's log. Nothing answers at this address; it is a name. */
export function originOf(deploymentId: string): string {
  return `holdfast.local/audit/${deploymentId}`;
}

export function checkpointText({ origin, size, root, at, number, adopted }: CheckpointText): string {
  return `${origin}\n${size}\n${Buffer.from(root, 'latin1').toString('base64')}\ntime ${at}\ncheckpoint ${number}\n${adopted.map((why) => `adopted ${why}\n`).join('')}`;
}

/** First 4 bytes of SHA-256(name || 0x0A || 0x01 || public key), hex. */
export function keyIdOf(name: string, publicKey: Buffer): string {
  return createHash('sha256').update(`${name}\n`).update(Buffer.of(ED25519)).update(publicKey).digest('hex').slice(0, 2 * KEY_ID_BYTES);
}

/** The whole note. `sign` gives the 64 bytes of an Ed25519 signature. */
export function signCheckpoint(checkpoint: CheckpointText, key: { readonly publicKey: Buffer; sign(text: string): Buffer }): string {
  const text = checkpointText(checkpoint);
  return noteOf(text, checkpoint.origin, Buffer.concat([Buffer.from(keyIdOf(checkpoint.origin, key.publicKey), 'hex'), key.sign(text)]));
}

function noteOf(text: string, name: string, signature: Buffer): string {
  return `${text}\n${DASH} ${name} ${signature.toString('base64')}\n`;
}

/** @returns null unless it is, byte for byte, a checkpoint as it is written here */
export function readNote(note: string): SignedCheckpoint | null {
  const parts = FORM.exec(note)?.groups;
  if (parts === undefined) return null;
  const { origin = '', name = '', at = '' } = parts;
  const adopted = (parts['adopted'] ?? '').split('\n').slice(0, -1).map((line) => line.slice('adopted '.length)) as Adoption[];
  const signature = Buffer.from(parts['signature'] ?? '', 'base64');
  const checkpoint = { origin, size: Number(parts['size']), root: Buffer.from(parts['root'] ?? '', 'base64').toString('latin1'), at, number: Number(parts['number']), adopted };
  if (origin !== name || !isoInstant.safeParse(at).success || !adopted.every((why) => ADOPTIONS.includes(why))) return null;
  if (!Number.isSafeInteger(checkpoint.size) || !Number.isSafeInteger(checkpoint.number) || checkpoint.root.length !== HASH_BYTES || signature.length !== KEY_ID_BYTES + SIGNATURE_BYTES) return null;
  const text = checkpointText(checkpoint);
  // Base64 has several spellings for the same bytes: only the one that is written here counts.
  if (noteOf(text, name, signature) !== note) return null;
  return { ...checkpoint, text, keyId: signature.subarray(0, KEY_ID_BYTES).toString('hex'), signature: signature.subarray(KEY_ID_BYTES) };
}

/** 2^252 + 27742317777372353535851937790883648493, the order of the group: a signature with a larger second half has a twin. */
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

/** Whether this key made the signature, and the signature is the one form that it has. */
export function isSignedBy(checkpoint: SignedCheckpoint, publicKey: Buffer): boolean {
  if (checkpoint.keyId !== keyIdOf(checkpoint.origin, publicKey)) return false;
  const scalar = BigInt(`0x${Buffer.from(checkpoint.signature.subarray(32)).reverse().toString('hex')}`);
  return scalar < ORDER && verify(null, Buffer.from(checkpoint.text), keyObject(publicKey), checkpoint.signature);
}

/** The fixed bytes before an Ed25519 public key in its SubjectPublicKeyInfo (RFC 8410). */
const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex');

function keyObject(publicKey: Buffer): KeyObject {
  return createPublicKey({ key: Buffer.concat([SPKI_HEAD, publicKey]), format: 'der', type: 'spki' });
}

/** The 32 bytes of a public key. */
export function rawPublicKey(key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'spki' }).subarray(SPKI_HEAD.length);
}
