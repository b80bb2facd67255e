// Writes what an answer proved into the coverage map, inside the transaction of its caller.
import type { WriteDb } from '../../db/sql.ts';
import { overlay, uncovered } from './coverage.ts';
import type { Piece } from './coverage.ts';
import { replaceAround, stretchesAround } from './sync-queries.ts';
import type { ScopeKey } from './sync-queries.ts';

/** Which scope was read, when, and by which walk. */
export interface Reading { readonly key: ScopeKey; readonly observedAtUs: number; readonly walk: number }

/** Lays pieces over the map; the newer reading counts. */
export function putPieces(db: WriteDb, pieces: readonly Piece[], { key, observedAtUs, walk }: Reading): void {
  for (const piece of pieces) {
    if (piece.fromUs > piece.toUs) continue;
    replaceAround(db, key, { range: piece, by: overlay(stretchesAround(db, key, piece), { ...piece, observedAtUs, walk }) });
  }
}

/** Lays a gap only where nothing was read completely before: what a short answer does not show, an earlier one may have shown. */
export function putGap(db: WriteDb, gap: Piece, reading: Reading): void {
  const complete = stretchesAround(db, reading.key, gap).filter(({ state, reason }) => state === 'complete' && reason === null);
  putPieces(db, uncovered(complete, gap).map((range) => ({ ...gap, ...range })), reading);
}
