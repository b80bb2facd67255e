// Brings the Merkle log up to the cache: takes rows and late payloads that have no leaf yet, in order of arrival, and appends them in blocks. A kill leaves whole blocks; the next run goes on behind them.
import { AppError } from '#shared/errors.ts';
import type { Session } from '../../session.ts';
import { BLOCK_LEAVES, encodeLeaves } from './leaf-block.ts';
import type { Leaf, LeafBlock } from './leaf-block.ts';
import { hintOf, latePayload, NO_HINT, rowLeaf } from './leaf-data.ts';
import type { Provenance, WitnessRow } from './leaf-data.ts';
import { letGoBySeq } from './let-go-queries.ts';
import { emptyFrontier, leafHash, openFrontier } from './merkle.ts';
import type { Frontier } from './merkle.ts';
import type { Pace } from './pace.ts';
import { createProvenance } from './provenance.ts';
import { blockEndingAt, highestOf, insertBlock, lastBlock, latesAfter, lowestSeqAfter, rowsBetween, rowsBySeq, withBody } from './witness-queries.ts';

/** Rows read at once: about a millisecond. */
const WINDOW = 128;
/** Windows without a row of this deployment in a row, before the index is asked where its next one is. */
const EMPTY_WINDOWS = 64;
/** Rows of the index read at once to find it: a few milliseconds. */
const INDEX_PAGE = 20_000;
/** Blocks that one transaction writes: each transaction waits for the disk. */
const BLOCKS_AT_ONCE = 8;

/** How far the log goes. */
export interface LogEnd {
  readonly tree: Frontier;
  readonly lastSeq: number;
  readonly lastLate: number;
}

/** @throws AppError database_corrupt when the stored end cannot be one */
export function readLogEnd(read: Session['read'], dep: number): LogEnd {
  const last = lastBlock(read(), dep);
  if (last === null) return { tree: emptyFrontier(), lastSeq: 0, lastLate: 0 };
  const tree = openFrontier(last.first + last.leaves, last.frontier);
  if (tree === null) throw new AppError('database_corrupt', { message: 'The end of the witness log cannot be read. Nothing was added to it.', hint: 'Run audit verify to see what is wrong.' });
  return { tree, lastSeq: last.lastSeq, lastLate: last.lastLate };
}

/**
 * The highest batch that the last checkpoint saw. Batches are written whole and numbered upwards, so that a row which turns up later under such a number was
 * not brought by a sync or an import: it gets no leaf, and verification names it.
 */
export function closedBatch(read: Session['read'], dep: number, checkpointSize: number): number {
  const block = checkpointSize === 0 ? null : blockEndingAt(read(), dep, checkpointSize);
  const [row] = block === null ? [] : rowsBySeq(read(), dep, [block.lastSeq]);
  if (row !== undefined || block === null) return row?.batch ?? 0;
  // It may have been let go since: then it says so, with what it came with.
  return letGoBySeq(read(), dep, [block.lastSeq])[0]?.row.batch ?? 0;
}

/** Whether a row without a leaf may have come by a sync or an import since the last checkpoint. */
export function isNewcomer(row: WitnessRow, closed: number, seen: Provenance): boolean {
  return row.batch > closed && seen(row.batch) !== 'null';
}

export interface CatchUp {
  readonly session: Session;
  readonly dep: number;
  /** Leaves that the last checkpoint covers. */
  readonly checkpointSize: number;
  readonly pace: Pace;
  readonly signal?: AbortSignal | undefined;
  /** Leaves added so far. */
  readonly onProgress?: ((added: number) => void) | undefined;
}

/** `strangers`: rows that claim to have come with what a checkpoint has seen; they get no leaf. */
export interface CaughtUp { readonly added: number; readonly strangers: number }

/** Appends a leaf for everything that was in the cache when it began. */
export async function catchUp({ session, dep, checkpointSize, pace, signal, onProgress }: CatchUp): Promise<CaughtUp> {
  const read = session.read;
  const end = readLogEnd(read, dep);
  const { tree } = end;
  let { lastSeq, lastLate } = end;
  const seen = createProvenance(read, dep);
  const closed = closedBatch(read, dep, checkpointSize);
  const highest = highestOf(read(), dep);
  const begun = tree.size();
  let strangers = 0;
  let leaves: Leaf[] = [];
  let blocks: LeafBlock[] = [];

  async function save(): Promise<void> {
    if (blocks.length === 0) return;
    await session.whenWritable({ signal });
    await pace.turn();
    const db = session.write();
    db.transaction(() => {
      const last = lastBlock(db, dep);
      if ((last === null ? 0 : last.first + last.leaves) !== blocks[0]?.first) throw new Error('two runs extend the same witness log');
      for (const block of blocks) insertBlock(db, dep, block);
    });
    blocks = [];
    onProgress?.(tree.size() - begun);
  }

  async function close(): Promise<void> {
    if (leaves.length > 0) blocks.push({ ...encodeLeaves(leaves), first: tree.size() - leaves.length, frontier: tree.bytes(), lastSeq, lastLate });
    leaves = [];
    if (blocks.length >= BLOCKS_AT_ONCE) await save();
  }

  async function add(leaf: Leaf): Promise<void> {
    leaves.push(leaf);
    tree.add(leaf.hash);
    if (leaves.length === BLOCK_LEAVES) await close();
  }

  for await (const row of rowsOf({ read, dep, after: lastSeq, through: highest.seq, pace })) {
    if (!isNewcomer(row, closed, seen)) {
      strangers += 1;
      continue;
    }
    const position = tree.size();
    lastSeq = row.seq;
    await add({ kind: 'row', number: row.seq, eventId: row.id, hash: leafHash(rowLeaf(row, position, seen)), hint: hintOf(row, position, seen) });
  }
  for (let more = true; more;) {
    const lates = latesAfter(read(), dep, { after: lastLate, through: highest.late, limit: WINDOW });
    for (const { num, row: slim } of lates) {
      if (slim.isLarge) await pace.turn();
      const row = withBody(read(), slim);
      lastLate = num;
      await add({ kind: 'late', number: num, eventId: row.id, hash: leafHash(latePayload(row, tree.size(), seen)), hint: NO_HINT });
    }
    more = lates.length > 0;
    await pace.turn();
  }
  await close();
  await save();
  return { added: tree.size() - begun, strangers };
}

interface Stretch { readonly read: Session['read']; readonly dep: number; readonly after: number; readonly through: number; readonly pace: Pace }

/** Rows of one deployment in order; where others have filled the table in between, the index says where to go on. */
async function* rowsOf({ read, dep, after, through, pace }: Stretch): AsyncGenerator<WitnessRow> {
  let empty = 0;
  for (let from = after; from < through;) {
    const to = Math.min(from + WINDOW, through);
    const rows = rowsBetween(read(), dep, { after: from, through: to });
    for (const row of rows) {
      // A row of many megabytes takes a slice of its own.
      if (row.isLarge) await pace.turn();
      yield withBody(read(), row);
    }
    from = to;
    empty = rows.length === 0 ? empty + 1 : 0;
    if (empty >= EMPTY_WINDOWS) {
      const next = await nextSeq({ read, dep, after: from, through, pace });
      if (next === null) return;
      from = next - 1;
      empty = 0;
    }
    await pace.turn();
  }
}

async function nextSeq({ read, dep, after, through, pace }: Stretch): Promise<number | null> {
  let lowest: number | null = null;
  for (let afterId: number | null = Number.MIN_SAFE_INTEGER; afterId !== null;) {
    const page = lowestSeqAfter(read(), dep, { afterId, above: after, limit: INDEX_PAGE });
    if (page.seq !== null && page.seq <= through && (lowest === null || page.seq < lowest)) lowest = page.seq;
    afterId = page.lastId;
    await pace.turn();
  }
  return lowest;
}
