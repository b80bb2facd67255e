// The key that signs checkpoints, and the newest checkpoint as the secret store remembers it. The private key leaves the store only to sign; the public one stands in the ledger.
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { AppError } from '#shared/errors.ts';
import { z } from '#shared/zod.ts';
import { WITNESS_KEY_NAME, witnessHeadName } from '../../credentials/names.ts';
import type { LedgerService } from '../../ledger/service.ts';
import type { Session } from '../../session.ts';
import { rawPublicKey } from './note.ts';
import { hasCheckpoints, recordedKeys } from './witness-queries.ts';

export interface WitnessKey {
  /** 32 bytes. */
  readonly publicKey: Buffer;
  sign(text: string): Buffer;
}

/** A public key that the ledger names. `anew`: it was made when an earlier one could not be found. */
export interface RecordedKey { readonly publicKey: Buffer; readonly anew: boolean; readonly ledgerEntry: number }

const MADE = 'made';
const MADE_ANEW = 'made anew: the key before it was not in the secret store';
const PUBLIC = '; public key ';

const fingerprintOf = (publicKey: Buffer): string => createHash('sha256').update(publicKey).digest('hex');

/** The keys that the ledger names, oldest first; an entry whose key does not fit its own fingerprint is left out. */
export function keysOfLedger(db: ReturnType<Session['read']>): RecordedKey[] {
  return recordedKeys(db).flatMap(({ seq, subject, outcome }) => {
    const publicKey = Buffer.from(outcome.split(PUBLIC)[1] ?? '', 'base64');
    return publicKey.length === 32 && fingerprintOf(publicKey) === subject ? [{ publicKey, anew: outcome.startsWith(MADE_ANEW), ledgerEntry: seq }] : [];
  });
}

function keyOf(privateKey: KeyObject): WitnessKey {
  return { publicKey: rawPublicKey(createPublicKey(privateKey)), sign: (text) => sign(null, Buffer.from(text), privateKey) };
}

/** @returns null when the store holds none. @throws AppError secret_missing when what it holds is no such key */
export async function readWitnessKey(session: Session): Promise<WitnessKey | null> {
  const stored = await session.secrets().get(WITNESS_KEY_NAME);
  if (stored === null) return null;
  try {
    const key = createPrivateKey({ key: Buffer.from(stored, 'base64'), format: 'der', type: 'pkcs8' });
    if (key.asymmetricKeyType === 'ed25519') return keyOf(key);
  } catch {
    // Said below: what cannot be parsed must not be quoted.
  }
  throw new AppError('secret_missing', { message: 'The signing key of the witness in the secret store cannot be read. Nothing was signed.', hint: 'Run audit verify, and keep a copy of the profile before you go on.' });
}

/**
 * The signing key; made at first need, and anew (which the ledger says for ever) when it is gone.
 * A kill in between leaves either a key without an entry, which gets its entry here, or an entry without a key, and then another key is made.
 * @throws AppError ledger_broken, keychain_…, secret_missing
 */
export async function ensureWitnessKey(session: Session, ledger: LedgerService, signal: AbortSignal | undefined): Promise<{ readonly key: WitnessKey; readonly anew: boolean }> {
  const found = await readWitnessKey(session);
  const recorded = keysOfLedger(session.read());
  if (found !== null) {
    if (recorded.length === 0) await note(ledger, found, MADE);
    return { key: found, anew: false };
  }
  const made = generateKeyPairSync('ed25519').privateKey;
  const key = keyOf(made);
  const anew = recorded.length > 0 || hasCheckpoints(session.read());
  if (anew) await note(ledger, key, MADE_ANEW);
  const text = made.export({ format: 'der', type: 'pkcs8' }).toString('base64');
  await session.whenWritable({ signal });
  await session.putSecret(WITNESS_KEY_NAME, text);
  if (await session.secrets().get(WITNESS_KEY_NAME) !== text) throw new AppError('keychain_failed', { message: 'The signing key of the witness could not be read back from the secret store. Nothing was signed.', hint: 'Check the keychain in Settings, then sync again.' });
  if (!anew) await note(ledger, key, MADE);
  return { key, anew };
}

async function note(ledger: LedgerService, { publicKey }: WitnessKey, outcome: string): Promise<void> {
  await ledger.append({ action: 'audit.witness.key.made', deployment: null, subject: fingerprintOf(publicKey), outcome: `${outcome}${PUBLIC}${publicKey.toString('base64')}` });
}

const head = z.strictObject({ number: z.int().min(0), size: z.int().min(0), root: z.string().regex(/^[0-9a-f]{64}$/) });
export type RememberedHead = z.infer<typeof head>;

/** @returns null when none is remembered, 'unreadable' when what is remembered is no head */
export async function readHead(session: Session, deploymentId: string): Promise<RememberedHead | null | 'unreadable'> {
  const stored = await session.secrets().get(witnessHeadName(deploymentId));
  if (stored === null) return null;
  try {
    return head.parse(JSON.parse(stored));
  } catch {
    return 'unreadable';
  }
}

/** A cancel does not wait for the right to write: then the head stays behind by one, which the next run makes good. @throws AppError busy, keychain_… */
export async function writeHead(session: Session, { deploymentId, signal }: { readonly deploymentId: string; readonly signal: AbortSignal | undefined }, { number, size, root }: RememberedHead): Promise<void> {
  await session.whenWritable({ signal });
  await session.putSecret(witnessHeadName(deploymentId), JSON.stringify({ number, size, root }));
}
