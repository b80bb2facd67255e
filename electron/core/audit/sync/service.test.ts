// The whole sync against a model deployment whose log can be tampered with: every tampering is found, and no honest history makes a finding.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '#shared/errors.ts';
import { DAY_US, MINUTE_US, world } from '../../../../test/support/audit-sync-world.ts';
import type { Options } from '../../../../test/support/audit-sync-world.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 1);
const isLong = process.env['HOLDFAST_TEST_LONG'] === '1';

/** A log of some days, one to three rows an hour, and two syncs that confirm it. */
async function settled(options: Options = {}, count = 120): Promise<ReturnType<typeof world>> {
  const it = world(options);
  for (let index = 0; index < count; index += 1) {
    it.pass(MINUTE_US * 23 + index);
    it.write({ org: index % 5 === 4 ? null : 'acme', actor: index % 3 === 0 ? null : `actor${index % 3}` });
  }
  it.pass(10 * MINUTE_US);
  await it.sync();
  it.pass(10 * MINUTE_US);
  return it;
}

describe('tampering at the server is found and named', () => {
  it.each([['the newest', -1], ['one in the middle', 60], ['the oldest', 0]] as const)('%s row is deleted', async (_which, at) => {
    const it = await settled({ retention: 90, cap: 25 });
    const gone = it.rows().filter((row) => row.org === 'acme').at(at);
    it.replace((rows) => rows.filter((row) => row !== gone));
    expect((await it.sync()).findings).toBe(1);
    const [finding] = it.findings();
    expect(finding).toMatchObject({ kind: 'vanished', eventId: gone?.id, found: null });
    expect(JSON.parse(String(finding?.held))).toMatchObject({ id: gone?.id, route: gone?.route, payload: { state: 'plain', body: gone?.payload } });
    // The same finding is noted once.
    expect((await it.sync()).findings).toBe(0);
  });
  it('the whole log is deleted', async () => {
    const it = await settled({ cap: 25 });
    const own = it.rows().filter((row) => row.org === 'acme').map((row) => row.id);
    it.replace(() => []);
    await it.sync();
    expect(it.findings().map((finding) => finding.eventId).toSorted((a, b) => a - b)).toEqual(own);
    expect(it.findings()[0]?.message).toContain('not known');
  });
  it('a row without an organisation is deleted from the list', async () => {
    const it = await settled();
    const gone = it.rows().filter((row) => row.org === null).at(5);
    it.replace((rows) => rows.filter((row) => row !== gone));
    await it.sync();
    expect(it.findings()).toMatchObject([{ kind: 'vanished', eventId: gone?.id }]);
  });
  it('content and payload are edited', async () => {
    const it = await settled({ cap: 25 });
    const [first, second] = it.rows().filter((row) => row.org === 'acme');
    it.replace((rows) => rows.map((row) => (row === first ? { ...row, route: '/forged' } : row === second ? { ...row, payload: '{"n": 999}' } : row)));
    expect(await it.sync()).toMatchObject({ changed: 2, findings: 2 });
    expect(it.findings().toSorted((a, b) => a.eventId - b.eventId)).toMatchObject([{ kind: 'changed', eventId: first?.id }, { kind: 'payload-changed', eventId: second?.id }]);
    const [edited] = it.findings().filter((finding) => finding.kind === 'changed');
    expect([JSON.parse(String(edited?.held)).route, JSON.parse(String(edited?.found)).route]).toEqual([first?.route, '/forged']);
  });
  it('a payload that is only spelled in another way is no change', async () => {
    const it = await settled();
    it.replace((rows) => rows.map((row) => ({ ...row, payload: row.payload.replace(' ', '   ') })));
    expect(await it.sync()).toMatchObject({ changed: 0, findings: 0 });
  });
  it('a row is moved in time: it changed, and did not vanish', async () => {
    const it = await settled({ cap: 25 });
    const own = it.rows().filter((row) => row.org === 'acme');
    const [newer, older] = [own.at(80), own.at(10)];
    it.replace((rows) => rows.map((row) => (row === newer ? { ...row, at: (older?.at ?? 0) + 5 } : row === older ? { ...row, at: (newer?.at ?? 0) + 5 } : row)));
    await it.sync();
    expect(it.findings().map((finding) => finding.kind)).toEqual(['changed', 'changed']);
  });
  it('a row is put into the past', async () => {
    const it = await settled({ cap: 25 });
    const planted = it.write({ at: it.nowUs() - DAY_US });
    await it.sync();
    expect(it.findings()).toMatchObject([{ kind: 'back-dated', eventId: planted.id, held: null }]);
  });
  it('a row without an organisation is put into the past, where the list had shown everything', async () => {
    const it = await settled();
    const planted = it.write({ at: it.nowUs() - DAY_US / 2, org: null });
    await it.sync();
    expect(it.findings()).toMatchObject([{ kind: 'back-dated', eventId: planted.id }]);
  });
  it('the newest row is deleted where there is only the list', async () => {
    const it = await settled({ exports: false });
    const gone = it.rows().at(-1);
    it.replace((rows) => rows.filter((row) => row !== gone));
    await it.sync();
    expect(it.findings()).toMatchObject([{ kind: 'vanished', eventId: gone?.id }]);
  });
  it('an id is used again', async () => {
    const it = await settled({ cap: 25 });
    it.replace((rows) => rows.filter((row) => row.id !== 50));
    it.write({ id: 50, route: '/reused' });
    it.pass(MINUTE_US);
    await it.sync();
    expect(it.findings()).toContainEqual(expect.objectContaining({ kind: 'changed', eventId: 50 }));
  });
  it('ids go backwards', async () => {
    const it = await settled({ cap: 25 });
    it.replace((rows) => rows.filter((row) => row.id < 100));
    await it.sync();
    const before = it.findings().length;
    it.write({ id: 0, route: '/after-restore' });
    it.pass(MINUTE_US);
    await it.sync();
    expect(it.findings().slice(before)).toMatchObject([{ kind: 'id-backwards', eventId: 0 }]);
  });
});

describe('what is no tampering', () => {
  it('a filter of an organisation that the token does not name: the export of another one starts a map of its own', async () => {
    const it = world({ org: 'globex' });
    for (let index = 0; index < 30; index += 1) {
      it.pass(MINUTE_US);
      it.write({ org: index % 2 === 0 ? 'globex' : 'acme' });
    }
    await it.sync();
    expect((await it.sync()).findings).toBe(0);
    expect(new Set(it.stretches().map(({ scope }) => scope))).toEqual(new Set(['org:acme', 'all']));
  });
});

const RUNS = isLong ? 200 : 30;
it(`${RUNS} honest histories make no finding, whatever is capped, interrupted, late, purged or off by some minutes`, async () => {
  const step = fc.record({
    minutes: fc.integer({ min: 1, max: 900 }), rows: fc.integer({ min: 0, max: 25 }), late: fc.integer({ min: 0, max: 2 }), purges: fc.boolean(), days: fc.option(fc.constantFrom(1, 2, 5), { nil: null, freq: 3 }), full: fc.boolean(), failAt: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }), tied: fc.boolean(),
  });
  const history = fc.record({ steps: fc.array(step, { minLength: 2, maxLength: 8 }), cap: fc.integer({ min: 4, max: 60 }), skewMinutes: fc.integer({ min: -3, max: 3 }), hasRetention: fc.boolean(), wholeUpTo: fc.constantFrom(10, 100_000) });
  await fc.assert(fc.asyncProperty(history, async ({ steps, cap, skewMinutes, hasRetention, wholeUpTo }) => {
    const it = world({ cap, skewUs: skewMinutes * MINUTE_US, retention: hasRetention ? 2 : 'silent', wholeUpTo });
    let rule = 2;
    for (const { minutes, rows, late, purges, days, full, failAt, tied } of steps) {
      for (let index = 0; index < rows; index += 1) {
        it.pass(tied && index % 3 !== 0 ? 0 : Math.floor((minutes * MINUTE_US) / (rows + 1)) + index);
        it.write({ org: index % 4 === 3 ? null : index % 7 === 5 ? 'globex' : 'acme', actor: index % 2 === 0 ? null : `actor${index % 5}` });
      }
      it.pass(MINUTE_US);
      // Rows that commit late: written up to four minutes before they can be seen.
      for (let index = 0; index < late; index += 1) it.write({ at: it.nowUs() - (index + 1) * MINUTE_US });
      // A purge by the rule of before, then perhaps another rule, and perhaps a purge by that.
      if (purges && hasRetention) it.purge(rule);
      if (days !== null && hasRetention) {
        rule = days;
        it.keep(rule);
        if (rows % 2 === 0) it.purge(rule);
      }
      try {
        await it.sync({ full, ...(failAt === undefined ? {} : { failAt }) });
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== 'server_error') throw error;
      }
      expect(it.findings()).toEqual([]);
    }
    await it.sync({ full: true });
    await it.sync({ full: true });
    expect(it.findings()).toEqual([]);
    const held = it.heldIds();
    for (const row of it.rows().filter(({ org, id }) => org === 'acme' && !held.has(id))) {
      expect(it.stretches().find(({ scope, fromUs, toUs }) => scope === 'org:acme' && fromUs <= row.at && row.at <= toUs)?.state, `row ${row.id}`).toBe('gap');
    }
  }), { seed, numRuns: RUNS });
}, 600_000);

it('beyond what is read whole, every stretch takes its turn: what vanished far back is found in the end', async () => {
  const it = await settled({ cap: 5, wholeUpTo: 10 });
  const gone = it.rows().filter((row) => row.org === 'acme').at(3);
  it.replace((rows) => rows.filter((row) => row !== gone));
  const requests: number[] = [];
  for (let round = 0; round < 12 && it.findings().length === 0; round += 1) {
    it.pass(MINUTE_US);
    requests.push((await it.sync()).requests);
  }
  expect(it.findings()).toMatchObject([{ kind: 'vanished', eventId: gone?.id }]);
  expect(requests.length).toBeGreaterThan(1);
});

describe('signing what came', () => {
  it('a failure keeps the result and is told', async () => {
    const it = world({ sign: () => Promise.reject(new AppError('keychain_locked', { message: 'The keychain is locked.', hint: 'Unlock it.' })) });
    it.write();
    expect(await it.sync()).toMatchObject({ added: 1, notes: [expect.stringContaining('The keychain is locked.')] });
  });
  it('a problem is told', async () => {
    const it = world({ sign: async () => ({ problem: 'The cache was changed.' }) });
    expect((await it.sync()).notes).toEqual(['The cache was changed.']);
  });
});
