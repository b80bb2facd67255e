// Looking for rows: a list that is shorter than it seems is found out by the rows that are asked for by themselves.
import { describe, expect, it } from 'vitest';
import { lookFor } from './looking.ts';
import type { Looker } from './looking.ts';

const ids = Array.from({ length: 20 }, (_, index) => index + 1);
const times = new Map(ids.map((id) => [id, id * 1_000_000]));

/** A deployment that has all of these rows, and a list that gives the newest of them as if there were no more. */
function shortened(there: readonly number[], given: number) {
  const list = { times: new Map(there.slice(-given).map((id) => [id, id * 1_000_000])), isWhole: true, provenAfterUs: null, atUs: 1 };
  const looker: Looker = { list: () => Promise.resolve(list), ask: (id) => Promise.resolve({ isThere: there.includes(id), source: `GET /api/audit/${id}/payload`, atUs: 2 }), requests: () => 0 };
  return { list, looker };
}

describe('looking for rows', () => {
  it('takes nothing for gone by a list that leaves out a row which is there', async () => {
    const { list, looker } = shortened(ids, 5);
    const found = await lookFor(looker, list, { ids, times, most: 30 });
    expect(found.gone).toEqual([]);
    expect(found.there).toEqual(expect.arrayContaining([1, 16, 20]));
    expect(found.unasked).toBeGreaterThan(0);
    expect(found.there.length + found.unasked).toBe(ids.length);
  });

  it('does not take a new row under the number of a deleted one for it', async () => {
    const asked: number[] = [];
    const list = { times: new Map([[3, 3_000_000 + 86_400_000_000], [4, 4_500_000]]), isWhole: true, provenAfterUs: null, atUs: 1 };
    const looker: Looker = { list: () => Promise.resolve(list), requests: () => 0, ask: (id) => {
      asked.push(id);
      return Promise.resolve({ isThere: list.times.has(id), source: 'payload', atUs: 2 });
    } };
    expect(await lookFor(looker, list, { ids: [1, 2, 3, 4], times, most: 30, always: [3] })).toMatchObject({ gone: [1, 2, 3], there: [4] });
    expect(asked).not.toContain(3);
  });

  it('believes a whole list that nothing speaks against', async () => {
    const { list, looker } = shortened(ids.slice(10), 10);
    expect(await lookFor(looker, list, { ids, times, most: 30 })).toMatchObject({ gone: ids.slice(0, 10), there: ids.slice(10), unclear: [], unasked: 0 });
  });
});
