// The profile under the command line: its health, who holds it, what opens it, and what shows that it is not what it was.
import { copyFileSync, cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { acquireProfileLock } from '#core/db/profile-lock.ts';
import { contract } from '#shared/contract.ts';
import type { AuditEvent } from '#shared/domain/audit-event.ts';
import { REASON, useCliJob } from './cli-job.ts';

const job = useCliJob();
const { begin, holdfast, served, listed, refused } = job;
let events: readonly AuditEvent[] = [];
beforeAll(async () => {
  await job.connect();
  ({ events } = job);
}, 60_000);

describe('a profile from the command line', { timeout: 120_000 }, () => {
  it('is in good health, says the doctor', async () => {
    const { code, stdout, stderr } = await holdfast(['doctor', '--json']);
    expect(code, stderr).toBe(0);
    const report = JSON.parse(stdout) as { host: string; checks: { name: string; verdict: string }[] };
    const verdicts = Object.fromEntries(report.checks.map((check) => [check.name, check.verdict]));
    expect(report.host).toBe('cli');
    expect(verdicts).toMatchObject({ holdfast: 'ok', node: 'ok', secrets: 'ok', profile: 'ok', database: 'ok', ledger: 'ok', keychain: 'unknown' });
  });

  it('R45: reads while another holds the profile; writes are refused', async () => {
    const held = acquireProfileLock(job.profile, 'chromium');
    if (held === null) throw new Error('the profile was not free');
    try {
      expect((await served('deployment.list', ['deployment', 'list'])).deployments).toHaveLength(1);
      expect((await listed(['audit', 'list', 'Acme', '--limit', '3'])).events).toEqual(events.slice(0, 3));
      expect(await refused(['audit', 'sync', 'Acme'])).toMatchObject({ code: 3, error: 'profile_in_use', stdout: '' });
      const shown = await holdfast(['security', 'show', 'Acme']);
      expect(shown.code).toBe(0);
      expect(shown.stderr).toContain('Not looked at:');
      expect((await holdfast(['doctor'])).code).toBe(0);
    } finally {
      held.release();
    }
  });

  it('R45: of two writers at once each is either done or refused as in use, and reads beside them work', async () => {
    const runs = [begin(['audit', 'sync', 'Acme', '--json']), begin(['audit', 'sync', 'Acme', '--json']), begin(['audit', 'list', 'Acme', '--limit', '1', '--json'])];
    const [first, second, reader] = await Promise.all(runs.map((each) => each.finished));
    const codes = [first?.code, second?.code];
    expect(codes).toContain(0);
    for (const each of [first, second]) {
      if (each?.code === 0) continue;
      expect(each?.code).toBe(3);
      expect((JSON.parse(each?.stderr ?? '') as { code: string }).code).toBe('profile_in_use');
    }
    expect(reader?.code, reader?.stderr).toBe(0);
  });

  it('R26: a wrong passphrase, none, or a file that cannot be read is an expected failure that changes nothing', async () => {
    const wrong = join(job.directory, 'wrong');
    writeFileSync(wrong, 'another passphrase entirely\n', { mode: 0o600 });
    const before = readFileSync(join(job.profile, 'vault.json'));
    expect(await refused(['deployment', 'list'], { env: { HOLDFAST_PASSPHRASE_FILE: wrong } })).toMatchObject({ code: 3, error: 'wrong_passphrase' });
    expect(await refused(['audit', 'sync', 'Acme'], { env: { HOLDFAST_PASSPHRASE_FILE: wrong } })).toMatchObject({ code: 3, error: 'wrong_passphrase' });
    expect(await refused(['deployment', 'list'], { env: { HOLDFAST_PASSPHRASE_FILE: join(job.directory, 'absent') } })).toMatchObject({ code: 3, error: 'passphrase_required' });
    expect(await refused(['deployment', 'list'], { env: { HOLDFAST_PASSPHRASE_FILE: '' } })).toMatchObject({ code: 3, error: 'passphrase_required' });
    expect(readFileSync(join(job.profile, 'vault.json')).equals(before)).toBe(true);
    const doctor = await refused(['doctor'], { env: { HOLDFAST_PASSPHRASE_FILE: wrong } });
    expect(doctor).toMatchObject({ code: 3, error: 'wrong_passphrase' });
    expect(JSON.parse(doctor.stdout)).toMatchObject({ verdict: 'fail' });
  });

  it('loads the keychain\'s library only when the keychain is chosen', async () => {
    const spy = 'import { registerHooks } from "node:module"; registerHooks({ resolve(name, context, next) { if (name === "keytar") process.stderr.write("[asked for the keychain library]"); return next(name, context); } });';
    const env = { NODE_OPTIONS: `--import=data:text/javascript;base64,${Buffer.from(spy).toString('base64')}` };
    expect((await holdfast(['doctor'], { env })).stderr).not.toContain('[asked for');
    // A bus address that leads nowhere: this machine's own keychain is left alone.
    const chosen = await holdfast(['doctor'], { env: { ...env, DBUS_SESSION_BUS_ADDRESS: `unix:path=${join(job.directory, 'no-bus')}` }, profile: join(job.directory, 'keychain-profile'), secrets: 'keychain' });
    expect(chosen.stderr).toContain('[asked for the keychain library]');
    expect(chosen.code).toBe(3);
    expect(chosen.stdout).toMatch(/^keychain +fail/m);
  });

  it('finds a damaged database and still reports on the rest', async () => {
    const damaged = join(job.directory, 'damaged');
    cpSync(job.profile, damaged, { recursive: true });
    const path = join(damaged, 'cache.db');
    const bytes = readFileSync(path);
    for (let offset = 0; offset < bytes.length; offset += 512) bytes[offset] = (bytes[offset] ?? 0) ^ 0x10;
    writeFileSync(path, bytes);
    for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true });
    const { code, stdout } = await holdfast(['doctor', '--json'], { profile: damaged });
    const report = JSON.parse(stdout) as { checks: { name: string; verdict: string; code: string | null }[] };
    expect(code).toBe(3);
    expect(report.checks.find((check) => check.name === 'database')).toMatchObject({ verdict: 'fail', code: expect.stringMatching(/^database_/) as unknown });
    expect(report.checks.find((check) => check.name === 'node')).toMatchObject({ verdict: 'ok' });
    expect((await refused(['deployment', 'list'], { profile: damaged })).error).toMatch(/^database_/);
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });

  it('R57: an older database put back is found by the ledger\'s remembered head, and exits 3', async () => {
    const rolled = join(job.directory, 'rolled');
    cpSync(job.profile, rolled, { recursive: true });
    const old = join(job.directory, 'old-cache.db');
    copyFileSync(join(rolled, 'cache.db'), old);
    for (let index = 0; index < 3; index += 1) await served('audit.decrypt', ['audit', 'decrypt', 'Acme', String(events.find((event) => event.payloadState === 'encrypted' && event.keyId === job.navi.auditKeys[0]?.keyId)?.id), '--reason', REASON], { profile: rolled });
    for (const suffix of ['-wal', '-shm']) rmSync(join(rolled, `cache.db${suffix}`), { force: true });
    copyFileSync(old, join(rolled, 'cache.db'));
    const verdict = await refused(['ledger', 'verify'], { profile: rolled });
    expect(verdict).toMatchObject({ code: 3, error: 'ledger_broken' });
    expect(contract['ledger.verify'].output.parse(JSON.parse(verdict.stdout)).verdict).toBe('tail-removed');
  });

  it('R25: printed no token, no key and no passphrase in all of this', () => {
    job.expectNoSecrets();
    expect(existsSync(join(job.profile, 'cache.db'))).toBe(true);
  });
});
