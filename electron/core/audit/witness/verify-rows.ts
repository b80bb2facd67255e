// Looks at the cache from the other side: rows and payloads that no leaf stands for. Newcomers since the last checkpoint are counted; everything else was put in.
import type { Session } from '../../session.ts';
import { isNewcomer } from './catch-up.ts';
import type { Provenance } from './leaf-data.ts';
import type { Pace } from './pace.ts';
import { PROBLEMS_SHOWN } from './problem-list.ts';
import type { ProblemList } from './problem-list.ts';
import type { WalkedLeaves } from './verify-leaves.ts';
import { lateSeqsAfter, placesAfter, rowsBySeq } from './witness-queries.ts';

const PAGE = 2048;
const SLICE = 64;

export interface RowWalk {
  readonly read: Session['read'];
  readonly dep: number;
  /** How far the cache went when the verification began: what came later is left to the next one. */
  readonly highest: { readonly seq: number; readonly late: number };
  readonly walked: WalkedLeaves;
  /** The highest batch that the last checkpoint saw. */
  readonly closed: number;
  readonly seen: Provenance;
  readonly pace: Pace;
  readonly problems: ProblemList;
  readonly onProgress: (rows: number) => void;
}

export interface Unwitnessed { readonly rows: number; readonly payloads: number }

export async function findUnwitnessed(walk: RowWalk): Promise<Unwitnessed> {
  const rows = await unwitnessedRows(walk);
  return { rows, payloads: await unwitnessedPayloads(walk) };
}

async function unwitnessedRows({ read, dep, highest, walked, closed, seen, pace, problems, onProgress }: RowWalk): Promise<number> {
  let newcomers = 0;
  let looked = 0;
  for (let afterId: number | null = Number.MIN_SAFE_INTEGER; afterId !== null;) {
    const page = placesAfter(read(), dep, { afterId, limit: PAGE });
    const without = page.filter(({ seq }) => seq <= highest.seq && !walked.found.has(seq) && !walked.holes.some(({ after, before }) => seq > after && seq < before));
    for (let from = 0; from < without.length; from += SLICE) {
      for (const row of rowsBySeq(read(), dep, without.slice(from, from + SLICE).map(({ seq }) => seq))) {
        if (row.seq > walked.lastSeq && isNewcomer(row, closed, seen)) newcomers += 1;
        else problems.add('row-inserted', `Event ${row.id} is in the cache and has no leaf, although what came with it was witnessed: it was put in.`, { eventId: row.id });
      }
      await pace.turn();
    }
    looked += page.length;
    afterId = page.at(-1)?.id ?? null;
    onProgress(looked);
    await pace.turn();
  }
  return newcomers;
}

async function unwitnessedPayloads({ read, dep, highest, walked, pace, problems }: RowWalk): Promise<number> {
  let newcomers = 0;
  for (let after = walked.lastLate, more = true; more;) {
    const page = lateSeqsAfter(read(), dep, { after, limit: PAGE }).filter(({ num }) => num <= highest.late);
    newcomers += page.length;
    for (const { seq } of page) walked.uncovered.delete(seq);
    after = page.at(-1)?.num ?? after;
    more = page.length > 0;
    await pace.turn();
  }
  const rest = walked.uncovered.size();
  const shown = rowsBySeq(read(), dep, walked.uncovered.lowest(PROBLEMS_SHOWN));
  for (let index = 0; index < rest; index += 1) {
    const row = shown[index];
    problems.add('payload-changed', row === undefined ? 'A payload was put in that no sync and no import brought.' : `The payload of event ${row.id} was put in: no sync and no import brought it.`, { eventId: row?.id ?? null });
  }
  return newcomers;
}
