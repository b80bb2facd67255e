// Walks the stored log from its first leaf and hashes every row and payload again. Memory stays bounded: a slice of rows, and two bits for each row that was seen.
import type { Session } from '../../session.ts';
import type { ProblemList } from './problem-list.ts';
import { cameTogether, hintOf, NO_HINT } from './leaf-data.ts';
import type { Provenance, WitnessRow } from './leaf-data.ts';
import { decodeLeaves } from './leaf-block.ts';
import type { Leaf } from './leaf-block.ts';
import { hasherOf } from './leaf-mismatch.ts';
import type { HashNow, MismatchNames } from './leaf-mismatch.ts';
import type { LetGo } from './let-go.ts';
import type { Pace } from './pace.ts';
import { createSeqSet } from './seq-set.ts';
import type { SeqSet } from './seq-set.ts';
import type { RootTrack } from './verify-roots.ts';
import { blockFrom, rowsById, rowsBySeq, withBody } from './witness-queries.ts';

/** Leaves whose rows are read at once: about a millisecond of work. */
const SLICE = 64;

export interface LeafWalk {
  readonly read: Session['read'];
  readonly dep: number;
  /** Leaves that the log had when the verification began. */
  readonly leaves: number;
  readonly seen: Provenance;
  readonly pace: Pace;
  readonly problems: ProblemList;
  readonly names: MismatchNames;
  readonly roots: RootTrack;
  readonly letGo: LetGo;
  readonly onProgress: (leaves: number) => void;
}

export interface WalkedLeaves {
  /** Rows that a leaf names and that are here. */
  readonly found: SeqSet;
  /** Rows with a payload that no leaf covers so far. */
  readonly uncovered: SeqSet;
  readonly lastSeq: number;
  readonly lastLate: number;
  /** Rows that this workstation let go by its own rule: their leaves stay, and what they said is checked by the roots alone. */
  readonly letGo: number;
  /** Leaves that are missing from the log: rows with a seq in between cannot be told from rows that were put in. */
  readonly holes: readonly { readonly after: number; readonly before: number }[];
}

export async function walkLeaves(walk: LeafWalk): Promise<WalkedLeaves> {
  const { read, dep, leaves: total, pace, problems, roots } = walk;
  const found = createSeqSet();
  const hashNow = hasherOf(walk.seen);
  const uncovered = createSeqSet();
  const holes: { after: number; before: number }[] = [];
  let position = 0;
  let lastSeq = 0;
  let lastLate = 0;
  let letGo = 0;
  let hole: number | null = null;
  while (position < total) {
    const block = blockFrom(read(), dep, position);
    const decoded = block === null ? null : decodeLeaves(block);
    if (block === null || block.first > position || decoded === null) {
      const to = block === null ? total : Math.max(block.first, position + (decoded === null ? block.leaves : 0));
      problems.add('root-mismatch', `The stored leaves from ${position} to ${to} are gone or cannot be read.`, { position });
      roots.lose();
      hole ??= lastSeq;
      position = Math.max(to, position + 1);
      continue;
    }
    for (let from = 0; from < decoded.length; from += SLICE) {
      const slice = decoded.slice(from, from + SLICE);
      const rows = rowsOf(walk, slice);
      const gone = walk.letGo.among(slice.filter((leaf) => leaf.kind === 'late' || !rows.bySeq.has(leaf.number)));
      for (const [index, leaf] of slice.entries()) {
        if (hole !== null && leaf.kind === 'row') {
          holes.push({ after: hole, before: leaf.number });
          hole = null;
        }
        if (leaf.kind === 'row') lastSeq = Math.max(lastSeq, leaf.number);
        else lastLate = Math.max(lastLate, leaf.number);
        if (gone.has(leaf)) {
          if (leaf.kind === 'row') letGo += 1;
          walk.names.fitting(position + from + index, leaf);
          roots.add(leaf.hash, leaf.hash);
          continue;
        }
        const slim = (leaf.kind === 'row' ? rows.bySeq.get(leaf.number) : rows.byId.get(leaf.eventId)) ?? null;
        if (slim?.isLarge === true) await pace.turn();
        const row = slim === null ? null : withBody(read(), slim);
        checkLeaf(walk, { leaf, row, position: position + from + index, hashNow, found, uncovered });
      }
      walk.onProgress(position + from + slice.length);
      await pace.turn();
    }
    roots.endBlock(block.frontier);
    if (block.lastSeq !== lastSeq || block.lastLate !== lastLate) problems.add('root-mismatch', `The block of leaves from ${block.first} on does not say rightly how far it goes.`, { position: block.first });
    position += block.leaves;
  }
  if (hole !== null) holes.push({ after: hole, before: Number.MAX_SAFE_INTEGER });
  await roots.end(pace);
  return { found, uncovered, lastSeq, lastLate, letGo, holes };
}

interface Rows { readonly bySeq: ReadonlyMap<number, WitnessRow>; readonly byId: ReadonlyMap<number, WitnessRow> }

function rowsOf({ read, dep }: LeafWalk, slice: readonly Leaf[]): Rows {
  const seqs = slice.filter((leaf) => leaf.kind === 'row').map((leaf) => leaf.number);
  const ids = slice.filter((leaf) => leaf.kind === 'late').map((leaf) => leaf.eventId);
  return {
    bySeq: new Map((seqs.length === 0 ? [] : rowsBySeq(read(), dep, seqs)).map((row) => [row.seq, row])),
    byId: new Map((ids.length === 0 ? [] : rowsById(read(), dep, ids)).map((row) => [row.id, row])),
  };
}

interface Checked { readonly leaf: Leaf; readonly row: WitnessRow | null; readonly position: number; readonly hashNow: HashNow; readonly found: SeqSet; readonly uncovered: SeqSet }

function checkLeaf({ read, dep, seen, names, roots, problems }: LeafWalk, { leaf, row, position, hashNow, found, uncovered }: Checked): void {
  if (row !== null && leaf.kind === 'row') found.add(row.seq);
  const isElsewhere = leaf.kind === 'row' && row?.id !== leaf.eventId && rowsById(read(), dep, [leaf.eventId]).length > 0;
  const place = position + names.shift();
  const now = row === null ? null : hashNow(leaf, row, place);
  if (row === null || row.id !== leaf.eventId || now !== leaf.hash) {
    names.add({ position, leaf, row, isElsewhere });
    // It is told here already: the payload has a leaf, if not the right one.
    if (leaf.kind === 'late' && row !== null) uncovered.delete(row.seq);
    roots.add(leaf.hash, now);
    return;
  }
  names.fitting(position, leaf);
  if (leaf.kind === 'late') uncovered.delete(row.seq);
  else if (!cameTogether(row)) uncovered.add(row.seq);
  if (leaf.hint !== (leaf.kind === 'late' ? NO_HINT : hintOf(row, place, seen))) problems.add('root-mismatch', `What is stored beside the hash of event ${leaf.eventId} was changed.`, { position, eventId: leaf.eventId });
  roots.add(leaf.hash, leaf.hash);
}
