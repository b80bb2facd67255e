// Ids for rows of files that give none: made from the content, so that the same file twice adds nothing, and lines that are there twice stay two rows.
import { hash } from 'node:crypto';
import { FILE_ID_FLOOR } from '#shared/domain/audit-event.ts';
import { squeezedJson } from '../same-json.ts';
import type { RowOutcome, RowStore } from '../store.ts';
import type { ImportRow } from './import-row.ts';

/** 52 bits. */
const HEX_DIGITS = 13;
/** Rows of one file that stand there more than once and are remembered with their count; beyond it counting starts again from the first, which is only slower. */
const REMEMBERED = 20_000;

/** The id of the n-th row (from 0) with this content in a file. */
export function contentId(content: string, n: number): number {
  return FILE_ID_FLOOR + Number.parseInt(hash('sha256', `${n}\n${content}`, 'hex').slice(0, HEX_DIGITS), 16);
}

/** What makes two rows the same: their time and the log's own text, blanks between its parts aside. */
export function contentOf(row: ImportRow): string {
  const body = row.payload?.body ?? '';
  return `${row.createdAtUs}\n${/[ \t\r\n]/.test(body) ? squeezedJson(body) : body}`;
}

/**
 * Puts rows without an id into the store, for one file. An id that is taken by other content, or by an earlier line of this file, is passed over for
 * the next one: no row is lost.
 */
export function createContentPlacer(store: Pick<RowStore, 'add'>): (row: ImportRow) => RowOutcome {
  const used = createNumberSet();
  const repeated = new Map<string, number>();
  return (row) => {
    const content = contentOf(row);
    const key = hash('sha256', content, 'base64');
    for (let n = repeated.get(key) ?? 0; ; n += 1) {
      const outcome = store.add({ ...row, id: contentId(content, n) });
      if (outcome.row === 'changed' || outcome.payload === 'changed' || used.has(outcome.seq)) continue;
      used.add(outcome.seq);
      if (n > 0) {
        if (repeated.size >= REMEMBERED) repeated.clear();
        repeated.set(key, n + 1);
      }
      return outcome;
    }
  };
}

/** A set of small whole numbers at one bit each: as many as there are rows. */
function createNumberSet(): { has(value: number): boolean; add(value: number): void } {
  let bits = new Uint8Array(4096);
  return {
    has: (value) => ((bits[Math.floor(value / 8)] ?? 0) & (1 << (value & 7))) !== 0,
    add(value) {
      const at = Math.floor(value / 8);
      if (at >= bits.length) {
        const grown = new Uint8Array(Math.max(bits.length * 2, at + 1));
        grown.set(bits);
        bits = grown;
      }
      bits[at] = (bits[at] ?? 0) | (1 << (value & 7));
    },
  };
}
