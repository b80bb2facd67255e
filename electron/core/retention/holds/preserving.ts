// Puts what holds match into the vault, in short transactions with room for others between them. Each leaves a mark, so that what was cancelled or killed goes on from there.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { AppError } from '#shared/errors.ts';
import type { WriteDb } from '../../db/sql.ts';
import type { Session } from '../../session.ts';
import { addMember, isStanding, lateRows, markOf, matchingOf, matchingSeqs, membersOf, newestArrivals, saveMark } from './hold-queries.ts';
import type { HoldRow, Mark } from './hold-queries.ts';
import { readHoldQuery } from './membership.ts';
import { preserveRow } from './vault-row.ts';

/** Rows of one transaction, at most. */
export const ROWS_AT_ONCE = 1000;
/** Rows that one step looks through; one that finds nothing is not written down. */
const WINDOW = 20_000;
/** So many windows without a match are written down after all: what was looked through is not looked through again. */
const EMPTY_WINDOWS = 25;

export interface Preserving {
  readonly session: Session;
  readonly dep: number;
  readonly nowUs: () => number;
  readonly signal: AbortSignal | undefined;
  readonly onProgress?: ((progress: { readonly looked: number; readonly total: number; readonly kept: number }) => void) | undefined;
}

function cancelled(): AppError {
  return new AppError('cancelled', { message: 'Cancelled. The hold stands, and what is in the vault stays there; rows that it matches besides are not preserved yet.', hint: 'The next sync goes on.' });
}

/** One transaction when the cache may be written. @throws AppError cancelled, and what the database says */
async function write<T>({ session, signal }: Preserving, run: (db: WriteDb) => T): Promise<T> {
  const refuseCancelled = (): void => {
    if (signal?.aborted === true) throw cancelled();
  };
  for (;;) {
    refuseCancelled();
    await session.whenWritable(signal === undefined ? {} : { signal });
    refuseCancelled();
    let db: WriteDb;
    try {
      db = session.write();
    } catch (error) {
      // Between waiting and writing somebody else was given the right to write.
      if (error instanceof AppError && error.code === 'busy') continue;
      throw error;
    }
    const done = db.transaction(() => run(db));
    await nextTurn();
    return done;
  }
}

/**
 * Brings the vault up to date for one hold: rows that it matches, and payloads that came since. Ends early when the hold was released meanwhile.
 * @returns how many rows it put under the hold
 * @throws AppError cancelled, profile_locked, disk_full: what was put there before stays
 */
export async function preserveHold(work: Preserving, hold: Pick<HoldRow, 'id' | 'query'>): Promise<number> {
  const { session, dep, nowUs, onProgress } = work;
  const query = readHoldQuery(hold.query);
  let kept = 0;
  let mark = markOf(session.read(), hold.id);
  /** Keeps rows under the hold; must run in a transaction. */
  const keep = (db: WriteDb, seqs: readonly number[]): void => {
    for (const seq of seqs) {
      const row = preserveRow(db, dep, { seq, nowUs: nowUs() });
      if (row === null) continue;
      addMember(db, hold.id, row);
      kept += 1;
    }
  };
  /** ended: the hold does not stand any more. moved: numbers of rows went with a deployment, so the way begins anew from an earlier mark. */
  const advance = (to: Mark, seqs: readonly number[]): Promise<'done' | 'ended' | 'moved'> => write(work, (db) => {
    if (!isStanding(db, hold.id)) return 'ended';
    const now = markOf(db, hold.id);
    if (now.seq !== mark.seq || now.late !== mark.late) return 'moved';
    keep(db, seqs);
    saveMark(db, hold.id, to);
    mark = to;
    return 'done';
  });
  const stopped = async (how: 'ended' | 'moved'): Promise<number> => (how === 'ended' ? kept : kept + await preserveHold(work, hold));

  // Payloads that came late, of rows that were looked at before: what they let match, and what they complete.
  for (let page = lateRows(session.read(), dep, { after: mark.late, limit: ROWS_AT_ONCE }); page.length > 0; page = lateRows(session.read(), dep, { after: mark.late, limit: ROWS_AT_ONCE })) {
    const seqs = page.map(({ seq }) => seq).filter((seq) => seq <= mark.seq);
    const ends = { low: Math.min(...seqs), high: Math.max(...seqs) };
    const touched = new Set([...matchingOf(session.read(), dep, { seqs, condition: query.condition(seqs.length === 0 ? null : ends) }), ...membersOf(session.read(), hold.id, { dep, seqs }).map(({ seq }) => seq)]);
    const how = await advance({ seq: mark.seq, late: page.at(-1)?.num ?? mark.late }, [...touched]);
    if (how !== 'done') return stopped(how);
  }

  const end = newestArrivals(session.read()).seq;
  let at = mark.seq;
  let empty = 0;
  while (at < end) {
    const through = Math.min(at + WINDOW, end);
    const seqs = matchingSeqs(session.read(), dep, { after: at, through, limit: ROWS_AT_ONCE, condition: query.condition({ low: at + 1, high: through }) });
    const reached = seqs.length === ROWS_AT_ONCE ? seqs.at(-1) ?? through : through;
    empty = seqs.length === 0 ? empty + 1 : 0;
    if (seqs.length > 0 || reached === end || empty % EMPTY_WINDOWS === 0) {
      const how = await advance({ seq: reached, late: mark.late }, seqs);
      if (how !== 'done') return stopped(how);
    } else {
      if (work.signal?.aborted === true) throw cancelled();
      await nextTurn();
    }
    at = reached;
    onProgress?.({ looked: at, total: end, kept });
  }
  return kept;
}
