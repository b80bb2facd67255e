// R25: no secret and no decrypted payload lies readable in the profile. Canaries go in by every way in, then every file is searched in five encodings.
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { createApp } from '#core/app.ts';
import { openLogFile } from '#core/profile/log-file.ts';
import type { CallInput, CallName, CallOutput } from '#shared/contract.ts';
import { encryptedPayload } from '../deployments/navi/fernet-writer.ts';
import { configFor } from '../deployments/navi/config.ts';
import { startNaviDeployment } from '../deployments/navi/server.ts';
import { encodings, filesUnder } from '../support/canaries.ts';
import { fakeClipboard, systemClock, temporaryFolder, testPorts } from '../support/ports.ts';

const folder = temporaryFolder('canary');
const profileDir = join(folder.path, 'profile');
afterAll(folder.remove);

function search(canaries: readonly string[]): { readonly hits: string[]; readonly files: number } {
  const files = filesUnder(profileDir);
  const hits: string[] = [];
  for (const path of files) {
    const content = readFileSync(path);
    for (const canary of canaries) for (const needle of encodings(canary)) if (content.includes(needle)) hits.push(`${canary} in ${path.slice(profileDir.length)}`);
  }
  return { hits, files: files.length };
}

it('R25, R29: token, audit key, passphrase and opened payload are nowhere in the profile, its WAL and its logs', async () => {
  const passphrase = 'canary-passphrase-Qx7Lw2';
  const payloadCanary = 'canary-payload-Zp4Rt9Vb';
  const server = await startNaviDeployment({ config: configFor('C1'), seed: 11, events: 50 });
  const token = server.signToken({ sub: 'auth0|admin1', org_id: 'acme', role: 'admin', note: 'canary' });
  const sealing = server.secrets.activeAuditKey;
  server.insertRows([{
    createdAtMicros: Date.now() * 1000, route: '/api/plan/p-1/step', method: 'POST', eventType: 'http.request', orgKey: 'acme', actorSub: 'auth0|admin1', actorEmail: 'admin1@acme.example', resourceId: 'p-1', statusCode: 200,
    payload: encryptedPayload({ shape: 'core', key: sealing.key, keyId: sealing.keyId, payload: { query_params: { secret: payloadCanary } }, iv: randomBytes(16), seconds: Math.floor(Date.now() / 1000) }),
  }]);
  const log = openLogFile({ profileDir, clock: systemClock });
  const clipboard = fakeClipboard();
  const app = await createApp(testPorts(profileDir, { log, clipboard }), { version: 'test', secrets: { store: 'passphrase', passphrase: () => Promise.resolve(passphrase) } });
  const value = async <N extends CallName>(name: N, input: CallInput<N>): Promise<CallOutput<N>> => {
    const answer = await app.dispatch(name, input);
    if (!answer.ok) throw new Error(`${name}: ${answer.error.code}: ${answer.error.message}`);
    return answer.value;
  };
  const { id } = await value('deployment.add', { name: 'acme', url: server.url, kind: 'navi', environment: 'production', token });
  const key = server.secrets.activeAuditKey;
  await value('audit.keyAdd', { deploymentId: id, keyId: key.keyId, key: key.key });
  await value('audit.sync', { deploymentId: id });
  await value('security.scan', { deploymentId: id });
  const { events } = await value('audit.search', { deploymentId: id, limit: 1 });
  const newest = events[0];
  if (newest === undefined) throw new Error('nothing was synced');
  for (const where of ['here', 'server'] as const) expect((await value('audit.decrypt', { deploymentId: id, id: newest.id, reason: 'canary search', where })).payload).toContain(payloadCanary);
  await value('clipboard.copy', { text: payloadCanary });
  // Calls that fail with the secrets in their input must not write them down either.
  for (const [name, input] of [['deployment.add', { name: 'acme', url: server.url, kind: 'navi', token }], ['audit.keyAdd', { deploymentId: id, keyId: key.keyId, key: key.key }], ['app.unlock', { passphrase, surplus: token }], ['no.such', { token, payloadCanary }]] as const) {
    expect((await app.dispatchUnknown(name, input)).ok).toBe(false);
  }
  const canaries = [token, token.split('.')[2] ?? token, key.key, passphrase, payloadCanary];
  const open = search(canaries);
  expect(open.hits).toEqual([]);
  await app.close();
  await server.close();
  const closed = search(canaries);
  expect(closed.hits).toEqual([]);
  expect(closed.files).toBeGreaterThanOrEqual(4);
  expect(filesUnder(profileDir).some((path) => path.includes('log'))).toBe(true);

  // The search itself can find: the same canary written in each encoding is a hit.
  for (const bytes of encodings(payloadCanary)) {
    writeFileSync(join(profileDir, 'planted'), Buffer.concat([Buffer.from('....'), bytes, Buffer.from('....')]));
    expect(search([payloadCanary]).hits.length).toBeGreaterThan(0);
  }
});
