// R38: kill -9 during a large backfill. The coverage map never says more than is held, and the next sync goes on where the killed one stopped.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '#core/app.ts';
import type { App } from '#core/app.ts';
import { EXPORT_LIMIT } from '#core/audit/sync/walk-types.ts';
import { openDatabase } from '#core/db/open.ts';
import { sql } from '#core/db/sql.ts';
import { keyFromStore } from '#core/profile/database-key.ts';
import type { AuditGap } from '#shared/domain/audit-event.ts';
import { parseInstantUs } from '#shared/domain/time.ts';
import type { NewAuditRow } from '../deployments/navi/audit-row.ts';
import { configFor } from '../deployments/navi/config.ts';
import { startNaviDeployment } from '../deployments/navi/server.ts';
import { value } from '../support/calls.ts';
import { keptLog, systemClock, temporaryFolder, testPorts } from '../support/ports.ts';
import { isLong, randomFrom, seed } from './children/db-profile.ts';
import { runAndKill } from './children/kill-child.ts';

const KILLS = isLong ? 100 : 20;
const EVENTS = 100_000;
const folder = temporaryFolder('audit-sync-kill');

const random = randomFrom(seed);

interface Place { readonly id: number; readonly at: number }

/** A server with plain rows of our organisation, some tied; and a profile that knows it. */
async function setUp(name: string, count: number) {
  const server = await startNaviDeployment({ config: configFor('C1'), seed: 7, events: 0 });
  const startUs = (Date.now() - 30 * 86_400_000) * 1000;
  const rows = Array.from({ length: count }, (_, index): NewAuditRow => ({
    orgKey: 'acme', actorSub: `auth0|user${index % 7}`, actorEmail: null, route: `/api/plan/${index}`, method: 'POST', eventType: 'http.request', resourceId: null,
    payload: { query_params: { n: String(index) } }, statusCode: 200, createdAtMicros: startUs + Math.floor(index / 3) * 20_000_001,
  }));
  const ids = server.insertRows(rows);
  const places = ids.map((id, index): Place => ({ id, at: rows[index]?.createdAtMicros ?? 0 }));
  const profileDir = `${folder.path}/${name}`;
  const app = await open(profileDir);
  const { id } = await value(app, 'deployment.add', { name: 'acme', url: server.url, kind: 'navi', token: server.signToken({ sub: 'auth0|admin1', org_id: 'acme', role: 'admin' }) });
  await value(app, 'deployment.test', { id });
  await app.close();
  const exports = (): number => server.requests.filter(({ url }) => url.startsWith('/api/audit/export')).length;
  return { server, places, profileDir, id, exports };
}

const open = (profileDir: string): Promise<App> => createApp(testPorts(profileDir, { host: 'cli' }), { version: 'test', secrets: { store: 'keychain', passphrase: null } });

/** Ids in the cache, with the state of the text index and the counts that must go with them. */
async function heldIn(profileDir: string): Promise<{ readonly ids: ReadonlySet<number>; readonly counted: number; readonly withoutPayload: number }> {
  const stored = JSON.parse(readFileSync(`${profileDir}.keychain.json`, 'utf8')) as Record<string, string>;
  const key = await keyFromStore(stored['database-key'] ?? '', null);
  if (key === null) throw new Error('no key');
  const database = openDatabase({ path: join(profileDir, 'cache.db'), key, mode: 'write', log: keptLog(), clock: systemClock });
  try {
    const ids = new Set(database.read.all(sql`SELECT id FROM audit_event`, (row) => Number(row['id'])));
    const counted = database.read.get(sql`SELECT coalesce(sum(events), 0) AS n FROM audit_hour`, (row) => Number(row['n'])) ?? 0;
    const withoutPayload = database.read.get(sql`SELECT count(*) AS n FROM audit_event e LEFT JOIN audit_payload p ON p.seq = e.seq WHERE p.seq IS NULL`, (row) => Number(row['n'])) ?? 0;
    return { ids, counted, withoutPayload };
  } finally {
    database.close();
  }
}

/** Every row of the server that lies in a covered stretch is held, and the counts fit the rows. */
async function expectTrue(profileDir: string, id: string, places: readonly Place[]): Promise<number> {
  const app = await open(profileDir);
  const { segments } = await value(app, 'audit.coverage', { deploymentId: id });
  expect(['intact', 'intact-head-behind']).toContain((await value(app, 'ledger.verify', {})).verdict);
  await app.close();
  const { ids, counted } = await heldIn(profileDir);
  expect(counted).toBe(ids.size);
  const covered = segments.filter(({ state }) => state === 'complete' || state === 'own-org').map(({ from, to }) => ({ fromUs: from === null ? -Infinity : parseInstantUs(from) ?? Infinity, toUs: to === null ? Infinity : parseInstantUs(to) ?? -Infinity }));
  const missing = places.filter((place) => !ids.has(place.id) && covered.some(({ fromUs, toUs }) => fromUs <= place.at && place.at <= toUs));
  expect(missing).toEqual([]);
  return ids.size;
}

/** The list of all organisations reaches 1000 rows: only rows that the export does not give can be missing beyond them. */
function expectOnlyListGaps(gaps: readonly AuditGap[]): void {
  for (const { reason } of gaps) expect(reason).toMatch(/^(?:The list gives only the newest 1000 rows|Rows of )/);
}

afterAll(() => folder.remove());

describe(`a backfill of ${EVENTS} events`, () => {
  let it100k: Awaited<ReturnType<typeof setUp>>;
  beforeAll(async () => { it100k = await setUp('backfill', EVENTS); }, 120_000);
  afterAll(() => it100k.server.close());

  it('killed with -9 in between, it is resumed to the full set, with fewer requests', async () => {
    const { places, profileDir, id, exports } = it100k;
    const lines = await runAndKill('job-child', [profileDir, 'sync', id], { arm: (line) => Number(/^progress (\d+)/.exec(line)?.[1] ?? 0) >= 45_000, delayMs: 0 });
    expect(lines.some((line) => line.startsWith('synced'))).toBe(false);
    const first = exports();
    const held = await expectTrue(profileDir, id, places);
    expect(held).toBeGreaterThanOrEqual(30_000);
    const app = await open(profileDir);
    const done = await value(app, 'audit.sync', { deploymentId: id });
    expect(done).toMatchObject({ findings: 0, changed: 0, total: EVENTS });
    expectOnlyListGaps(done.gaps);
    const second = exports() - first;
    // A whole walk needs a request for every page: what the killed one has read is not among those of the second.
    const pages = EVENTS / EXPORT_LIMIT;
    expect(second).toBeLessThanOrEqual(pages - Math.floor(held / EXPORT_LIMIT) + 4);
    expect(second).toBeLessThan(pages);
    const again = await value(app, 'audit.sync', { deploymentId: id });
    expect(again).toMatchObject({ added: 0, changed: 0, findings: 0, payloadsAdded: 0 });
    await app.close();
    const { ids, withoutPayload } = await heldIn(profileDir);
    expect([ids.size, withoutPayload]).toEqual([EVENTS, 0]);
    expect(places.every((place) => ids.has(place.id))).toBe(true);
  }, 600_000);
});

describe('kill -9 at random moments', () => {
  let small: Awaited<ReturnType<typeof setUp>>;
  beforeAll(async () => { small = await setUp('random', 24_000); }, 120_000);
  afterAll(() => small.server.close());

  it(`${KILLS} times: what is reopened is true each time, and the last sync completes`, async () => {
    const { places, profileDir, id, server } = small;
    let held = 0;
    let killed = 0;
    for (let round = 0; round < KILLS; round += 1) {
      const lines = await runAndKill('job-child', [profileDir, 'sync', id], { arm: (line) => line === 'open', delayMs: random(1_500) });
      if (!lines.some((line) => line.startsWith('synced'))) killed += 1;
      const now = await expectTrue(profileDir, id, places);
      expect(now).toBeGreaterThanOrEqual(held);
      held = now;
      // Some new rows, so that a sync has something to add also when all is held.
      const at = Date.now() * 1000;
      const [added] = server.insertRows([{ orgKey: 'acme', actorSub: null, actorEmail: null, route: '/api/new', method: 'POST', eventType: 'http.request', resourceId: null, payload: {}, statusCode: 200, createdAtMicros: at }]);
      (places as Place[]).push({ id: added ?? 0, at });
    }
    expect(killed).toBeGreaterThan(KILLS / 4);
    const app = await open(profileDir);
    const done = await value(app, 'audit.sync', { deploymentId: id });
    expect(done).toMatchObject({ findings: 0, changed: 0, total: places.length });
    expectOnlyListGaps(done.gaps);
    await app.close();
    expect(await expectTrue(profileDir, id, places)).toBe(places.length);
  }, 1_200_000);
});
