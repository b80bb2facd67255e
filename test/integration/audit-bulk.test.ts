// Opening many payloads: the exact set is named in the ledger before the first plaintext, every row gets its outcome, and what was opened is found in memory until it goes.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import fc from 'fast-check';
import { openPayload } from '#core/audit/open-payload.ts';
import { parseFernetKey } from '#core/audit/fernet.ts';
import type { LedgerService } from '#core/ledger/service.ts';
import { Secret } from '#core/secret.ts';
import { contract } from '#shared/contract.ts';
import type { BulkOutcome, BulkRow, BulkRun, BulkSelection } from '#shared/domain/audit-bulk.ts';
import { PAYLOAD_SHOWN } from '#shared/domain/audit-bulk.ts';
import { AppError } from '#shared/errors.ts';
import { addDeployment, BASE_SECONDS, DEPLOYMENT, digestOf, KEYS, openableRows, openBulkProfile, rowOf, seal, store, wrap } from '../support/audit-bulk-profile.ts';
import type { BulkProfile, BulkProfileOptions } from '../support/audit-bulk-profile.ts';
import { temporaryFolder } from '../support/ports.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 1);
const long = process.env['HOLDFAST_TEST_LONG'] === '1';
const never = new AbortController().signal;
const PATIENCE = { timeout: 20_000 };

let folder: ReturnType<typeof temporaryFolder>;
const profiles: BulkProfile[] = [];
beforeEach(() => { folder = temporaryFolder('bulk'); });
afterEach(async () => {
  for (const profile of profiles.splice(0)) await profile.close();
  folder.remove();
});
async function opened(options: BulkProfileOptions = {}): Promise<BulkProfile> {
  const profile = await openBulkProfile(`${folder.path}/profile-${profiles.length}`, options);
  profiles.push(profile);
  return profile;
}

const all: BulkSelection = { query: '' };
async function run({ bulk }: BulkProfile, selection: BulkSelection = all, signal = never): Promise<BulkRun> {
  const { digest } = await bulk.plan(DEPLOYMENT, selection, never);
  return bulk.decrypt({ deploymentId: DEPLOYMENT, selection, digest, reason: 'a test' }, signal);
}
async function page({ bulk }: BulkProfile, bulkId: string, over: { text?: string; outcome?: BulkOutcome | null; offset?: number; limit?: number } = {}): Promise<{ rows: BulkRow[]; matching: number }> {
  return contract['audit.bulkResults'].output.parse(await bulk.results({ bulkId, text: '', outcome: null, offset: 0, limit: 200, ...over }, never));
}
const codeOf = (doing: Promise<unknown>): Promise<string> => doing.then(() => 'none', (error: unknown) => (error instanceof AppError ? error.code : String(error)));
const entries = ({ ledger }: BulkProfile) => ledger.list(null, 100).entries.toReversed().filter((entry) => entry.action.startsWith('audit.bulk'));

/** One row of each kind; the id tells which. */
const kinds = [
  rowOf(1, wrap(seal('{"a":"one"}'))),
  rowOf(2, wrap(seal('{"a":"two"}', { by: 'k-old' }), 'k-new')),
  rowOf(3, wrap(seal('{"a":"three"}', { by: 'k-old' }), null)),
  rowOf(4, wrap(seal('{"a":4}', { by: 'stranger' }), 'gone-key')),
  rowOf(5, wrap(seal('{"a":5}', { by: 'stranger' }), 'k-old')),
  rowOf(6, wrap(seal('[1]'))),
  rowOf(7, wrap('gAAAAAshort')),
  rowOf(8, { state: 'plain', body: '{"plain":true}', keyId: null }),
  rowOf(9),
  rowOf(10, { state: 'malformed', body: '[1]', keyId: null }),
  rowOf(11, { state: 'failed', body: '{"encrypted":false,"error":"audit_encryption_failed"}', keyId: null }),
  rowOf(12, { state: 'malformed', body: 'no json', keyId: null }),
];

describe('the plan', () => {
  it('counts by key, and names the set by a digest over its ids, however it was selected', async () => {
    const profile = await opened();
    await addDeployment(profile.session);
    store(profile.session, kinds);
    const plan = contract['audit.bulkPlan'].output.parse(await profile.bulk.plan(DEPLOYMENT, all, never));
    expect(plan).toMatchObject({ rows: 7, others: 4, withoutPayload: 1, fitsInMemory: true, digest: digestOf([1, 2, 3, 4, 5, 6, 7]) });
    expect(plan.byKey).toHaveLength(4);
    expect(plan.byKey).toEqual(expect.arrayContaining([{ keyId: 'k-new', rows: 4, isHeld: true }, { keyId: null, rows: 1, isHeld: false }, { keyId: 'gone-key', rows: 1, isHeld: false }, { keyId: 'k-old', rows: 1, isHeld: true }]));
    expect((await profile.bulk.plan(DEPLOYMENT, { ids: [7, 6, 5, 4, 3, 2, 1, 8, 999_999] }, never)).digest).toBe(plan.digest);
    expect((await profile.bulk.plan(DEPLOYMENT, { query: 'id:1..3' }, never)).digest).toBe(digestOf([1, 2, 3]));
    expect((await profile.bulk.plan(DEPLOYMENT, { query: 'route:/api/nothing' }, never))).toMatchObject({ rows: 0, digest: digestOf([]) });
    expect(entries(profile)).toEqual([]);
  });

  it('a query that cannot be read points at its column; an unknown deployment is refused', async () => {
    const profile = await opened();
    await addDeployment(profile.session);
    await expect(profile.bulk.plan(DEPLOYMENT, { query: 'status:>>4' }, never)).rejects.toMatchObject({ code: 'invalid_query', message: expect.stringMatching(/^Column \d+: /) as string });
    expect(await codeOf(profile.bulk.plan('d_ffffffffffffffff', all, never))).toBe('deployment_not_found');
  });
});

describe('a run', () => {
  it('R46, R58: gives each row its outcome and key, newest first; the ledger names the set before, and the counts after', async () => {
    const profile = await opened();
    await addDeployment(profile.session);
    store(profile.session, kinds);
    const made = contract['audit.bulkDecrypt'].output.parse(await run(profile, { query: 'id:1..12' }));
    expect(made).toMatchObject({ rows: 7, counts: { opened: 3, noKey: 1, damaged: 2, notObject: 1 }, digest: digestOf([1, 2, 3, 4, 5, 6, 7]), reason: 'a test', deploymentId: DEPLOYMENT });
    expect(made.byKey).toEqual([{ keyId: 'k-new', rows: 2 }, { keyId: 'k-old', rows: 2 }]);
    const { rows, matching } = await page(profile, made.bulkId);
    expect(matching).toBe(7);
    expect(rows.map((row) => [row.event.id, row.outcome, row.keyId, row.payload])).toEqual([
      [7, 'damaged', null, null], [6, 'not-object', 'k-new', null], [5, 'damaged', null, null], [4, 'no-key', null, null],
      [3, 'opened', 'k-old', '{\n  "a": "three"\n}'], [2, 'opened', 'k-old', '{\n  "a": "two"\n}'], [1, 'opened', 'k-new', '{\n  "a": "one"\n}'],
    ]);
    expect(rows[6]?.sealedAt).toBe(new Date(BASE_SECONDS * 1000).toISOString().replace('.000', ''));
    const [before, after, ...more] = entries(profile);
    expect(more).toEqual([]);
    expect(before).toMatchObject({ seq: made.ledgerEntry, action: 'audit.bulk.decrypt', deployment: 'acme', reason: 'a test', subject: `7 rows, ids SHA-256 ${made.digest}`, outcome: 'to be shown here; query "id:1..12"' });
    expect(after).toMatchObject({ action: 'audit.bulk.decrypt.ended', subject: before?.subject, reason: 'a test', outcome: 'opened 3, no key 1, damaged 2, not an object 1; with key k-new 2, k-old 2' });
    expect(profile.bulk.list(DEPLOYMENT)).toEqual([made]);
  });

  it('has the same opinion of every row as opening one', async () => {
    const profile = await opened();
    await addDeployment(profile.session);
    const ring = (['k-new', 'k-old'] as const).map((keyId) => ({ keyId, key: parseFernetKey(new Secret(KEYS[keyId])) }));
    const plaintext = fc.oneof({ weight: 6, arbitrary: fc.dictionary(fc.string(), fc.jsonValue()).map((value) => JSON.stringify(value)) }, { weight: 2, arbitrary: fc.constantFrom('', 'null', '[]', '"x"', '\ufeff{"a":1}', '{"a":1', '{"a":9007199254740993}', ' {"a":\n1}\r\n', '{"é":"\\u0141ódź"}', '{"a":1}{"b":2}') }, { weight: 1, arbitrary: fc.string() });
    const token = fc.record({ text: plaintext, by: fc.constantFrom('k-new', 'k-old', 'stranger'), named: fc.constantFrom('k-new', 'k-old', 'unknown', null), seconds: fc.constantFrom(0, BASE_SECONDS, 253_402_300_799, 253_402_300_800), flip: fc.option(fc.nat({ max: 4000 }), { freq: 4 }) });
    const made = fc.sample(token, { seed, numRuns: long ? 5000 : 800 });
    const bodies = made.map(({ text, by, named, seconds, flip }, index) => {
      let sealed = seal(text, { by, seconds, iv: index % 250 });
      if (flip !== null) {
        const at = flip % sealed.length;
        sealed = `${sealed.slice(0, at)}${sealed[at] === 'A' ? 'B' : 'A'}${sealed.slice(at + 1)}`;
      }
      return wrap(sealed, named);
    });
    store(profile.session, bodies.map((body, index) => rowOf(index + 1, body)));
    const { bulkId } = await run(profile);
    const seen = new Map<string, number>();
    for (let offset = 0; offset < bodies.length; offset += 200) {
      for (const row of (await page(profile, bulkId, { offset })).rows) {
        const body = bodies[row.event.id - 1]?.body ?? '';
        let expected: readonly [string, string | null, string | null, string | null];
        try {
          const one = openPayload(body, ring);
          expected = ['opened', one.keyId, one.sealedAt, one.payload.slice(0, PAYLOAD_SHOWN)];
        } catch (error) {
          const code = (error as AppError).code;
          expected = [code === 'no_key' ? 'no-key' : code === 'token_damaged' ? 'damaged' : 'not-object', null, null, null];
        }
        seen.set(row.outcome, (seen.get(row.outcome) ?? 0) + 1);
        expect([row.outcome, row.outcome === 'opened' ? row.keyId : null, row.outcome === 'opened' ? row.sealedAt : null, row.payload], body).toEqual(expected);
      }
    }
    for (const outcome of ['opened', 'no-key', 'damaged', 'not-object']) expect(seen.get(outcome) ?? 0, outcome).toBeGreaterThan(3);
  });

  it('refuses a set that is not the one that was planned, and opens nothing', async () => {
    const profile = await opened();
    await addDeployment(profile.session);
    store(profile.session, kinds);
    const { digest } = await profile.bulk.plan(DEPLOYMENT, all, never);
    store(profile.session, [rowOf(50, wrap(seal('{"late":1}')))]);
    expect(await codeOf(profile.bulk.decrypt({ deploymentId: DEPLOYMENT, selection: all, digest, reason: 'a test' }, never))).toBe('plan_expired');
    expect(await codeOf(profile.bulk.decrypt({ deploymentId: DEPLOYMENT, selection: { ids: [1, 2, 3, 4, 5, 6, 7] }, digest, reason: 'a test' }, never))).toBe('none');
    expect(entries(profile)).toHaveLength(2);
  });

  it('without any key it opens nothing and says so', async () => {
    const profile = await opened();
    await addDeployment(profile.session, []);
    store(profile.session, kinds);
    expect(await codeOf(run(profile))).toBe('no_key');
    expect(entries(profile)).toEqual([]);
  });

  it('R58: while the ledger refuses, no key leaves the secret store and nothing is opened', async () => {
    const calls: string[] = [];
    const refusing = (real: LedgerService): LedgerService => ({ ...real, append: () => { calls.push('append'); return Promise.reject(new AppError('ledger_broken', { message: 'broken', hint: '' })); } });
    const profile = await opened({ ledger: refusing });
    await addDeployment(profile.session);
    store(profile.session, kinds);
    const secrets = profile.session.secrets();
    const get = secrets.get.bind(secrets);
    secrets.get = (name) => { calls.push(`secret ${name.split('/')[0] ?? ''}`); return get(name); };
    expect(await codeOf(run(profile))).toBe('ledger_broken');
    expect(calls).toEqual(['append']);
    expect(profile.bulk.list(DEPLOYMENT)).toEqual([]);
  });

  it('when the second entry cannot be written, what was opened is dropped', async () => {
    const ledger = (real: LedgerService): LedgerService => ({ ...real, append: (note) => (note.action === 'audit.bulk.decrypt.ended' ? Promise.reject(new AppError('disk_full', { message: 'full', hint: '' })) : real.append(note)) });
    const profile = await opened({ ledger });
    await addDeployment(profile.session);
    store(profile.session, kinds);
    expect(await codeOf(run(profile))).toBe('disk_full');
    expect(profile.bulk.list(DEPLOYMENT)).toEqual([]);
    expect(entries(profile).map((entry) => entry.action)).toEqual(['audit.bulk.decrypt']);
  });

  it('opens payloads of any size, and every row once', async () => {
    const profile = await opened();
    await addDeployment(profile.session);
    const sizes = [0, 1, 15, 16, 17, 4090, 60_000, 80_000, 300_000, 3_000_000];
    const large = sizes.map((size, index) => rowOf(10_000 + index, wrap(seal(JSON.stringify({ s: 'é'.repeat(size / 2) })))));
    store(profile.session, [...openableRows(5000), ...large]);
    const made = await run(profile);
    expect(made.counts).toEqual({ opened: 5010, noKey: 0, damaged: 0, notObject: 0 });
    const seen = new Set<number>();
    for (let offset = 0; offset < 5010; offset += 200) for (const row of (await page(profile, made.bulkId, { offset })).rows) seen.add(row.event.id);
    expect(seen.size).toBe(5010);
    const top = (await page(profile, made.bulkId, { limit: 10 })).rows;
    expect(top.map((row) => [row.event.id, row.isCut, row.payload?.length])).toEqual(sizes.map((size, index) => {
      const whole = JSON.stringify({ s: 'é'.repeat(size / 2) }, null, 2).length;
      return [10_000 + index, whole > PAYLOAD_SHOWN, Math.min(whole, PAYLOAD_SHOWN)];
    }).toReversed());
  });

  it('what does not fit into memory is refused by the plan’s estimate, and dropped where the estimate was wrong', async () => {
    const profile = await opened({ limits: { runBytes: 100_000, runRows: 3000, runs: 3, heldBytes: 120_000 } });
    await addDeployment(profile.session);
    store(profile.session, openableRows(300));
    expect(await profile.bulk.plan(DEPLOYMENT, all, never)).toMatchObject({ rows: 300, fitsInMemory: false });
    expect(await codeOf(run(profile))).toBe('too_large');
    expect(entries(profile)).toEqual([]);
    const small = await run(profile, { query: 'id:1..100' });
    expect(small.counts.opened).toBe(100);
    // Every second row is looked at for the estimate: a large one between them is met only when it is opened.
    const rows = Array.from({ length: 900 }, (_, index) => rowOf(1001 + index, wrap(seal(index === 898 ? JSON.stringify({ s: 'x'.repeat(120_000) }) : '{}', { iv: index % 250 }))));
    store(profile.session, rows);
    const selection = { query: 'id:>1000' };
    expect(await profile.bulk.plan(DEPLOYMENT, selection, never)).toMatchObject({ rows: 900, fitsInMemory: true });
    expect(await codeOf(run(profile, selection))).toBe('too_large');
    expect(entries(profile).at(-1)?.outcome).toBe('failed: too_large; everything that had been opened was dropped, nothing was shown');
    expect(profile.bulk.list(DEPLOYMENT)).toEqual([small]);
    // Together they hold more than may be held: the oldest goes.
    const second = await run(profile, { query: 'id:101..230' });
    expect(profile.bulk.list(DEPLOYMENT)).toEqual([second]);
  });

  it('reports progress up to the end', async () => {
    const profile = await opened();
    await addDeployment(profile.session);
    store(profile.session, openableRows(3000));
    const told: { done: number; total: number | null }[] = [];
    profile.emitter.listen((event) => { if (event.name === 'job.progressed') told.push(event.payload as { done: number; total: number | null }); });
    await run(profile);
    expect(told.at(-1)).toMatchObject({ done: 3000, total: 3000 });
  });
});

describe('results', () => {
  it('are searched by text in any case, as written and as shown, and filtered by outcome; pages fit together', async () => {
    const profile = await opened();
    await addDeployment(profile.session);
    store(profile.session, [
      rowOf(1, wrap(seal('{"city":"\\u0141\\u00f3d\\u017a","note":"Alpha"}'))), rowOf(2, wrap(seal('{"city":"Łódź"}'))), rowOf(3, wrap(seal('{"n": {"deep": "ALPHA beta"}}'))),
      rowOf(4, wrap(seal('{"alpha":1}', { by: 'stranger' }), 'x')), rowOf(5, wrap(seal('{"quote":"say \\"hi\\""}'))),
    ]);
    const { bulkId } = await run(profile);
    const ids = async (text: string, outcome: BulkOutcome | null = null): Promise<number[]> => (await page(profile, bulkId, { text, outcome })).rows.map((row) => row.event.id);
    expect(await ids('alpha')).toEqual([3, 1]);
    expect(await ids('łÓDŹ')).toEqual([2, 1]);
    expect(await ids('"deep": "alpha')).toEqual([3]);
    expect(await ids('"city": "ł')).toEqual([2, 1]);
    expect(await ids('say \\"hi')).toEqual([5]);
    expect(await ids('nowhere')).toEqual([]);
    expect(await ids('', 'no-key')).toEqual([4]);
    expect(await ids('alpha', 'no-key')).toEqual([]);
    expect((await page(profile, bulkId, { limit: 2, offset: 0 })).rows.concat((await page(profile, bulkId, { limit: 2, offset: 2 })).rows, (await page(profile, bulkId, { limit: 2, offset: 4 })).rows).map((row) => row.event.id)).toEqual([5, 4, 3, 2, 1]);
    expect(await page(profile, bulkId, { text: 'alpha', limit: 1, offset: 1 })).toMatchObject({ matching: 2, rows: [{ event: { id: 1 } }] });
  });

  it('are gone when forgotten, when the profile locks, and when too many runs are held', async () => {
    const profile = await opened();
    await addDeployment(profile.session);
    store(profile.session, kinds);
    const first = await run(profile);
    profile.bulk.forget(first.bulkId);
    expect(await codeOf(page(profile, first.bulkId))).toBe('bulk_gone');
    const many = [];
    for (let n = 0; n < 5; n += 1) many.push(await run(profile));
    expect(profile.bulk.list(DEPLOYMENT).map((each) => each.bulkId)).toEqual(many.slice(1).toReversed().map((each) => each.bulkId));
    expect(await codeOf(page(profile, many[0]?.bulkId ?? ''))).toBe('bulk_gone');
    profile.emitter.emit('deployment.removed', { deploymentId: 'd_other' });
    expect(profile.bulk.list(DEPLOYMENT)).toHaveLength(4);
    profile.session.lock('asked');
    expect(profile.bulk.list(DEPLOYMENT)).toEqual([]);
    await profile.session.unlock(null);
    expect(await codeOf(page(profile, many[4]?.bulkId ?? ''))).toBe('bulk_gone');
    const again = await run(profile);
    profile.emitter.emit('deployment.removed', { deploymentId: DEPLOYMENT });
    expect(await codeOf(page(profile, again.bulkId))).toBe('bulk_gone');
  });
});

describe('an end before the end', () => {
  it('R60: a cancel in the middle drops everything, and the ledger says so', async () => {
    const profile = await opened();
    await addDeployment(profile.session);
    store(profile.session, openableRows(12_000));
    const doings = [] as string[];
    profile.emitter.listen((event) => {
      const { done, jobId, step } = event.payload as { done: number; jobId: string; step: string };
      if (event.name === 'job.progressed' && step === 'Opening' && done > 0 && done < 12_000 && doings.length === 0) {
        doings.push(step);
        profile.jobs.cancel(jobId);
      }
    });
    expect(await codeOf(run(profile))).toBe('cancelled');
    expect(doings).toEqual(['Opening']);
    expect(profile.bulk.list(DEPLOYMENT)).toEqual([]);
    expect(entries(profile).map((entry) => [entry.action, entry.outcome])).toEqual([['audit.bulk.decrypt', 'to be shown here; all rows'], ['audit.bulk.decrypt.ended', 'cancelled; everything that had been opened was dropped, nothing was shown']]);
    expect((await run(profile)).counts.opened).toBe(12_000);
  });

  it('R58: a lock in the middle ends the run, and the ledger is told after the unlock; it stays intact and a new run works', async () => {
    const profile = await opened();
    await addDeployment(profile.session);
    store(profile.session, openableRows(12_000));
    let isLocked = false;
    profile.emitter.listen((event) => {
      if (isLocked || event.name !== 'job.progressed' || (event.payload as { step: string }).step !== 'Opening') return;
      isLocked = true;
      profile.session.lock('asked');
    });
    expect(['cancelled', 'profile_locked']).toContain(await codeOf(run(profile)));
    expect(isLocked).toBe(true);
    await profile.session.unlock(null);
    expect(profile.bulk.list(DEPLOYMENT)).toEqual([]);
    await vi.waitFor(() => { expect(entries(profile)).toHaveLength(2); }, PATIENCE);
    const [first, second] = entries(profile);
    expect(second).toEqual(expect.objectContaining({ action: 'audit.bulk.decrypt.ended', deployment: 'acme', subject: first?.subject, reason: first?.reason, outcome: `about entry ${first?.seq}: its end could not be told at the time (locked, closed, killed, or no entry could be written); nothing was shown` }));
    expect((await profile.ledger.verify()).verdict).toBe('intact');
    expect((await run(profile)).counts.opened).toBe(12_000);
    // Once is enough, however often the profile is opened.
    profile.session.lock('asked');
    await profile.session.unlock(null);
    await new Promise(setImmediate);
    await profile.ledger.append({ action: 'audit.key.added', deployment: null, subject: 'what follows', outcome: 'stored' });
    expect(entries(profile)).toHaveLength(4);
  });

  it('R58: a second entry that could not be written is told once the ledger takes one, each about its own run', async () => {
    let refused = 3;
    const ledger = (real: LedgerService): LedgerService => ({ ...real, append: (note) => (note.action.endsWith('.ended') && refused-- > 0 ? Promise.reject(new AppError('disk_full', { message: 'full', hint: '' })) : real.append(note)) });
    const profile = await opened({ ledger });
    await addDeployment(profile.session);
    store(profile.session, kinds);
    // Refused: the second entry, the one about the failure, and the one that is told afterwards.
    expect(await codeOf(run(profile))).toBe('disk_full');
    await vi.waitFor(() => { expect(refused).toBe(0); }, PATIENCE);
    expect(entries(profile).map((entry) => entry.action)).toEqual(['audit.bulk.decrypt']);
    const second = await run(profile);
    expect(entries(profile).map((entry) => entry.action)).toEqual(['audit.bulk.decrypt', 'audit.bulk.decrypt', 'audit.bulk.decrypt.ended']);
    profile.session.lock('asked');
    await profile.session.unlock(null);
    await vi.waitFor(() => { expect(entries(profile)).toHaveLength(4); }, PATIENCE);
    const [lost, kept, , told] = entries(profile);
    expect(kept?.seq).toBe(second.ledgerEntry);
    expect(told?.outcome).toMatch(new RegExp(`^about entry ${lost?.seq}: `));
  });

  it('two runs of one deployment at once: the second is refused', async () => {
    const profile = await opened();
    await addDeployment(profile.session);
    store(profile.session, openableRows(500));
    const { digest } = await profile.bulk.plan(DEPLOYMENT, all, never);
    const ask = (): Promise<BulkRun> => profile.bulk.decrypt({ deploymentId: DEPLOYMENT, selection: all, digest, reason: 'a test' }, never);
    const first = ask();
    expect(await codeOf(ask())).toBe('busy');
    expect((await first).counts.opened).toBe(500);
  });
});
