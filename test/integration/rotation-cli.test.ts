// `security rotation` on the command line: tokens from stdin, what is shown, what an exit code says, and the record that leaves as one document.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { verifyRotationRecord } from '#core/posture/rotation/record.ts';
import { rotationView } from '#shared/contract/rotation.ts';
import { run } from '../../electron/hosts/cli/run.ts';
import { configFor } from '../deployments/navi/config.ts';
import { signHs256 } from '../deployments/navi/jwt.ts';
import { startNaviDeployment } from '../deployments/navi/server.ts';
import type { NaviDeployment } from '../deployments/navi/server.ts';
import { temporaryFolder } from '../support/ports.ts';
import { NEW_KEY, OLD_KEY, rollOut } from '../support/rotation-bench.ts';

let folder: ReturnType<typeof temporaryFolder>;
let node: NaviDeployment;
beforeEach(async () => {
  folder = temporaryFolder('rotation-cli');
  writeFileSync(join(folder.path, 'passphrase'), 'canary passphrase 7b21', { mode: 0o600 });
  node = await startNaviDeployment({ config: configFor('C1') });
  rollOut(node, [OLD_KEY]);
});
afterEach(async () => {
  await node.close();
  folder.remove();
});

async function holdfast(words: readonly string[], input = ''): Promise<{ code: number; stdout: string; stderr: string }> {
  let stdout = '';
  let stderr = '';
  const code = await run([...words, '--secrets', 'passphrase', '--profile', join(folder.path, 'profile')], {
    programDir: process.cwd(), onInterrupt: () => () => undefined,
    io: { stdin: Readable.from(input === '' ? [] : [input]), stdout: { write: (text) => { stdout += text; } }, stderr: { write: (text) => { stderr += text; } }, env: { HOLDFAST_PASSPHRASE_FILE: join(folder.path, 'passphrase') } },
  });
  return { code, stdout, stderr };
}
const rotation = (word: string, ...more: string[]): ReturnType<typeof holdfast> => holdfast(['security', 'rotation', word, 'acme', ...more]);

it('start, status, probe, advance, abandon', { timeout: 120_000 }, async () => {
  const token = (key: string): string => signHs256({ sub: 'auth0|a', org_id: 'acme', role: 'admin', iat: Math.floor(Date.now() / 1000), exp: Math.floor(Date.now() / 1000) + 3600 }, key);
  const [old, fresh] = [token(OLD_KEY), token(NEW_KEY)];
  expect((await holdfast(['deployment', 'add', 'acme', '--url', node.url])).code).toBe(0);
  expect(await rotation('status')).toMatchObject({ code: 0, stdout: expect.stringContaining('There was no rotation yet') as string });
  expect(await rotation('advance')).toMatchObject({ code: 3, stderr: expect.stringContaining('rotation_not_found') as string });
  expect((await rotation('start', '--ttl', '1x')).code).toBe(2);

  const started = await holdfast(['security', 'rotation', 'start', 'acme', '--nodes', `${node.url},${node.url}/`, '--ttl', '1h', '--tokens-stdin'], `${old}\n${fresh}\n`);
  expect(started.code, started.stderr).toBe(0);
  for (const part of ['prepare', 'JWT_SECRET=<NEW_SIGNING_KEY>', 'JWT_SECRET_PREVIOUS=<OLD_SIGNING_KEY>', '4 requests will be sent', 'GET /api/admin/security/status']) expect(started.stdout).toContain(part);
  expect(node.requests).toEqual([]);

  const probed = await rotation('probe');
  expect(probed.code, probed.stderr).toBe(0);
  expect(probed.stdout).toContain('A complete proof.');
  expect((await rotation('advance')).stdout).toContain('deploy');
  const refused = await rotation('advance');
  expect(refused.code).toBe(3);
  expect(refused.stderr).toContain('Refused: the new key is not in force here.');
  expect((await rotation('probe')).code).toBe(3);

  const abandoned = await rotation('abandon', '--reason', 'a test', '--json');
  expect(rotationView.parse((JSON.parse(abandoned.stdout) as { rotation: unknown }).rotation)).toMatchObject({ outcome: 'abandoned', record: { verdict: 'intact' } });
  const { code, stdout } = await rotation('status', '--format', 'json');
  expect(code).toBe(0);
  const document = JSON.parse(stdout) as { record: unknown };
  expect(verifyRotationRecord(document.record).verdict).toBe('key-unknown');
  for (const { stdout: said, stderr } of [started, probed, refused, abandoned, { stdout, stderr: '' }]) for (const secret of [old, fresh, fresh.split('.')[2] ?? '']) expect(`${said}${stderr}`.includes(secret)).toBe(false);
});
