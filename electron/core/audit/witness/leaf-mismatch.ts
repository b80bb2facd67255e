// Names what happened to leaves that do not fit their rows: removed, changed, put in, or in another order. It waits until the next checkpoint says whether the rows or the stored hashes are what was signed.
import { hintFor, latePayload, NO_HINT, rowAlone, rowLeaf } from './leaf-data.ts';
import type { Provenance, WitnessRow } from './leaf-data.ts';
import type { Leaf } from './leaf-block.ts';
import { leafHash } from './merkle.ts';
import type { ProblemList } from './problem-list.ts';
import type { Settled } from './verify-roots.ts';

/** Leaves kept to be compared with each other; more than these are named one by one as they come. */
const KEPT = 64;
/** Characters of a body that is kept for that. */
const LONG = 16_384;
/** So many leaves in a row that fit one place further on are no accident: a leaf was put in or taken out before them. */
const RUN = 3;

export interface Mismatch {
  readonly position: number;
  readonly leaf: Leaf;
  /** The row that the leaf names; null when it is gone. */
  readonly row: WitnessRow | null;
  /** The row is here, but in another place. */
  readonly isElsewhere: boolean;
}

export interface MismatchNames {
  /** A leaf that fits, at its place in the stored log. */
  fitting(position: number, leaf: Leaf): void;
  add(mismatch: Mismatch): void;
  settle(settled: Settled): void;
  /** By how many places leaves from here on are off, because one was put in or taken out before. */
  shift(): number;
}

/** The hash that the row or payload of a leaf gives now, at a position. */
export type HashNow = (leaf: Leaf, row: WitnessRow, position: number) => string;

export function hasherOf(seen: Provenance): HashNow {
  return (leaf, row, position) => leafHash(leaf.kind === 'late' ? latePayload(row, position, seen) : rowLeaf(row, position, seen));
}

/** A long body is not kept: such a row is not looked for in other places. */
function slimmed(mismatch: Mismatch): Mismatch {
  const { row } = mismatch;
  return row === null || (row.body?.length ?? 0) <= LONG ? mismatch : { ...mismatch, row: { ...row, body: null, isLarge: true } };
}

export function createMismatchNames(problems: ProblemList, seen: Provenance): MismatchNames {
  const hashNow = hasherOf(seen);
  let kept: Mismatch[] = [];
  let shift = 0;
  let run: { readonly delta: number; readonly from: number; readonly to: number; readonly isClean: boolean } | null = null;
  let lastPosition = -1;
  /** The leaf before the one at hand, and by how many places its row is off where that could be told. */
  let before: { readonly position: number; readonly leaf: Leaf; readonly delta: number | null } | null = null;
  let putIn: number | null = null;

  const fitsAt = (mismatch: Mismatch, position: number, stored: string): boolean => mismatch.row !== null && !mismatch.row.isLarge && hashNow(mismatch.leaf, mismatch.row, position) === stored;

  function name({ position, leaf, row, isElsewhere }: Mismatch): void {
    const place = { position, eventId: leaf.eventId };
    if (isElsewhere) problems.add('order-changed', `Event ${leaf.eventId} is not in its place: rows were put into another order.`, place);
    else if (row === null) problems.add(leaf.kind === 'row' ? 'row-removed' : 'payload-changed', leaf.kind === 'row' ? `Event ${leaf.eventId} was witnessed and is gone.` : `The payload of event ${leaf.eventId} was witnessed and is gone with its row.`, place);
    else if (row.id !== leaf.eventId) problems.add('row-changed', `Event ${leaf.eventId} is gone; in its place is a row with the id ${row.id}.`, place);
    else if (isPayloadOnly(position, leaf, row)) problems.add('payload-changed', `The payload of event ${leaf.eventId} is not the one that was witnessed; the row itself is.`, place);
    else problems.add('row-changed', `Event ${leaf.eventId} is not as it was witnessed.`, place);
  }

  function isPayloadOnly(position: number, leaf: Leaf, row: WitnessRow): boolean {
    if (leaf.kind === 'late') return true;
    if (leaf.hint === NO_HINT) return leafHash(rowAlone(row, position + shift, seen)) === leaf.hash;
    return hintFor(row, position + shift, seen) === leaf.hint;
  }

  /** A row whose leaf was made for the place of another one. */
  function isMoved(mismatch: Mismatch, others: readonly Mismatch[]): boolean {
    return others.some((other) => other !== mismatch && (fitsAt(mismatch, other.position + shift, mismatch.leaf.hash) || fitsAt(mismatch, other.position + shift, other.leaf.hash)));
  }

  function nameShift(found: NonNullable<typeof run>): void {
    kept = kept.filter(({ position }) => position < found.from - (found.delta < 0 ? 1 : 0));
    if (found.delta < 0) {
      problems.add('row-inserted', `A leaf was put into the log${putIn === null ? '' : ` for event ${putIn}`}: those after it were made for one place earlier.`, { position: found.from - 1, eventId: putIn });
    } else problems.add('row-removed', 'A leaf was taken out of the log: those after it were made for one place later.', { position: found.from });
    shift += found.delta;
    run = null;
  }

  function follow(mismatch: Mismatch): void {
    const { position } = mismatch;
    const delta = [-1, 1].find((by) => fitsAt(mismatch, position + shift + by, mismatch.leaf.hash)) ?? 0;
    if (delta === 0) run = null;
    else if (run !== null && run.delta === delta && run.to === position - 1) run = { ...run, to: position };
    else {
      // Two leaves that changed places are off by one each, in both directions: no leaf was put in or taken out there.
      run = { delta, from: position, to: position, isClean: before?.position !== position - 1 || before.delta === null || before.delta === 0 };
      putIn = before?.position === position - 1 ? before.leaf.eventId : null;
    }
    before = { position, leaf: mismatch.leaf, delta };
    if (run !== null && run.isClean && run.to - run.from + 1 >= RUN) nameShift(run);
  }

  return {
    shift: () => shift,
    fitting(position, leaf) {
      lastPosition = position;
      before = { position, leaf, delta: null };
    },
    add(mismatch) {
      lastPosition = mismatch.position;
      if (kept.length < KEPT) kept.push(slimmed(mismatch));
      else name(mismatch);
      follow(mismatch);
    },
    settle(settled) {
      if (run !== null && run.isClean && run.to === lastPosition && settled !== 'recomputed') nameShift(run);
      for (const mismatch of kept) {
        const { position, leaf } = mismatch;
        if (settled === 'recomputed') problems.add('root-mismatch', `The stored hash of event ${leaf.eventId} was rewritten; the row itself is what was signed.`, { position, eventId: leaf.eventId });
        else if (!mismatch.isElsewhere && isMoved(mismatch, kept)) problems.add('order-changed', `Event ${leaf.eventId} is not in its place: leaves were put into another order.`, { position, eventId: leaf.eventId });
        else name(mismatch);
      }
      kept = [];
      run = null;
    },
  };
}
