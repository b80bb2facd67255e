// The ledger's rules: an entry is on disk, synced, and its head remembered before the caller goes on; it refuses to grow on a broken chain.
import { AppError } from '#shared/errors.ts';
import type { LedgerAction, LedgerEntry, LedgerVerdict } from '#shared/domain/ledger.ts';
import { formatInstantMs } from '#shared/domain/time.ts';
import { z } from '#shared/zod.ts';
import { LEDGER_HEAD_NAME } from '../credentials/names.ts';
import type { Emitter } from '../emitter.ts';
import type { Clock } from '../ports.ts';
import type { Session } from '../session.ts';
import { entryDigest, GENESIS_DIGEST, verifyChain } from './chain.ts';
import type { LedgerHead } from './chain.ts';
import { allEntries, countEntries, insertEntry, lastEntry, listEntries } from './queries.ts';

/** An entry waits so long for a thread that holds the right to write; after that the act it belongs to is refused. */
const WRITE_WAIT_MS = 10_000;

const head = z.strictObject({ entries: z.int().min(0), digest: z.string().regex(/^[0-9a-f]{64}$/) });

export interface LedgerNote {
  readonly action: LedgerAction;
  readonly deployment: string | null;
  readonly subject: string;
  readonly reason?: string | null;
  readonly outcome: string;
}

export interface LedgerService {
  /** Resolves only when the entry is synced to disk and its head is remembered. */
  append(note: LedgerNote): Promise<LedgerEntry>;
  list(before: number | null, limit: number): { readonly entries: LedgerEntry[]; readonly total: number };
  verify(): Promise<LedgerVerdict>;
  /** The verdict of the last verification and the current count, without reading the secret store. */
  summary(): { readonly entries: number; readonly verdict: string };
}

export function createLedgerService({ session, emitter, clock, actor }: { session: Session; emitter: Emitter; clock: Clock; actor: string }): LedgerService {
  let queue: Promise<unknown> = Promise.resolve();
  let lastVerdict: LedgerVerdict['verdict'] | null = null;
  let verifiedFor: unknown = null;

  async function readHead(): Promise<LedgerHead | null> {
    if (session.isEmptyLook()) return null;
    const text = await session.secrets().get(LEDGER_HEAD_NAME);
    if (text === null) return null;
    const parsed = head.safeParse(safeJson(text));
    if (!parsed.success) throw new AppError('ledger_broken', { message: 'The remembered head of the ledger cannot be read. Nothing was changed.', hint: 'Run ledger verify, and keep a copy of the profile before you go on.' });
    return parsed.data;
  }

  async function verify(): Promise<LedgerVerdict> {
    const db = session.read();
    lastVerdict = null;
    const verdict = verifyChain(allEntries(db), await readHead());
    lastVerdict = verdict.verdict;
    verifiedFor = db;
    return verdict;
  }

  async function appendNow(note: LedgerNote): Promise<LedgerEntry> {
    await session.whenWritable({ maxMs: WRITE_WAIT_MS });
    const db = session.write();
    // A chain that does not verify is evidence: growing it would bury where it broke.
    if (verifiedFor !== db || lastVerdict === null) await verify();
    if (lastVerdict === 'broken' || lastVerdict === 'tail-removed') {
      throw new AppError('ledger_broken', { message: 'The ledger does not verify, so nothing that needs an entry can be done. The ledger was left as it is.', hint: 'Run ledger verify to see the first broken entry. Keep a copy of the profile, then start a new one.' });
    }
    // A head that is missing or too far behind is taken over by an entry of its own, so that it cannot be forgotten again.
    if (lastVerdict === 'head-behind' || (lastVerdict === 'head-unknown' && countEntries(db) > 0)) await write(db, { action: 'ledger.head.adopted', deployment: null, subject: `entry ${countEntries(db)}`, outcome: lastVerdict === 'head-behind' ? 'the remembered head was behind' : 'no head was remembered' });
    // The head of a ledger without entries, so that a crash behind its first one can be told from a head that was taken away.
    if (countEntries(db) === 0) await remember({ entries: 0, digest: GENESIS_DIGEST });
    return write(db, note);
  }

  function remember(ends: LedgerHead): Promise<void> {
    return session.putSecret(LEDGER_HEAD_NAME, JSON.stringify(ends));
  }

  async function write(db: ReturnType<Session['write']>, note: LedgerNote): Promise<LedgerEntry> {
    const entry = db.transaction(() => {
      const last = lastEntry(db);
      const rest = {
        seq: (last?.seq ?? 0) + 1, at: formatInstantMs(clock.now()), actor, deployment: note.deployment, action: note.action,
        subject: note.subject, reason: note.reason ?? null, outcome: note.outcome, prevDigest: last?.digest ?? GENESIS_DIGEST,
      };
      const made: LedgerEntry = { ...rest, digest: entryDigest(rest) };
      insertEntry(db, made);
      return made;
    });
    const before = lastVerdict;
    // Until the head is remembered nothing is known of it: a failure here leaves it to the next verification.
    lastVerdict = null;
    await remember({ entries: entry.seq, digest: entry.digest });
    lastVerdict = note.action === 'ledger.head.adopted' || before === 'head-adopted' ? 'head-adopted' : 'intact';
    emitter.emit('ledger.appended', { seq: entry.seq });
    return entry;
  }

  return {
    append(note) {
      const next = queue.then(() => appendNow(note));
      queue = next.catch(() => undefined);
      return next;
    },
    list: (before, limit) => ({ entries: listEntries(session.read(), before, limit), total: countEntries(session.read()) }),
    verify: () => {
      const next = queue.then(verify);
      queue = next.catch(() => undefined);
      return next;
    },
    summary: () => ({ entries: countEntries(session.read()), verdict: verifiedFor === session.read() && lastVerdict !== null ? lastVerdict : 'not verified yet' }),
  };
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
