// The walk against a model of the export with random sizes, caps, ties, faults and arrivals: what is called complete is held, and what is not held lies in a gap.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '#shared/errors.ts';
import type { NaviRow, NaviRows } from '../../deployments/service.ts';
import { BEGINNING, overlay, uncovered } from './coverage.ts';
import type { Stretch } from './coverage.ts';
import { createWalk } from './walk.ts';
import type { WalkQuery } from './walk-types.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 1);
const SCHEDULES = process.env['HOLDFAST_TEST_LONG'] === '1' ? 500 : 100;
const NOW_US = 2_000_000_000_000_000;

interface ModelRow { readonly id: number; readonly at: number; readonly actor: string | null; readonly broken?: boolean }
const toRow = ({ id, at, actor }: ModelRow): NaviRow => ({ id, createdAtUs: at, createdAtRaw: String(at), route: '/r', method: 'POST', eventType: 'e', org: 'acme', actorSub: actor, actorEmail: null, resourceId: null, statusCode: 200 });

interface ServerFaults {
  /** Most rows in an answer, whatever was asked for. */
  readonly cap: number;
  /** Times are cut to this many microseconds. */
  readonly coarseUs?: number;
  readonly isEndExclusive?: boolean;
  readonly ignoresEnd?: boolean;
  readonly isAscending?: boolean;
  /** Answers with more rows than this are too large for us. */
  readonly tooLarge?: number;
  /** A limit above this is refused, or answered too late. */
  readonly mostAsked?: { readonly limit: number; readonly code: 'request_refused' | 'network_timeout' };
  readonly ignoresStart?: boolean;
  /** Gives up to its cap, however few were asked for. */
  readonly ignoresLimit?: boolean;
  /** Gives every row twice. */
  readonly isStuttering?: boolean;
}

/** The export as the contract describes it (section 3.2): newest first, ties in any order, both ends inclusive. */
function exportOf(rows: () => readonly ModelRow[], faults: ServerFaults, tie: (a: ModelRow, b: ModelRow) => number = (a, b) => a.id - b.id) {
  return ({ sinceUs, untilUs, actor, limit, includePayload }: WalkQuery): NaviRows => {
    if (limit > (faults.mostAsked?.limit ?? Infinity)) throw new AppError(faults.mostAsked?.code ?? 'request_refused', { message: 'x', hint: 'y' });
    const cut = (us: number): number => (faults.coarseUs === undefined ? us : Math.floor(us / faults.coarseUs) * faults.coarseUs);
    const found = rows().filter((row) => (sinceUs === undefined || faults.ignoresStart === true || row.at >= cut(sinceUs)) && (actor === undefined || row.actor === actor)
      && (untilUs === undefined || faults.ignoresEnd === true || (faults.isEndExclusive === true ? row.at < cut(untilUs) : row.at <= cut(untilUs))));
    const whole = found.toSorted((a, b) => (faults.isAscending === true ? a.at - b.at : b.at - a.at) || tie(a, b)).flatMap((row) => (faults.isStuttering === true ? [row, row] : [row]));
    const sorted = whole.slice(0, faults.ignoresLimit === true ? faults.cap : Math.min(limit, faults.cap));
    if (sorted.length > (faults.tooLarge ?? Infinity) * (includePayload ? 1 : 3)) throw new AppError('response_too_large', { message: 'x', hint: 'y' });
    const rejected = sorted.flatMap((row, index) => (row.broken === true ? [{ index, reason: 'status_code: not readable' }] : []));
    return { rows: sorted.filter((row) => row.broken !== true).map(toRow), rejected, received: sorted.length, requestLine: 'GET', observedAt: NOW_US / 1000 };
  };
}

interface Setup { readonly rows: ModelRow[]; readonly faults: ServerFaults; readonly limit: number; readonly believable?: number; readonly arrivals?: (request: number) => readonly ModelRow[]; readonly tie?: (a: ModelRow, b: ModelRow) => number }

/** One server with what one console holds of it. `failAt`: the request that is interrupted. */
function createModel({ rows, faults, limit, believable = 1, arrivals = () => [], tie }: Setup) {
  const held = new Map<number, NaviRow>();
  let map: Stretch[] = [];
  let requests = 0;
  const answer = exportOf(() => rows, faults, tie);
  async function sync(walkId: number, failAt = Infinity): Promise<boolean> {
    let asked = 0;
    const walk = createWalk({
      ask: async (query) => {
        if (asked === failAt) throw new AppError('connection_reset', { message: 'x', hint: 'y' });
        asked += 1;
        requests += 1;
        rows.push(...arrivals(requests));
        return answer(query);
      },
      keep: async ({ rows: page, pieces, observedAtUs }) => {
        for (const row of page) if (!held.has(row.id)) held.set(row.id, row);
        for (const piece of pieces) map = overlay(map, { ...piece, observedAtUs, walk: walkId });
      },
      actors: async () => [...new Set([...held.values()].map((row) => row.actorSub).filter((actor) => actor !== null))],
    }, { page: limit, believable });
    const read = map.filter((stretch) => stretch.walk === walkId);
    const top = read.length === 0 ? BEGINNING : Math.max(...read.map(({ toUs }) => toUs));
    const windows = [{ afterUs: top, untilUs: null as number | null }, ...uncovered(read, { fromUs: BEGINNING, toUs: top }).toReversed().map(({ fromUs, toUs }) => ({ afterUs: fromUs === BEGINNING ? BEGINNING : fromUs - 1, untilUs: toUs as number | null }))];
    try {
      for (const window of read.length === 0 ? windows.slice(0, 1) : windows) await walk.run(window, top === BEGINNING ? null : top);
      return true;
    } catch (error) {
      if (error instanceof AppError && error.code === 'connection_reset') return false;
      throw error;
    }
  }
  const stateAt = (us: number): Stretch['state'] | null => map.find(({ fromUs, toUs }) => fromUs <= us && us <= toUs)?.state ?? null;
  return { sync, held, stateAt, map: () => map, requests: () => requests };
}

/** A row that was there when the walk began and is not held must lie in a gap; a row in a complete stretch must be held. */
function check(model: ReturnType<typeof createModel>, before: readonly ModelRow[], isAscending = false): void {
  for (const row of before) {
    if (row.broken === true) expect(model.stateAt(row.at), `unreadable row ${row.id} at ${row.at}`).not.toBe('complete');
    // An answer of one instant shows no order: from a server that gives the oldest first, what is newer than it is unread.
    else if (!model.held.has(row.id)) expect(isAscending ? ['gap', null] : ['gap'], `row ${row.id} at ${row.at}`).toContain(model.stateAt(row.at));
  }
}

const instants = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 4_000_000 }).map((us) => us));
const rowsArbitrary = (from: number) => fc.array(fc.record({ at: instants, actor: fc.constantFrom('a', 'b', null), broken: fc.constantFrom(false, false, false, false, false, false, false, true) }), { maxLength: 60 })
  .map((rows) => rows.map((row, index): ModelRow => ({ ...row, at: row.at + 1_000_000_000, id: from + index })));
const faultsArbitrary = fc.record({ cap: fc.integer({ min: 2, max: 25 }), coarseUs: fc.constantFrom(1, 1, 1000), isEndExclusive: fc.constantFrom(false, false, false, true), isAscending: fc.constantFrom(false, false, false, false, true), ignoresEnd: fc.constantFrom(false, false, false, false, false, true), tooLarge: fc.constantFrom(1_000, 1_000, 5), ignoresLimit: fc.constantFrom(false, false, false, true), isStuttering: fc.constantFrom(false, false, false, false, true) })
  // What is too large and cannot be asked for in less ends the sync: there is nothing to name then.
  .map((faults) => ({ ...faults, tooLarge: faults.ignoresLimit ? 1_000 : faults.tooLarge }));

it(`what is missing lies in a named gap, and nothing is called complete wrongly, in ${SCHEDULES} schedules`, async () => {
  const schedule = fc.record({ rows: rowsArbitrary(1), late: fc.array(rowsArbitrary(1000), { maxLength: 3 }), faults: faultsArbitrary, limit: fc.integer({ min: 2, max: 30 }), interruptions: fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 4 }), tiesTurned: fc.boolean() });
  await fc.assert(fc.asyncProperty(schedule, async ({ rows, late, faults, limit, interruptions, tiesTurned }) => {
    const before = [...rows];
    const model = createModel({
      rows, faults, limit, tie: tiesTurned ? (a, b) => b.id - a.id : (a, b) => a.id - b.id,
      // What arrives meanwhile is newer than everything, as the server's clock goes on.
      arrivals: (request) => (late[request] ?? []).map((row) => ({ ...row, id: row.id + request * 1000, at: row.at + 10_000_000 + request * 10_000_000 })),
    });
    for (const failAt of interruptions) {
      await model.sync(1, failAt);
      for (const row of before) if (!model.held.has(row.id) && row.broken !== true) expect(model.stateAt(row.at)).not.toBe('complete');
    }
    expect(await model.sync(1)).toBe(true);
    check(model, before, faults.isAscending);
  }), { seed, numRuns: SCHEDULES });
}, 240_000);

it('an honest server without ties at its limit is held whole, without a gap', async () => {
  await fc.assert(fc.asyncProperty(fc.uniqueArray(fc.integer({ min: 1, max: 3_000_000 }), { maxLength: 80 }), fc.integer({ min: 3, max: 30 }), fc.integer({ min: 3, max: 200 }), async (times, limit, cap) => {
    const rows = times.map((at, index): ModelRow => ({ id: index + 1, at, actor: null }));
    const model = createModel({ rows, faults: { cap }, limit, believable: 100 });
    await model.sync(1);
    expect(model.held.size).toBe(rows.length);
    expect(model.map().filter(({ state }) => state === 'gap')).toEqual([]);
    if (rows.length > 0) expect(model.map()).toMatchObject([{ fromUs: BEGINNING, toUs: Math.max(...times), state: 'complete' }]);
  }), { seed, numRuns: SCHEDULES });
});

it('neither whole seconds, milliseconds nor some ties make a gap at an honest server', async () => {
  const times = fc.constantFrom(1, 1_000, 1_000_000).chain((step) => fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 60 }).map((instants) => instants.map((instant) => 1_000_000_000 + instant * step)));
  await fc.assert(fc.asyncProperty(times, fc.integer({ min: 2, max: 4 }), async (all, ties) => {
    const counts = new Map<number, number>();
    const rows = all.flatMap((at, index): ModelRow[] => {
      const count = (counts.get(at) ?? 0) + 1;
      counts.set(at, count);
      return count > ties ? [] : [{ id: index + 1, at, actor: null }];
    });
    const model = createModel({ rows, faults: { cap: 1_000 }, limit: ties + 3, believable: 100 });
    await model.sync(1);
    expect(model.held.size).toBe(rows.length);
    expect(model.map().filter(({ state }) => state === 'gap')).toEqual([]);
  }), { seed, numRuns: SCHEDULES });
});

const many = (count: number, make: (index: number) => Partial<ModelRow>): ModelRow[] => Array.from({ length: count }, (_, index) => ({ id: index + 1, at: 1_000 + index, actor: null, ...make(index) }));

describe('the end of the log', () => {
  it.each([0, 1, 2, 999, 9_999, 10_000, 10_001, 25_003])('%i rows in instants of seven are held whole at the real limits', async (count) => {
    const model = createModel({ rows: many(count, (index) => ({ at: 1_000_000 + Math.floor(index / 7) })), faults: { cap: 10_000 }, limit: 10_000, believable: 100 });
    await model.sync(1);
    expect(model.held.size).toBe(count);
    expect(model.map().every(({ state }) => state === 'complete')).toBe(true);
    expect(model.requests()).toBeLessThanOrEqual(Math.ceil(count / 9_000) + 2);
  });
  it('a cap below the limit that nobody told is found and passed', async () => {
    const model = createModel({ rows: many(5_000, () => ({})), faults: { cap: 700 }, limit: 10_000, believable: 100 });
    await model.sync(1);
    expect(model.held.size).toBe(5_000);
    expect(model.map()).toMatchObject([{ fromUs: BEGINNING, state: 'complete' }]);
  });
  it('fifty rows in one instant, and nothing else, are believed where their actors know of no more', async () => {
    const model = createModel({ rows: many(50, (index) => ({ at: 7, actor: `a${index % 2}` })), faults: { cap: 10_000 }, limit: 10_000, believable: 100 });
    await model.sync(1);
    expect(model.map()).toMatchObject([{ state: 'complete' }]);
  });
  it('a cap inside one instant shows by its actors, and is a gap', async () => {
    const model = createModel({ rows: many(60, (index) => ({ at: 7, actor: `a${index % 4}` })), faults: { cap: 50 }, limit: 10_000, believable: 100 });
    await model.sync(1);
    expect(model.held.size).toBe(60);
    expect(model.stateAt(7)).toBe('gap');
  });
});

describe('more rows in one instant than an answer holds', () => {
  it('are split by actor, named as a gap with what was read, and what is older is still read', async () => {
    const rows = [...many(2_500, (index) => ({ at: 5_000_123, actor: index % 5 === 0 ? null : `actor${index % 5}` })), ...many(50, (index) => ({ id: 9_000 + index, at: 1_000 + index }))];
    const model = createModel({ rows, faults: { cap: 1_000 }, limit: 1_000 });
    await model.sync(1);
    const [older, instant] = model.map();
    expect(older).toMatchObject({ fromUs: BEGINNING, toUs: 5_000_122, state: 'complete' });
    expect(instant).toMatchObject({ fromUs: 5_000_123, toUs: 5_000_123, state: 'gap' });
    expect(instant?.reason).toMatch(/At least 2\d{3} rows share one instant/);
    expect(rows.filter((row) => row.actor !== null || row.at < 5_000_123).every((row) => model.held.has(row.id))).toBe(true);
  });
});

describe('a server that reads times in another way', () => {
  it.each([{ coarseUs: 1000 }, { coarseUs: 1_000_000 }, { isEndExclusive: true }])('%o: nothing is left out', async (faults) => {
    const rows = many(300, (index) => ({ at: 1_000_000_000 + index * 357_913 }));
    const model = createModel({ rows, faults: { cap: 20, ...faults }, limit: 20 });
    await model.sync(1);
    check(model, rows);
    expect(model.held.size).toBe(300);
  });
  it('that does not heed the end of a window is named, and asked no more', async () => {
    const model = createModel({ rows: many(300, (index) => ({ at: 1_000_000_000 + index * 2_000_000 })), faults: { cap: 20, ignoresEnd: true }, limit: 20 });
    await model.sync(1);
    expect(model.held.size).toBe(20);
    expect(model.map()[0]).toMatchObject({ fromUs: BEGINNING, state: 'gap', reason: expect.stringContaining('does not heed') });
    expect(model.requests()).toBeLessThan(5);
  });
  it('answers that are too large are asked for in halves', async () => {
    const model = createModel({ rows: many(300, () => ({})), faults: { cap: 1_000, tooLarge: 30 }, limit: 1_000 });
    await model.sync(1);
    expect(model.held.size).toBe(300);
    expect(model.map()).toMatchObject([{ state: 'complete' }]);
  });
});

describe('a server that gives less at once', () => {
  it.each(['request_refused', 'network_timeout'] as const)('%s: smaller pages are asked for, and nothing is left out', async (code) => {
    const model = createModel({ rows: many(3_000, () => ({})), faults: { cap: 10_000, mostAsked: { limit: 1_000, code } }, limit: 10_000, believable: 100 });
    await model.sync(1);
    expect(model.held.size).toBe(3_000);
    expect(model.map()).toMatchObject([{ fromUs: BEGINNING, state: 'complete' }]);
  });
  it.each(['request_refused', 'network_timeout'] as const)('%s of every page is the end, and is given as it came', async (code) => {
    const model = createModel({ rows: many(10, () => ({})), faults: { cap: 10_000, mostAsked: { limit: 0, code } }, limit: 10_000 });
    await expect(model.sync(1)).rejects.toMatchObject({ code });
    expect(model.requests()).toBeLessThanOrEqual(4);
  });
  it('more rows in one instant than it gives at once are a gap, and what is older is read', async () => {
    const model = createModel({ rows: many(2_000, (index) => ({ at: index < 1_900 ? 9_000_123 : 1_000 + index, actor: `a${index % 5}` })), faults: { cap: 10_000, mostAsked: { limit: 1_000, code: 'request_refused' } }, limit: 10_000, believable: 100 });
    await model.sync(1);
    expect(model.stateAt(9_000_123)).toBe('gap');
    expect(model.held.size).toBe(2_000);
  });
  it('one that does not heed the beginning of a window gives more, and harms nothing', async () => {
    const rows = many(100, () => ({}));
    const model = createModel({ rows, faults: { cap: 10, ignoresStart: true }, limit: 10 });
    await model.sync(1, 5);
    rows.push({ id: 900, at: 5_000, actor: null });
    await model.sync(1);
    expect(model.held.size).toBe(101);
    check(model, rows);
  });
});

it('a walk that was interrupted does not ask again for what it has', async () => {
  const rows = many(2_000, () => ({}));
  const model = createModel({ rows, faults: { cap: 100 }, limit: 100 });
  await model.sync(1, 15);
  const first = model.requests();
  await model.sync(1);
  expect(first).toBe(15);
  expect(model.requests()).toBeLessThanOrEqual(15 + 10);
  expect(model.held.size).toBe(2_000);
  expect(model.map()).toMatchObject([{ fromUs: BEGINNING, toUs: 2_999, state: 'complete' }]);
});

it('unreadable rows are gaps at their place, with the reason', async () => {
  const model = createModel({ rows: many(10, (index) => ({ broken: index === 4 })), faults: { cap: 100 }, limit: 100 });
  await model.sync(1);
  expect(model.map().map(({ fromUs, toUs, state, reason }) => ({ fromUs, toUs, state, reason }))).toEqual([
    { fromUs: BEGINNING, toUs: 1002, state: 'complete', reason: null },
    { fromUs: 1003, toUs: 1005, state: 'gap', reason: 'A row of an answer could not be read: status_code: not readable' },
    { fromUs: 1006, toUs: 1009, state: 'complete', reason: null },
  ]);
});

it('a log of one row with a time that is still to come is not complete up to that time', async () => {
  const model = createModel({ rows: [{ id: 1, at: NOW_US + 1_000_123, actor: null }], faults: { cap: 10 }, limit: 10, believable: 100 });
  await model.sync(1);
  expect(model.held.size).toBe(1);
  expect(Math.max(...model.map().map(({ toUs }) => toUs))).toBeLessThanOrEqual(NOW_US);
});

it('a row with a time that is still to come does not make the future complete', async () => {
  const model = createModel({ rows: [...many(30, () => ({})), { id: 99, at: NOW_US + 1_000_000, actor: null }], faults: { cap: 10 }, limit: 10 });
  await model.sync(1);
  expect(model.held.size).toBe(31);
  expect(Math.max(...model.map().map(({ toUs }) => toUs))).toBe(1_029);
});
