// A row as the vault keeps it: one spelling of its content and a digest over that, so that nobody changes it unnoticed.
import { createHash } from 'node:crypto';
import { canonicalJson } from '../../seal.ts';
import type { ReadDb, WriteDb } from '../../db/sql.ts';
import { cachedPayload, cachedRow, hasVaultPayload, keepPayload, keepRow, vaultAfter } from './hold-queries.ts';

export const digestOfText = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

export interface Kept { readonly num: number; readonly createdAtUs: number }

/** Puts a cached row, and its payload as it was received, into the vault; what is there stays as it is. Null when the cache does not have the row. */
export function preserveRow(db: WriteDb, dep: number, { seq, nowUs }: { readonly seq: number; readonly nowUs: number }): Kept | null {
  const row = cachedRow(db, seq);
  if (row === null) return null;
  const body = canonicalJson(row.columns);
  const num = keepRow(db, { dep, eventId: row.eventId, createdAtUs: row.createdAtUs, address: row.address, body, digest: digestOfText(body), keptAtUs: nowUs });
  if (!hasVaultPayload(db, num)) {
    const payload = cachedPayload(db, seq);
    if (payload !== null) keepPayload(db, num, { body: payload, digest: digestOfText(payload), keptAtUs: nowUs });
  }
  return { num, createdAtUs: row.createdAtUs };
}

const AT_ONCE = 500;

export interface VaultState {
  readonly rows: number;
  readonly payloads: number;
  /** Events whose row or payload in the vault does not fit its digest. */
  readonly damaged: readonly number[];
}

/** Compares everything that the vault keeps of a deployment with its digests. @param pause called between two pieces */
export async function checkVault(read: () => ReadDb, dep: number, pause: () => Promise<void>): Promise<VaultState> {
  const damaged: number[] = [];
  let rows = 0;
  let payloads = 0;
  for (let after = 0; ;) {
    const page = vaultAfter(read(), dep, { after, limit: AT_ONCE });
    for (const { num, eventId, body, digest, payload } of page) {
      after = num;
      rows += 1;
      if (payload !== null) payloads += 1;
      if (digestOfText(body) !== digest || (payload !== null && digestOfText(payload.body) !== payload.digest)) damaged.push(eventId);
    }
    if (page.length < AT_ONCE) return { rows, payloads, damaged };
    await pause();
  }
}
