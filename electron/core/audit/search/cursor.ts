// The text that names the place after a page. It names a row, whose values never change; only a payload's state may, so that one goes along.
import type { AuditSort } from '#shared/domain/audit-search.ts';
import { AppError } from '#shared/errors.ts';
import type { SortKey } from './search-queries.ts';

const PATTERN = /^([a-z]+)\.(asc|desc)\.(\d{1,16})(?:\.([a-z]*))?$/;

export function writeCursor(sort: AuditSort, key: SortKey): string {
  return `${sort.by}.${sort.direction}.${key.seq}${sort.by === 'payload' ? `.${key.value ?? ''}` : ''}`;
}

/**
 * The key that a cursor names.
 * @param find gives the key of a row that is held
 * @throws AppError invalid_input for a text of another sort, or of a row that is gone
 */
export function readCursor(text: string, sort: AuditSort, find: (seq: number) => SortKey | null): SortKey {
  const [, by, direction, seq, state] = PATTERN.exec(text) ?? [];
  const key = by === sort.by && direction === sort.direction && seq !== undefined ? find(Number(seq)) : null;
  if (key === null || (sort.by === 'payload') !== (state !== undefined)) {
    throw new AppError('invalid_input', { message: 'This cursor belongs to another search, or its row is gone. Nothing was read.', hint: 'Search again from the beginning.' });
  }
  return state === undefined ? key : { ...key, value: state === '' ? null : state };
}
