// A run as a file: written in the one spelling that canonical JSON has, sealed by whoever exports it, and read so that no altered byte goes unnoticed.
import { createHash } from 'node:crypto';
import { RUN_FORMAT, runFile } from '#shared/domain/runbook-run.ts';
import type { RunFile } from '#shared/domain/runbook-run.ts';
import { formatInstantMs } from '#shared/domain/time.ts';
import { AppError } from '#shared/errors.ts';
import { isStrictJsonError, parseStrictJson } from '../../deployments/strict-json.ts';
import { canonicalJson, digestOf, isSealedBy, sealOf } from '../../seal.ts';
import type { SigningKey } from '../../seal.ts';
import type { LoadedRun } from '../runs/store.ts';
import { isSoundSeal, readStrictKey } from './ed25519.ts';

export const MAX_RUN_FILE_BYTES = 67_108_864;
const SEAL_ORIGIN = 'holdfast.local/runbook/head';
/** A run nests eight levels at most. */
const MAX_DEPTH = 16;

export const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');

/** One digest for a set of events, whatever their order. */
const digestOfSet = (digests: readonly string[]): string => sha256([...digests].sort().map((digest) => `${digest}\n`).join(''));
interface Claims { readonly run: string; readonly pack: string; readonly evidence: Readonly<Record<string, string>>; readonly head: unknown }
const sealed = ({ run, pack, evidence, head }: Claims): string => digestOf({ run, pack: sha256(pack), evidence: Object.keys(evidence).sort(), head });

/** @param evidence bytes by their digest */
export function writeRunFile(run: Pick<LoadedRun, 'id' | 'packText' | 'events' | 'state'>, { evidence, key, nowMs }: { readonly evidence: ReadonlyMap<string, Buffer>; readonly key: SigningKey; readonly nowMs: number }): string {
  const digests = run.events.map(({ digest }) => digest);
  const rest = {
    format: RUN_FORMAT, run: run.id, pack: run.packText, events: [...run.events].sort((a, b) => (a.digest < b.digest ? -1 : 1)),
    evidence: Object.fromEntries([...evidence].map(([digest, bytes]) => [digest, bytes.toString('base64')])),
    head: { at: formatInstantMs(nowMs), count: digests.length, heads: [...run.state.heads], events: digestOfSet(digests), author: key.publicKey.toString('base64') },
  } as const;
  return canonicalJson({ ...rest, seal: sealOf(SEAL_ORIGIN, sealed(rest), key) });
}

const damaged = (message: string, cause?: unknown): AppError => new AppError('run_file_damaged', { message: `${message} Nothing was taken.`, hint: 'Ask for the file again, and compare its digest.', cause });

/** Reads the form of a file; its events, its evidence and its seal are still to be checked. @throws AppError too_large, unknown_format, run_file_damaged */
export function readRunFile(bytes: Buffer): RunFile {
  if (bytes.length > MAX_RUN_FILE_BYTES) throw new AppError('too_large', { message: 'This file is larger than 64 MiB, which no file of a run is. Nothing was taken.', hint: 'Ask for the run without its evidence.' });
  // Told by the beginning alone: another kind of file is not called a damaged run.
  if (!bytes.subarray(0, 4096).toString('latin1').trimStart().startsWith('{') || bytes.length < 2) throw new AppError('unknown_format', { message: 'This is no file of a run. Nothing was taken.', hint: 'Choose a file that was exported from a run.' });
  let value: unknown;
  try {
    value = parseStrictJson(bytes, { maxDepth: MAX_DEPTH });
  } catch (error) {
    if (isStrictJsonError(error)) throw damaged(`This file cannot be relied on: ${error.message}`, error);
    throw error;
  }
  if (typeof value === 'object' && value !== null && 'format' in value && value.format !== RUN_FORMAT && !('events' in value && 'pack' in value)) throw new AppError('unknown_format', { message: 'This is no file of a run. Nothing was taken.', hint: 'Choose a file that was exported from a run.' });
  const parsed = runFile.safeParse(value);
  if (!parsed.success) throw damaged(`This file has not the form of a run: ${parsed.error.issues[0]?.path.map(String).join('.').slice(0, 80) ?? ''} does not fit.`, parsed.error);
  // A value can be spelled in several ways; only the one that is written here is taken, so that every byte counts.
  if (!Buffer.from(canonicalJson(value), 'utf8').equals(bytes)) throw damaged('This file was changed after it was written: it is not in the one spelling that it was written in.');
  return parsed.data;
}

export interface HeadVerdict {
  /** What the seal says, before anybody is trusted. */
  readonly head: 'fits' | 'altered' | 'absent';
  /** The exporter's key, when the seal is theirs. */
  readonly author: string | null;
  /** The newest events that the exporter held, when the seal is theirs. */
  readonly heads: readonly string[];
}

/** @param sound digests of the events of the file that were found sound, as they stand in it */
export function verdictOfHead(file: RunFile, sound: readonly string[]): HeadVerdict {
  if (file.head === null && file.seal === null) return { head: 'absent', author: null, heads: [] };
  const altered: HeadVerdict = { head: 'altered', author: null, heads: [] };
  if (file.head === null || file.seal === null) return altered;
  const publicKey = readStrictKey(file.head.author);
  if (publicKey === null || !isSoundSeal(file.seal) || !isSealedBy(file.seal, { origin: SEAL_ORIGIN, digest: sealed(file), publicKey })) return altered;
  // They are written in order of their digests: another order is not what was written.
  const isInOrder = sound.every((digest, index) => index === 0 || (sound[index - 1] ?? '') < digest);
  const fits = isInOrder && file.head.count === sound.length && file.head.events === digestOfSet(sound);
  return { head: fits ? 'fits' : 'altered', author: file.head.author, heads: file.head.heads };
}
