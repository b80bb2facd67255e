// Keeps: whatever is looked at and in whatever order answers come, a row that is shown is the row of that place; memory stays bounded.
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import type { AuditEvent } from '#shared/domain/audit-event.ts';
import { ClientError } from '../../../lib/client.ts';
import { createSparseRows, MAX_PAGES, PAGE_ROWS } from './sparse-rows.ts';
import type { Page, PageRequest } from './sparse-rows.ts';

const seed = process.env['HOLDFAST_TEST_SEED'];
const RUNS = { numRuns: process.env['HOLDFAST_TEST_LONG'] === '1' ? 500 : 100, ...(seed === undefined ? {} : { seed: Number(seed) }) };
const event = (id: number): AuditEvent => ({ id, createdAt: '2026-11-22T00:00:00Z', createdAtRaw: '', route: '/', method: 'GET', eventType: 'x', org: null, actorSub: null, actorEmail: null, resourceId: null, statusCode: 200, payloadState: 'plain', keyId: null });

/** A log of `count` rows whose ids are their places, plus 1000. */
function pageOf(count: number, { cursor, offset }: PageRequest): Page {
  const from = cursor === null ? offset ?? 0 : Number(cursor);
  const to = Math.min(count, from + PAGE_ROWS);
  return { events: Array.from({ length: Math.max(0, to - from) }, (_, at) => event(1000 + from + at)), nextCursor: to < count ? String(to) : null };
}
const settle = async (): Promise<void> => { for (let turn = 0; turn < 12; turn += 1) await Promise.resolve(); };

test('rows of any look are the rows of their places, and pages stay bounded', async () => {
  await fc.assert(fc.asyncProperty(fc.integer({ min: 0, max: 60_000 }), fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 90 })), { maxLength: 60 }), fc.boolean(), async (count, looks, settles) => {
    const rows = createSparseRows(pageOf(count, { cursor: null, offset: null }), (request) => Promise.resolve(pageOf(count, request)));
    for (const [at, size] of looks) {
      const first = Math.floor(at * count);
      const last = Math.min(count, first + size);
      rows.look(first, last);
      if (settles) await settle();
      for (let row = first; row < last; row += 1) {
        const held = rows.eventAt(row);
        if (settles) expect(held?.id).toBe(1000 + row);
        else if (held !== undefined) expect(held.id).toBe(1000 + row);
      }
      expect(rows.pagesHeld()).toBeLessThanOrEqual(MAX_PAGES + 2);
      const end = rows.end();
      if (end !== null) expect(end).toBe(count);
    }
  }), RUNS);
});

test('neighbours are read by keyset, jumps by offset', async () => {
  const asked: PageRequest[] = [];
  const rows = createSparseRows(pageOf(10_000, { cursor: null, offset: null }), (request) => { asked.push(request); return Promise.resolve(pageOf(10_000, request)); });
  rows.look(150, 200);
  await settle();
  expect(asked).toEqual([{ cursor: '200', offset: null }]);
  rows.look(8000, 8040);
  await settle();
  expect(asked.slice(1)).toContainEqual({ cursor: null, offset: 8000 });
  expect(asked.slice(1)).toContainEqual({ cursor: '8200', offset: null });
});

test('an answer that comes after the end of the search changes nothing', async () => {
  let answer: (page: Page) => void = () => undefined;
  const rows = createSparseRows(pageOf(1000, { cursor: null, offset: null }), () => new Promise((settled) => { answer = settled; }));
  const heard = vi.fn<() => void>();
  rows.subscribe(heard);
  rows.look(0, 30);
  rows.stop();
  answer(pageOf(1000, { cursor: '200', offset: null }));
  await settle();
  expect(heard).not.toHaveBeenCalled();
  expect(rows.eventAt(200)).toBeUndefined();
});

test('a page that cannot be read stops the reading, says why, and can be tried again', async () => {
  let fails = true;
  const read = vi.fn<(request: PageRequest) => Promise<Page>>((request) => (fails ? Promise.reject(new ClientError({ code: 'busy', message: 'Busy.', hint: 'Wait.', id: 'x' })) : Promise.resolve(pageOf(1000, request))));
  const rows = createSparseRows(pageOf(1000, { cursor: null, offset: null }), read);
  rows.look(500, 530);
  await settle();
  expect(rows.error()?.wire.code).toBe('busy');
  const tries = read.mock.calls.length;
  rows.look(500, 530);
  await settle();
  expect(read.mock.calls.length).toBe(tries);
  fails = false;
  rows.retry();
  await settle();
  expect(rows.error()).toBeNull();
  expect(rows.eventAt(500)?.id).toBe(1500);
});

test('an empty page behind a jump is no end', async () => {
  const rows = createSparseRows(pageOf(1000, { cursor: null, offset: null }), (request) => Promise.resolve(pageOf(1000, request)));
  rows.look(2000, 2010);
  await settle();
  expect(rows.end()).toBeNull();
});
