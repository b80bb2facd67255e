// Payloads one by one (dialect A): asked for once each, kept in small lots, and a server that only fails is left alone.
import { expect, it } from 'vitest';
import { AppError } from '#shared/errors.ts';
import type { NaviPayload } from '../../deployments/service.ts';
import { readPayloads } from './payload-reading.ts';

const plain: NaviPayload = { state: 'plain', body: '{}', keyId: null };
const failing = new AppError('server_error', { message: 'x', hint: 'y' });

async function read(ids: readonly number[], answer: (id: number) => NaviPayload) {
  const kept: number[] = [];
  const asked: number[] = [];
  const outcome = await readPayloads({
    ids, report: () => undefined, keep: async (payloads) => { kept.push(...payloads.keys()); },
    ask: async (id) => {
      asked.push(id);
      return answer(id);
    },
  }).catch((error: unknown) => error);
  return { kept, asked, outcome };
}

it('a row that the server cannot give is named, the others are kept', async () => {
  const { kept, asked, outcome } = await read([1, 2, 3], (id) => {
    if (id === 2) throw failing;
    return plain;
  });
  expect([kept, asked]).toEqual([[1, 3], [1, 2, 3]]);
  expect(outcome).toMatchObject([{ reason: expect.stringMatching(/no payload for 1 of 3/) }]);
});
it('a server that fails every time is not asked for ever', async () => {
  const { asked, outcome } = await read(Array.from({ length: 500 }, (_, index) => index), () => { throw failing; });
  expect(asked).toHaveLength(25);
  expect(outcome).toMatchObject([{ reason: expect.stringMatching(/asked no more/) }]);
});
it('what came before an end is kept', async () => {
  const { kept, outcome } = await read([1, 2, 3], (id) => {
    if (id === 3) throw new AppError('cancelled', { message: 'x', hint: 'y' });
    return plain;
  });
  expect(kept).toEqual([1, 2]);
  expect(outcome).toMatchObject({ code: 'cancelled' });
});
