// The console's own retention over a real cache: what goes, what stays, what the witness says of it, and that nothing of it is left in the file.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { openRowStore } from '#core/audit/store.ts';
import { sql } from '#core/db/sql.ts';
import { createFileNotes } from '#core/retention/own/written-files.ts';
import type { WitnessVerdict } from '#shared/domain/audit-witness.ts';
import { AppError } from '#shared/errors.ts';
import { ADDRESS, addDeployment, DEPLOYMENT, never, numbers, openWitnessProfile, rowOf, store, storeLate, tamper } from '../support/audit-witness-profile.ts';
import { fakeClock, keptLog, temporaryFolder } from '../support/ports.ts';
import { addHold, countsOf, DAYS, idsHeld, openedBytes, openOwnBench, releaseHold } from '../support/retention-own.ts';
import type { OwnBench } from '../support/retention-own.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 20261122);
const isLong = process.env['HOLDFAST_TEST_LONG'] === '1';
const SETTINGS = { seed, numRuns: isLong ? 100 : 15 };

let folder = temporaryFolder('retention-own');
let bench: OwnBench | null = null;
const profileDir = (): string => join(folder.path, 'profile');

async function start(): Promise<OwnBench> {
  bench ??= await openOwnBench(profileDir());
  return bench;
}
async function stop(): Promise<void> {
  await bench?.close();
  bench = null;
}
beforeEach(() => { folder = temporaryFolder('retention-own'); });
afterEach(async () => {
  await stop();
  folder.remove();
});

/** Rows 1 to 300 in three batches, every ninth with a payload that came late, signed. */
async function filled(): Promise<OwnBench> {
  const made = await start();
  addDeployment(made.session);
  for (const from of [1, 101, 201]) {
    store(made.session, numbers(from, from + 99));
    storeLate(made.session, numbers(from, from + 99).filter((id) => id % 9 === 0));
    await made.witness.afterSync(DEPLOYMENT);
  }
  return made;
}

const codeOf = async (run: () => Promise<unknown>): Promise<string> => run().then(() => 'ok', (error: unknown) => (error instanceof AppError ? error.code : String(error)));
const verify = async (): Promise<WitnessVerdict> => (await start()).witness.verify(DEPLOYMENT, never);
const found = (text: string): number => bench?.session.read().get(sql`SELECT count(*) AS n FROM audit_text WHERE audit_text MATCH ${`"${text}"`}`, (row) => Number(row['n'])) ?? -1;

describe('a purge', () => {
  it('takes exactly the rows that were shown, with payloads, words and counts, and notes it before and after', async () => {
    const { session, ledger, own, purgeBelow, dueBelow } = await filled();
    dueBelow(151);
    await own.setPolicy({ rowDays: DAYS, exportDays: null, reportDays: null });
    const before = found('thing/150');
    expect(before).toBe(1);
    const preview = await own.preview(never);
    expect(preview).toMatchObject({ rows: { due: 150, held: 0, kept: 150 }, files: [], deployments: [{ deploymentId: DEPLOYMENT, due: 150, held: 0 }] });
    expect(preview.rows.bytes).toBeGreaterThan(150 * 20);
    const entriesBefore = ledger.list(null, 100).total;
    const result = await purgeBelow(151);
    expect(result).toMatchObject({ rowsRemoved: 150, rowsHeld: 0, filesRemoved: 0, isCompacted: true });
    expect(result.bytesAfter).toBeLessThanOrEqual(result.bytesBefore);
    expect(idsHeld(session)).toEqual(numbers(151, 300));
    const { kept, counted } = countsOf(session);
    expect(kept).toEqual(counted);
    expect(found('thing/150')).toBe(0);
    expect(found('thing/151')).toBe(1);
    expect(session.read().get(sql`SELECT count(*) AS n FROM audit_payload p WHERE NOT EXISTS (SELECT 1 FROM audit_event e WHERE e.seq = p.seq)`, (row) => row['n'])).toBe(0);
    expect(session.read().get(sql`SELECT count(*) AS n FROM audit_payload_late l WHERE NOT EXISTS (SELECT 1 FROM audit_event e WHERE e.seq = l.seq)`, (row) => row['n'])).toBe(0);
    expect(session.read().get(sql`SELECT count(*) AS n FROM own_purge_open`, (row) => row['n'])).toBe(0);
    const entries = ledger.list(null, 100).entries.slice(0, ledger.list(null, 100).total - entriesBefore).filter(({ action }) => action === 'retention.own.purged');
    expect(entries.map(({ outcome }) => outcome)).toEqual(['done: 150 rows removed, 0 held, 0 of released holds removed, 0 files removed, 0 left; the cache was written anew', `started; rows ${DAYS} days, exports kept, reports kept`]);
    expect(result.ledgerEntry).toBe(entries[1]?.seq);
    expect(await ledger.verify()).toMatchObject({ verdict: 'intact' });
  });

  it('needs a fresh look each time: the token is single-use, runs out, and what changed is refused (R23, R64)', async () => {
    const { session, own, clock, dueBelow } = await filled();
    dueBelow(51);
    await own.setPolicy({ rowDays: DAYS, exportDays: null, reportDays: null });
    const first = await own.preview(never);
    expect(await codeOf(() => own.purge({ token: 'x'.repeat(48), digest: first.digest }, never))).toBe('plan_expired');
    expect(await codeOf(() => own.purge({ token: first.token, digest: first.digest }, never)), 'a wrong token disarms').toBe('plan_expired');
    const second = await own.preview(never);
    expect(await codeOf(() => own.purge({ token: second.token, digest: 'other' }, never))).toBe('plan_changed');
    const third = await own.preview(never);
    addHold(session, { ids: [3] });
    expect(await codeOf(() => own.purge({ token: third.token, digest: third.digest }, never)), 'a hold that came since').toBe('plan_changed');
    const fourth = await own.preview(never);
    await clock.advance(15 * 60_000 + 1);
    expect(await codeOf(() => own.purge({ token: fourth.token, digest: fourth.digest }, never))).toBe('plan_expired');
    const fifth = await own.preview(never);
    await own.setPolicy({ rowDays: DAYS + 1, exportDays: null, reportDays: null });
    expect(await codeOf(() => own.purge({ token: fifth.token, digest: fifth.digest }, never)), 'another rule').toBe('plan_expired');
    expect(idsHeld(session)).toEqual(numbers(1, 300));
  });

  it('rows that arrive after the look stay, however old they are', async () => {
    const { session, own, dueBelow } = await filled();
    dueBelow(51);
    await own.setPolicy({ rowDays: DAYS, exportDays: null, reportDays: null });
    const { token, digest } = await own.preview(never);
    const db = session.write();
    db.transaction(() => {
      const into = openRowStore(db, { deploymentId: DEPLOYMENT, kind: 'sync', address: ADDRESS, source: 'the list', atUs: 9 });
      into.add(rowOf(9000, { createdAtUs: 1_790_000_000_000_001 }));
      into.flush();
    });
    expect(await own.purge({ token, digest }, never)).toMatchObject({ rowsRemoved: 50 });
    expect(idsHeld(session)).toEqual([...numbers(51, 300), 9000]);
    expect(await verify()).toMatchObject({ verdict: 'intact' });
  });

  it('with nothing due it still gives back what an earlier purge left, and says so', async () => {
    const { purgeBelow, ledger } = await filled();
    expect(await purgeBelow(0)).toMatchObject({ rowsRemoved: 0, releasedRemoved: 0, filesRemoved: 0, copiesRemoved: 0, isCompacted: true });
    expect(ledger.list(null, 1).entries[0]?.outcome).toBe('done: nothing was due; the cache was written anew');
  });

  it('nothing of a row that went is left in the file, copies from before an update included (canary)', async () => {
    const { session, witness } = await filled();
    const canary = 'canary-8f1d2c77a9e04b65';
    const db = session.write();
    db.transaction(() => {
      const into = openRowStore(db, { deploymentId: DEPLOYMENT, kind: 'sync', address: ADDRESS, source: 'the list', atUs: 9 });
      into.add(rowOf(10_000, { createdAtUs: 1_790_000_000_000_001, route: `/api/${canary}`, actorEmail: `${canary}@example.com`, payload: { state: 'plain', body: `{"secret":"${canary}"}`, keyId: null } }));
      into.flush();
    });
    await witness.afterSync(DEPLOYMENT);
    expect(found(canary)).toBe(1);
    writeFileSync(join(profileDir(), 'cache.db.before-4'), 'an older cache');
    await stop();
    expect(openedBytes(profileDir()).includes(canary), 'the search finds it while it is there').toBe(true);
    const again = await start();
    again.dueBelow(2);
    expect((await again.own.preview(never)).copies).toEqual([{ name: 'cache.db.before-4', bytes: 14 }]);
    expect(await again.purgeBelow(2)).toMatchObject({ rowsRemoved: 2, copiesRemoved: 1, isCompacted: true });
    await stop();
    const bytes = openedBytes(profileDir());
    expect(bytes.includes(canary)).toBe(false);
    // The index holds words, not text.
    for (const word of canary.split('-')) if (word !== 'canary') expect(bytes.includes(word)).toBe(false);
    expect(existsSync(join(profileDir(), 'cache.db.before-4'))).toBe(false);
  });

  it('can be cancelled: whole packets are gone, everything else is there, and the ledger says so', async () => {
    const made = await start();
    const { session, ledger, own, dueBelow } = made;
    addDeployment(session);
    store(session, numbers(1, 4000));
    dueBelow(3501);
    await own.setPolicy({ rowDays: DAYS, exportDays: null, reportDays: null });
    const { token, digest } = await own.preview(never);
    const stopping = new AbortController();
    const purge = own.purge({ token, digest }, stopping.signal);
    while (idsHeld(session).length === 4000) await new Promise((resolve) => { setImmediate(resolve); });
    stopping.abort();
    expect(await codeOf(() => purge)).toBe('cancelled');
    const left = idsHeld(session);
    expect(left.length).toBeGreaterThan(500);
    expect(left).toEqual(numbers(4001 - left.length, 4000));
    expect((4000 - left.length) % 1000).toBe(0);
    expect(ledger.list(null, 1).entries[0]?.outcome).toBe(`cancelled; ${4000 - left.length} rows removed, 0 held, 0 of released holds removed, 0 files removed, 0 left`);
    expect(await verify()).toMatchObject({ verdict: 'intact' });
    const { kept, counted } = countsOf(session);
    expect(kept).toEqual(counted);
  });

  it.each(["UPDATE audit_checkpoint SET root = '00' WHERE number = 3", "UPDATE audit_event SET route = '/other' WHERE id = 17", 'DELETE FROM audit_event WHERE id = 290; DELETE FROM audit_payload WHERE seq = 290'])('does not touch a log that is not what was signed: it is evidence (%s)', async (statement) => {
    await filled();
    await stop();
    tamper(profileDir(), (raw) => raw.exec(statement));
    const { session, purgeBelow } = await start();
    const before = idsHeld(session);
    expect(await codeOf(() => purgeBelow(151))).toBe('witness_broken');
    expect(idsHeld(session)).toEqual(before);
  });
});

describe('the witness after a purge', () => {
  it('stands intact, says how many this workstation let go, and goes on signing', async () => {
    const { session, witness, purgeBelow } = await filled();
    const leaves = (await verify()).leaves;
    await purgeBelow(151);
    const after = await verify();
    expect(after).toMatchObject({ verdict: 'intact', leaves, problemCount: 0 });
    expect(after.message).toContain('150 rows of them were let go by this workstation itself');
    store(session, numbers(301, 320));
    storeLate(session, [303, 306]);
    expect((await witness.afterSync(DEPLOYMENT)).problem).toBeNull();
    expect(await verify()).toMatchObject({ verdict: 'intact', leaves: leaves + 22 });
  });

  it('numbers are never given again: a cache that let everything go signs what comes next', async () => {
    const { session, witness, purgeBelow } = await filled();
    await purgeBelow(301);
    expect(idsHeld(session)).toEqual([]);
    store(session, numbers(301, 305));
    storeLate(session, [303]);
    expect(session.read().get(sql`SELECT min(seq) AS seq FROM audit_event`, (row) => row['seq'])).toBe(301);
    expect(await witness.afterSync(DEPLOYMENT)).toMatchObject({ leaves: 6, problem: null });
    expect(await verify()).toMatchObject({ verdict: 'intact', problemCount: 0 });
    await stop();
    tamper(profileDir(), (raw) => raw.exec('DELETE FROM audit_event WHERE id = 305; DELETE FROM audit_payload WHERE seq = 305'));
    expect(await verify()).toMatchObject({ verdict: 'broken', problems: [{ kind: 'row-removed', eventId: 305 }] });
  });

  const named = ({ problems }: WitnessVerdict): string[] => problems.map(({ kind, eventId }) => `${kind} ${eventId ?? '-'}`);
  const forge = `INSERT INTO let_go_packet SELECT 99, dep, at, 1, 1790000000200000, 200, 0, ledger_entry, digest, seal FROM let_go_packet WHERE id = 1;
    INSERT INTO audit_let_go SELECT seq, dep, id, created_at, batch, NULL, 99 FROM audit_event WHERE id = 200; DELETE FROM audit_event WHERE id = 200; DELETE FROM audit_payload WHERE seq = 200`;

  it.each<readonly [string, string, readonly string[]]>([
    ['a row that was taken out without a note', 'DELETE FROM audit_event WHERE id = 200; DELETE FROM audit_payload WHERE seq = 200', ['row-removed 200']],
    ['a row that was taken out with a note under the seal of another packet', forge, ['signature-invalid -', 'row-removed 200']],
    ['a row that was put into a packet that is sealed', 'INSERT INTO audit_let_go SELECT seq, dep, id, created_at, batch, NULL, 1 FROM audit_event WHERE id = 200; DELETE FROM audit_event WHERE id = 200; DELETE FROM audit_payload WHERE seq = 200', ['signature-invalid -', 'row-removed 1']],
    ['a note that was changed', 'UPDATE audit_let_go SET created_at = created_at + 1 WHERE id = 7', ['signature-invalid -', 'row-removed 1']],
    ['a packet whose ends were changed', 'UPDATE let_go_packet SET newest = newest + 1', ['signature-invalid -', 'row-removed 1']],
    ['notes that were taken out', 'DELETE FROM audit_let_go WHERE id = 7', ['signature-invalid -', 'row-removed 1']],
    ['the hash of a row that was let go', "UPDATE audit_leaf_block SET hashes = CAST(zeroblob(32) || substr(hashes, 33) AS BLOB) WHERE first = 0", ['root-mismatch -']],
    ['a row that is still here and was changed', "UPDATE audit_event SET route = '/other' WHERE id = 200", ['row-changed 200']],
  ])('still finds %s', async (_what, statements, expected) => {
    const { purgeBelow } = await filled();
    await purgeBelow(151);
    await stop();
    tamper(profileDir(), (raw) => raw.exec(statements));
    const verdict = await verify();
    expect(verdict.verdict).toBe('broken');
    expect(named(verdict)).toEqual(expect.arrayContaining([...expected]));
  });

  it('a sync does not bring rows back, an import does, and both verify', async () => {
    const { session, witness, purgeBelow } = await filled();
    await purgeBelow(151);
    const db = session.write();
    const bring = (kind: 'sync' | 'import', row: ReturnType<typeof rowOf>): string => db.transaction(() => {
      const into = openRowStore(db, { deploymentId: DEPLOYMENT, kind, address: kind === 'sync' ? ADDRESS : null, source: 'again', atUs: 10 });
      const { row: outcome } = into.add(row);
      into.flush();
      return outcome;
    });
    expect(bring('sync', rowOf(9))).toBe('let-go');
    expect(bring('sync', rowOf(200))).toBe('held');
    expect(bring('sync', rowOf(11, { createdAtUs: 1_790_000_900_000_000 })), 'another row that took the id').toBe('added');
    expect(bring('import', rowOf(9))).toBe('added');
    expect(bring('sync', rowOf(9)), 'it is held again').toBe('held');
    expect(idsHeld(session)).toEqual([9, 11, ...numbers(151, 300)]);
    expect((await witness.afterSync(DEPLOYMENT)).problem).toBeNull();
    expect(await verify()).toMatchObject({ verdict: 'intact', problemCount: 0 });
    expect(await purgeBelow(152)).toMatchObject({ rowsRemoved: 2 });
    expect(await verify()).toMatchObject({ verdict: 'intact', problemCount: 0 });
  });
});

describe('held rows', () => {
  it('stay while a hold stands, by the vault and by its query, and go when it was released', async () => {
    const { session, own, purgeBelow } = await filled();
    addHold(session, { ids: [5, 77] });
    addHold(session, { id: 'h_0000000000000002', ids: [], query: 'resource:r9' });
    expect(await purgeBelow(151)).toMatchObject({ rowsRemoved: 147, rowsHeld: 3 });
    expect(idsHeld(session)).toEqual([5, 9, 77, ...numbers(151, 300)]);
    expect((await own.preview(never)).rows).toMatchObject({ due: 0, held: 3 });
    const inVault = (): number => session.read().get(sql`SELECT (SELECT count(*) FROM vault_row) + (SELECT count(*) FROM hold_member) AS n`, (row) => Number(row['n'])) ?? -1;
    expect(inVault()).toBe(4);
    releaseHold(session);
    expect((await own.preview(never)).rows).toMatchObject({ due: 2, held: 1, released: 2 });
    expect(await purgeBelow(151)).toMatchObject({ rowsRemoved: 2, rowsHeld: 1, releasedRemoved: 2 });
    expect(inVault()).toBe(0);
    expect(await verify()).toMatchObject({ verdict: 'intact' });
  });

  it('no order of syncs, holds, releases and purges ever takes one (property)', { timeout: 900_000 }, async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('rows' as const), n: fc.integer({ min: 1, max: 60 }) }),
      fc.record({ kind: fc.constant('hold' as const), n: fc.integer({ min: 1, max: 200 }) }),
      fc.record({ kind: fc.constant('release' as const), n: fc.nat(5) }),
      fc.record({ kind: fc.constant('purge' as const), n: fc.integer({ min: 1, max: 200 }) }),
      fc.record({ kind: fc.constant('again' as const), n: fc.integer({ min: 1, max: 60 }) }),
    );
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 9 }), async (steps) => {
      const own = temporaryFolder('own-model');
      const made = await openOwnBench(join(own.path, 'profile'));
      try {
        addDeployment(made.session);
        let last = 0;
        const model = new Set<number>();
        const gone = new Set<number>();
        const holds: { readonly id: string; readonly ids: readonly number[]; stands: boolean }[] = [];
        for (const { kind, n } of steps) {
          const held = new Set(holds.filter(({ stands }) => stands).flatMap(({ ids }) => ids));
          if (kind === 'rows') {
            store(made.session, numbers(last + 1, last + n));
            for (const id of numbers(last + 1, last + n)) model.add(id);
            last += n;
          } else if (kind === 'again') {
            // A sync that reads everything again brings nothing back.
            store(made.session, numbers(1, Math.min(n, last)));
          } else if (kind === 'hold') {
            const ids = [...model].filter((id) => id % 7 === n % 7).slice(0, 10);
            const id = `h_${String(holds.length).padStart(16, '0')}`;
            addHold(made.session, { id, ids });
            holds.push({ id, ids, stands: true });
          } else if (kind === 'release') {
            const hold = holds.filter(({ stands }) => stands)[n];
            if (hold !== undefined) {
              releaseHold(made.session, hold.id);
              hold.stands = false;
            }
          } else {
            const result = await made.purgeBelow(n);
            const due = [...model].filter((id) => id < n);
            expect(result).toMatchObject({ rowsRemoved: due.filter((id) => !held.has(id)).length, rowsHeld: due.filter((id) => held.has(id)).length });
            for (const id of due) {
              if (held.has(id)) continue;
              model.delete(id);
              gone.add(id);
            }
          }
          expect(idsHeld(made.session)).toEqual([...model].sort((a, b) => a - b));
        }
        const { kept, counted } = countsOf(made.session);
        expect(kept).toEqual(counted);
        await made.witness.afterSync(DEPLOYMENT);
        expect((await made.witness.verify(DEPLOYMENT, never)).problems).toEqual([]);
      } finally {
        await made.close();
        own.remove();
      }
    }), SETTINGS);
  });
});

describe('written files', () => {
  it('go when they are due and still what was written; what was changed, linked or put in their place stays', async () => {
    const { session, own, clock } = await filled();
    const note = createFileNotes({ session, clock: fakeClock(clock.now()), log: keptLog() });
    const out = join(folder.path, 'out');
    mkdirSync(out);
    const write = async (name: string, kind: 'export' | 'report', text = `text of ${name}`): Promise<string> => {
      const path = join(out, name);
      writeFileSync(path, text);
      await note({ deploymentId: DEPLOYMENT, kind, path, sha256: createHash('sha256').update(text).digest('hex'), bytes: Buffer.byteLength(text) });
      return path;
    };
    const [due, changed, gone, linked, report] = [await write('due.csv', 'export'), await write('changed.csv', 'export'), await write('gone.csv', 'export'), await write('linked.csv', 'export'), await write('report.pdf', 'report')];
    const target = join(out, 'elsewhere');
    writeFileSync(target, 'text of linked.csv');
    writeFileSync(changed, 'text of changed,csv');
    unlinkSync(gone);
    unlinkSync(linked);
    symlinkSync(target, linked);
    await clock.advance(10 * 86_400_000);
    await own.setPolicy({ rowDays: null, exportDays: 7, reportDays: 11 });
    const preview = await own.preview(never);
    expect(preview.files.map(({ path, state }) => [path, state])).toEqual([[due, 'due'], [changed, 'changed'], [gone, 'gone'], [linked, 'changed']]);
    expect(preview.rows.due).toBe(0);
    expect(await own.purge({ token: preview.token, digest: preview.digest }, never)).toMatchObject({ rowsRemoved: 0, filesRemoved: 1, filesLeft: 3 });
    expect(existsSync(due)).toBe(false);
    expect(readFileSync(changed, 'utf8')).toBe('text of changed,csv');
    expect(readFileSync(target, 'utf8')).toBe('text of linked.csv');
    expect(existsSync(report)).toBe(true);
    expect((await own.preview(never)).files.map(({ path }) => path), 'what is gone is not asked for again').toEqual([changed, linked]);
  });

  it('a file that was written anew under the same name is one entry, with the age of the new one', async () => {
    const { session, own, clock } = await filled();
    const note = createFileNotes({ session, clock, log: keptLog() });
    const path = join(folder.path, 'a.csv');
    await note({ deploymentId: DEPLOYMENT, kind: 'export', path, sha256: 'old', bytes: 3 });
    await clock.advance(10 * 86_400_000);
    writeFileSync(path, 'new');
    await note({ deploymentId: DEPLOYMENT, kind: 'export', path, sha256: createHash('sha256').update('new').digest('hex'), bytes: 3 });
    await own.setPolicy({ rowDays: null, exportDays: 7, reportDays: null });
    expect((await own.preview(never)).files).toEqual([]);
  });

  it('a note that cannot be kept stops nothing', async () => {
    await filled();
    await stop();
    const reader = await openWitnessProfile(profileDir(), 'read');
    const log = keptLog();
    await createFileNotes({ session: reader.session, clock: fakeClock(), log })({ deploymentId: DEPLOYMENT, kind: 'export', path: '/x', sha256: 'x', bytes: 1 });
    expect(log.lines).toEqual([]);
    await reader.close();
  });
});

it('keeps everything while no rule was set', async () => {
  const { own, dueBelow, session } = await filled();
  dueBelow(10_000);
  expect(own.policy()).toEqual({ rowDays: null, exportDays: null, reportDays: null });
  const preview = await own.preview(never);
  expect(preview).toMatchObject({ cutoffs: { rows: null, exports: null, reports: null }, rows: { due: 0, held: 0, kept: 300 }, files: [] });
  expect(await own.purge(preview, never)).toMatchObject({ rowsRemoved: 0 });
  expect(idsHeld(session)).toHaveLength(300);
});
