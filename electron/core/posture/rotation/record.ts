// The record of a rotation: entries chained by their digests, closed with an Ed25519 signature. It can be checked with this file and the public key alone.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { RECORD_FORMAT, rotationRecord } from '#shared/domain/rotation.ts';
import type { RecordVerdict, RotationEntry, RotationRecord } from '#shared/domain/rotation.ts';
import { replayRotation } from '#shared/domain/rotation-steps.ts';

export const FIRST_PREVIOUS = '0'.repeat(64);

export interface Signer { /** 32 bytes. */ readonly publicKey: Buffer; sign(text: string): Buffer }
/** What an entry says, before its place in the chain is known. */
type Said<E> = E extends RotationEntry ? Omit<E, 'seq' | 'previous' | 'digest'> : never;
export type EntryDraft = Said<RotationEntry>;

/** JSON with the keys of every object in order, so that one value has one spelling. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`);
  return `{${members.join(',')}}`;
}

type Undigested<E> = E extends RotationEntry ? Omit<E, 'digest'> : never;

/** SHA-256, hex, over format, rotation and everything the entry says, the digest before it included. */
export function rotationDigest(rotationId: string, entry: Undigested<RotationEntry>): string {
  return createHash('sha256').update(canonical([RECORD_FORMAT, rotationId, entry]), 'utf8').digest('hex');
}

/** The draft in its place after `last`. */
export function chained(rotationId: string, draft: EntryDraft, last: RotationEntry | null): RotationEntry {
  const entry = { ...draft, seq: (last?.seq ?? 0) + 1, previous: last?.digest ?? FIRST_PREVIOUS } as Undigested<RotationEntry>;
  return { ...entry, digest: rotationDigest(rotationId, entry) } as RotationEntry;
}

const originOf = (rotationId: string): string => `holdfast.local/rotation/${rotationId}`;

/** What is signed. It cannot be taken for a checkpoint of a log: its first line is another. */
function sealText(rotationId: string, last: RotationEntry, outcome: 'finished' | 'abandoned'): string {
  return `${originOf(rotationId)}\n${last.seq}\n${last.digest}\n${outcome} ${last.at}\n`;
}

const keyIdOf = (name: string, publicKey: Buffer): Buffer => createHash('sha256').update(`${name}\n`).update(Buffer.of(1)).update(publicKey).digest().subarray(0, 4);

function noteOf(text: string, name: string, signed: Buffer): string {
  return `${text}\n\u2014 ${name} ${signed.toString('base64')}\n`;
}

/** The signed note (C2SP signed-note) over the end of a record. */
export function sealRecord(rotationId: string, { last, outcome }: { readonly last: RotationEntry; readonly outcome: 'finished' | 'abandoned' }, key: Signer): string {
  const text = sealText(rotationId, last, outcome);
  const name = originOf(rotationId);
  return noteOf(text, name, Buffer.concat([keyIdOf(name, key.publicKey), key.sign(text)]));
}

/** The fixed bytes before an Ed25519 public key in its SubjectPublicKeyInfo (RFC 8410). */
const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex');

function isSealedBy(note: string, { rotationId, text, publicKey }: { readonly rotationId: string; readonly text: string; readonly publicKey: Buffer }): boolean {
  const name = originOf(rotationId);
  const signed = Buffer.from(note.slice(`${text}\n\u2014 ${name} `.length).trimEnd(), 'base64');
  // Base64 has several spellings for the same bytes: only the one that is written here counts.
  if (noteOf(text, name, signed) !== note || signed.length !== 68 || !signed.subarray(0, 4).equals(keyIdOf(name, publicKey))) return false;
  return verify(null, Buffer.from(text), createPublicKey({ key: Buffer.concat([SPKI_HEAD, publicKey]), format: 'der', type: 'spki' }), signed.subarray(4));
}

/**
 * Checks a record without a profile: form, chain, whether each step was allowed by the answers before it, and the seal.
 * @param given the record as JSON gave it
 * @param knownKeys public keys, 32 bytes each, that are known from elsewhere (the ledger); without them a seal shows who signed only by its own word
 */
export function verifyRotationRecord(given: unknown, knownKeys: readonly Buffer[] = []): RecordVerdict {
  const parsed = rotationRecord.safeParse(given);
  if (!parsed.success) return { verdict: 'broken', firstBrokenSeq: null, message: `It does not have the form of a record (${parsed.error.issues[0]?.path.join('.') ?? ''}).` };
  return verifyParsed(parsed.data, knownKeys);
}

function verifyParsed({ rotationId, entries, seal }: RotationRecord, knownKeys: readonly Buffer[]): RecordVerdict {
  const broken = (firstBrokenSeq: number | null, message: string): RecordVerdict => ({ verdict: 'broken', firstBrokenSeq, message });
  let previous = FIRST_PREVIOUS;
  for (const [index, entry] of entries.entries()) {
    const { digest, ...rest } = entry;
    if (entry.seq !== index + 1 || entry.previous !== previous || rotationDigest(rotationId, rest) !== digest) return broken(index + 1, `Entry ${index + 1} is the first that does not fit: it was changed, removed or put in.`);
    previous = digest;
  }
  const { state, problem } = replayRotation(entries);
  const last = entries.at(-1);
  if (problem !== null) return broken(problem.seq, `Entry ${problem.seq} could not come there. ${problem.message}`);
  if (state === null || last === undefined) return broken(null, 'It holds no entry.');
  if (state.outcome === 'open') return seal === null ? { verdict: 'open', firstBrokenSeq: null, message: `${entries.length === 1 ? 'The one entry fits' : `All ${entries.length} entries fit`} together. It is not signed before the rotation ends, so a removed tail would not show.` } : broken(null, 'It is signed although the rotation has not ended: its tail was removed.');
  if (seal === null) return broken(null, 'The rotation has ended, but the signature is missing.');
  const publicKey = Buffer.from(seal.publicKey, 'base64');
  if (publicKey.length !== 32 || publicKey.toString('base64') !== seal.publicKey || !isSealedBy(seal.note, { rotationId, text: sealText(rotationId, last, state.outcome), publicKey })) return broken(null, 'The signature does not fit the entries.');
  if (knownKeys.some((known) => known.equals(publicKey))) return { verdict: 'intact', firstBrokenSeq: null, message: `All ${entries.length} entries fit together, ${entries.some(({ kind }) => kind === 'advanced') ? 'every step was proven' : 'no step was marked done'}, and the signature is by a key that is known.` };
  return { verdict: 'key-unknown', firstBrokenSeq: null, message: `All ${entries.length} entries fit together and are signed, but the key was not compared with one that is known: take its public key from the ledger of the profile.` };
}
