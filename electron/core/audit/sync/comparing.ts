// Finds rows that are held and that a complete answer lacks. Nothing is called vanished before the whole walk has shown that it did not move.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Session } from '../../session.ts';
import { BEGINNING } from './coverage.ts';
import type { Piece, Range } from './coverage.ts';
import { putPieces } from './map-store.ts';
import type { Reading } from './map-store.ts';
import { cutoffUs } from './retention.ts';
import { cancelled } from './storing.ts';
import type { Storing } from './storing.ts';
import { heldIn, lastArrival } from './sync-queries.ts';
import type { HeldPlace, ScopeKey } from './sync-queries.ts';

const PLACES_AT_ONCE = 2000;

export interface Comparing {
  /** Rows that had arrived before the next request: only they can be missed in its answer. Call it before asking. */
  mark(): void;
  /** Ids that are held for these ranges and not among those given. A row that comes after all is no longer missed. */
  missingFrom(given: readonly number[], ranges: readonly Range[]): Promise<readonly number[]>;
  /** Holds back what an answer with missing rows proves, until the end of the walk. */
  holdBack(missing: readonly number[], proven: { readonly pieces: readonly Piece[]; readonly reading: Reading }): void;
  /** The end of the walk: notes what has vanished, and what was held back. */
  settle(): Promise<void>;
}

export interface ComparingDeps {
  readonly session: Session;
  readonly storing: Storing;
  readonly key: ScopeKey;
  /** Only rows of this organisation; null for all. */
  readonly org: string | null;
  /** Only rows that came from here first; null for all. */
  readonly source: () => string | null;
  readonly nowUs: () => number;
  readonly signal: AbortSignal;
}

export function createComparing({ session, storing, key, org, source, nowUs, signal }: ComparingDeps): Comparing {
  const missed = new Set<number>();
  const heldBack: { readonly pieces: readonly Piece[]; readonly reading: Reading }[] = [];
  let upToSeq = 0;

  return {
    mark() {
      upToSeq = lastArrival(session.read());
    },
    async missingFrom(given, ranges) {
      const ids = new Set(given);
      for (const id of ids) missed.delete(id);
      const oldest = cutoffUs(storing.retentions(), nowUs()) ?? BEGINNING;
      const missing: number[] = [];
      for (const { fromUs, toUs } of ranges) {
        const range = { fromUs: Math.max(fromUs, oldest), toUs };
        let after: HeldPlace | null = null;
        while (range.fromUs <= range.toUs) {
          if (signal.aborted) throw cancelled();
          const places: HeldPlace[] = heldIn(session.read(), key, { range, org, source: source(), upToSeq, after, limit: PLACES_AT_ONCE });
          for (const { id } of places) if (!ids.has(id) && !storing.moved.has(id)) missing.push(id);
          after = places.at(-1) ?? null;
          if (places.length < PLACES_AT_ONCE) break;
          await nextTurn();
        }
      }
      return missing;
    },
    holdBack(missing, proven) {
      for (const id of missing) missed.add(id);
      heldBack.push(proven);
    },
    async settle() {
      await storing.vanished([...missed].filter((id) => !storing.moved.has(id)));
      missed.clear();
      const proven = heldBack.splice(0);
      if (proven.length > 0) await storing.write((db) => { for (const { pieces, reading } of proven) putPieces(db, pieces, reading); });
    },
  };
}
