// The list against a model of its route: what filters reach is reached, a short answer is doubted before it is believed, and the rest is a gap.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '#core/db/open.ts';
import type { Database } from '#core/db/open.ts';
import { sql } from '#core/db/sql.ts';
import { Secret } from '#core/secret.ts';
import type { Session } from '#core/session.ts';
import { keptLog, systemClock, temporaryFolder } from '../../../../test/support/ports.ts';
import { insertDeployment } from '../../deployments/queries.ts';
import type { NaviRow } from '../../deployments/service.ts';
import { readList } from './list-reading.ts';
import type { ListFilter } from './list-reading.ts';
import { knownActors } from './scanning.ts';
import { createStoring } from './storing.ts';
import { knownOrgs, stretches } from './sync-queries.ts';

const NOW_US = 1_800_000_000_000_000;
const url = 'https://navi.example.com';

let folder: ReturnType<typeof temporaryFolder>;
let database: Database;
beforeAll(() => {
  folder = temporaryFolder('list-reading');
  database = openDatabase({ path: join(folder.path, 'cache.db'), key: new Secret(randomBytes(32)), mode: 'write', log: keptLog(), clock: systemClock });
});
afterAll(() => {
  database.close();
  folder.remove();
});

interface ModelRow { readonly id: number; readonly at: number; readonly org: string | null; readonly actor: string | null; readonly broken?: boolean }
const toRow = ({ id, at, org, actor }: ModelRow): NaviRow => ({ id, createdAtUs: at, createdAtRaw: String(at), route: '/r', method: 'POST', eventType: 'e', org, actorSub: actor, actorEmail: null, resourceId: null, statusCode: 200 });
const many = (count: number, make: (index: number) => Partial<ModelRow>): ModelRow[] => Array.from({ length: count }, (_, index) => ({ id: index + 1, at: 1_000_000 + index, org: null, actor: null, ...make(index) }));

let made = 0;
/** A deployment whose list gives at most `cap` rows; `exported` rows are held from its export already. */
function deployment(rows: readonly ModelRow[], { cap = 1000, exported = null }: { readonly cap?: number; readonly exported?: string | null } = {}) {
  made += 1;
  const id = `d_${made}`;
  const db = database.write;
  if (db === null) throw new Error('not writable');
  insertDeployment(db, id, { name: id, url, kind: 'navi', environment: 'development', readOnly: true, caPem: null, pin: null, createdAtUs: 1 });
  const dep = db.get(sql`SELECT num FROM deployment WHERE id = ${id}`, (row) => Number(row['num'])) ?? 0;
  const key = { dep, address: url, scope: 'all' };
  const session = { read: () => database.read, write: () => db, whenWritable: async () => undefined } as unknown as Session;
  const { signal } = new AbortController();
  const asked: ListFilter[] = [];
  return {
    asked,
    map: () => stretches(database.read, key),
    held: () => new Set(database.read.all(sql`SELECT id FROM audit_event WHERE dep = ${dep}`, (row) => Number(row['id']))),
    async read() {
      const storing = createStoring({ session, deploymentId: id, dep, address: url, nowUs: () => NOW_US, signal });
      if (exported !== null) await storing.rows(rows.filter((row) => row.org === exported).map(toRow), 'the export');
      const gaps = await readList({
        session, storing, key, nowUs: () => NOW_US, signal, exported,
        orgs: () => knownOrgs(database.read, dep), actors: () => knownActors({ session, key, signal }),
        ask: async (filter) => {
          asked.push(filter);
          const page = rows.filter((row) => (filter.org === undefined || row.org === filter.org) && (filter.actor === undefined || row.actor === filter.actor)).toSorted((a, b) => b.at - a.at).slice(0, Math.min(1000, cap));
          const rejected = page.flatMap((row, index) => (row.broken === true ? [{ index, reason: 'id is no number' }] : []));
          return { rows: page.filter((row) => row.broken !== true).map(toRow), rejected, received: page.length, requestLine: 'GET', observedAt: NOW_US / 1000 };
        },
      });
      return { gaps, findings: storing.tally.findings };
    },
  };
}

describe('below its limit', () => {
  it('rows without organisation and actor are believed whole, and the map says that this is believed', async () => {
    const it = deployment(many(999, () => ({})));
    expect(await it.read()).toEqual({ gaps: [], findings: 0 });
    expect(it.map().map(({ state, reason }) => [state, reason === null])).toEqual([['complete', false], ['complete', true]]);
    expect(it.asked).toEqual([{}]);
  });
  it.each([{ org: 'globex' }, { actor: 'a' }])('a limit of somebody else shows by a filter (%o), and filters go past it', async (over) => {
    const it = deployment(many(700, (index) => (index % 10 === 0 ? over : {})), { cap: 100 });
    const { gaps } = await it.read();
    expect(it.held().size).toBeGreaterThan(150);
    expect(it.map()[0]).toMatchObject({ state: 'gap', reason: expect.stringContaining('only the newest 100 rows') });
    expect(gaps.every(({ reason }) => reason !== '')).toBe(true);
  });
  it('a limit of somebody else shows by what the export has just given', async () => {
    const it = deployment(many(300, (index) => ({ org: index < 50 ? 'acme' : null })), { cap: 100, exported: 'acme' });
    await it.read();
    expect(it.map()[0]).toMatchObject({ state: 'gap', reason: expect.stringContaining('only the newest 100 rows') });
  });
  it('rows that are held and that no filter can ask for leave a doubt, and are not called vanished', async () => {
    const rows = many(300, () => ({}));
    const it = deployment(rows);
    await it.read();
    rows.splice(0, 100);
    expect((await it.read()).findings).toBe(0);
    expect(it.map().some(({ state, reason }) => state === 'gap' && reason?.includes('lacks older ones that are held') === true)).toBe(true);
  });
  it('an empty list is no gap', async () => {
    const it = deployment([]);
    expect(await it.read()).toEqual({ gaps: [], findings: 0 });
    expect(it.map().every(({ state }) => state === 'complete')).toBe(true);
  });
});

describe('beyond its limit', () => {
  it('every organisation and actor is asked for, and only rows that name neither stay out of reach', async () => {
    const rows = many(4_000, (index) => ({ org: index % 4 === 0 ? null : `org${index % 4}`, actor: index % 5 === 0 ? null : `actor${index % 5}` }));
    const it = deployment(rows);
    await it.read();
    const held = it.held();
    expect(held.size).toBeGreaterThan(3_700);
    expect(rows.filter((row) => !held.has(row.id)).every((row) => row.org === null && row.actor === null)).toBe(true);
    expect(it.map().map(({ state }) => state)).toEqual(['gap', 'complete']);
  });
  it('what the export has given whole is not asked for again', async () => {
    const it = deployment(many(1_500, (index) => ({ org: index % 2 === 0 ? 'acme' : 'globex' })), { exported: 'acme' });
    await it.read();
    expect(it.asked.map(({ org }) => org)).toContain('globex');
    expect(it.asked.map(({ org }) => org)).not.toContain('acme');
  });
  it('what an earlier answer has shown stays complete when a later one reaches less far', async () => {
    const rows = many(1_200, () => ({}));
    const it = deployment(rows);
    await it.read();
    rows.push(...many(600, (index) => ({ id: 5_000 + index, at: 2_000_000 + index })));
    await it.read();
    const [, complete] = it.map();
    expect(it.map().map(({ state }) => state)).toEqual(['gap', 'complete', 'complete']);
    expect(complete?.fromUs).toBe(1_000_201);
  });
  it('a jump of more rows than an answer holds is a gap between two stretches', async () => {
    const rows = many(10, () => ({}));
    const it = deployment(rows);
    await it.read();
    rows.push(...many(1_500, (index) => ({ id: 5_000 + index, at: 2_000_000 + index })));
    await it.read();
    expect(it.map().some(({ fromUs, state }) => state === 'gap' && fromUs > 1_000_000)).toBe(true);
  });
});

it('rows that cannot be read are gaps at their place; those at the end make everything older doubtful', async () => {
  const middle = deployment(many(10, (index) => ({ broken: index === 5 })));
  await middle.read();
  expect(middle.map().find(({ state }) => state === 'gap')).toMatchObject({ fromUs: 1_000_004, toUs: 1_000_006, reason: expect.stringContaining('id is no number') });
  const end = deployment(many(10, (index) => ({ broken: index === 0 })));
  await end.read();
  expect(end.map()[0]).toMatchObject({ state: 'gap', toUs: 1_000_001, reason: expect.stringContaining('id is no number') });
});
