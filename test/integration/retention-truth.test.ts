// The truth about retention through the whole core, against the reference deployment: what is configured is told apart from what is deleted, and what nobody counted is unknown.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { parseInstantUs } from '#shared/domain/time.ts';
import { configFor as karenConfig } from '../deployments/karen/config.ts';
import { startKarenDeployment } from '../deployments/karen/server.ts';
import type { NaviDeployment } from '../deployments/navi/server.ts';
import { code, value } from '../support/calls.ts';
import { DAY_MS, retentionWorld } from '../support/retention-world.ts';

const isLong = process.env['HOLDFAST_TEST_LONG'] === '1';
const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 20261122);
const cleanups: (() => unknown)[] = [];
afterEach(async () => { for (const clean of cleanups.splice(0).reverse()) await clean(); });
const world = (options: Parameters<typeof retentionWorld>[1] = {}) => retentionWorld(cleanups, options);
function reach(server: NaviDeployment, isReachable: boolean): void {
  server.reconfigure({ database: { ...server.config().database, isReachable } });
}

describe('the policy', () => {
  it('is unknown before anybody was asked', async () => {
    const { show } = await world();
    const { policy, verdict, ages, due, purge } = await show();
    expect(policy).toMatchObject({ state: 'unknown', days: null, cutoff: null, observedAt: null, overdue: { said: null, rows: null } });
    expect(verdict).toMatchObject({ state: 'unknown', evidence: [] });
    expect(ages).toMatchObject({ rows: 0, oldestAt: null, pastCutoff: null, seenPastCutoff: null, bars: [] });
    expect(due).toEqual([]);
    expect(purge.state).toBe('offered');
  });

  it('counts the cutoff by the clock of the deployment, a day ahead or behind', async () => {
    for (const aheadMs of [DAY_MS, -DAY_MS, 0]) {
      const { rows, sync, show, nowMs } = await world({ aheadMs });
      rows([89.5, 90.5, 10]);
      await sync();
      const { policy, ages } = await show();
      expect(Math.abs(Date.parse(policy.cutoff ?? '') - (nowMs() + aheadMs - 90 * DAY_MS))).toBeLessThan(2000);
      expect(ages.pastCutoff).toBe(1);
      expect(/clock is 24 hours (ahead|behind)/.test(policy.reason)).toBe(aheadMs !== 0);
    }
  });

  it('believes a count of none only when the database was shown to have given it', async () => {
    const { rows, sync, show, server, app, id, pass } = await world({ dialect: 'C1' });
    rows([1, 2, 3]);
    await sync();
    expect((await show()).policy.overdue).toMatchObject({ said: 0, rows: 0 });
    pass(3_600_000);
    reach(server, false);
    expect(await code(app, 'audit.sync', { deploymentId: id })).not.toBe('ok');
    const down = await show();
    expect(down.policy).toMatchObject({ state: 'on', overdue: { said: 0, rows: null } });
    expect(down.policy.overdue.reason).toContain('database is down');
    reach(server, true);
    pass(3_600_000);
    await sync();
    expect((await show()).policy.overdue).toMatchObject({ said: 0, rows: 0 });
  });

  it('says that 0 says nothing while retention is off', async () => {
    const { rows, sync, show } = await world({ days: null });
    rows([400, 1]);
    await sync();
    const { policy, verdict, due } = await show();
    expect(policy).toMatchObject({ state: 'off', cutoff: null, overdue: { said: 0, rows: null } });
    expect(policy.overdue.reason).toContain('while retention is off');
    expect(verdict.state).toBe('unknown');
    expect(due).toEqual([]);
  });

  it('is that of the present token and address, never of another', async () => {
    const { rows, sync, show, server, app, id } = await world();
    rows([1]);
    await sync();
    expect((await show()).policy.state).toBe('on');
    await value(app, 'deployment.setToken', { id, token: server.signToken({ sub: 'auth0|admin2', org_id: 'acme', role: 'admin' }) });
    expect((await show()).policy).toMatchObject({ state: 'unknown', cutoff: null });
  });

  it('takes no number of days that is no period for a rule', async () => {
    for (const days of [0, -5, 100_000]) {
      const { rows, sync, show } = await world({ config: { retention: { isEnabled: true, days } }, days });
      rows([1]);
      await sync();
      const { policy } = await show();
      expect(policy).toMatchObject({ state: 'unknown', days, cutoff: null });
      expect(policy.reason).toContain('no usable period');
    }
  });
});

describe('the verdict', () => {
  it('is not deleting when rows were given more than a day after they came due', async () => {
    const { rows, sync, show } = await world();
    rows([120, 95, 10]);
    await sync();
    const { verdict, ages, policy } = await show();
    expect(verdict.state).toBe('not-deleting');
    expect(verdict.evidence[0]?.source).toBe('the list');
    expect(ages).toMatchObject({ pastCutoff: 2, seenPastCutoff: 2 });
    expect(policy.overdue).toMatchObject({ said: 2, rows: 2 });
  });

  it('is not called not-deleting for rows that a daily purge may be about to take', async () => {
    const { rows, sync, show } = await world();
    rows([90.3, 90.6, 10]);
    await sync();
    const { verdict, ages } = await show();
    expect(verdict.state).toBe('unknown');
    expect(verdict.message).toContain('2 rows past the cutoff');
    expect(ages).toMatchObject({ pastCutoff: 2, seenPastCutoff: 0 });
  });

  it('sees by the deployment\'s own count that rows which were synced in time are still there', async () => {
    const { rows, sync, show, pass } = await world();
    rows([89, 88, 10]);
    await sync();
    expect((await show()).verdict.state).toBe('unknown');
    pass(5 * DAY_MS);
    await sync();
    const { verdict, ages } = await show();
    expect(verdict.state).toBe('not-deleting');
    expect(verdict.evidence.map(({ text }) => text).join(' ')).toContain('only 0 came due within the day before');
    expect(ages.pastCutoff).toBe(2);
  });

  it('sees rows that come again long after they came due, where the count proves nothing', async () => {
    const { rows, sync, show, pass } = await world({ dialect: 'C1' });
    rows([89, 88]);
    rows(Array.from({ length: 1010 }, (_, index) => index / 1000), { orgKey: null });
    await sync();
    pass(5 * DAY_MS);
    await sync();
    const { verdict, ages } = await show();
    expect(verdict.state).toBe('not-deleting');
    expect(verdict.evidence[0]?.text).toContain('still there more than a day after');
    expect(ages.seenPastCutoff).toBe(2);
  });

  it('is deleting when rows that were seen have come due and are gone, and grows old', async () => {
    const { rows, sync, show, pass, server } = await world();
    rows([89, 88, 10]);
    await sync();
    pass(3 * DAY_MS);
    expect(server.runPurgeScript()).toContain('Purged 2 audit rows');
    await sync();
    const { verdict } = await show();
    expect(verdict.state).toBe('deleting');
    expect(verdict.evidence[0]?.text).toContain('2 rows that it gave before have come due');
    pass(8 * DAY_MS);
    expect((await show()).verdict).toMatchObject({ state: 'unknown' });
  });

  it('is unknown when rows that were not due are gone as well: that is not what is configured', async () => {
    const { rows, sync, show, pass, server } = await world();
    rows([89, 88]);
    const young = rows([60, 30, 10, 5]);
    await sync();
    pass(3 * DAY_MS);
    server.runPurgeScript();
    server.removeRows(young.slice(1, 3));
    await sync();
    const { verdict } = await show();
    expect(verdict.state).toBe('unknown');
    expect(verdict.message).toContain('so are rows that were not due');
    expect(verdict.evidence.map(({ text }) => text).join(' ')).toContain('2 rows that were not due are gone as well');
  });

  it.each(['emptied', 'replaced'])('is unknown when the log was %s: its count is that of another log', async (how) => {
    const { rows, sync, show, pass, server } = await world();
    const all = rows([89, 88, 60, 10]);
    await sync();
    pass(3 * DAY_MS);
    server.removeRows(all);
    if (how === 'replaced') rows([0.2, 0.1]);
    await sync();
    const { verdict, policy } = await show();
    expect(verdict.state).toBe('unknown');
    expect(policy.overdue).toMatchObject({ said: 0, rows: null });
    expect(policy.overdue.reason).toContain('lacked rows');
  });

  it('is deleting again after it was not, and the other way round: the newest counts', async () => {
    const { rows, sync, show, pass, server } = await world();
    rows([120, 89, 10]);
    await sync();
    expect((await show()).verdict.state).toBe('not-deleting');
    server.runPurgeScript();
    pass(DAY_MS);
    await sync();
    expect((await show()).verdict.state).toBe('deleting');
    pass(4 * DAY_MS);
    await sync();
    expect((await show()).verdict.state).toBe('not-deleting');
  });

  it('is deleting by a nightly purge although rows have come due since', async () => {
    const { rows, sync, show, pass, server } = await world();
    rows(Array.from({ length: 48 }, (_, index) => 87 + index / 12));
    await sync();
    for (let day = 0; day < 3; day += 1) {
      server.runPurgeScript();
      pass(DAY_MS / 2);
      await sync();
      const { verdict, policy } = await show();
      expect(policy.overdue.rows).toBeGreaterThan(0);
      expect(verdict.state).toBe('deleting');
      pass(DAY_MS / 2);
    }
  });

  it('is unknown while nothing has come due, and while the database is away', async () => {
    const { rows, sync, show, pass, server, app, id } = await world();
    rows([10, 1]);
    await sync();
    const young = await show();
    expect(young.verdict.state).toBe('unknown');
    expect(young.verdict.message).toContain('no row that was seen there has come due yet');
    pass(85 * DAY_MS);
    reach(server, false);
    await app.dispatch('audit.sync', { deploymentId: id });
    expect((await show()).verdict.state).toBe('unknown');
  });

  it('does not hold rows against a rule that came after they were seen', async () => {
    const { rows, sync, show, pass, server } = await world({ days: 365 });
    rows([120, 95, 10]);
    await sync();
    server.reconfigure({ retention: { isEnabled: true, days: 90 } });
    pass(3_600_000);
    await sync();
    const changed = await show();
    expect(changed.ages).toMatchObject({ pastCutoff: 2, seenPastCutoff: 0 });
    expect(changed.verdict.state).toBe('unknown');
  });

  it('takes no rows for gone that another rule counted', async () => {
    const { rows, sync, show, pass, server } = await world();
    rows([80, 70, 10]);
    const under = async (days: number) => {
      server.reconfigure({ retention: { isEnabled: true, days } });
      pass(3_600_000);
      await sync();
      return show();
    };
    expect((await under(90)).verdict.state).toBe('unknown');
    const shorter = await under(60);
    expect(shorter.policy.overdue.rows).toBe(2);
    expect(shorter.verdict).toMatchObject({ state: 'unknown', message: expect.stringContaining('It counts 2 rows past the cutoff') });
    const longer = await under(365);
    expect(longer.policy.overdue.rows).toBe(0);
    expect(longer.verdict).toMatchObject({ state: 'unknown', message: expect.stringContaining('no row that was seen there has come due yet') });
  });

  it('says of a longer rule nothing that a shorter one showed', async () => {
    const { rows, sync, show, pass, server } = await world({ days: 60 });
    rows([70, 10]);
    await sync();
    server.runPurgeScript();
    pass(3_600_000);
    await sync();
    expect((await show()).verdict.state).toBe('deleting');
    server.reconfigure({ retention: { isEnabled: true, days: 365 } });
    pass(3_600_000);
    await sync();
    expect((await show()).verdict.state).toBe('unknown');
  });

  it('does not go on saying deleting while the database is away', async () => {
    const { rows, sync, show, pass, server, app, id } = await world();
    rows([89, 10]);
    await sync();
    pass(3 * DAY_MS);
    server.runPurgeScript();
    await sync();
    expect((await show()).verdict.state).toBe('deleting');
    pass(3_600_000);
    reach(server, false);
    await app.dispatch('audit.sync', { deploymentId: id });
    const { verdict } = await show();
    expect(verdict.state).toBe('unknown');
    expect(verdict.message).toContain('database is down');
    reach(server, true);
    pass(3_600_000);
    await sync();
    expect((await show()).verdict.state).toBe('deleting');
  });

  it('stays deleting where a newer status was read and nothing else was asked', async () => {
    const { rows, sync, show, pass, server, app, id } = await world();
    rows([89, 10]);
    await sync();
    pass(3 * DAY_MS);
    server.runPurgeScript();
    await sync();
    const before = await show();
    expect(before.verdict.state).toBe('deleting');
    pass(3_600_000);
    await value(app, 'deployment.edit', { id, environment: 'production' });
    expect(await code(app, 'retention.plan', { deploymentId: id })).toBe('ok');
    const after = await show();
    expect(after.policy.observedAt).not.toBe(before.policy.observedAt);
    expect(after.policy.overdue).toMatchObject({ said: 0, rows: null });
    expect(after.verdict).toEqual(before.verdict);
  });

  it('never takes rows of a file for rows of the server', async () => {
    const { show, sync, app, id, profileDir, nowMs } = await world();
    const path = join(profileDir, '..', 'old.jsonl');
    writeFileSync(path, `${JSON.stringify({ id: 7, route: '/a', method: 'POST', event_type: 'http.request', org_key: 'acme', actor_sub: null, actor_email: null, resource_id: null, status_code: 200, created_at: new Date(nowMs() - 200 * DAY_MS).toISOString() })}\n`);
    await value(app, 'audit.import', { deploymentId: id, paths: [path], mode: 'keep-good' });
    await sync();
    const { verdict, ages } = await show();
    expect(ages).toMatchObject({ rows: 1, pastCutoff: 1, seenPastCutoff: 0 });
    expect(verdict.state).toBe('unknown');
  });
});

describe('ages and what comes due', () => {
  it('counts every row and byte once, without holes, and says what comes due by 7, 30 and 90 days', async () => {
    const { rows, sync, show, app, id } = await world();
    rows([100, 89.9, 85, 70, 61, 30, 0.1]);
    await sync();
    await value(app, 'retention.holdAdd', { deploymentId: id, caseId: 'C-1', owner: 'Ann', reason: 'a claim', reviewOn: '2027-01-01', query: 'route:/api/plan/3' });
    const { ages, due } = await show();
    expect(ages.rows).toBe(7);
    expect(ages.bars.reduce((sum, bar) => sum + bar.rows, 0)).toBe(7);
    expect(ages.stepDays).toBe(1);
    ages.bars.forEach((bar, index) => { if (index > 0) expect(bar.from).toBe(ages.bars[index - 1]?.to); });
    expect(due.map(({ days, rows: count, held }) => [days, count, held])).toEqual([[7, 2, 1], [30, 4, 1], [90, 6, 1]]);
    const bytes = ages.bars.reduce((sum, bar) => sum + bar.bytes, 0);
    expect(bytes).toBeGreaterThan(7 * 40);
    expect(due[2]?.bytes).toBeLessThan(bytes);
    expect(ages.bars.reduce((sum, bar) => sum + bar.held, 0)).toBe(1);
  });

  it('keeps to 400 bars over many years', async () => {
    const { rows, sync, show } = await world();
    rows([9000, 4000, 1]);
    await sync();
    const { ages } = await show();
    expect(ages.bars.length).toBeLessThanOrEqual(400);
    expect(ages.stepDays).toBe(Math.ceil(9001 / 400));
    expect(ages.bars.reduce((sum, bar) => sum + bar.rows, 0)).toBe(3);
  });

  it('names what was never read before the cutoff', async () => {
    const { show, sync, rows } = await world({ dialect: 'C1', org: 'globex' });
    rows(Array.from({ length: 1100 }, (_, index) => 1 + index / 10));
    await sync();
    const { ages } = await show();
    expect(ages.gaps.length).toBeGreaterThan(0);
  });
});

describe('the purge offer', () => {
  it('says what a route does, and that there is none', async () => {
    const offered = await (await world({ dialect: 'A' })).show();
    expect(offered.purge).toMatchObject({ state: 'offered' });
    expect(offered.purge.reason).toContain('every organisation');
    expect(offered.purge.reason).toContain('read-only here');
    expect((await (await world({ dialect: 'C1' })).show()).purge.state).toBe('not-offered');
  });

  it('has nothing to say of an AI-Karen, in a sentence', async () => {
    const { app } = await world();
    const karen = await startKarenDeployment({ config: karenConfig('SEED') });
    cleanups.push(() => karen.close());
    const { id } = await value(app, 'deployment.add', { name: 'karen', url: karen.url, kind: 'karen', environment: 'staging' });
    const answer = await app.dispatch('retention.show', { deploymentId: id });
    expect(answer).toMatchObject({ ok: false, error: { code: 'not_offered' } });
    expect(!answer.ok && answer.error.message).toContain('AI-Karen');
  });
});

describe('random logs, rules and clocks', () => {
  const often = fc.integer({ min: 0, max: 4 }).map((n) => n > 0);
  const day = fc.record({ hours: fc.integer({ min: 1, max: 72 }), purges: fc.boolean(), isDown: often.map((is) => !is), writes: fc.integer({ min: 0, max: 6 }), syncs: often });
  const schedule = fc.record({
    dialect: fc.constantFrom('A' as const, 'C1' as const), days: fc.constantFrom(1, 2, 7, 90), aheadHours: fc.integer({ min: -24, max: 24 }),
    ages: fc.array(fc.double({ min: 0, max: 1.5, noNaN: true }), { minLength: 0, maxLength: 30 }), withOrg: fc.boolean(), steps: fc.array(day, { minLength: 1, maxLength: 7 }),
  });

  it('counts what is there, and no verdict says what the server did not do', async () => {
    await fc.assert(fc.asyncProperty(schedule, async ({ dialect, days, aheadHours, ages, withOrg, steps }) => {
      const own: (() => unknown)[] = [];
      try {
        const { rows, pass, sync, show, server, app, id, nowMs, times } = await retentionWorld(own, { dialect, days, aheadMs: aheadHours * 3_600_000 });
        const cutoffUs = (): number => (nowMs() + aheadHours * 3_600_000 - days * DAY_MS) * 1000;
        /** What the server holds: a model of its writer and its purge. */
        let log = new Map<number, number>();
        const given = new Map<number, number>();
        /** The oldest row that was there when the console asked, by the console's clock. */
        const oldestAt = new Map<number, number>();
        const write = (age: number): void => {
          const [rowId = 0] = rows([age], withOrg ? {} : { orgKey: null });
          log.set(rowId, times.get(rowId) ?? 0);
        };
        for (const age of ages) write(age * days);
        for (const { hours, purges, isDown, writes, syncs } of steps) {
          pass(hours * 3_600_000);
          if (purges) {
            server.runPurgeScript();
            log = new Map([...log].filter(([, at]) => at >= cutoffUs()));
          }
          for (let n = 0; n < writes; n += 1) write(0);
          if (!syncs) continue;
          reach(server, !isDown);
          if (isDown) await app.dispatch('audit.sync', { deploymentId: id });
          else {
            await sync();
            for (const [row, at] of log) if (!given.has(row)) given.set(row, at);
          }
          oldestAt.set(nowMs(), Math.min(...log.values()));
          reach(server, true);

          const { policy, verdict, ages: seen, due } = await show();
          expect(parseInstantUs(policy.cutoff ?? '')).toBe(cutoffUs());
          expect(seen.rows).toBe(given.size);
          expect(seen.bars.reduce((sum, bar) => sum + bar.rows, 0)).toBe(given.size);
          expect(seen.pastCutoff).toBe([...given.values()].filter((at) => at < cutoffUs()).length);
          for (const { days: within, rows: count } of due) expect(count).toBe([...given.values()].filter((at) => at >= cutoffUs() && at < cutoffUs() + within * DAY_MS * 1000).length);
          // A count of none that is believed is true; one that the server could not count is not believed.
          if (policy.overdue.rows !== null) expect(policy.overdue.rows).toBe([...log.values()].filter((at) => at < cutoffUs()).length);
          if (isDown) expect(policy.overdue.rows).toBeNull();
          const decisive = verdict.evidence.find(({ text }) => /more than a day|the others are older|gone|not there any more|counted \d+\.$/.test(text));
          if (verdict.state === 'unknown') continue;
          const atMs = Date.parse(decisive?.at ?? '');
          const limitUs = (atMs + aheadHours * 3_600_000 - days * DAY_MS - DAY_MS) * 1000;
          const oldest = oldestAt.get(atMs);
          expect(oldest, `no look at ${decisive?.at}`).toBeDefined();
          if (verdict.state === 'deleting') expect(oldest).toBeGreaterThanOrEqual(limitUs);
          else expect(oldest).toBeLessThan(limitUs);
        }
      } finally {
        for (const clean of own.reverse()) await clean();
      }
    }), { seed, numRuns: isLong ? 150 : 20 });
  }, 600_000);
});
