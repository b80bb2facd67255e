// Puts what a server gave into the cache, in short transactions with room for others between them, and compares each row with what was held before.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { AppError } from '#shared/errors.ts';
import type { WriteDb } from '../../db/sql.ts';
import type { NaviPayload, NaviRow } from '../../deployments/service.ts';
import type { Session } from '../../session.ts';
import { isOtherNow } from '../queries.ts';
import { openRowStore } from '../store.ts';
import type { RowOutcome, RowStore } from '../store.ts';
import { BEGINNING, PRESENT } from './coverage.ts';
import type { Piece } from './coverage.ts';
import { backDated, changed, idBackwards, payloadChanged, vanished } from './findings.ts';
import { putPieces } from './map-store.ts';
import { cutoffUs, mayHaveExpired, retentionOf } from './retention.ts';
import type { Retentions } from './retention.ts';
import { confirmedStretches, EXPIRED_SCOPE, heldVersion, highestOf, insertFinding, LIST_SCOPE, oldestConfirmation, statusesSince } from './sync-queries.ts';
import type { HeldVersion, NewFinding } from './sync-queries.ts';

/** Rows of one transaction: few enough that a cancel is heard within its 250 ms. */
export const ROWS_AT_ONCE = 500;
/** Rows that commit late appear in a stretch that was read: so long before its confirmation none is called back-dated. */
const LATE_US = 300_000_000;
/** Two rows that were written at the same time may take their numbers in either order. */
const SAME_TIME_US = 2_000_000;
/** Ids that go backwards do so for every row from then on: so many are noted in one sync. */
const BACKWARDS_AT_ONCE = 100;
/** Ids remembered so that a row that comes twice in a sync is counted once. */
const REMEMBERED_IDS = 200_000;

/** A row that the server lacks, and when it was last seen there. */
interface Gone { readonly createdAtUs: number; readonly seenAtUs: number }

export interface Tally { added: number; payloadsAdded: number; alreadyHeld: number; changed: number; findings: number }

export interface StoringDeps {
  readonly session: Session;
  readonly deploymentId: string;
  readonly dep: number;
  readonly address: string;
  readonly nowUs: () => number;
  readonly signal: AbortSignal;
  /** Is told of every row that was held and came again. */
  readonly onGivenAgain?: ((db: WriteDb, row: { readonly id: number; readonly createdAtUs: number; readonly source: string }) => void) | undefined;
}

export interface Storing {
  readonly tally: Tally;
  /** Rows that came again although this workstation let them go by its own rule: they are not stored. */
  keptOut(): number;
  /** What is known of the retention when this is first asked: current when it was observed since this was made. */
  retentions(): Retentions;
  /** Stores rows in order; `last` runs in the transaction of the last of them. */
  rows(rows: readonly NaviRow[], source: string, last?: (db: WriteDb) => void): Promise<void>;
  /**
   * Whether a payload that the server gives under a number now is that of the row held under it: this sync's list gave that very row, or gave one with a higher
   * number unchanged, so that no number up to there was given again; and nothing was found that says otherwise. Ask after the list was read.
   */
  isStillThatRow(id: number): boolean;
  /** Payloads of rows that are held, in one transaction; also while a cancel is under way, so that nothing is asked for twice. */
  payloads(payloads: ReadonlyMap<number, NaviPayload>, source: string): Promise<void>;
  /** Notes rows that the server lacks although it answered for their time; those that may have expired are left out. */
  vanished(ids: readonly number[]): Promise<void>;
  /** One transaction, when the cache may be written. */
  write(run: (db: WriteDb) => void): Promise<void>;
  /** Ids whose time differs at the server: they are not gone. */
  readonly moved: ReadonlySet<number>;
}

export function cancelled(): AppError {
  return new AppError('cancelled', { message: 'Cancelled. Rows that had arrived are kept.', hint: 'Sync again to go on.' });
}

/** Reads what was known before, so that everything of this sync is compared with that. */
export function createStoring({ session, deploymentId, dep, address, nowUs, signal, onGivenAgain }: StoringDeps): Storing {
  const at = { dep, address };
  const tally: Tally = { added: 0, payloadsAdded: 0, alreadyHeld: 0, changed: 0, findings: 0 };
  const madeAtUs = nowUs();
  let retentions: Retentions | null = null;
  const highest = highestOf(session.read(), at, nowUs());
  const confirmed = confirmedStretches(session.read(), at);
  const counted = new Set<number>();
  const moved = new Set<number>();
  const differing = new Set<number>();
  const given = new Set<number>();
  let highestSame = -1;
  let backwards = 0;
  let keptOut = 0;

  function knownRetentions(): Retentions {
    if (retentions !== null) return retentions;
    const since = (sinceUs: number): Retentions['said'] => statusesSince(session.read(), { deploymentId, address, sinceUs }).map(retentionOf);
    const present = cutoffUs({ said: since(PRESENT), isCurrent: false }, madeAtUs) ?? BEGINNING;
    const said = since(oldestConfirmation(session.read(), at, present) ?? madeAtUs);
    retentions = { said, isCurrent: (said.at(-1)?.observedAtUs ?? BEGINNING) >= madeAtUs };
    return retentions;
  }

  /** When the stretch of a time was read completely before this sync, in both views of the log. */
  function confirmations({ org, createdAtUs }: { readonly org: string | null; readonly createdAtUs: number }) {
    return [LIST_SCOPE, ...(org === null ? [] : [`org:${org}`])].flatMap((scope) => (confirmed.get(scope) ?? []).filter(({ fromUs, toUs }) => fromUs <= createdAtUs && createdAtUs <= toUs));
  }

  /** When everything of a row's time had been read before, so that a row which was there must have been seen. */
  function confirmation(row: NaviRow): number | null {
    return confirmations(row).find(({ observedAtUs, topUs }) => row.createdAtUs < Math.min(observedAtUs, topUs ?? Number.MIN_SAFE_INTEGER) - LATE_US)?.observedAtUs ?? null;
  }

  /** When a held row was last seen at the server. */
  function lastSeenUs({ columns, createdAtUs, firstSeenUs }: HeldVersion): number {
    const gone = (confirmed.get(EXPIRED_SCOPE) ?? []).find(({ fromUs, toUs }) => fromUs <= createdAtUs && createdAtUs <= toUs);
    if (gone !== undefined) return gone.observedAtUs;
    return Math.max(firstSeenUs, ...confirmations({ org: columns['org'] === null ? null : String(columns['org']), createdAtUs }).map(({ observedAtUs }) => observedAtUs));
  }

  /** Their stretch is confirmed without them from now on: that they went under the rule of before must be known the next time too. */
  function keepExpired(db: WriteDb, rows: readonly Gone[]): void {
    if (rows.length === 0) return;
    const times = rows.map(({ createdAtUs }) => createdAtUs);
    const piece: Piece = { fromUs: Math.min(...times), toUs: Math.max(...times), state: 'complete', reason: null };
    putPieces(db, [piece], { key: { ...at, scope: EXPIRED_SCOPE }, observedAtUs: Math.min(...rows.map(({ seenAtUs }) => seenAtUs)), walk: 0 });
  }

  function note(db: WriteDb, finding: NewFinding | null): void {
    if (finding !== null && insertFinding(db, dep, { ...finding, foundAtUs: nowUs() })) tally.findings += 1;
  }

  /** What a row that is new, or differs, means. Only rows that this address gave before are compared: another one, or a file, may hold another log. */
  function compare(db: WriteDb, row: NaviRow, outcome: RowOutcome): void {
    if (outcome.row === 'added') {
      const confirmedAtUs = confirmation(row);
      if (confirmedAtUs !== null) note(db, backDated(row, confirmedAtUs));
      if (highest !== null && row.id <= highest.id && row.createdAtUs > highest.timeUs + SAME_TIME_US && row.createdAtUs <= nowUs() && backwards < BACKWARDS_AT_ONCE) {
        backwards += 1;
        note(db, idBackwards(row, highest));
      }
    }
    if (outcome.row !== 'changed' && outcome.payload !== 'changed') return;
    const held = heldVersion(db, dep, row.id);
    const isOurs = held !== null && held.address === address;
    const isPayloadOurs = isOurs && held.payload?.address === address;
    if (outcome.row === 'changed') {
      countChange(row.id);
      if (!isOurs) return;
      if (held.createdAtUs !== row.createdAtUs) moved.add(row.id);
      note(db, changed(held, row));
      if (isPayloadOurs && row.payload !== undefined) note(db, payloadChanged(held, row.id, row.payload));
      return;
    }
    const difference = held === null || row.payload === undefined ? null : payloadChanged(held, row.id, row.payload);
    if (difference === null) return;
    countChange(row.id);
    if (isPayloadOurs) note(db, difference);
  }

  function countChange(id: number): void {
    if (!differing.has(id)) tally.changed += 1;
    if (differing.size < REMEMBERED_IDS) differing.add(id);
  }

  function count(id: number, outcome: RowOutcome): void {
    if (outcome.payload === 'added') tally.payloadsAdded += 1;
    if (outcome.row === 'let-go') {
      if (!counted.has(id)) keptOut += 1;
    } else if (outcome.row === 'added') tally.added += 1;
    else if (!counted.has(id)) tally.alreadyHeld += 1;
    if (counted.size < REMEMBERED_IDS) counted.add(id);
    if (outcome.row === 'held') highestSame = Math.max(highestSame, id);
    if ((outcome.row === 'held' || outcome.row === 'added') && given.size < REMEMBERED_IDS) given.add(id);
  }

  function isStillThatRow(id: number): boolean {
    if (differing.has(id)) return false;
    return given.has(id) || (id <= highestSame && !isOtherNow(session.read(), dep, id));
  }

  async function write(run: (db: WriteDb) => void): Promise<void> {
    for (;;) {
      if (signal.aborted) throw cancelled();
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
      db.transaction(() => run(db));
      break;
    }
    await nextTurn();
  }

  const storeIn = (db: WriteDb, source: string): RowStore => openRowStore(db, { deploymentId, kind: 'sync', address, source, atUs: nowUs() });

  return {
    tally,
    keptOut: () => keptOut,
    retentions: knownRetentions,
    moved,
    isStillThatRow,
    write,
    async rows(rows, source, last) {
      for (let from = 0; from === 0 || from < rows.length; from += ROWS_AT_ONCE) {
        const isLast = from + ROWS_AT_ONCE >= rows.length;
        if (rows.length === 0 && last === undefined) return;
        await write((db) => {
          const store = storeIn(db, source);
          for (const row of rows.slice(from, from + ROWS_AT_ONCE)) {
            const outcome = store.add(row);
            count(row.id, outcome);
            compare(db, row, outcome);
            if (outcome.row === 'held') onGivenAgain?.(db, { id: row.id, createdAtUs: row.createdAtUs, source });
          }
          store.flush();
          if (isLast) last?.(db);
        });
      }
    },
    async payloads(payloads, source) {
      await session.whenWritable({ signal });
      const db = session.write();
      db.transaction(() => {
        const store = storeIn(db, source);
        for (const [id, payload] of payloads) if (isStillThatRow(id) && store.addPayload(id, payload) === 'added') tally.payloadsAdded += 1;
        store.flush();
      });
    },
    async vanished(ids) {
      for (let from = 0; from < ids.length; from += ROWS_AT_ONCE) {
        await write((db) => {
          const expired: Gone[] = [];
          for (const id of ids.slice(from, from + ROWS_AT_ONCE)) {
            const held = heldVersion(db, dep, id);
            if (held === null) continue;
            const gone = { createdAtUs: held.createdAtUs, seenAtUs: lastSeenUs(held) };
            if (mayHaveExpired(knownRetentions(), { ...gone, nowUs: nowUs() })) expired.push(gone);
            else note(db, vanished(held, knownRetentions()));
          }
          keepExpired(db, expired);
        });
      }
    },
  };
}
