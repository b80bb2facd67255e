// The walk past the server's limits, against a model of the two routes: what can be reached is reached, and what cannot is named as a gap.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '#shared/errors.ts';
import type { NaviClient, NaviRow } from '../deployments/service.ts';
import { syncAudit } from './sync.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 1);

interface ModelRow { readonly id: number; readonly at: number; readonly org: string | null; readonly actor: string | null }
const toRow = ({ id, at, org, actor }: ModelRow): NaviRow => ({ id, createdAtUs: at, createdAtRaw: String(at), route: '/r', method: 'POST', eventType: 'e', org, actorSub: actor, actorEmail: null, resourceId: null, statusCode: 200 });

/** The routes as the contract describes them (sections 3.1 and 3.2), newest first, ties in any order. */
function model(rows: readonly ModelRow[], own: string): NaviClient {
  const newest = [...rows].sort((a, b) => b.at - a.at || a.id - b.id);
  const page = (found: readonly ModelRow[], limit: number) => ({ rows: found.slice(0, limit).map(toRow), rejected: [], received: Math.min(limit, found.length), requestLine: 'GET', observedAt: 0 });
  const unused = (): never => { throw new Error('not part of this walk'); };
  return {
    probe: unused, securityStatus: unused, anonymousStatus: unused, decrypt: unused, payload: unused,
    listEvents: async ({ org, actor, limit }) => page(newest.filter((row) => (org === undefined || row.org === org) && (actor === undefined || row.actor === actor)), limit),
    exportEvents: async ({ untilUs, limit }) => page(newest.filter((row) => row.org === own && (untilUs === undefined || row.at <= untilUs)), limit),
  };
}

async function walk(rows: readonly ModelRow[], exports: boolean) {
  const held = new Map<number, NaviRow>();
  const values = (pick: (row: NaviRow) => string | null): string[] => [...new Set([...held.values()].map(pick).filter((value) => value !== null))];
  const outcome = await syncAudit({
    client: model(rows, 'acme'), offers: { exports, payloads: false }, patiently: (run) => run(), job: { signal: new AbortController().signal, report: () => undefined },
    store: { save: (page) => { for (const row of page) held.set(row.id, row); }, savePayload: () => undefined, orgs: () => values((row) => row.org), actors: () => values((row) => row.actorSub), idsWithoutPayload: () => [], ownWithoutPayload: () => 0 },
  });
  return { held, ...outcome };
}
const many = (count: number, make: (index: number) => Omit<ModelRow, 'id'>): ModelRow[] => Array.from({ length: count }, (_, index) => ({ id: index + 1, ...make(index) }));

describe('the export', () => {
  it('pages past its limit of 10,000, edge rows included once', async () => {
    const rows = many(25_003, (index) => ({ at: 1_000_000 + Math.floor(index / 7), org: 'acme', actor: 'a' }));
    const { held, gaps } = await walk(rows, true);
    expect(held.size).toBe(25_003);
    // The list names what it cannot promise: older rows without org and actor.
    expect(gaps).toHaveLength(2);
  });
  it('more rows in one instant than fit a page are named as a gap, and what is older is still fetched', async () => {
    const rows = [...many(12_000, () => ({ at: 5_000_000, org: 'acme', actor: null })), ...many(50, (index) => ({ at: 1_000 + index, org: 'acme', actor: null })).map((row) => ({ ...row, id: row.id + 20_000 }))];
    const { held, gaps } = await walk(rows, true);
    expect(gaps.some((gap) => gap.reason.includes('share one instant'))).toBe(true);
    expect(held.size).toBeGreaterThanOrEqual(10_050);
  });
});

describe('the list', () => {
  it('below its limit it is complete and has no gap', async () => {
    const { held, gaps } = await walk(many(999, (index) => ({ at: index, org: null, actor: null })), true);
    expect(held.size).toBe(999);
    expect(gaps).toEqual([]);
  });
  it('beyond it every org and actor is asked for, and what stays out of reach is a gap', async () => {
    const rows = many(4_000, (index) => ({ at: index, org: index % 4 === 0 ? null : `org${index % 4}`, actor: index % 5 === 0 ? null : `actor${index % 5}` }));
    const { held, gaps } = await walk(rows, false);
    const outOfReach = rows.filter((row) => !held.has(row.id));
    expect(held.size).toBeGreaterThan(3_700);
    expect(outOfReach.every((row) => row.org === null && row.actor === null)).toBe(true);
    expect(gaps.length).toBeGreaterThan(0);
  });
});

it('rows of the own organisation are all held, or a gap says why not', async () => {
  await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 0, max: 2_400 }), fc.integer({ min: 1, max: 3_000 }), async (instants, size, perInstant) => {
    const rows = many(size * 10, (index) => ({ at: Math.floor(index / perInstant) % instants, org: 'acme', actor: null }));
    const { held, gaps } = await walk(rows, true);
    expect(held.size === rows.length || gaps.some((gap) => gap.reason.includes('share one instant'))).toBe(true);
  }), { seed, numRuns: 25 });
});

it('rows that cannot be read are named, the rest of the page is kept', async () => {
  const client: NaviClient = { ...model([], 'acme'), listEvents: async () => ({ rows: [toRow({ id: 1, at: 1, org: null, actor: null })], rejected: [{ index: 1, reason: 'id is no number' }], received: 2, requestLine: 'GET', observedAt: 0 }) };
  const saved: NaviRow[] = [];
  const { gaps } = await syncAudit({ client, offers: { exports: false, payloads: false }, patiently: (run) => run(), job: { signal: new AbortController().signal, report: () => undefined }, store: { save: (page) => { saved.push(...page); }, savePayload: () => undefined, orgs: () => [], actors: () => [], idsWithoutPayload: () => [], ownWithoutPayload: () => 0 } });
  expect(saved.map((row) => row.id)).toEqual([1]);
  expect(gaps[0]?.reason).toMatch(/Row 2 .*id is no number/);
});

it('a cancelled walk stops before its next request', async () => {
  const controller = new AbortController();
  controller.abort();
  await expect(syncAudit({ client: model([], 'acme'), offers: { exports: true, payloads: false }, patiently: (run) => run(), job: { signal: controller.signal, report: () => undefined }, store: { save: () => undefined, savePayload: () => undefined, orgs: () => [], actors: () => [], idsWithoutPayload: () => [], ownWithoutPayload: () => 0 } })).rejects.toMatchObject({ code: 'cancelled' });
});

describe('payloads one by one (dialect A)', () => {
  const sync = (payload: NaviClient['payload'], ids: number[]) => {
    const saved: number[] = [];
    return syncAudit({ client: { ...model([], 'acme'), payload }, offers: { exports: false, payloads: true }, patiently: (run) => run(), job: { signal: new AbortController().signal, report: () => undefined }, store: { save: () => undefined, savePayload: (id) => { saved.push(id); }, orgs: () => [], actors: () => [], idsWithoutPayload: () => ids, ownWithoutPayload: () => 0 } }).then((outcome) => ({ ...outcome, saved }));
  };
  const plain: NaviClient['payload'] = async (id) => ({ id, payload: { state: 'plain', body: '{}', keyId: null }, storedEncrypted: false, keyId: null, requestLine: 'GET', observedAt: 0 });
  const failing = new AppError('server_error', { message: 'x', hint: 'y' });
  it('asks for each without decrypting; a row that the server cannot give is named', async () => {
    const asked: boolean[] = [];
    const { saved, gaps } = await sync(async (id, options) => {
      asked.push(options.decrypt);
      if (id === 2) throw failing;
      return plain(id, options);
    }, [1, 2, 3]);
    expect(saved).toEqual([1, 3]);
    expect(asked).toEqual([false, false, false]);
    expect(gaps[0]?.reason).toMatch(/no payload for 1 of 3/);
  });
  it('a server that fails every time is not asked for ever', async () => {
    let asked = 0;
    const { gaps } = await sync(async () => {
      asked += 1;
      throw failing;
    }, Array.from({ length: 500 }, (_, index) => index));
    expect(asked).toBe(25);
    expect(gaps[0]?.reason).toMatch(/asked no more/);
  });
});
