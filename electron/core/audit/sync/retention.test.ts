// What a sync calls vanished, against a model deployment that purges: what was lawful when it went is no finding, and what is not known is said.
import { describe, expect, it } from 'vitest';
import { formatInstantUs } from '#shared/domain/time.ts';
import { DAY_US, MINUTE_US, world } from '../../../../test/support/audit-sync-world.ts';
import type { Options } from '../../../../test/support/audit-sync-world.ts';
import { cutoffUs, mayHaveExpired, retentionOf } from './retention.ts';

/** Own rows of a log over so many days, three a day. */
async function overDays(days: number, options: Options = {}): Promise<ReturnType<typeof world>> {
  const it = world(options);
  for (let index = 0; index < days * 3; index += 1) {
    it.pass(DAY_US / 3);
    it.write();
  }
  it.pass(10 * MINUTE_US);
  await it.sync();
  return it;
}

describe('how long rows are kept decides what may be gone', () => {
  it('a purge by the rule is no finding, although nobody looked at the security status before', async () => {
    const it = await overDays(100, { retention: 90 });
    it.purge(90);
    it.pass(MINUTE_US);
    expect(await it.sync()).toMatchObject({ findings: 0, complete: true });
  });
  it('a row that is gone before its cutoff is one, and the one beyond the cutoff is none', async () => {
    const it = await overDays(100, { retention: 90 });
    const young = it.rows().find((row) => row.at > it.nowUs() - 89 * DAY_US);
    const old = it.rows().find((row) => row.at < it.nowUs() - 91 * DAY_US);
    it.replace((rows) => rows.filter((row) => row !== young && row !== old));
    await it.sync();
    expect(it.findings()).toMatchObject([{ kind: 'vanished', eventId: young?.id, message: expect.stringContaining('younger than the 90 days that this deployment keeps rows') }]);
  });
  it.each(['silent', 'absent'] as const)('a deployment that does not tell (%s): the finding says so', async (retention) => {
    const it = await overDays(10, { retention });
    it.purge(5);
    await it.sync();
    expect(it.findings()).toHaveLength(15);
    for (const { message } of it.findings()) expect(message).toContain('is not known, so it may have expired');
  });
  it.each([['away', 'connection_refused'], ['refused', 'unauthorized']] as const)('a deployment that is %s is asked no second time', async (retention, code) => {
    const it = world({ retention });
    it.write();
    await expect(it.sync()).rejects.toMatchObject({ code });
    expect(it.requests()).toBe(0);
  });
  it('a deployment that keeps rows for ever: nothing expires', async () => {
    const it = await overDays(100, { retention: null });
    it.purge(90);
    await it.sync();
    expect(it.findings()).toHaveLength(30);
    expect(it.findings()[0]?.message).toContain('keeps rows for ever');
  });
  it('one that has told before and does not now: the finding says what it said, and when', async () => {
    const it = await overDays(100, { retention: 90 });
    const toldAt = formatInstantUs(it.nowUs());
    it.keep('silent');
    it.pass(MINUTE_US);
    const young = it.rows().at(-5);
    it.replace((rows) => rows.filter((row) => row !== young && row.at >= it.nowUs() - 90 * DAY_US));
    await it.sync();
    expect(it.findings()).toMatchObject([{ eventId: young?.id, message: expect.stringContaining(`now is not known; on ${toldAt} it said 90 days`) }]);
  });
  it('fewer days than before: what the new rule lets go is no finding', async () => {
    const it = await overDays(100, { retention: 90 });
    it.keep(30);
    it.purge(30);
    await it.sync();
    expect(it.findings()).toEqual([]);
  });
  it('more days than before: what was purged under the old rule stays lawful, what goes afterwards is found', async () => {
    const it = await overDays(100, { retention: 30 });
    it.pass(MINUTE_US);
    it.purge(30);
    it.keep(90);
    await it.sync();
    expect(it.findings()).toEqual([]);
    it.pass(DAY_US);
    const gone = it.rows().filter((row) => row.at < it.nowUs() - 30 * DAY_US);
    it.replace((rows) => rows.filter((row) => !gone.includes(row)));
    await it.sync();
    expect(it.findings().map(({ eventId }) => eventId)).toEqual(gone.map(({ id }) => id));
    expect(gone.length).toBeGreaterThan(0);
  });
  it('a rule that held only before a row was last seen excuses nothing', async () => {
    const it = await overDays(60, { retention: 10 });
    // Nothing was purged under 10 days, and all of it was seen again under 90.
    it.keep(90);
    it.pass(MINUTE_US);
    await it.sync();
    it.pass(MINUTE_US);
    it.purge(30);
    await it.sync();
    expect(it.findings().length).toBeGreaterThan(80);
  });
  it.each([['ahead', 20], ['behind', -20], ['ahead', 24.01], ['behind', -24.01]] as const)('our clock is %s by hours: the cutoff is the one of the server', async (_which, hours) => {
    const it = await overDays(100, { retention: 90, skewUs: hours * 60 * MINUTE_US });
    it.purge(90);
    await it.sync();
    expect(it.findings()).toEqual([]);
    it.pass(MINUTE_US);
    // Three hours inside the retention, and read by both clocks.
    const young = it.rows().find((row) => row.at > it.nowUs() - 90 * DAY_US + 3 * 60 * MINUTE_US);
    it.replace((rows) => rows.filter((row) => row !== young));
    await it.sync();
    expect(it.findings()).toMatchObject([{ kind: 'vanished', eventId: young?.id }]);
  });
  it('a payload that came from a file speaks for no server: another one there is counted, and is no finding', async () => {
    const it = world({ exports: false });
    const row = it.write();
    it.pass(MINUTE_US);
    await it.sync();
    it.importPayload(row.id, '{"n": "of a file"}');
    it.exports();
    expect(await it.sync()).toMatchObject({ changed: 1, findings: 0 });
  });
});

describe('what one status says', () => {
  const status = (part: unknown) => ({ body: JSON.stringify({ audit_retention: part }), observedAtUs: 5 });
  it.each([
    [{ enabled: true, retention_days: 90 }, { state: 'on', days: 90 }],
    [{ enabled: false, retention_days: 90 }, { state: 'off', days: null }],
    [{ enabled: true, retention_days: 0 }, { state: 'unknown', days: null }],
    [{ enabled: true, retention_days: -3 }, { state: 'unknown', days: null }],
    [{ enabled: true, retention_days: 1.5 }, { state: 'unknown', days: null }],
    [{ enabled: 'true', retention_days: 90 }, { state: 'unknown', days: null }],
    [null, { state: 'unknown', days: null }],
  ])('%o', (part, expected) => expect(retentionOf(status(part))).toMatchObject(expected));
  it('no status, or one that is no JSON, tells nothing; then nothing may have expired', () => {
    const none = { said: [], isCurrent: false };
    expect(retentionOf({ body: '<html>', observedAtUs: 5 })).toMatchObject({ state: 'unknown' });
    expect(retentionOf({ body: 'null', observedAtUs: 5 })).toMatchObject({ state: 'unknown' });
    expect(cutoffUs(none, 1e15)).toBeNull();
    expect(mayHaveExpired(none, { createdAtUs: 0, seenAtUs: 0, nowUs: 1e15 })).toBe(false);
  });
  it('rows within an hour of the cutoff count as expired: clocks differ', () => {
    const twoDays = { said: [{ state: 'on' as const, days: 2, observedAtUs: 1, aheadUs: 0 }], isCurrent: true };
    expect(cutoffUs(twoDays, 1_000_000_000_000_000)).toBe(1_000_000_000_000_000 - 2 * DAY_US + 3_600_000_000);
  });
  it.each([
    ['its own present', 3 * 3_600_000_000, 3 * 3_600_000_000], ['a present that is days away', 5 * DAY_US, 0],
  ])('the cutoff that the deployment names tells its clock: %s', (_what, aheadUs, believed) => {
    const observedAtUs = 1_000_000_000_000_000;
    const part = { enabled: true, retention_days: 90, cutoff_iso: formatInstantUs(observedAtUs + aheadUs - 90 * DAY_US).replace('Z', '+00:00') };
    expect(retentionOf({ body: JSON.stringify({ audit_retention: part }), observedAtUs }).aheadUs).toBe(believed);
  });
});
