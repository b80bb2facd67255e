// `audit verify` on the command line: what it prints, as text and as one document, and what its exit code says; also while a window holds the profile.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { sql } from '#core/db/sql.ts';
import { witnessVerdict } from '#shared/domain/audit-witness.ts';
import { run } from '../../electron/hosts/cli/run.ts';
import { temporaryFolder } from '../support/ports.ts';
import { addDeployment, DEPLOYMENT, numbers, openWitnessProfile, store } from '../support/audit-witness-profile.ts';
import type { WitnessProfile } from '../support/audit-witness-profile.ts';

const PASSPHRASE = 'canary passphrase 51aa07';
let folder: ReturnType<typeof temporaryFolder>;
let profile: WitnessProfile;
beforeEach(async () => {
  folder = temporaryFolder('witness-cli');
  writeFileSync(join(folder.path, 'passphrase'), PASSPHRASE, { mode: 0o600 });
  profile = await openWitnessProfile(join(folder.path, 'profile'), 'write', PASSPHRASE);
  addDeployment(profile.session);
  store(profile.session, numbers(1, 50));
});
afterEach(async () => {
  await profile.close();
  folder.remove();
});

async function verify(...more: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  let stdout = '';
  let stderr = '';
  const code = await run(['audit', 'verify', DEPLOYMENT, '--secrets', 'passphrase', '--profile', join(folder.path, 'profile'), ...more], {
    programDir: process.cwd(), onInterrupt: () => () => undefined,
    io: { stdin: Readable.from([]), stdout: { write: (text) => { stdout += text; } }, stderr: { write: (text) => { stderr += text; } }, env: { HOLDFAST_PASSPHRASE_FILE: join(folder.path, 'passphrase') } },
  });
  return { code, stdout, stderr };
}

const finding = (kind: string): void => void profile.session.write().run(sql`INSERT INTO audit_finding (dep, kind, event_id, created_at, found_at, message, held, found, digest)
  VALUES (1, ${kind}, 7, 1790000000000000, 1790000000000000, ${`event 7: ${kind}\u001b[31m`}, '{"id":7,"route":"/held"}', ${kind === 'vanished' ? null : '{"id":7,"route":"/other"}'}, ${kind})`);

it('intact: exit code 0, the checkpoint as it was signed, and what it cannot prove', { timeout: 120_000 }, async () => {
  expect(await verify()).toMatchObject({ code: 0, stdout: expect.stringContaining('unsigned-tail') });
  await profile.witness.afterSync(DEPLOYMENT);
  const { code, stdout, stderr } = await verify();
  expect(code, stderr).toBe(0);
  for (const part of ['intact', 'Leaves', '50', `holdfast.local/audit/${DEPLOYMENT}\n50\n`, '\u2014 holdfast.local/audit/', 'It cannot prove', 'ed25519 ']) expect(stdout).toContain(part);
  const json = await verify('--json');
  const { findingList, ...rest } = JSON.parse(json.stdout) as Record<string, unknown>;
  expect(findingList).toEqual([]);
  expect(witnessVerdict.parse(rest)).toMatchObject({ verdict: 'intact', leaves: 50, findings: 0 });
});

it('a row that the server took away fails, with both versions; one that only came late does not', { timeout: 120_000 }, async () => {
  await profile.witness.afterSync(DEPLOYMENT);
  finding('back-dated');
  expect(await verify()).toMatchObject({ code: 0, stdout: expect.stringContaining('back-dated: event 7') });
  finding('vanished');
  finding('changed');
  const { code, stdout, stderr } = await verify();
  expect(code).toBe(3);
  expect(stderr).toContain('2 events');
  expect(stdout).toContain('held   {"id":7,"route":"/held"}');
  expect(stdout).toContain('server (nothing)');
  expect(stdout).toContain('server {"id":7,"route":"/other"}');
  expect(stdout).not.toContain('\u001b');
  const json = await verify('--json');
  expect(json.code).toBe(3);
  expect(JSON.parse(json.stdout)).toMatchObject({ verdict: 'intact', findings: 3, findingList: [{ kind: 'changed' }, { kind: 'vanished', found: null }, { kind: 'back-dated' }] });
});

it('a broken log fails and names event and place; so does a doubtful one', { timeout: 120_000 }, async () => {
  await profile.witness.afterSync(DEPLOYMENT);
  const db = profile.session.write();
  db.run(sql`DROP TRIGGER audit_event_no_update`);
  db.run(sql`UPDATE audit_event SET route = '/forged' WHERE id = 9`);
  const { code, stdout, stderr } = await verify();
  expect(code).toBe(3);
  expect(stdout).toMatch(/row-changed +9 +8 +Event 9 is not as it was witnessed/);
  expect(stderr).toContain('The cached log is not what was signed: 1 problem.');
  db.run(sql`UPDATE audit_event SET route = '/api/thing/9' WHERE id = 9`);
  expect((await verify()).code).toBe(0);
  await profile.session.dropSecret(`witness-head:${DEPLOYMENT}`);
  const doubtful = await verify('--json');
  expect(doubtful.code).toBe(3);
  expect(JSON.parse(doubtful.stdout)).toMatchObject({ verdict: 'doubtful', problems: [{ kind: 'head-missing' }] });
});
