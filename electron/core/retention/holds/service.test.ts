// Legal holds over a real cache: what is held is in the vault with digests, whatever comes late, is cancelled, fails or is removed meanwhile.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '#shared/errors.ts';
import { sql } from '#core/db/sql.ts';
import type { Session } from '#core/session.ts';
import { temporaryFolder } from '../../../../test/support/ports.ts';
import { addressOf, benchPayload, benchRow, HELD, NOW_US, openRetentionBench, OTHER } from '../../../../test/support/retention-bench.ts';
import type { RetentionBench } from '../../../../test/support/retention-bench.ts';
import { casesOf, hasActiveHolds, heldAmong, isHeld } from './membership.ts';
import { recordPresence } from './presence-queries.ts';

const isLong = process.env['HOLDFAST_TEST_LONG'] === '1';
const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 7);
const DAY_US = 86_400_000_000;
let folder: ReturnType<typeof temporaryFolder>;
let bench: RetentionBench;
const cleanups: (() => unknown)[] = [];
async function open(wrap?: (session: Session) => Session): Promise<RetentionBench> {
  const opened = await openRetentionBench(join(folder.path, 'profile'), wrap);
  cleanups.push(opened.close);
  return opened;
}
beforeEach(async () => {
  folder = temporaryFolder('holds');
  bench = await open();
});
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
  folder.remove();
});
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);
const rows = (from: number, to: number) => range(from, to).map((id) => benchRow(id));
const sha = (text: string): string => createHash('sha256').update(text).digest('hex');
const codeOf = async (work: Promise<unknown>): Promise<string> => work.then(() => 'ok', (error: unknown) => (error instanceof AppError ? error.code : String(error)));

describe('setting a hold', () => {
  it('previews what it takes in, then has exactly that in the vault, as received and with digests', async () => {
    bench.store(range(1, 60).map((id) => ({ ...benchRow(id), ...(id % 2 === 0 ? { payload: benchPayload(id) } : {}) })));
    const preview = await bench.holds.preview({ deploymentId: HELD, query: 'method:DELETE' });
    expect(preview).toMatchObject({ rows: 20, withoutPayload: 10, gaps: 0 });
    const hold = await bench.add('method:DELETE');
    expect(hold.counts).toMatchObject({ rows: 20, preserved: 20, withoutPayload: 10, vanished: 0 });
    expect([...bench.vaultIds(hold.id)].sort((a, b) => a - b)).toEqual(range(1, 60).filter((id) => id % 3 === 0));
    for (const { id, body, digest, payload, payloadDigest } of bench.vault()) {
      expect(digest).toBe(sha(body));
      expect(JSON.parse(body)).toMatchObject({ id, route: `/api/plan/${id}`, createdAtUs: NOW_US - id * 60_000_000, createdAtRaw: 'as it was written', address: addressOf(HELD), firstSeenUs: NOW_US });
      expect(payload).toBe(id % 2 === 0 ? benchPayload(id).body : null);
      expect(payloadDigest).toBe(payload === null ? null : sha(payload));
    }
    expect(await bench.holds.checkVault(HELD)).toEqual({ rows: 20, payloads: 10, damaged: [] });
  });

  it('refuses times that count back from now, with their column, and what is no query', async () => {
    for (const [query, column] of [['since:30d', 1], ['org:acme since:2026-01-01 until:2h', 27], ['method:POST -(org:acme OR since:1h)', 27]] as const) {
      const error: unknown = await bench.add(query).catch((thrown: unknown) => thrown);
      expect(error, query).toMatchObject({ code: 'invalid_query' });
      expect((error as AppError).message, query).toMatch(new RegExp(`^Column ${column}: this time counts back`));
    }
    expect(await codeOf(bench.add('nope:x'))).toBe('invalid_query');
    expect((await bench.holds.list(HELD))).toEqual([]);
    expect(await codeOf(bench.add('since:2026-01-01 until:2026-12-31'))).toBe('ok');
  });

  it('is in the ledger with its reason, once for a case, and so is its release', async () => {
    bench.store(rows(1, 5));
    const hold = await bench.add('');
    expect(await codeOf(bench.add('org:acme', { caseId: 'c-1' }))).toBe('hold_exists');
    expect(hasActiveHolds(bench.session.read(), bench.dep())).toBe(true);
    const released = await bench.holds.release({ deploymentId: HELD, holdId: hold.id, reason: 'settled out of court' });
    expect(released.released).toMatchObject({ reason: 'settled out of court' });
    expect(hasActiveHolds(bench.session.read(), bench.dep())).toBe(false);
    expect(await codeOf(bench.holds.release({ deploymentId: HELD, holdId: hold.id, reason: 'again' }))).toBe('hold_not_found');
    expect(await codeOf(bench.holds.release({ deploymentId: OTHER, holdId: hold.id, reason: 'not mine' }))).toBe('hold_not_found');
    expect(bench.ledger.list(null, 10).entries.map(({ action, subject, reason }) => [action, subject, reason])).toEqual([['retention.hold.released', 'C-1', 'settled out of court'], ['retention.hold.added', 'C-1', 'a claim']]);
    expect(bench.vaultIds(hold.id).size).toBe(5);
    expect(await codeOf(bench.add('org:acme'))).toBe('ok');
  });

  it('says when its review date has passed', async () => {
    expect((await bench.add('', { reviewOn: '2026-11-21' })).isReviewOverdue).toBe(true);
    expect((await bench.add('', { caseId: 'C-2', reviewOn: '2026-11-22' })).isReviewOverdue).toBe(false);
  });

  it('counts what comes due within 14 days and what is due, by the clock of the deployment', async () => {
    bench.status({ enabled: true, retention_days: 90, overdue_count: 3, cutoff_iso: new Date((NOW_US + DAY_US - 90 * DAY_US) / 1000).toISOString() });
    const old = (id: number, days: number) => benchRow(id, { createdAtUs: NOW_US - days * DAY_US });
    bench.store([old(1, 90.5), old(2, 89.5), old(3, 88.5), old(4, 76), old(5, 74), old(6, 1)]);
    const hold = await bench.add('');
    // A clock that is a day ahead: rows of 89 days are due.
    expect(hold.counts).toMatchObject({ rows: 6, due: 2, dueSoon: 2 });
    expect(hold.nextDue).toBe(new Date((NOW_US - 1.5 * DAY_US) / 1000).toISOString().replace('.000', ''));
  });
});

describe('what comes later', () => {
  it('is preserved after the next sync, with payloads that arrive after their row', async () => {
    bench.store(rows(1, 30));
    const hold = await bench.add('payload:secret', { caseId: 'P' });
    const every = await bench.add('id:1..10', { caseId: 'I' });
    expect(hold.counts.rows).toBe(0);
    bench.payloads(range(1, 30));
    bench.store(rows(31, 40));
    const before = await bench.holds.list(HELD);
    // Not preserved yet, and counted all the same: by what was found late, and by what is in the vault without its payload.
    expect(before.find(({ id }) => id === hold.id)?.counts).toMatchObject({ rows: 7, preserved: 0 });
    expect(before.find(({ id }) => id === every.id)?.counts).toMatchObject({ rows: 10, preserved: 10, withoutPayload: 10 });
    expect(await bench.holds.preserveAfterSync(HELD)).toEqual({ problem: null, preserved: 17 });
    const after = await bench.holds.list(HELD);
    expect(after.find(({ id }) => id === hold.id)?.counts).toMatchObject({ rows: 7, preserved: 7, withoutPayload: 0 });
    expect(after.find(({ id }) => id === every.id)?.counts).toMatchObject({ rows: 10, preserved: 10, withoutPayload: 0 });
    expect(await bench.holds.preserveAfterSync(HELD)).toEqual({ problem: null, preserved: 0 });
  });

  it('is found although numbers of rows are given again after another deployment went', async () => {
    bench.store(rows(1, 10));
    bench.store(range(1, 50).map((id) => benchRow(id)), { id: OTHER });
    await bench.add('');
    const { token } = bench.deployments.planRemoval(OTHER);
    await bench.deployments.remove({ id: OTHER, token, confirmName: OTHER });
    bench.store(rows(11, 20));
    await bench.holds.preserveAfterSync(HELD);
    expect(bench.vaultIds().size).toBe(20);
  });

  it('is among the held rows of a cutoff before it is in the vault, by case', async () => {
    bench.store(rows(1, 10));
    const first = await bench.add('id:1..6');
    await bench.add('id:5..20', { caseId: 'C-2' });
    bench.store(rows(11, 30));
    const db = bench.session.read();
    expect([...heldAmong(db, bench.dep()).ids].sort((a, b) => a - b)).toEqual(range(1, 20));
    const older = heldAmong(db, bench.dep(), { toUs: NOW_US - 4 * 60_000_000 });
    expect(older.byHold.map(({ caseId, rows: count }) => [caseId, count])).toEqual([['C-1', 2], ['C-2', 16]]);
    expect(older.ids.size).toBe(16);
    expect(heldAmong(db, bench.dep(), { ids: new Set([2, 25]) })).toMatchObject({ byHold: [{ caseId: 'C-1', rows: 1 }] });
    expect([isHeld(db, bench.dep(), 18), isHeld(db, bench.dep(), 25)]).toEqual([true, false]);
    expect(casesOf(db, bench.dep(), 6).map(({ caseId }) => caseId)).toEqual(['C-1', 'C-2']);
    await bench.holds.release({ deploymentId: HELD, holdId: first.id, reason: 'no longer' });
    expect(isHeld(db, bench.dep(), 3)).toBe(false);
  });
});

describe('what goes wrong', () => {
  it('a cancel leaves the hold standing, and the next run goes on', async () => {
    bench.store(rows(1, 3500));
    const stop = new AbortController();
    const add = bench.add('', {}, stop.signal);
    const watch = setInterval(() => { if (bench.vaultIds().size > 0) stop.abort(); }, 1);
    expect(await codeOf(add)).toBe('cancelled');
    clearInterval(watch);
    const [hold] = await bench.holds.list(HELD);
    expect(hold?.counts.rows).toBe(3500);
    expect(hold?.counts.preserved).toBeLessThan(3500);
    await bench.holds.resume();
    expect((await bench.holds.list(HELD))[0]?.counts).toMatchObject({ rows: 3500, preserved: 3500 });
  });

  it.each(['disk_full', 'profile_locked'] as const)('%s in mid-work is told, loses nothing, and leaves no half of a step', async (failure) => {
    bench.store(rows(1, 2500));
    await bench.close();
    let left = Number.POSITIVE_INFINITY;
    const broken = await open((session) => ({
      ...session,
      write: () => {
        left -= 1;
        if (left < 0) throw new AppError(failure, { message: 'It failed.', hint: 'Mend it.' });
        return session.write();
      },
    }));
    left = 4;
    const error: unknown = await broken.add('').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: failure });
    expect((error as AppError).message).toContain('The hold for C-1 stands');
    left = 0;
    expect((await broken.holds.preserveAfterSync(HELD)).problem).toContain('not every row under a legal hold is in the vault yet');
    left = Number.POSITIVE_INFINITY;
    const [hold] = await broken.holds.list(HELD);
    expect(hold?.counts).toMatchObject({ rows: 2500 });
    expect((hold?.counts.preserved ?? 1) % 1000).toBe(0);
    expect(await broken.holds.preserveAfterSync(HELD)).toMatchObject({ problem: null });
    expect((await broken.holds.list(HELD))[0]?.counts).toMatchObject({ rows: 2500, preserved: 2500 });
  });

  it('a changed vault is found by its digests', async () => {
    bench.store(rows(1, 3));
    await bench.add('');
    const db = bench.session.write();
    expect(() => db.run(sql`UPDATE vault_row SET body = '{}' WHERE event_id = 2`)).toThrow();
    db.run(sql`DROP TRIGGER vault_row_no_update`);
    db.run(sql`UPDATE vault_row SET body = '{}' WHERE event_id = 2`);
    expect((await bench.holds.checkVault(HELD)).damaged).toEqual([2]);
  });

  it('no statement takes a held row out of the vault, and a deployment with a hold is not removed', async () => {
    bench.store(rows(1, 3).map((row) => ({ ...row, payload: benchPayload(row.id) })));
    const hold = await bench.add('');
    const db = bench.session.write();
    for (const query of [sql`DELETE FROM vault_payload`, sql`DELETE FROM hold_member`, sql`DELETE FROM vault_row`, sql`DELETE FROM hold`, sql`UPDATE hold SET query = 'org:x'`]) expect(() => db.run(query)).toThrow();
    expect(() => bench.deployments.planRemoval(HELD)).toThrow(expect.objectContaining({ code: 'rows_held' }));
    await bench.holds.release({ deploymentId: HELD, holdId: hold.id, reason: 'over' });
    expect(() => db.run(sql`DELETE FROM hold_end`)).toThrow();
    const { token } = bench.deployments.planRemoval(HELD);
    await bench.deployments.remove({ id: HELD, token, confirmName: HELD });
    for (const table of [sql`hold`, sql`hold_end`, sql`hold_member`, sql`hold_mark`, sql`vault_row`, sql`vault_payload`, sql`presence`, sql`age_hour`, sql`age_mark`]) expect(db.get(sql`SELECT count(*) AS n FROM ${table}`, (row) => row['n'])).toBe(0);
    expect(await codeOf(bench.holds.list(HELD))).toBe('deployment_not_found');
  });
});

describe('rows that vanished', () => {
  it('are those that were looked for last and were not there, at the address that gave them', async () => {
    bench.store(rows(1, 5));
    bench.store([benchRow(6)], { kind: 'import' });
    const hold = await bench.add('');
    const db = bench.session.write();
    const seen = (eventId: number, isThere: boolean, atUs: number) => ({ dep: bench.dep(), address: addressOf(HELD), eventId, isThere, source: 'GET /api/audit/{id}/payload', atUs });
    recordPresence(db, [seen(1, false, 10), seen(2, false, 10), seen(2, true, 20), seen(3, true, 10), seen(3, false, 20), { ...seen(4, false, 10), address: 'https://elsewhere.example.com' }, seen(6, false, 10)]);
    expect(bench.holds.vanished(HELD).map(({ eventId, holdId }) => [eventId, holdId])).toEqual([[3, hold.id], [1, hold.id]]);
    expect((await bench.holds.list(HELD))[0]?.counts.vanished).toBe(2);
  });

  it('are those past the cutoff when nothing past it was left, as the database was shown to have said', async () => {
    const old = (id: number, days: number) => benchRow(id, { createdAtUs: NOW_US - days * DAY_US });
    bench.store([old(1, 95), old(2, 80)], { atUs: NOW_US - 20 * DAY_US });
    await bench.add('');
    bench.status({ enabled: true, retention_days: 90, overdue_count: 0, cutoff_iso: new Date((NOW_US - 90 * DAY_US) / 1000).toISOString() });
    expect(bench.holds.vanished(HELD)).toEqual([]);
    recordPresence(bench.session.write(), [-1, 1].map((step) => ({ dep: bench.dep(), address: addressOf(HELD), eventId: 2, isThere: true, source: 'a look', atUs: NOW_US + step })));
    expect(bench.holds.vanished(HELD).map(({ eventId }) => eventId)).toEqual([1]);
  });
});

describe('in any order', () => {
  const QUERIES = ['', 'method:DELETE', 'org:acme', '-org:acme', 'payload:secret', 'status:>=400', 'id:1..40', 'route:/api/plan/1*', 'payload:none', 'since:2026-11-22T11:30:00Z'];
  const step = fc.oneof(
    fc.record({ kind: fc.constant('rows' as const), from: fc.integer({ min: 1, max: 60 }), count: fc.integer({ min: 1, max: 25 }), paid: fc.boolean() }),
    fc.record({ kind: fc.constant('payloads' as const), from: fc.integer({ min: 1, max: 60 }), count: fc.integer({ min: 1, max: 25 }) }),
    fc.record({ kind: fc.constant('hold' as const), query: fc.constantFrom(...QUERIES) }),
    fc.record({ kind: fc.constant('release' as const), pick: fc.nat() }),
    fc.record({ kind: fc.constant('sync' as const) }),
    fc.record({ kind: fc.constant('others' as const), count: fc.integer({ min: 1, max: 20 }) }),
  );

  it('a held row is in the vault after the sync, and is held from the moment it came', async () => {
    let cases = 0;
    let made = 0;
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      cases += 1;
      const path = join(folder.path, `case-${cases}`);
      const world = await openRetentionBench(path);
      try {
        const standing = new Map<string, string>();
        let others = 0;
        for (const one of [...steps, { kind: 'sync' as const }]) {
          if (one.kind === 'rows') world.store(range(one.from, one.from + one.count).map((id) => ({ ...benchRow(id), ...(one.paid ? { payload: benchPayload(id) } : {}) })));
          if (one.kind === 'payloads') world.payloads(range(one.from, one.from + one.count));
          if (one.kind === 'others') {
            world.store(range(others + 1, others + one.count).map((id) => benchRow(id)), { id: OTHER });
            others += one.count;
          }
          if (one.kind === 'hold') {
            made += 1;
            const { id } = await world.add(one.query, { caseId: `C ${made}` });
            standing.set(id, one.query);
          }
          if (one.kind === 'release') {
            const id = [...standing.keys()][one.pick % Math.max(1, standing.size)];
            if (id !== undefined) {
              await world.holds.release({ deploymentId: HELD, holdId: id, reason: 'over by now' });
              standing.delete(id);
            }
          }
          const matching = new Map<string, number>();
          for (const [id, query] of standing) matching.set(id, (await world.holds.preview({ deploymentId: HELD, query })).rows);
          const held = heldAmong(world.session.read(), world.dep());
          for (const [id, count] of matching) expect(held.byHold.find(({ holdId }) => holdId === id)?.rows ?? 0).toBeGreaterThanOrEqual(count);
          if (one.kind === 'sync') {
            expect((await world.holds.preserveAfterSync(HELD)).problem).toBeNull();
            for (const hold of await world.holds.list(HELD)) {
              if (hold.released !== null) continue;
              expect(hold.counts.preserved).toBe(hold.counts.rows);
              expect(world.vaultIds(hold.id).size).toBe(hold.counts.rows);
              expect(hold.counts.rows).toBeGreaterThanOrEqual(matching.get(hold.id) ?? 0);
            }
            const kept = world.vaultIds();
            for (const id of held.ids) expect(kept.has(id)).toBe(true);
            // What the cache has of a held row, the vault has too.
            const bare = world.session.read().get(sql`SELECT count(*) AS n FROM hold_member m LEFT JOIN hold_end x ON x.hold_id = m.hold_id JOIN vault_row v ON v.num = m.num JOIN audit_event e ON e.dep = v.dep AND e.id = v.event_id LEFT JOIN vault_payload p ON p.num = v.num
              WHERE x.hold_id IS NULL AND e.state IS NOT NULL AND p.num IS NULL`, (row) => Number(row['n']));
            expect(bare).toBe(0);
            expect((await world.holds.checkVault(HELD)).damaged).toEqual([]);
          }
        }
      } finally {
        await world.close();
      }
    }), { seed, numRuns: isLong ? 200 : 25 });
  }, 600_000);
});
