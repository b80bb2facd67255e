import { describe, expect, it } from 'vitest';
import { FILE_ID_FLOOR, isFileId } from '#shared/domain/audit-event.ts';
import type { RowOutcome, RowToStore } from '../store.ts';
import { contentId, contentOf, createContentPlacer } from './content-ids.ts';
import type { ImportRow } from './import-row.ts';

const row = (message: string): ImportRow => ({
  id: null, createdAtUs: 1, createdAtRaw: '1970-01-01', route: 'r', method: 'LOG', eventType: 'e', org: null, actorSub: null, actorEmail: null, resourceId: null, statusCode: 0, payload: { state: 'plain', body: `{"message": "${message}"}`, keyId: null },
});

/** A store that keeps rows by id, as the real one does. */
function heldRows(): { readonly rows: Map<number, { readonly body: string; readonly seq: number }>; add(given: RowToStore): RowOutcome } {
  const rows = new Map<number, { readonly body: string; readonly seq: number }>();
  return {
    rows,
    add(given) {
      const held = rows.get(given.id);
      const body = given.payload?.body ?? '';
      if (held !== undefined) return { row: 'held', payload: held.body === body ? 'held' : 'changed', seq: held.seq };
      rows.set(given.id, { body, seq: rows.size + 1 });
      return { row: 'added', payload: 'added', seq: rows.size };
    },
  };
}

describe('ids made from content', () => {
  it('are whole numbers that are kept exactly, and above every id of a server', () => {
    for (let n = 0; n < 1000; n += 1) {
      const id = contentId('x', n);
      expect(Number.isSafeInteger(id) && isFileId(id) && id < 2 ** 53).toBe(true);
    }
    expect(FILE_ID_FLOOR).toBe(2 ** 52);
  });

  it('do not depend on the blanks between the parts of a row', () => {
    const spaced = row('a b');
    const squeezed: ImportRow = { ...spaced, payload: { state: 'plain', body: '{"message":"a b"}', keyId: null } };
    expect(contentOf(squeezed)).toBe(contentOf(spaced));
    expect(contentOf(row('ab'))).not.toBe(contentOf(spaced));
  });

  it('keep lines apart that are there twice, also thousands of times, and take a file once', () => {
    const store = heldRows();
    const lines = [...Array.from({ length: 3000 }, () => 'same'), 'other', 'same'];
    const first = createContentPlacer(store);
    expect(lines.map((line) => first(row(line)).row).every((kept) => kept === 'added')).toBe(true);
    const second = createContentPlacer(store);
    expect(lines.map((line) => second(row(line)).row).every((kept) => kept === 'held')).toBe(true);
    expect(store.rows.size).toBe(lines.length);
  });

  it('pass over an id that other content has: no row is lost', () => {
    const store = heldRows();
    store.rows.set(contentId(contentOf(row('a')), 0), { body: 'somebody else', seq: 77 });
    expect(createContentPlacer(store)(row('a'))).toMatchObject({ row: 'added' });
    expect(createContentPlacer(store)(row('a'))).toMatchObject({ row: 'held' });
    expect(store.rows.size).toBe(2);
  });
});
