// The ledger's hash chain: how an entry is digested, and how a chain is checked against the head that the secret store remembers.
import { createHash } from 'node:crypto';
import type { LedgerEntry, LedgerVerdict } from '#shared/domain/ledger.ts';

export const GENESIS_DIGEST = '0'.repeat(64);

export interface LedgerHead { readonly entries: number; readonly digest: string }

export const LEDGER_LIMITS = 'It shows changes by anyone who does not hold the database key. A holder of that key who can also write to the secret store could rewrite everything.';

/** SHA-256 over a JSON array of every field in a fixed order, so that no two entries can share a spelling. */
export function entryDigest(entry: Omit<LedgerEntry, 'digest'>): string {
  const fields = ['holdfast-ledger-1', entry.seq, entry.at, entry.actor, entry.deployment, entry.action, entry.subject, entry.reason, entry.outcome, entry.prevDigest];
  return createHash('sha256').update(JSON.stringify(fields), 'utf8').digest('hex');
}

/** "The one entry fits", "All 7 entries fit". */
function all(count: number): string {
  return count === 1 ? 'The one entry fits' : `All ${count} entries fit`;
}

/**
 * Walks the chain in order of seq and compares it with the remembered head.
 * A crash between the entry and the head leaves the head one entry behind: that is told apart from tampering.
 */
export function verifyChain(entries: Iterable<LedgerEntry>, head: LedgerHead | null): LedgerVerdict {
  let count = 0;
  let previous = GENESIS_DIGEST;
  let firstBroken: number | null = null;
  let digestAtHead: string | null = head?.entries === 0 ? GENESIS_DIGEST : null;
  let adoptedAt: number | null = null;
  for (const entry of entries) {
    const expectedSeq = count + 1;
    const { digest, ...rest } = entry;
    if (firstBroken === null && (entry.seq !== expectedSeq || entry.prevDigest !== previous || entryDigest(rest) !== digest)) firstBroken = entry.seq === expectedSeq ? entry.seq : expectedSeq;
    count += 1;
    previous = digest;
    if (entry.action === 'ledger.head.adopted') adoptedAt = entry.seq;
    if (head !== null && entry.seq === head.entries) digestAtHead = digest;
  }
  const base = { entries: count, headDigest: count === 0 ? null : previous, rememberedEntries: head?.entries ?? null, limits: LEDGER_LIMITS };
  if (firstBroken !== null) return { ...base, verdict: 'broken', firstBrokenSeq: firstBroken, message: `Entry ${firstBroken} is the first that does not fit: it was changed, removed or put in.` };
  if (count === 0 && (head === null || (head.entries === 0 && head.digest === GENESIS_DIGEST))) return { ...base, verdict: 'intact', firstBrokenSeq: null, message: 'The ledger is empty.' };
  if (head === null) {
    return { ...base, verdict: 'head-unknown', firstBrokenSeq: null, message: `${all(count)} together, but the secret store remembers no head, so a removed tail would not show.` };
  }
  if (head.entries > count) return { ...base, verdict: 'tail-removed', firstBrokenSeq: count + 1, message: `The secret store remembers ${head.entries} entries; ${count} are here. The tail was removed, or an older database was put back.` };
  if (digestAtHead !== head.digest) return { ...base, verdict: 'broken', firstBrokenSeq: Math.max(1, head.entries), message: `Entry ${head.entries} is not the one that the secret store remembers: the chain was rewritten.` };
  if (head.entries < count) {
    const newer = count - head.entries;
    if (newer > 1) return { ...base, verdict: 'head-behind', firstBrokenSeq: null, message: `${all(count)} together, but ${newer} are newer than the remembered head. A crash leaves at most one behind: the secret store could not be written, or an older head was put back.` };
    return { ...base, verdict: 'intact-head-behind', firstBrokenSeq: null, message: `${all(count)} together. One is newer than the remembered head: a crash between writing an entry and remembering it leaves one behind.` };
  }
  if (adoptedAt !== null) return { ...base, verdict: 'head-adopted', firstBrokenSeq: null, message: `${all(count)} together and ${count === 1 ? 'ends' : 'end'} where the secret store remembers. At entry ${adoptedAt} the remembered head was missing or behind and was taken over: a tail that was removed before that would not show.` };
  return { ...base, verdict: 'intact', firstBrokenSeq: null, message: `${all(count)} together and ${count === 1 ? 'ends' : 'end'} where the secret store remembers.` };
}
