// What is packed into batches comes out as it went in: rows, empty places and refusals, in their order, whatever the texts hold.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { keepable } from '../open-payload.ts';
import type { PayloadToStore } from '../store.ts';
import { createRowBatcher, handOver } from './row-batches.ts';
import type { RowBatch } from './row-batches.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 1);

const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom('', '\u0000', '\ud800', 'é', '漢', '😀'));
const optional = fc.option(text, { nil: null });
const token = Buffer.concat([Buffer.from([0x80, 0, 0, 0, 0, 0x6a, 0, 0, 0]), Buffer.alloc(64)]).toString('base64url').padEnd(100, '=');
const payload = fc.option(fc.oneof(
  fc.record<PayloadToStore>({ state: fc.constantFrom('plain', 'failed', 'malformed'), body: text, keyId: optional }),
  fc.constantFrom<PayloadToStore>({ state: 'encrypted', body: `{"encrypted":true,"ciphertext":"${token}"}`, keyId: 'k' }, { state: 'encrypted', body: '{"encrypted":true,"ciphertext":"junk"}', keyId: null }),
), { nil: undefined });
const row = fc.record({
  id: fc.option(fc.nat(), { nil: null }), createdAtUs: fc.maxSafeInteger(), createdAtRaw: text, route: text, method: text, eventType: text, org: optional, actorSub: optional, actorEmail: optional, resourceId: optional, statusCode: fc.integer({ min: 0, max: 999 }), payload,
});
const item = fc.oneof({ weight: 5, arbitrary: fc.record({ row }) }, fc.constant({ empty: true as const }), fc.record({ reason: text, excerpt: optional }));

it('R62: nothing is lost, changed or put out of order on the way to the thread that writes', () => {
  fc.assert(fc.property(fc.array(item, { maxLength: 40 }), fc.integer({ min: 1, max: 20 }), fc.nat({ max: 40 }), (items, times, flushAt) => {
    const given: unknown[] = [];
    const batches: RowBatch[] = [];
    const batcher = createRowBatcher(() => batches.length, (batch) => { batches.push(structuredClone(batch)); });
    let line = 0;
    for (let time = 0; time < times; time += 1) {
      for (const each of items) {
        line += 1;
        if ('row' in each) {
          batcher.row(each.row, line);
          const { payload: body, ...rest } = each.row;
          given.push([line, { ...rest, ...(body === undefined ? {} : { payload: keepable(body) }) }]);
        } else if ('empty' in each) {
          batcher.empty(line);
          given.push([line]);
        } else {
          batcher.reject(line, each.reason, each.excerpt);
          given.push([line, each.reason, each.excerpt]);
        }
        if (line === flushAt) batcher.flush();
      }
    }
    batcher.flush();
    const taken: unknown[] = [];
    for (const batch of batches) handOver(batch, { row: (each, at) => taken.push([at, each]), empty: (at) => taken.push([at]), reject: (at, reason, excerpt) => taken.push([at, reason, excerpt]) });
    expect(taken).toEqual(given);
    expect(batches.map(({ bytes }) => bytes)).toEqual(batches.map((_, index) => index));
  }), { seed, numRuns: process.env['HOLDFAST_TEST_LONG'] === '1' ? 1000 : 200 });
});
