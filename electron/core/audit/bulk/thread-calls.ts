// What the main thread asks of the threads that open payloads. Plaintext travels in shared memory, so that the main thread can overwrite it for both.
import type { AuditCheck, BulkSelection } from '#shared/domain/audit-bulk.ts';
import type { FernetKey } from '../fernet.ts';

export interface Selected {
  /** Rows to open, newest first: their numbers in the cache. */
  readonly seqs: Float64Array;
  readonly others: number;
  readonly withoutPayload: number;
  readonly byKey: readonly { readonly keyId: string | null; readonly rows: number }[];
  /** SHA-256, hex, over the ids in ascending order, each in decimal with a line end. */
  readonly digest: string;
  /** By a sample of the bodies. */
  readonly plaintextBytes: number;
}

/** Outcomes as numbers: the place in BULK_OUTCOMES. */
export const OPENED = 0;
export const NO_KEY = 1;
export const DAMAGED = 2;
export const NOT_OBJECT = 3;

/** Rows [first, first + taken) of those asked for. Per row: outcome, key (place in the ring, -1 none), time in the token, and where the plaintext lies. */
export interface OpenedPart {
  readonly taken: number;
  readonly outcome: Uint8Array;
  readonly key: Int16Array;
  readonly sealedAt: Float64Array;
  readonly start: Uint32Array;
  readonly end: Uint32Array;
  readonly plaintext: SharedArrayBuffer;
}

/** The same rows as lines of JSON. */
export interface LinesPart { readonly taken: number; readonly outcome: Uint8Array; readonly key: Int16Array; readonly lines: SharedArrayBuffer }

export interface RowsAsked { readonly seqs: Float64Array; readonly first: number }

export type BulkCalls = Readonly<{
  select: { readonly input: { readonly deploymentId: string; readonly selection: BulkSelection; readonly nowUs: number }; readonly output: Selected };
  checks: { readonly input: { readonly deploymentId: string; readonly declared: DeclaredEncryption | null }; readonly output: AuditCheck[] };
  /** Only after the ledger entry is on disk. */
  unlock: { readonly input: { readonly keys: readonly { readonly keyId: string; readonly key: FernetKey }[] }; readonly output: null };
  open: { readonly input: RowsAsked; readonly output: OpenedPart };
  lines: { readonly input: RowsAsked; readonly output: LinesPart };
  /** Overwrites keys and plaintexts. */
  forget: { readonly input: null; readonly output: null };
}>;

/** What the deployment last said of itself: whether new audit payloads are encrypted, and when it said so. */
export interface DeclaredEncryption { readonly isOn: boolean; readonly observedAtUs: number }
