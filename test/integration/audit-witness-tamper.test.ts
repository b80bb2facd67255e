// Tampering with a closed cache, by somebody who holds its key: every way of it is found and named, the tail and an older database included.
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { RawDatabase } from '#core/db/native.ts';
import { hintOf, rowLeaf } from '#core/audit/witness/leaf-data.ts';
import { leafHash } from '#core/audit/witness/merkle.ts';
import { createProvenance } from '#core/audit/witness/provenance.ts';
import { openRowStore } from '#core/audit/store.ts';
import { rowsBySeq } from '#core/audit/witness/witness-queries.ts';
import { sql } from '#core/db/sql.ts';
import type { WitnessVerdict } from '#shared/domain/audit-witness.ts';
import { addDeployment, DEPLOYMENT, editSecrets, keepDatabase, numbers, openWitnessProfile, rowOf, store, storeLate, tamper, witnessProfiles } from '../support/audit-witness-profile.ts';

const { folder, profileDir, start, stop, verify } = witnessProfiles();

/** Three syncs with late payloads between, witnessed each time: rows 1 to 300, leaves 340, checkpoints over 100, 220 and 340. Closed. */
async function filled(): Promise<void> {
  const { session, witness } = await start();
  addDeployment(session);
  store(session, numbers(1, 100));
  await witness.afterSync(DEPLOYMENT);
  store(session, numbers(101, 200));
  storeLate(session, numbers(1, 60).filter((id) => id % 3 === 0));
  await witness.afterSync(DEPLOYMENT);
  store(session, numbers(201, 300));
  storeLate(session, numbers(61, 120).filter((id) => id % 3 === 0));
  await witness.afterSync(DEPLOYMENT);
  await stop();
}

async function verdictNow(): Promise<WitnessVerdict> {
  await start('read');
  const verdict = await verify();
  await stop();
  return verdict;
}

/** Tampers with the closed cache and verifies it as the read-only command line would. */
async function after(run: (raw: RawDatabase) => void): Promise<WitnessVerdict> {
  tamper(profileDir(), run);
  return verdictNow();
}

const named = ({ problems }: WitnessVerdict): string[] => problems.map(({ kind, eventId, position }) => `${kind} ${eventId ?? '-'} @${position ?? '-'}`);

describe('tampering is found and named', () => {
  beforeEach(filled);

  it('nothing was done: intact, also where the profile is open for reading only', async () => {
    expect(await verdictNow()).toMatchObject({ verdict: 'intact', leaves: 340, checkpoints: 3, problemCount: 0 });
    expect(await after(() => undefined)).toMatchObject({ verdict: 'intact' });
  });

  it('a deleted row', async () => {
    const verdict = await after((raw) => raw.exec('DELETE FROM audit_event WHERE id = 42; DELETE FROM audit_payload WHERE seq = 42'));
    expect(verdict.verdict).toBe('broken');
    expect(named(verdict)).toEqual(['row-removed 42 @41', 'payload-changed 42 @213']);
  });

  it('every row deleted', async () => {
    const verdict = await after((raw) => raw.exec('DELETE FROM audit_event; DELETE FROM audit_payload'));
    expect(verdict).toMatchObject({ verdict: 'broken', problemCount: 340 });
    expect(verdict.problems).toHaveLength(200);
  });

  it.each([
    ['created_at', 'created_at + 1'], ['created_raw', "created_raw || ' '"], ['route', "'/other'"], ['method', "'PUT'"], ['event_type', "'other'"], ['org', 'NULL'], ['actor_sub', "'sub|other'"], ['actor_email', "''"],
    ['resource_id', "coalesce(resource_id, '') || 'x'"], ['status_code', 'status_code + 1'], ['batch', '2'],
  ])('an edited %s', async (column, expression) => {
    const verdict = await after((raw) => raw.exec(`UPDATE audit_event SET ${column} = ${expression} WHERE id = 17`));
    expect(verdict.verdict).toBe('broken');
    if (column !== 'batch') expect(named(verdict)).toEqual(['row-changed 17 @16']);
    else expect(named(verdict)[0]).toMatch(/^(row|payload)-changed 17 @16$/);
  });

  it.each([['state', "'failed'"], ['state', 'NULL'], ['key_id', "'k9'"], ['sealed_at', '1'], ['payload_batch', '2'], ['payload_batch', 'NULL']])('an edited %s (%s) of a payload', async (column, expression) => {
    const verdict = await after((raw) => raw.exec(`UPDATE audit_event SET ${column} = ${expression} WHERE id = 17`));
    expect(named(verdict)).toContainEqual(expect.stringMatching(/^payload-changed 17 @(16|-)$/));
  });

  it('an edited id, seq or deployment', async () => {
    expect(named(await after((raw) => raw.exec('UPDATE audit_event SET id = 5017 WHERE id = 17')))).toEqual(['row-changed 17 @16']);
    expect(named(await after((raw) => raw.exec('UPDATE audit_event SET id = 17 WHERE id = 5017; UPDATE audit_event SET seq = 9017 WHERE id = 17; UPDATE audit_payload SET seq = 9017 WHERE seq = 17')))).toEqual(['order-changed 17 @16', 'row-inserted 17 @-']);
    expect(named(await after((raw) => raw.exec('UPDATE audit_event SET seq = 17, dep = 77 WHERE id = 17')))).toEqual(['row-removed 17 @16']);
  });

  it('an edited, removed or planted payload', async () => {
    expect(named(await after((raw) => raw.exec("UPDATE audit_payload SET body = body || ' ' WHERE seq = 17")))).toEqual(['payload-changed 17 @16']);
    expect(named(await after((raw) => raw.exec("UPDATE audit_payload SET body = 'x' WHERE seq = 3")))).toEqual(['payload-changed 17 @16', 'payload-changed 3 @200']);
    expect(named(await after((raw) => raw.exec('DELETE FROM audit_payload WHERE seq = 17')))).toContain('payload-changed 17 @16');
    expect(named(await after((raw) => raw.exec("INSERT INTO audit_payload VALUES (300, '{}')")))).toContain('payload-changed 300 @319');
    expect(named(await after((raw) => raw.exec("UPDATE audit_event SET state = 'plain', payload_batch = batch WHERE id = 300")))).toContain('payload-changed 300 @319');
    expect(named(await after((raw) => raw.exec("UPDATE audit_event SET state = 'plain', payload_batch = 1 WHERE id = 300")))).toContain('payload-changed 300 @-');
  });

  it('an edited, exchanged or removed payload of megabytes', async () => {
    const { session, witness } = await start();
    const db = session.write();
    db.transaction(() => {
      const into = openRowStore(db, { deploymentId: DEPLOYMENT, kind: 'import', address: null, source: 'big.jsonl', atUs: 9 });
      for (const id of [901, 902]) into.add(rowOf(id, { payload: { state: 'plain', body: `{"id":${id},"text":"${'\u00e9'.repeat(1_000_000)}"}`, keyId: null } }));
      into.flush();
    });
    await witness.afterSync(DEPLOYMENT);
    expect((await verify()).verdict).toBe('intact');
    await stop();
    const restore = keepDatabase(profileDir());
    expect(named(await after((raw) => raw.exec("UPDATE audit_payload SET body = replace(body, '901', '911') WHERE seq = 301")))).toEqual(['payload-changed 901 @340']);
    expect(named(await after((raw) => raw.exec('DELETE FROM audit_payload WHERE seq = 302')))).toEqual(['payload-changed 901 @340', 'payload-changed 902 @341']);
    restore();
    expect(named(await after((raw) => raw.exec("UPDATE audit_event SET route = '/' WHERE seq = 302")))).toEqual(['row-changed 902 @341']);
  });

  it('a row put in between, and one put in at the end under a sync that was witnessed', async () => {
    const copy = (seq: number, id: number): string => `INSERT INTO audit_event SELECT ${seq}, dep, ${id}, created_at, created_raw, route, method, event_type, org, actor_sub, actor_email, resource_id, status_code, batch, NULL, NULL, NULL, NULL FROM audit_event WHERE id = 250`;
    const verdict = await after((raw) => raw.exec(`${copy(301, 777)}; ${copy(-5, 778)}; ${copy(9000, 779).replace('batch,', '9999,')}`));
    expect(verdict).toMatchObject({ verdict: 'broken', problemCount: 3 });
    expect(named(verdict).sort()).toEqual(['row-inserted 777 @-', 'row-inserted 778 @-', 'row-inserted 779 @-']);
    // The next sync does not sign them either.
    const { session, witness } = await start();
    store(session, [301]);
    expect(await witness.afterSync(DEPLOYMENT)).toMatchObject({ leaves: 1, problem: expect.stringContaining('2 rows were put into the cache') });
    const later = await verify();
    expect(named(later).sort()).toEqual(['row-inserted 777 @-', 'row-inserted 778 @-', 'row-inserted 779 @-']);
  });

  it('rows in another order', async () => {
    const verdict = await after((raw) => raw.exec('UPDATE audit_event SET seq = 100000 WHERE seq = 12; UPDATE audit_event SET seq = 12 WHERE seq = 15; UPDATE audit_event SET seq = 15 WHERE seq = 100000'));
    // The bodies stayed where they were, so that each of the two now has the other's.
    expect(named(verdict)).toEqual(['order-changed 12 @11', 'order-changed 15 @14', 'payload-changed 12 @203', 'payload-changed 15 @204']);
  });

  const REF = 16;
  const HASH = 32;
  const HINT = 8;
  /** Reads, edits and writes the three parts of the first block. */
  function editBlock(raw: RawDatabase, edit: (parts: { refs: Buffer; hashes: Buffer; hints: Buffer }) => void, first = 0): void {
    const [refs, hashes, hints] = raw.prepare('SELECT refs, hashes, hints FROM audit_leaf_block WHERE first = ?').raw().get(first) as [Buffer, Buffer, Buffer];
    const parts = { refs, hashes, hints };
    edit(parts);
    raw.prepare('UPDATE audit_leaf_block SET refs = ?, hashes = ?, hints = ?, leaves = ? WHERE first = ?').run(parts.refs, parts.hashes, parts.hints, parts.hashes.length / HASH, first);
  }
  function swap(buffer: Buffer, bytes: number, [a, b]: readonly [number, number]): void {
    const kept = Buffer.from(buffer.subarray(a * bytes, (a + 1) * bytes));
    buffer.copy(buffer, a * bytes, b * bytes, (b + 1) * bytes);
    kept.copy(buffer, b * bytes);
  }

  it('two leaves in another order', async () => {
    const verdict = await after((raw) => editBlock(raw, ({ refs, hashes, hints }) => {
      swap(refs, REF, [20, 21]);
      swap(hashes, HASH, [20, 21]);
      swap(hints, HINT, [20, 21]);
    }));
    expect(named(verdict)).toEqual(expect.arrayContaining(['order-changed 21 @21', 'order-changed 22 @20', 'root-mismatch - @0']));
    expect(verdict.problems.find(({ kind }) => kind === 'root-mismatch')?.message).toContain('before checkpoint 1');
  });

  it('only their hashes, or only what they stand for, in another order', async () => {
    expect(named(await after((raw) => editBlock(raw, ({ hashes }) => swap(hashes, HASH, [20, 21]))))).toEqual(expect.arrayContaining(['root-mismatch 21 @20', 'root-mismatch 22 @21']));
    expect(named(await after((raw) => editBlock(raw, ({ hashes, refs, hints }) => {
      swap(hashes, HASH, [20, 21]);
      swap(refs, REF, [20, 30]);
      swap(hints, HINT, [20, 30]);
    })))).toEqual(['order-changed 31 @20', 'order-changed 21 @30']);
  });

  it.each([['with the hash that it should have', true], ['with any hash', false]])('a leaf put in, %s', async (_, isRight) => {
    const { session } = await start();
    const [row] = rowsBySeq(session.read(), 1, [8]);
    const seen = createProvenance(session.read, 1);
    if (row === undefined) throw new Error('no row 8');
    const hash = isRight ? Buffer.from(leafHash(rowLeaf(row, 50, seen)), 'latin1') : Buffer.alloc(HASH, 9);
    const hint = isRight ? Buffer.from(hintOf(row, 50, seen), 'latin1') : Buffer.alloc(HINT);
    await stop();
    const verdict = await after((raw) => {
      editBlock(raw, (parts) => {
        parts.refs = Buffer.concat([parts.refs.subarray(0, 50 * REF), parts.refs.subarray(7 * REF, 8 * REF), parts.refs.subarray(50 * REF)]);
        parts.hashes = Buffer.concat([parts.hashes.subarray(0, 50 * HASH), hash, parts.hashes.subarray(50 * HASH)]);
        parts.hints = Buffer.concat([parts.hints.subarray(0, 50 * HINT), hint, parts.hints.subarray(50 * HINT)]);
      });
      raw.exec('UPDATE audit_leaf_block SET first = first + 1 WHERE first > 0');
    });
    expect(verdict.verdict).toBe('broken');
    expect(named(verdict).slice(0, 2)).toEqual(['row-inserted 8 @50', 'root-mismatch - @0']);
  });

  it('a leaf taken out', async () => {
    const verdict = await after((raw) => {
      editBlock(raw, (parts) => {
        parts.refs = Buffer.concat([parts.refs.subarray(0, 50 * REF), parts.refs.subarray(51 * REF)]);
        parts.hashes = Buffer.concat([parts.hashes.subarray(0, 50 * HASH), parts.hashes.subarray(51 * HASH)]);
        parts.hints = Buffer.concat([parts.hints.subarray(0, 50 * HINT), parts.hints.subarray(51 * HINT)]);
      });
      raw.exec('UPDATE audit_leaf_block SET first = first - 1 WHERE first > 0');
    });
    expect(named(verdict)).toEqual(expect.arrayContaining(['row-removed - @50', 'row-inserted 51 @-', 'tail-removed - @339']));
  });

  it('a rewritten hash, alone and together with its row', async () => {
    const restore = keepDatabase(profileDir());
    const alone = await after((raw) => editBlock(raw, ({ hashes }) => { hashes[150 * HASH - 100 * HASH] = (hashes[50 * HASH] ?? 0) ^ 1; }, 100));
    expect(named(alone)).toEqual(['root-mismatch 151 @150']);
    expect(alone.problems[0]?.message).toContain('the row itself is what was signed');
    restore();
    // The row is changed and everything that can be made without the key is made to fit.
    const { session, witness } = await start();
    void witness;
    const row = session.read().get(sql`SELECT seq FROM audit_event WHERE id = 151`, (each) => Number(each['seq']));
    await stop();
    const both = await after((raw) => {
      raw.prepare("UPDATE audit_event SET route = '/forged' WHERE seq = ?").run(row);
      raw.exec('DELETE FROM audit_leaf_block; DELETE FROM audit_checkpoint WHERE number > 1');
    });
    expect(both).toMatchObject({ verdict: 'broken' });
    expect(named(both)).toEqual(expect.arrayContaining(['tail-removed - @0']));
  });

  it('a hash, a hint, a frontier or the reach of a block changed', async () => {
    expect(named(await after((raw) => raw.exec('UPDATE audit_leaf_block SET frontier = zeroblob(length(frontier)) WHERE first = 100')))).toEqual(['root-mismatch - @219']);
    expect(named(await after((raw) => editBlock(raw, ({ hints }) => { hints[0] = (hints[0] ?? 0) ^ 1; })))).toEqual(['root-mismatch 1 @0', 'root-mismatch - @219']);
    expect(named(await after((raw) => raw.exec('UPDATE audit_leaf_block SET last_seq = last_seq + 1 WHERE first = 0')))).toContain('root-mismatch - @0');
    expect(named(await after((raw) => raw.exec('DELETE FROM audit_leaf_block WHERE first = 100')))).toContain('root-mismatch - @100');
    expect(named(await after((raw) => raw.exec('UPDATE audit_leaf_block SET refs = zeroblob(5)')))).toContain('root-mismatch - @0');
  });

  it('a log that was rewritten between two checkpoints is located there', async () => {
    const verdict = await after((raw) => {
      raw.exec("UPDATE audit_event SET route = '/forged' WHERE id = 150");
      editBlock(raw, ({ hashes }) => hashes.fill(7, 49 * HASH, 50 * HASH), 100);
    });
    expect(named(verdict)).toEqual(expect.arrayContaining(['row-changed 150 @149', 'root-mismatch - @100']));
    expect(verdict.problems.find(({ kind }) => kind === 'root-mismatch')?.message).toContain('between checkpoint 1 and checkpoint 2');
  });

  it('a checkpoint changed, exchanged or missing', async () => {
    const restore = keepDatabase(profileDir());
    for (const edit of ["note = replace(note, 'time 2', 'time 3')", 'size = size + 1', "root = 'ab' || substr(root, 3)", 'at = at + 1', 'note = (SELECT note FROM audit_checkpoint WHERE number = 1)']) {
      const verdict = await after((raw) => raw.exec(`UPDATE audit_checkpoint SET ${edit} WHERE number = 2`));
      expect(named(verdict), edit).toContainEqual(expect.stringMatching(/^signature-invalid - @/));
      restore();
    }
    expect(named(await after((raw) => raw.exec('DELETE FROM audit_checkpoint WHERE number = 2')))).toEqual(['signature-invalid - @340']);
    restore();
    expect(await after((raw) => raw.exec('DELETE FROM audit_checkpoint WHERE number = 3'))).toMatchObject({ verdict: 'broken', problems: [{ kind: 'tail-removed' }] });
    restore();
    expect(await after((raw) => raw.exec('DELETE FROM audit_checkpoint'))).toMatchObject({ verdict: 'broken' });
    restore();
    expect(await verdictNow()).toMatchObject({ verdict: 'intact' });
  });

  it('the tail cut off, roughly and cleanly', async () => {
    const restore = keepDatabase(profileDir());
    const rough = await after((raw) => raw.exec('DELETE FROM audit_event WHERE id > 290'));
    expect(named(rough)[0]).toBe('row-removed 291 @310');
    restore();
    const leaves = await after((raw) => raw.exec('DELETE FROM audit_leaf_block WHERE first >= 220'));
    expect(named(leaves)).toEqual(['tail-removed - @220']);
    restore();
    const clean = await after((raw) => raw.exec('DELETE FROM audit_event WHERE id > 200; DELETE FROM audit_payload WHERE seq > 200; DELETE FROM audit_leaf_block WHERE first >= 220; DELETE FROM audit_checkpoint WHERE number = 3'));
    expect(clean.verdict).toBe('broken');
    expect(named(clean).at(-1)).toMatch(/^(tail-removed|older-database) - @220$/);
    expect(clean.message).toContain('problem');
    // Nothing is signed on top of it, so that it stays visible.
    const { session, witness } = await start();
    store(session, numbers(900, 1200));
    expect(await witness.afterSync(DEPLOYMENT)).toMatchObject({ leaves: 0, checkpoint: null, problem: expect.stringContaining('remembers more') });
    expect((await verify()).verdict).toBe('broken');
  });

  it('everything of the witness removed from the database', async () => {
    const verdict = await after((raw) => raw.exec('DELETE FROM audit_leaf_block; DELETE FROM audit_checkpoint'));
    expect(verdict).toMatchObject({ verdict: 'broken', problems: [{ kind: 'tail-removed' }] });
  });

  it('an older database put back', async () => {
    const restore = keepDatabase(profileDir());
    const { session, witness } = await start();
    store(session, numbers(301, 350));
    await witness.afterSync(DEPLOYMENT);
    await stop();
    restore();
    const verdict = await verdictNow();
    expect(verdict.verdict).toBe('broken');
    expect(named(verdict)).toEqual(['older-database - @340']);
    const again = await start();
    store(again.session, numbers(301, 400));
    expect((await again.witness.afterSync(DEPLOYMENT)).problem).not.toBeNull();
    expect((await verify()).verdict).toBe('broken');
  });

  it('the key exchanged', async () => {
    const { session } = await start();
    const spare = join(folder(), 'spare');
    await stop();
    void session;
    const other = await openWitnessProfile(spare);
    addDeployment(other.session);
    store(other.session, [1]);
    await other.witness.afterSync(DEPLOYMENT);
    await other.close();
    let strangeKey = '';
    editSecrets(spare, (secrets) => { strangeKey = secrets['witness-key'] ?? ''; });
    editSecrets(profileDir(), (secrets) => { secrets['witness-key'] = strangeKey; });
    const verdict = await verdictNow();
    expect(verdict.verdict).toBe('broken');
    expect(named(verdict)[0]).toBe('signature-invalid - @-');
    const again = await start();
    store(again.session, [301]);
    expect(await again.witness.afterSync(DEPLOYMENT)).toMatchObject({ checkpoint: null, problem: expect.stringContaining('not one that the ledger names') });
  });

  it('the head exchanged, gone, unreadable or put back', async () => {
    const name = `witness-head:${DEPLOYMENT}`;
    let kept = '';
    editSecrets(profileDir(), (secrets) => {
      kept = secrets[name] ?? '';
      secrets[name] = kept.replace(/"root":"../, '"root":"00');
    });
    expect(await verdictNow()).toMatchObject({ verdict: 'broken', problems: [{ kind: 'root-mismatch' }] });
    editSecrets(profileDir(), (secrets) => { secrets[name] = '{}'; });
    expect(await verdictNow()).toMatchObject({ verdict: 'doubtful', problems: [{ kind: 'head-missing' }] });
    editSecrets(profileDir(), (secrets) => { delete secrets[name]; });
    expect(await verdictNow()).toMatchObject({ verdict: 'doubtful', problems: [{ kind: 'head-missing' }] });
    // The next sync takes it over, and says so for ever.
    const { session, witness } = await start();
    store(session, [301]);
    expect(await witness.afterSync(DEPLOYMENT)).toMatchObject({ problem: null, checkpoint: { note: expect.stringContaining('\nadopted head-missing\n') } });
    store(session, [302]);
    expect(await witness.afterSync(DEPLOYMENT)).toMatchObject({ problem: null, checkpoint: { note: expect.not.stringContaining('adopted') } });
    expect(await verify()).toMatchObject({ verdict: 'doubtful', problems: [{ kind: 'head-missing', position: 341 }] });
    await stop();
    editSecrets(profileDir(), (secrets) => { secrets[name] = kept; });
    expect(await verdictNow(), 'an older head').toMatchObject({ verdict: 'doubtful', problemCount: 2 });
  });

  it('the key gone: signatures are checked by the ledger, the next one is made anew, and that stays said', async () => {
    editSecrets(profileDir(), (secrets) => { delete secrets['witness-key']; });
    expect(await verdictNow()).toMatchObject({ verdict: 'doubtful', problemCount: 1, problems: [{ kind: 'key-missing' }] });
    const { session, witness } = await start();
    store(session, [301]);
    expect(await witness.afterSync(DEPLOYMENT)).toMatchObject({ problem: null, checkpoint: { note: expect.stringContaining('\nadopted key-missing\n') } });
    const verdict = await verify();
    expect(verdict).toMatchObject({ verdict: 'doubtful', checkpoints: 4 });
    expect(verdict.problems.map(({ kind }) => kind)).toEqual(['key-missing', 'key-missing']);
    await stop();
    editSecrets(profileDir(), (secrets) => { secrets['witness-key'] = 'bm90IGEga2V5'; });
    expect(await verdictNow()).toMatchObject({ verdict: 'doubtful' });
  });

  it('a crash between checkpoint and head is no tampering, and the next sync puts it right', async () => {
    const name = `witness-head:${DEPLOYMENT}`;
    let older = '';
    editSecrets(profileDir(), (secrets) => { older = secrets[name] ?? ''; });
    const { session, witness } = await start();
    store(session, [301]);
    await witness.afterSync(DEPLOYMENT);
    await stop();
    editSecrets(profileDir(), (secrets) => { secrets[name] = older; });
    expect(await verdictNow()).toMatchObject({ verdict: 'intact', message: expect.stringContaining('the one before the last') });
    const again = await start();
    expect(await again.witness.afterSync(DEPLOYMENT)).toEqual({ leaves: 0, checkpoint: null, problem: null });
    expect(await verify()).toMatchObject({ verdict: 'intact', message: expect.stringContaining('remembers the last one') });
  });
});
