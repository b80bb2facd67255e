// Reading ahead with a real thread: everything in order, never far ahead, and no thread left when the writer fails.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { temporaryFolder } from '../../../../test/support/ports.ts';
import { startThread } from '../../workers/thread.ts';
import type { Thread } from '../../workers/thread.ts';
import { readAhead } from './read-ahead.ts';
import type { ReadCalls } from './read-ahead.ts';
import { handOver } from './row-batches.ts';

const ROWS = 20_000;
let folder: ReturnType<typeof temporaryFolder>;
let thread: Thread<ReadCalls>;
let path: string;
beforeEach(() => {
  folder = temporaryFolder('read-ahead');
  path = join(folder.path, 'export.jsonl');
  writeFileSync(path, Array.from({ length: ROWS }, (_, index) => `${JSON.stringify({ id: index, route: '/a', method: 'POST', event_type: 'e', status_code: 200, created_at: '2026-01-01T00:00:00Z', payload: { n: index } })}\n`).join(''));
  thread = startThread<ReadCalls>('audit-read', null);
});
afterEach(async () => {
  await thread.end();
  folder.remove();
});

const file = (): { path: string; shape: { format: 'navi-jsonl'; layout: 'lines' } } => ({ path, shape: { format: 'navi-jsonl', layout: 'lines' } });

it('R62: gives every row once, in the order of the file, and says how much was read', async () => {
  const ids: (number | null)[] = [];
  const bytes: number[] = [];
  const none = (): void => { throw new Error('nothing is empty or refused here'); };
  const read = await readAhead(thread, file(), (batch) => {
    handOver(batch, { row: ({ id }, line) => { expect(line).toBe((id ?? 0) + 1); ids.push(id); }, empty: none, reject: none });
    bytes.push(batch.bytes);
  });
  expect(ids).toEqual(Array.from({ length: ROWS }, (_, index) => index));
  expect(bytes).toEqual(bytes.toSorted((a, b) => a - b));
  expect(bytes.at(-1)).toBe(read.bytes);
});

it('R62: waits for a slower writer: what is read and not yet written stays within a few batches', async () => {
  const before = readFileSync(path, 'latin1');
  const routes: string[] = [];
  await readAhead(thread, file(), (batch) => {
    if (routes.length === 0) {
      // Long enough for a thread that does not wait to read the whole file as it was.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
      writeFileSync(path, before.replaceAll('"/a"', '"/b"'));
    }
    handOver(batch, { row: ({ route }) => { routes.push(route); }, empty: () => undefined, reject: () => undefined });
  });
  expect(routes).toHaveLength(ROWS);
  expect(routes[0]).toBe('/a');
  expect(routes.indexOf('/b')).toBeGreaterThan(0);
  expect(routes.indexOf('/b')).toBeLessThan(ROWS / 5);
});

it('R62: what the writer throws ends the reading and its thread', async () => {
  let taken = 0;
  const failure = new Error('the disk is full');
  await expect(readAhead(thread, file(), () => {
    taken += 1;
    if (taken === 2) throw failure;
  })).rejects.toBe(failure);
  expect(taken).toBe(2);
  expect(thread.isAlive()).toBe(false);
});
