// The witness under random schedules: whatever comes in whichever order, and wherever a run is interrupted, the log is the tree over what was there, and it verifies.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import fc from 'fast-check';
import { decodeLeaves } from '#core/audit/witness/leaf-block.ts';
import { blockFrom } from '#core/audit/witness/witness-queries.ts';
import { sql } from '#core/db/sql.ts';
import { temporaryFolder } from '../support/ports.ts';
import { addDeployment, DEPLOYMENT, never, numbers, openWitnessProfile, store, storeLate, tamper } from '../support/audit-witness-profile.ts';
import type { WitnessProfile } from '../support/audit-witness-profile.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 20261122);
const isLong = process.env['HOLDFAST_TEST_LONG'] === '1';

const step = fc.oneof(
  fc.record({ kind: fc.constant('rows' as const), rows: fc.integer({ min: 1, max: 400 }) }),
  fc.record({ kind: fc.constant('others' as const), rows: fc.integer({ min: 1, max: 300 }) }),
  fc.record({ kind: fc.constant('late' as const), rows: fc.integer({ min: 1, max: 6 }) }),
  fc.record({ kind: fc.constant('witness' as const), rows: fc.constant(0) }),
  fc.record({ kind: fc.constant('reopen' as const), rows: fc.constant(0) }),
);

function mth(leaves: readonly Buffer[]): Buffer {
  if (leaves.length <= 1) return leaves[0] ?? createHash('sha256').digest();
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return createHash('sha256').update(Buffer.of(1)).update(mth(leaves.slice(0, k))).update(mth(leaves.slice(k))).digest();
}

it('random schedules give the tree over all that came', { timeout: 600_000 }, async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
    const folder = temporaryFolder('witness-random');
    const profileDir = join(folder.path, 'profile');
    let profile: WitnessProfile = await openWitnessProfile(profileDir);
    try {
      addDeployment(profile.session);
      addDeployment(profile.session, 'd_other');
      let last = 0;
      let lastOther = 0;
      let lates = 0;
      let withoutPayload: number[] = [];
      for (const { kind, rows } of steps) {
        if (kind === 'rows') {
          const ids = numbers(last + 1, last + rows);
          store(profile.session, ids);
          withoutPayload.push(...ids.filter((id) => id % 3 === 0));
          last += rows;
        } else if (kind === 'others') {
          store(profile.session, numbers(lastOther + 1, lastOther + rows), 'd_other');
          lastOther += rows;
        } else if (kind === 'late') {
          const some = withoutPayload.slice(-rows);
          storeLate(profile.session, some);
          lates += some.length;
          withoutPayload = withoutPayload.slice(0, -rows);
        } else if (kind === 'witness') await profile.witness.afterSync(DEPLOYMENT);
        else {
          await profile.close();
          profile = await openWitnessProfile(profileDir);
        }
      }
      expect((await profile.witness.afterSync(DEPLOYMENT)).problem).toBeNull();
      const verdict = await profile.witness.verify(DEPLOYMENT, never);
      expect(verdict).toMatchObject({ verdict: last === 0 ? 'empty' : 'intact', leaves: last + lates, problemCount: 0 });
      const hashes: Buffer[] = [];
      for (let at = 0; at < verdict.leaves;) {
        const block = blockFrom(profile.session.read(), 1, at);
        if (block === null) throw new Error(`no block at ${at}`);
        for (const leaf of decodeLeaves(block) ?? []) hashes.push(Buffer.from(leaf.hash, 'latin1'));
        at += block.leaves;
      }
      if (last > 0) expect(verdict.root).toBe(mth(hashes).toString('hex'));
    } finally {
      await profile.close();
      folder.remove();
    }
  }), { seed, numRuns: isLong ? 60 : 12 });
});

/** One change of one cell, anywhere in what the witness covers. */
const change = fc.record({
  id: fc.integer({ min: 1, max: 120 }),
  what: fc.constantFrom(
    "created_at = created_at - 1", "created_raw = created_raw || 'x'", "route = route || '/'", "method = lower(method)", "event_type = ''", "org = coalesce(org, '') || '\u00e9'", "actor_sub = NULL", "actor_email = coalesce(actor_email, '') || ' '",
    "resource_id = coalesce(resource_id, '') || '0'", 'status_code = -status_code', "key_id = 'k'", 'sealed_at = 0', "state = 'malformed'", 'id = id + 1000', 'batch = batch + 1', 'payload_batch = coalesce(payload_batch, batch - 1) + 1', 'payload_batch = CASE WHEN payload_batch IS NULL THEN batch END', 'dep = 2', 'DELETE', 'BODY', 'SEQ',
  ),
});

it('any one change to any one row is found, and its event named', { timeout: 600_000 }, async () => {
  const folder = temporaryFolder('witness-change');
  const profileDir = join(folder.path, 'profile');
  const first = await openWitnessProfile(profileDir);
  addDeployment(first.session);
  addDeployment(first.session, 'd_other');
  for (const from of [1, 41, 81]) {
    store(first.session, numbers(from, from + 39));
    storeLate(first.session, [from + 2 - ((from + 2) % 3)].filter((id) => id >= from));
    await first.witness.afterSync(DEPLOYMENT);
  }
  await first.close();
  tamper(profileDir, (raw) => raw.exec('CREATE TABLE kept_event AS SELECT * FROM audit_event; CREATE TABLE kept_payload AS SELECT * FROM audit_payload'));
  try {
    await fc.assert(fc.asyncProperty(change, async ({ id, what }) => {
      let changed = 0;
      tamper(profileDir, (raw) => {
        raw.exec('DELETE FROM audit_event; INSERT INTO audit_event SELECT * FROM kept_event; DELETE FROM audit_payload; INSERT INTO audit_payload SELECT * FROM kept_payload');
        const own = `dep = 1 AND id = ${id}`;
        const text = what === 'DELETE' ? `DELETE FROM audit_event WHERE ${own}` : what === 'BODY' ? `UPDATE audit_payload SET body = substr(body, 2) WHERE seq = (SELECT seq FROM audit_event WHERE ${own})`
          : what === 'SEQ' ? `UPDATE audit_event SET seq = seq + 5000 WHERE ${own}` : `UPDATE audit_event SET ${what} WHERE ${own}`;
        changed = raw.prepare(text).run().changes;
      });
      const profile = await openWitnessProfile(profileDir, 'read');
      const verdict = await profile.witness.verify(DEPLOYMENT, never);
      const isThere = profile.session.read().get(sql`SELECT 1 FROM kept_payload WHERE seq = ${id}`, () => true) === true;
      await profile.close();
      expect(changed).toBe(what === 'BODY' && !isThere ? 0 : 1);
      if (changed === 0) expect(verdict.verdict).toBe('intact');
      else expect({ verdict: verdict.verdict, events: verdict.problems.map(({ eventId }) => eventId) }, `${what} of ${id}`).toMatchObject({ verdict: 'broken', events: expect.arrayContaining([id]) });
    }), { seed, numRuns: isLong ? 300 : 60 });
  } finally {
    folder.remove();
  }
});
