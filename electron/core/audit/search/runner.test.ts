// The search against a reference in plain JavaScript (R62): random rows, random queries, every sort, every way through the rows.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '#core/db/open.ts';
import type { Database } from '#core/db/open.ts';
import { Sql } from '#core/db/sql.ts';
import type { ReadDb, WriteDb } from '#core/db/sql.ts';
import { Secret } from '#core/secret.ts';
import { SORT_KEYS } from '#shared/domain/audit-search.ts';
import type { AuditSort } from '#shared/domain/audit-search.ts';
import { parseQuery } from '#shared/domain/audit-query.ts';
import { fulfils, inOrder } from '../../../../test/support/audit-search-reference.ts';
import { keptLog, systemClock, temporaryFolder } from '../../../../test/support/ports.ts';
import { insertDeployment } from '../../deployments/queries.ts';
import { deploymentNumber, openRowStore } from '../store.ts';
import type { RowToStore } from '../store.ts';
import { createRunner } from './runner.ts';
import type { SearchRunner } from './runner.ts';
import { LIMITS } from './scan-queries.ts';
import type { Limits } from './scan-queries.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 1);
const LONG = process.env['HOLDFAST_TEST_LONG'] === '1';
/** A run fills a cache: shrinking would take hundreds of them. */
const runs = { seed, endOnFailure: true };
const NOW_US = Date.UTC(2026, 10, 22, 12) * 1000;
const HOUR_US = 3600e6;

let folder: ReturnType<typeof temporaryFolder>;
let database: Database;
let db: WriteDb;

function openAnew(): void {
  folder = temporaryFolder('search');
  database = openDatabase({ path: join(folder.path, 'cache.db'), key: new Secret(randomBytes(32)), mode: 'write', log: keptLog(), clock: systemClock });
  if (database.write === null) throw new Error('not writable');
  db = database.write;
}
function remove(): void {
  database.close();
  folder.remove();
}
beforeEach(openAnew);
afterEach(remove);

let deployments = 0;
/** A deployment with these rows, and rows of another between them; gives its number. */
function store(rows: readonly RowToStore[]): number {
  deployments += 1;
  if (deployments % 16 === 0) {
    remove();
    openAnew();
  }
  const [id, other] = [`d_${deployments}`, `d_${deployments}_other`];
  for (const each of [id, other]) insertDeployment(db, each, { name: each, url: 'https://navi.example.com', kind: 'navi', environment: 'development', readOnly: true, caPem: null, pin: null, createdAtUs: 1 });
  return db.transaction(() => {
    rows.forEach((row, index) => {
      for (const deploymentId of index % 3 === 0 ? [id, other] : [id]) {
        const into = openRowStore(db, { deploymentId, kind: 'sync', address: 'https://navi.example.com', source: 'the list', atUs: 5 });
        into.add(row);
        into.flush();
      }
    });
    return deploymentNumber(db, id);
  });
}

const turn = { pause: async () => undefined };
const base = { anchor: null, nowUs: NOW_US, sort: { by: 'time', direction: 'desc' } as AuditSort, cursor: null, offset: null, limit: 100, absent: { kind: 'not-synced' } as const };

async function allPages(runner: SearchRunner, question: { dep: number; query: string; sort: AuditSort; limit: number; anchor?: number }): Promise<number[]> {
  const ids: number[] = [];
  let cursor: string | null = null;
  let anchor = question.anchor ?? null;
  for (let page = 0; page < 200; page += 1) {
    const found: Awaited<ReturnType<SearchRunner['search']>> = await runner.search({ ...base, ...question, anchor, cursor }, turn);
    ids.push(...found.events.map((event) => event.id));
    if (found.nextCursor === null) return ids;
    ({ nextCursor: cursor, anchor } = found);
  }
  throw new Error('the pages do not end');
}

const WORDS = ['alpha', 'beta', 'Älpha', 'Жук', 'жук', 'a1', '10', '0', '7', 'example', 'org', 'api', 'audit', 'none', '日本', 'Vi\u1ec7t', 'Vie\u0323\u0302t'];
const word = fc.oneof({ weight: 3, arbitrary: fc.constantFrom('alpha', 'beta', '10', 'acme') }, { weight: 1, arbitrary: fc.constantFrom(...WORDS) });
const value = fc.oneof({ weight: 2, arbitrary: word }, fc.constantFrom('Acme', 'acme', 'ACME corp', 'a"b', 'x*', '10.0.0.7', 'alpha@example.org', '/api/audit/7', '', 'none', 'é-\u0301'));
const maybe = fc.option(value, { nil: null });
const anyRow: fc.Arbitrary<Omit<RowToStore, 'id'>> = fc.record({
  createdAtUs: fc.oneof(fc.integer({ min: 0, max: 12 }).map((hours) => NOW_US - hours * HOUR_US), fc.integer({ min: -5, max: 300 }).map((minutes) => NOW_US - minutes * 61_000_001)),
  createdAtRaw: fc.constant('as written'), route: fc.array(value, { maxLength: 3 }).map((parts) => `/${parts.join('/')}`), method: fc.constantFrom('GET', 'POST', 'post'), eventType: fc.constantFrom('http.request', 'audit.decrypt'),
  org: maybe, actorSub: maybe, actorEmail: maybe, resourceId: maybe, statusCode: fc.constantFrom(0, 200, 204, 404, 500),
  payload: fc.oneof(fc.constant(undefined), fc.record({ state: fc.constantFrom('plain', 'failed', 'malformed' as const), body: word.map((text) => `{"note":"${text} ${text}"}`), keyId: fc.option(fc.constantFrom('k1', 'K1'), { nil: null }) })),
});
const anyRows = fc.oneof({ weight: 1, arbitrary: fc.array(anyRow, { maxLength: 3 }) }, { weight: 4, arbitrary: fc.array(anyRow, { minLength: 20, maxLength: 40 }) }).map((rows): RowToStore[] => rows.map((row, index) => ({ ...row, id: (index * 7919) % 1009 })));

const quoted = (text: string): string => `"${text.replaceAll(/[\\"]/g, '\\$&')}"`;
const anyTerm = fc.oneof(
  fc.constantFrom('status:>=400', 'status:2xx,404', 'encrypted:no', 'payload:none', 'since:3h', 'until:90m', 'method:POST,get', 'org:acme,none,alpha', 'alpha', 'beta'),
  word, word.map((text) => `${text.slice(0, 2)}*`), fc.tuple(word, word).map(([a, b]) => quoted(`${a} ${b}`)), word.map((text) => `route:/api/${text}`), word.map((text) => `actor:${text}`), word.map((text) => `payload:"${text}"`),
  fc.tuple(fc.constantFrom('org', 'resource', 'key', 'method', 'event', 'route', 'actor'), value).map(([field, text]) => `${field}:=${quoted(text)}`),
  fc.tuple(fc.constantFrom('org', 'resource', 'key', 'method', 'event'), value, fc.constantFrom('', '*')).map(([field, text, star]) => `${field}:${quoted(text)}${star}`),
  fc.tuple(fc.constantFrom('org', 'resource', 'key', 'actor'), fc.constantFrom('none', '*')).map(([field, text]) => `${field}:${text}`),
  fc.constantFrom('status:>=400', 'status:2xx,404', 'status:..200', 'id:7919..9000', 'id:0,7,901', 'id:>=500', 'encrypted:no', 'encrypted:unknown', 'payload:none', 'payload:plain', 'payload:failed', 'since:3h', 'until:90m', 'since:2026-11-22T10:00', 'until:2026-11-22', 'method:POST,get', 'org:acme,none'),
);
const anyQuery = fc.letrec<{ query: string; unit: string }>((tie) => ({
  unit: fc.oneof({ depthSize: 'small', withCrossShrink: true }, anyTerm, tie('query').map((text) => `(${text})`), tie('unit').map((text) => `-${text}`)),
  query: fc.array(fc.tuple(tie('unit'), fc.constantFrom(' ', ' OR ', ' OR ', ' AND ')), { minLength: 1, maxLength: 3, size: 'small' }).map((parts) => parts.map(([unit, sign], index) => (index === parts.length - 1 ? unit : unit + sign)).join('')),
})).query;

/** Every way through the rows, at sizes that a small log reaches. */
const TINY: Limits = { fewHits: 3, fewIds: 2, sliceRows: 7, smallShare: 0.25, smallShareOfHits: 0.05, dense: 50, walkBudget: 9, firstStep: 2, longestStep: 6, jumpFrom: 4, windowRows: 5 };
const WAYS: readonly [string, Limits][] = [
  ['as it is', LIMITS], ['small steps', TINY], ['along time', { ...TINY, smallShare: 2, walkBudget: 100_000 }], ['in the order of arrival', { ...TINY, dense: 0, smallShare: 0 }], ['by the hits of words', { ...TINY, dense: 0, smallShare: 0, smallShareOfHits: 1, fewHits: 0 }],
];

function expected(rows: readonly RowToStore[], query: string): RowToStore[] {
  const parsed = parseQuery(query);
  if (!parsed.ok) throw new Error(`${query}: ${parsed.error.message}`);
  return rows.filter((row) => fulfils(row, parsed.ast, NOW_US));
}

describe('at the limits', () => {
  const rowAt = (id: number, over: Partial<RowToStore> = {}): RowToStore => ({
    id, createdAtUs: NOW_US - id * 1e6, createdAtRaw: 'as written', route: '/api', method: 'GET', eventType: 'http.request', org: null, actorSub: null, actorEmail: null, resourceId: null, statusCode: 200, ...over,
  });
  const matching = async (dep: number, query: string): Promise<number> => (await createRunner(db as ReadDb).count({ ...base, dep, query }, turn)).matching;

  it('the deepest and the longest query that is read is also answered', async () => {
    const dep = store([rowAt(1, { route: '/a' }), rowAt(2, { route: '/zzz' })]);
    const nested = (depth: number): string => (depth === 0 ? 'a' : `(zzz ${depth % 2 === 0 ? 'OR' : 'AND'} ${nested(depth - 1)})`);
    for (const text of [nested(40), `${'('.repeat(40)}a${')'.repeat(40)}`, Array.from({ length: 200 }, (_, index) => `w${index}`).join(' OR '), `a ${Array.from({ length: 199 }, (_, index) => `-w${index}`).join(' ')}`, `org:${Array.from({ length: 200 }, (_, index) => `=o${index}`).join(',')}`, `-${'-'.repeat(37)}(a OR -zzz)`]) {
      expect(await matching(dep, text), text.slice(0, 60)).toBe(expected([rowAt(1, { route: '/a' }), rowAt(2, { route: '/zzz' })], text).length);
    }
  });

  it('R62: rows that arrive between the roll-up and the rows behind the anchor are counted in neither', async () => {
    const dep = store([rowAt(1), rowAt(2)]);
    let isDue = true;
    const interrupted = { ...db, all: (query: Sql, map: Parameters<ReadDb['all']>[1]) => {
      const found = db.all(query, map);
      if (isDue && query.text.includes('FROM audit_hour')) {
        isDue = false;
        const late = openRowStore(db, { deploymentId: `d_${deployments}`, kind: 'sync', address: 'https://navi.example.com', source: 'the list', atUs: 6 });
        for (const id of [3, 4, 5]) late.add(rowAt(id));
        late.flush();
      }
      return found;
    } } as ReadDb;
    const { anchor } = await createRunner(db as ReadDb).search({ ...base, dep, query: '' }, turn);
    expect((await createRunner(interrupted).count({ ...base, dep, query: '', anchor }, turn)).matching).toBe(2);
    expect(isDue).toBe(false);
  });

  it('what the index or SQL would take for syntax is text', async () => {
    const dep = store([rowAt(1, { route: '/a"b', resourceId: "x' OR 1=1 --", org: '50%_' }), rowAt(2)]);
    for (const text of ['"a\\"b"', 'a* AND route:"a b"', 'resource:="x\' OR 1=1 --"', 'resource:"x\' OR"*', 'org:="50%_"', 'org:50%*', '"near(a b)" OR "a\u0000b"', '"NOT a" OR a^', `"a${String.fromCharCode(0)}b"`]) {
      expect(await matching(dep, text), text).toBe(expected([rowAt(1, { route: '/a"b', resourceId: "x' OR 1=1 --", org: '50%_' }), rowAt(2)], text).length);
    }
  });

  it('a word is found composed or taken apart, whichever a row holds', async () => {
    const dep = store(['Vi\u1ec7t', 'Vie\u0323\u0302t', '\ud55c\uad6d', '\u1112\u1161\u11ab\u1100\u116e\u11a8', 'caf\u00e9', 'cafe\u0301'].map((org, index) => rowAt(index, { org })));
    for (const [word, rows] of [['Vi\u1ec7t', 2], ['"vie\u0323\u0302t"', 2], ['\ud55c\uad6d', 2], ['\u1112\u1161\u11ab\u1100\u116e\u11a8', 2], ['cafe', 2], ['-Vi\u1ec7t', 4]] as const) expect(await matching(dep, word), word).toBe(rows);
  });

  it('addresses, routes and e-mail with every sign of theirs are found whole, by component and by prefix', async () => {
    const rows = [rowAt(1, { actorEmail: 'a.b+tag@sub.example.org' }), rowAt(2, { resourceId: '2001:db8::ff00:42:8329' }), rowAt(3, { route: '/find?q=a%20b&x=1' }), rowAt(4, { resourceId: '10.20.30.40' })];
    const dep = store(rows);
    for (const [query, id] of [
      ['actor:"a.b+tag@sub.example.org"', 1], ['a.b+tag@sub.example.org', 1], ['actor:tag', 1], ['actor:sub.exam*', 1], ['2001:db8::ff00:42:8329', 2], ['db8', 2], ['2001:db8*', 2], ['"/find?q=a%20b&x=1"', 3], ['route:="/find?q=a%20b&x=1"', 3],
      ['10.20.30.40', 4], ['20.30', 4], ['10.2*', 4],
    ] as const) {
      expect(expected(rows, query).map((row) => row.id), query).toEqual([id]);
      expect(await matching(dep, query), query).toBe(1);
    }
  });

  it('a payload that comes late changes counts and first pages at once, also those kept', async () => {
    const dep = store([rowAt(1), rowAt(2)]);
    const runner = createRunner(db as ReadDb, { ...LIMITS, fewHits: 0, walkBudget: 0, firstStep: 1 });
    const look = async (query: string): Promise<readonly [number, readonly number[]]> => [(await runner.count({ ...base, dep, query }, turn)).matching, (await runner.search({ ...base, dep, query, sort: { by: 'route', direction: 'asc' } }, turn)).events.map((event) => event.id)];
    expect(await look('payload:none')).toEqual([2, [1, 2]]);
    const late = openRowStore(db, { deploymentId: `d_${deployments}`, kind: 'sync', address: 'https://navi.example.com', source: 'the payload route', atUs: 6 });
    late.addPayload(1, { state: 'plain', body: '{"a":"needle"}', keyId: null });
    late.flush();
    expect(await look('payload:none')).toEqual([1, [2]]);
    expect(await look('needle')).toEqual([1, [1]]);
  });

  it('R62: pages in time, deep ones and rare words go along an index: no scan, no sorting of what the index orders', async () => {
    const dep = store(Array.from({ length: 60 }, (_, index) => rowAt(index, { route: index === 7 ? '/rare' : '/api' })));
    const plans: string[] = [];
    const watched: ReadDb = {
      ...(db as ReadDb),
      all: (query, map) => {
        plans.push(...db.all(new Sql(`EXPLAIN QUERY PLAN ${query.text}`, query.values), (row) => String(row['detail'])));
        return db.all(query, map);
      },
    };
    const runner = createRunner(watched, { ...LIMITS, fewHits: 5 });
    const first = await runner.search({ ...base, dep, query: '', limit: 20 }, turn);
    await runner.search({ ...base, dep, query: '', limit: 20, cursor: first.nextCursor }, turn);
    await runner.search({ ...base, dep, query: 'since:24h status:200 api', limit: 20 }, turn);
    expect(plans.length).toBeGreaterThan(2);
    expect(plans.filter((plan) => /SCAN e\b|TEMP B-TREE/.test(plan))).toEqual([]);
    expect(plans.filter((plan) => plan.includes('audit_event_time')).length).toBeGreaterThan(2);
    plans.length = 0;
    expect((await runner.search({ ...base, dep, query: 'rare' }, turn)).events.map((event) => event.id)).toEqual([7]);
    expect(plans.filter((plan) => /SCAN e\b/.test(plan))).toEqual([]);
    expect(plans.some((plan) => /SEARCH e USING INTEGER PRIMARY KEY/.test(plan))).toBe(true);
  });

  it('times before 1970 and far ahead are in the counts and the histogram', async () => {
    const rows = [rowAt(1, { createdAtUs: -5_000_000_001 }), rowAt(2, { createdAtUs: Date.UTC(1900, 0, 1) * 1000 }), rowAt(3, { createdAtUs: Date.UTC(2999, 0, 1) * 1000 })];
    const dep = store(rows);
    const runner = createRunner(db as ReadDb);
    for (const query of ['', 'api', 'until:1970-01-01', 'since:1899-01-01 until:1970-01-01']) {
      const { counts, stepSeconds } = await runner.histogram({ ...base, dep, query, buckets: 100 }, turn);
      expect(counts.reduce((sum, count) => sum + count, 0), query).toBe(expected(rows, query).length);
      expect(counts.length * stepSeconds).toBeGreaterThan(0);
      expect(counts.length).toBeLessThanOrEqual(102);
    }
  });
});

describe.each(WAYS)('%s', (_, limits) => {
  it('R62: pages, counts, histogram and facets are those of the reference', async () => {
    let matched = 0;
    await fc.assert(fc.asyncProperty(anyRows, anyQuery, fc.record({ by: fc.constantFrom(...SORT_KEYS), direction: fc.constantFrom('asc', 'desc' as const) }), async (rows, query, sort) => {
      const dep = store(rows);
      const runner = createRunner(db as ReadDb, limits);
      const wanted = expected(rows, query);
      matched += wanted.length;
      const order = inOrder(wanted, sort).map((row) => row.id);
      expect(await allPages(runner, { dep, query, sort, limit: 7 })).toEqual(order);
      for (const offset of [0, 5, 11, 60]) {
        const page = await runner.search({ ...base, dep, query, sort, offset, limit: 4 }, turn);
        expect(page.events.map((event) => event.id), `offset ${offset}`).toEqual(order.slice(offset, offset + 4));
      }
      expect(await runner.count({ ...base, dep, query }, turn)).toEqual({ matching: wanted.length, total: rows.length });
      const histogram = await runner.histogram({ ...base, dep, query, buckets: 12 }, turn);
      const buckets = histogram.counts.map(() => [0, 0]);
      for (const row of wanted) {
        const bucket = buckets[Math.floor((row.createdAtUs / 1e6 - histogram.startSeconds) / histogram.stepSeconds)];
        if (bucket === undefined) throw new Error('a match lies outside the histogram');
        bucket[0] = (bucket[0] ?? 0) + 1;
        bucket[1] = (bucket[1] ?? 0) + (row.statusCode >= 400 ? 1 : 0);
      }
      expect(histogram.counts.map((count, index) => [count, histogram.errors[index]])).toEqual(buckets);
      const facets = await runner.facets({ ...base, dep, query, limit: 200, whole: false }, turn);
      const tally = (of: (row: RowToStore) => string | null): Map<string | null, number> => {
        const counts = new Map<string | null, number>();
        for (const row of wanted) counts.set(of(row), (counts.get(of(row)) ?? 0) + 1);
        return counts;
      };
      const shown = (field: keyof typeof facets): Map<string | null, number> => new Map(facets[field].values.map(({ value: name, count }) => [name, count]));
      expect(shown('org')).toEqual(tally((row) => row.org));
      expect(shown('actor')).toEqual(tally((row) => row.actorEmail ?? row.actorSub));
      expect(shown('status')).toEqual(tally((row) => String(row.statusCode)));
      expect(shown('route')).toEqual(tally((row) => row.route));
      expect(shown('payload')).toEqual(tally((row) => row.payload?.state ?? null));
    }), { ...runs, numRuns: LONG ? 200 : 40 });
    // Queries that find nothing would prove nothing.
    expect(matched).toBeGreaterThan(200);
  }, 240_000);

  it('R62: what came behind the anchor is left out of pages and counts', async () => {
    await fc.assert(fc.asyncProperty(anyRows, fc.oneof(anyQuery, fc.constant(''), fc.constant('since:3h until:30m')), fc.integer({ min: 0, max: 40 }), async (rows, query, kept) => {
      const dep = store(rows.slice(0, kept));
      const runner = createRunner(db as ReadDb, limits);
      const { anchor } = await runner.search({ ...base, dep, query }, turn);
      const late = openRowStore(db, { deploymentId: `d_${deployments}`, kind: 'sync', address: 'https://navi.example.com', source: 'the list', atUs: 6 });
      for (const row of rows.slice(kept)) late.add(row);
      late.flush();
      const wanted = expected(rows.slice(0, kept), query);
      expect(await allPages(runner, { dep, query, sort: { by: 'route', direction: 'asc' }, limit: 9, anchor })).toEqual(inOrder(wanted, { by: 'route', direction: 'asc' }).map((row) => row.id));
      expect(await runner.count({ ...base, dep, query, anchor }, turn)).toEqual({ matching: wanted.length, total: Math.min(kept, rows.length) });
      expect((await runner.count({ ...base, dep, query }, turn)).matching).toBe(expected(rows, query).length);
    }), { ...runs, numRuns: LONG ? 100 : 20 });
  }, 240_000);
});
