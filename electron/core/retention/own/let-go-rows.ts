// Lets rows of one deployment go, in transactions of a thousand: each notes what it takes in a sealed packet, so that the witness knows why they are missing. A kill leaves whole packets.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { AppError } from '#shared/errors.ts';
import { LET_GO_ORIGIN, packetDigest, packetEnds } from '../../audit/witness/let-go.ts';
import { insertPacket, nextPacketId, noteLetGo, rowsOfPacket } from '../../audit/witness/let-go-queries.ts';
import type { WriteDb } from '../../db/sql.ts';
import { sealOf } from '../../seal.ts';
import type { SigningKey } from '../../seal.ts';
import type { Session } from '../../session.ts';
import { nextDue } from './due.ts';
import type { After, Window } from './due.ts';
import { closeTheWay, openTheWay, removeRows } from './own-queries.ts';
import type { DueRow, Place } from './own-queries.ts';

export interface LettingGo {
  readonly session: Session;
  readonly place: Place;
  readonly window: Window;
  readonly key: SigningKey;
  readonly ledgerEntry: number;
  readonly nowUs: () => number;
  readonly signal: AbortSignal;
  /** Rows that went since the last call. */
  readonly onProgress: (rows: number) => void;
}

export function cancelled(): AppError {
  return new AppError('cancelled', { message: 'Cancelled. Rows that had gone are gone; everything else is kept.', hint: 'Look at a new preview to go on.' });
}

/** One transaction, when the cache may be written. @throws AppError cancelled, disk_full, profile_locked … */
export async function whenWritable<T>(session: Session, signal: AbortSignal, run: (db: WriteDb) => T): Promise<T> {
  for (;;) {
    await session.whenWritable({ signal });
    if (signal.aborted) throw cancelled();
    let db: WriteDb;
    try {
      db = session.write();
    } catch (error) {
      // Between waiting and writing somebody else was given the right to write.
      if (error instanceof AppError && error.code === 'busy') continue;
      throw error;
    }
    return db.transaction(() => run(db));
  }
}

/** @returns rows that went, and rows that are due and stay because of a hold. Held anew is read in every transaction, so that a hold set meanwhile counts. */
export async function letGo({ session, place, window, key, ledgerEntry, nowUs, signal, onProgress }: LettingGo): Promise<{ readonly removed: number; readonly held: number }> {
  let removed = 0;
  let held = 0;
  let after: After = null;
  for (;;) {
    const page: DueRow[] | null = await whenWritable(session, signal, (db) => {
      const due = nextDue(db, place, { ...window, after });
      const going = (due ?? []).filter(({ isHeld }) => !isHeld).map(({ seq }) => seq);
      if (going.length > 0) takePacket(db, { place, seqs: going, key, ledgerEntry, atUs: nowUs() });
      return due;
    });
    if (page === null) return { removed, held };
    const kept = page.filter(({ isHeld }) => isHeld).length;
    held += kept;
    removed += page.length - kept;
    after = page.at(-1) ?? null;
    onProgress(page.length - kept);
    await nextTurn();
  }
}

interface Taking { readonly place: Place; readonly seqs: readonly number[]; readonly key: SigningKey; readonly ledgerEntry: number; readonly atUs: number }

function takePacket(db: WriteDb, { place: { dep, deploymentId }, seqs, key, ledgerEntry, atUs }: Taking): void {
  const id = nextPacketId(db);
  noteLetGo(db, { dep, packet: id, seqs });
  const rows = rowsOfPacket(db, id);
  const packet = { id, atUs, ledgerEntry };
  const digest = packetDigest(deploymentId, packet, rows);
  insertPacket(db, dep, { ...packet, ...packetEnds(rows), digest, seal: sealOf(LET_GO_ORIGIN, digest, key) });
  openTheWay(db, dep);
  const went = removeRows(db, dep, seqs);
  closeTheWay(db, dep);
  if (went !== seqs.length || rows.length !== seqs.length) throw new Error('other rows went than were chosen');
}
