// A set of row numbers in a few bits each: what a verification has seen of five million rows fits into a megabyte.

/** Numbers in one page; a page is made when its first number comes, so that a lone high number costs no more than one. */
const PAGE = 65_536;

export interface SeqSet {
  add(seq: number): void;
  delete(seq: number): void;
  has(seq: number): boolean;
  size(): number;
  /** The lowest members, in order, at most `limit`. */
  lowest(limit: number): number[];
}

/** For whole numbers from 0. */
export function createSeqSet(): SeqSet {
  const pages = new Map<number, Uint8Array>();
  let members = 0;
  const has = (seq: number): boolean => ((pages.get(Math.floor(seq / PAGE))?.[(seq % PAGE) >> 3] ?? 0) & (1 << (seq % 8))) !== 0;

  function flip(seq: number): void {
    const key = Math.floor(seq / PAGE);
    const page = pages.get(key) ?? new Uint8Array(PAGE / 8);
    pages.set(key, page);
    const at = (seq % PAGE) >> 3;
    page[at] = (page[at] ?? 0) ^ (1 << (seq % 8));
  }

  return {
    has,
    add(seq) {
      if (has(seq)) return;
      flip(seq);
      members += 1;
    },
    delete(seq) {
      if (!has(seq)) return;
      flip(seq);
      members -= 1;
    },
    size: () => members,
    lowest(limit) {
      const found: number[] = [];
      for (const key of [...pages.keys()].sort((a, b) => a - b)) {
        for (let seq = key * PAGE; seq < (key + 1) * PAGE; seq += 1) {
          if (found.length >= limit) return found;
          if (has(seq)) found.push(seq);
        }
      }
      return found;
    },
  };
}
