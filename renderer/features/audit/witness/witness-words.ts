// The witness in words: what a verdict says, what a finding is, what a check found; green is for what was proven, and for nothing else.
import type { AuditCheck } from '#shared/domain/audit-bulk.ts';
import type { FindingKind, WitnessProblem, WitnessVerdict } from '#shared/domain/audit-witness.ts';
import type { ChipTone } from '../../../components/WordChip.tsx';

interface Look { readonly word: string; readonly tone: ChipTone }

export const VERDICT_LOOKS: Readonly<Record<WitnessVerdict['verdict'], Look>> = {
  intact: { word: 'intact', tone: 'pass' },
  'unsigned-tail': { word: 'last rows not signed yet', tone: 'warn' },
  empty: { word: 'nothing witnessed yet', tone: 'unknown' },
  broken: { word: 'broken', tone: 'fail' },
  doubtful: { word: 'doubtful', tone: 'warn' },
};

export const FINDING_LOOKS: Readonly<Record<FindingKind, Look>> = {
  vanished: { word: 'vanished', tone: 'fail' },
  changed: { word: 'changed', tone: 'fail' },
  'payload-changed': { word: 'payload changed', tone: 'fail' },
  'id-backwards': { word: 'id went back', tone: 'warn' },
  'back-dated': { word: 'back-dated', tone: 'warn' },
};

export const PROBLEM_NAMES: Readonly<Record<WitnessProblem['kind'], string>> = {
  'row-removed': 'row removed', 'row-changed': 'row changed', 'row-inserted': 'row inserted', 'payload-changed': 'payload changed', 'order-changed': 'order changed', 'root-mismatch': 'root differs',
  'signature-invalid': 'signature invalid', 'tail-removed': 'tail removed', 'older-database': 'older database', 'head-missing': 'head missing', 'key-missing': 'key missing',
};

export const CHECK_LOOKS: Readonly<Record<AuditCheck['state'], Look>> = {
  clean: { word: 'clean', tone: 'pass' },
  found: { word: 'found', tone: 'fail' },
  unknown: { word: 'unknown', tone: 'unknown' },
};

/** First 16 hex digits of the SHA-256 of a public key, in groups of four; the key comes as base64 of its 32 bytes. */
export async function keyFingerprint(publicKey: string): Promise<string> {
  const bytes = Uint8Array.from(atob(publicKey), (char) => char.codePointAt(0) ?? 0);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest.slice(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('').replaceAll(/(.{4})(?=.)/gu, '$1 ');
}
