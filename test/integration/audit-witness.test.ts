// The witness over a real cache: what it signs and when, what a verification says, and how it goes on after an interruption.
import { describe, expect, it } from 'vitest';
import { isSignedBy, readNote } from '#core/audit/witness/note.ts';
import { deleteDeployment } from '#core/deployments/queries.ts';
import { sql } from '#core/db/sql.ts';
import { addDeployment, DEPLOYMENT, never, numbers, store, storeLate, witnessProfiles } from '../support/audit-witness-profile.ts';

const { start, verify } = witnessProfiles();

describe('what is signed', () => {
  it('every sync that brings something gets a checkpoint, and the log verifies', async () => {
    const { session, witness, ledger } = await start();
    addDeployment(session);
    expect(await verify()).toMatchObject({ verdict: 'empty', leaves: 0, checkpoint: null, publicKey: null });
    expect(await witness.afterSync(DEPLOYMENT)).toEqual({ leaves: 0, checkpoint: null, problem: null });
    store(session, numbers(1, 2500));
    expect(await verify()).toMatchObject({ verdict: 'unsigned-tail', message: expect.stringContaining('2500 rows') });
    const first = await witness.afterSync(DEPLOYMENT);
    expect(first).toMatchObject({ leaves: 2500, problem: null, checkpoint: { number: 1, size: 2500 } });
    expect(await witness.afterSync(DEPLOYMENT), 'nothing came').toEqual({ leaves: 0, checkpoint: null, problem: null });
    storeLate(session, [3, 6, 9]);
    expect(await verify()).toMatchObject({ verdict: 'unsigned-tail', message: expect.stringContaining('3 payloads without a leaf') });
    store(session, [2501]);
    expect(await witness.afterSync(DEPLOYMENT)).toMatchObject({ leaves: 4, checkpoint: { number: 2, size: 2504 } });

    const verdict = await verify();
    expect(verdict).toMatchObject({ verdict: 'intact', leaves: 2504, checkpoints: 2, problemCount: 0, findings: 0 });
    const note = readNote(verdict.checkpoint?.note ?? '');
    expect(note !== null && isSignedBy(note, Buffer.from(verdict.publicKey ?? '', 'base64'))).toBe(true);
    expect(Buffer.from(note?.root ?? '', 'latin1').toString('hex')).toBe(verdict.root);
    expect(witness.checkpoints(DEPLOYMENT, 1)).toMatchObject({ checkpoints: [{ size: 2504 }], total: 2 });
    const entries = ledger.list(null, 10).entries.filter(({ action }) => action === 'audit.witness.key.made');
    expect(entries).toMatchObject([{ outcome: expect.stringContaining(verdict.publicKey ?? 'no key'), subject: expect.stringMatching(/^[0-9a-f]{64}$/) }]);
    expect(session.secretNames()).toEqual(expect.arrayContaining(['witness-key', `witness-head:${DEPLOYMENT}`]));
  });

  it('each deployment has a log of its own; removing one leaves the other whole', { timeout: 180_000 }, async () => {
    const { session, witness } = await start();
    addDeployment(session);
    addDeployment(session, 'd_other');
    for (let page = 0; page < 20; page += 1) {
      store(session, numbers(page * 10 + 1, page * 10 + 10), page % 2 === 0 ? DEPLOYMENT : 'd_other');
      if (page % 5 === 0) await witness.afterSync(DEPLOYMENT);
    }
    // So many rows of one deployment between two of the other that the index is asked where to go on.
    store(session, numbers(1001, 9800), 'd_other');
    store(session, [999]);
    await witness.afterSync(DEPLOYMENT);
    await witness.afterSync('d_other');
    expect(await verify()).toMatchObject({ verdict: 'intact', leaves: 101 });
    expect(await witness.verify('d_other', never)).toMatchObject({ verdict: 'intact', leaves: 8900 });
    const db = session.write();
    db.transaction(() => deleteDeployment(db, 'd_other', 1));
    store(session, [5000]);
    await witness.afterSync(DEPLOYMENT);
    expect(await verify()).toMatchObject({ verdict: 'intact', leaves: 102 });
    await expect(witness.verify('d_other', never)).rejects.toMatchObject({ code: 'deployment_not_found' });
    await expect(witness.afterSync('d_other')).rejects.toMatchObject({ code: 'deployment_not_found' });
  });

  it('runs asked for at the same time wait for each other', async () => {
    const { session, witness } = await start();
    addDeployment(session);
    store(session, numbers(1, 3000));
    const all = await Promise.all([1, 2, 3].map(() => witness.afterSync(DEPLOYMENT)));
    expect(all.map(({ leaves }) => leaves)).toEqual([3000, 0, 0]);
    expect(await verify()).toMatchObject({ verdict: 'intact', checkpoints: 1 });
  });

  it('rows that come during a verification are left to the next one', async () => {
    const { session, witness } = await start();
    addDeployment(session);
    store(session, numbers(1, 4000));
    await witness.afterSync(DEPLOYMENT);
    const verifying = witness.verify(DEPLOYMENT, never);
    store(session, numbers(4001, 4400));
    await witness.afterSync(DEPLOYMENT);
    expect(await verifying).toMatchObject({ verdict: 'intact', leaves: 4000 });
  });

  it('a cancelled verification says so, and nothing else', async () => {
    const { session, witness } = await start();
    addDeployment(session);
    store(session, numbers(1, 3000));
    await witness.afterSync(DEPLOYMENT);
    const controller = new AbortController();
    const verifying = witness.verify(DEPLOYMENT, controller.signal);
    controller.abort();
    await expect(verifying).rejects.toMatchObject({ code: 'cancelled' });
    const again = new AbortController();
    again.abort();
    store(session, [3001]);
    await expect(witness.afterSync(DEPLOYMENT, { signal: again.signal })).rejects.toMatchObject({ code: 'cancelled' });
    expect(await verify()).toMatchObject({ verdict: 'unsigned-tail' });
    await witness.afterSync(DEPLOYMENT);
    expect(await verify()).toMatchObject({ verdict: 'intact', leaves: 3001 });
  });
});

it('a memory-only profile has a witness as well', async () => {
  const { session, witness } = await start('memory');
  addDeployment(session);
  store(session, numbers(1, 30));
  expect(await witness.afterSync(DEPLOYMENT)).toMatchObject({ leaves: 30, problem: null });
  expect(await verify()).toMatchObject({ verdict: 'intact', leaves: 30, checkpoints: 1 });
});

it('locked in the middle, a verification ends without a verdict', async () => {
  const { session, witness } = await start();
  addDeployment(session);
  store(session, numbers(1, 3000));
  await witness.afterSync(DEPLOYMENT);
  const verifying = witness.verify(DEPLOYMENT, never);
  session.lock('asked');
  await expect(verifying).rejects.toMatchObject({ code: 'profile_locked' });
  await expect(witness.afterSync(DEPLOYMENT)).rejects.toMatchObject({ code: 'profile_locked' });
});

it('interrupted between two transactions, the next run goes on behind the blocks that are there', { timeout: 180_000 }, async () => {
  const { session, witness } = await start();
  addDeployment(session);
  store(session, numbers(1, 9000));
  const controller = new AbortController();
  const saved: number[] = [];
  await expect(witness.afterSync(DEPLOYMENT, { signal: controller.signal, onProgress: (leaves) => {
    saved.push(leaves);
    controller.abort();
  } })).rejects.toMatchObject({ code: 'cancelled' });
  expect(saved).toEqual([8192]);
  expect(await verify()).toMatchObject({ verdict: 'unsigned-tail', leaves: 8192, checkpoint: null, message: expect.stringContaining('808 rows without a leaf') });
  expect(await witness.afterSync(DEPLOYMENT)).toMatchObject({ leaves: 808, checkpoint: { size: 9000 } });
  expect(await verify()).toMatchObject({ verdict: 'intact', leaves: 9000 });
});

it('findings come in pages, newest first, of one event or of all', async () => {
  const { session, witness } = await start();
  addDeployment(session);
  store(session, [1]);
  await witness.afterSync(DEPLOYMENT);
  const db = session.write();
  for (let seq = 1; seq <= 5; seq += 1) db.run(sql`INSERT INTO audit_finding (dep, kind, event_id, created_at, found_at, message, held, found, digest) VALUES (1, ${seq === 5 ? 'back-dated' : 'vanished'}, ${seq % 2}, ${seq === 1 ? null : 1_790_000_000_000_000}, ${1_790_000_000_000_000 + seq}, 'gone', '{"a":1}', NULL, ${`d${seq}`})`);
  expect(witness.findings({ deploymentId: DEPLOYMENT, before: null, eventId: null, limit: 2 })).toMatchObject({ total: 5, findings: [{ seq: 5, kind: 'back-dated' }, { seq: 4 }] });
  expect(witness.findings({ deploymentId: DEPLOYMENT, before: 4, eventId: 1, limit: 9 })).toMatchObject({ total: 3, findings: [{ seq: 3, held: '{"a":1}', found: null }, { seq: 1, createdAt: null }] });
  expect(witness.of(DEPLOYMENT, 0).map(({ seq }) => seq)).toEqual([4, 2]);
  expect(witness.count(DEPLOYMENT)).toBe(5);
  expect(await verify()).toMatchObject({ verdict: 'intact', findings: 5 });
});
