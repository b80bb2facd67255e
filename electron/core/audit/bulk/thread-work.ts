// What a thread of bulk opening does: choose rows, check, and open them part by part. A part is small, so that a cancel is seen soon and memory stays bounded.
import type { ReadDb } from '../../db/sql.ts';
import type { ThreadHandlers } from '../../workers/serve-thread.ts';
import { bodiesOf, eventsBySeq, rowsWithin } from './bulk-queries.ts';
import { checkRows } from './checks.ts';
import { lineOf } from './lines.ts';
import { forgetRing, openRows, prepareRing, textOf } from './open-rows.ts';
import type { Ring } from './open-rows.ts';
import { select } from './selection.ts';
import { OPENED } from './thread-calls.ts';
import type { BulkCalls, RowsAsked } from './thread-calls.ts';

/** Rows and stored bytes in one part; one row is always taken. */
const PART_ROWS = 512;
const PART_BYTES = 2_097_152;

interface Look { throwIfCancelled(): void }
interface Read { readonly seqs: readonly number[]; readonly bodies: readonly string[] }

/** The calls of one thread over its own connection. */
export function bulkWork(db: ReadDb): ThreadHandlers<BulkCalls> {
  let ring: Ring | null = null;

  function readPart({ seqs, first }: RowsAsked, context: Look): Read {
    const wanted = [...seqs.subarray(first, first + PART_ROWS)];
    const taken = wanted.slice(0, rowsWithin(db, wanted, PART_BYTES));
    context.throwIfCancelled();
    // A row that is gone since it was chosen can no longer be opened, and counts as damaged: the ledger has named it.
    return { seqs: taken, bodies: bodiesOf(db, taken).map((body) => body ?? 'null') };
  }

  /** Opens a part into one stretch of memory of its own. */
  function openPart({ bodies }: Read, context: Look) {
    if (ring === null) throw new Error('the thread was given no keys');
    const unlocked = ring;
    const start = new Uint32Array(bodies.length);
    const end = new Uint32Array(bodies.length);
    let slab: Buffer = Buffer.alloc(65_536);
    let used = 0;
    try {
      const opened = openRows(bodies, unlocked, {
        look: () => { context.throwIfCancelled(); },
        accept(row, { plaintext, start: from, end: to }) {
          if (used + to - from > slab.length) slab = grown(slab, used, to - from);
          start[row] = used;
          used += plaintext.copy(slab, used, from, to);
          end[row] = used;
        },
      });
      return { ...opened, start, end, used, slab };
    } catch (error) {
      slab.fill(0);
      forgetRing(unlocked);
      ring = null;
      throw error;
    }
  }

  return {
    select: (asked, context) => select(db, asked, () => { context.throwIfCancelled(); }),
    checks: ({ deploymentId, declared }) => checkRows(db, deploymentId, declared),
    unlock({ keys }) {
      ring = prepareRing(keys);
      return null;
    },
    forget() {
      if (ring !== null) forgetRing(ring);
      ring = null;
      return null;
    },
    open(asked, context) {
      const read = readPart(asked, context);
      const { outcome, key, sealedAt, start, end, used, slab } = openPart(read, context);
      const plaintext = shared(slab.subarray(0, used));
      slab.fill(0);
      return { taken: read.seqs.length, outcome, key, sealedAt, start, end, plaintext };
    },
    lines(asked, context) {
      const read = readPart(asked, context);
      const { outcome, key, sealedAt, start, end, slab } = openPart(read, context);
      const lines = eventsBySeq(db, read.seqs).map((event, index) => (event === null ? '' : lineOf({
        event, outcome: outcome[index] ?? 0, openedWith: ring?.ids[key[index] ?? -1] ?? null, sealedAtSeconds: key[index] === -1 ? null : sealedAt[index] ?? null,
        payload: outcome[index] === OPENED ? textOf(slab, start[index] ?? 0, end[index] ?? 0) : null,
      })));
      slab.fill(0);
      const bytes = Buffer.from(lines.join(''));
      const answer = { taken: read.seqs.length, outcome, key, lines: shared(bytes) };
      bytes.fill(0);
      return answer;
    },
  };
}

/** Memory that both sides see: overwritten by one, it is gone for both. */
function shared(bytes: Buffer): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(bytes.length);
  new Uint8Array(memory).set(bytes);
  return memory;
}

function grown(slab: Buffer, used: number, needed: number): Buffer {
  const larger = Buffer.alloc(Math.max(slab.length * 2, used + needed));
  slab.copy(larger, 0, 0, used);
  slab.fill(0);
  return larger;
}
