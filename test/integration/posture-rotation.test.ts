// How old the signing key is, as a check sees it: from rotations that were finished here, through the whole core. One that was abandoned tells nothing.
import { afterEach, expect, it } from 'vitest';
import { createApp } from '#core/app.ts';
import type { App } from '#core/app.ts';
import type { Clock } from '#core/ports.ts';
import type { SecurityCheck } from '#shared/domain/evidence.ts';
import type { RotationPhase } from '#shared/domain/rotation.ts';
import { configFor } from '../deployments/navi/config.ts';
import { signHs256 } from '../deployments/navi/jwt.ts';
import { startNaviDeployment } from '../deployments/navi/server.ts';
import { value } from '../support/calls.ts';
import { keptLog, temporaryFolder, testPorts } from '../support/ports.ts';
import { fastClock } from '../support/prober-bench.ts';
import { NEW_KEY, OLD_KEY, rollOut } from '../support/rotation-bench.ts';

const DAY = 86_400;
const cleanups: (() => unknown)[] = [];
afterEach(async () => { for (const clean of cleanups.splice(0).reverse()) await clean(); });

async function setUp() {
  const folder = temporaryFolder('posture-rotation');
  cleanups.push(folder.remove);
  const base = fastClock();
  let passedMs = 0;
  const clock: Clock = { ...base, now: () => base.now() + passedMs };
  const node = await startNaviDeployment({ config: configFor('C1'), events: 1, now: () => new Date(clock.now()) });
  cleanups.push(() => node.close());
  rollOut(node, [OLD_KEY]);
  // Without the idle lock of a window: a clock that is set on looks like a machine that slept.
  const app = await createApp(testPorts(`${folder.path}/profile`, { log: keptLog(), clock, host: 'cli' }), { version: 'test', secrets: { store: 'keychain', passphrase: null } });
  cleanups.push(() => app.close());
  const nowSeconds = (): number => Math.floor(clock.now() / 1000);
  const token = (key: string, jti: string): string => signHs256({ sub: 'auth0|admin', org_id: 'acme', role: 'admin', iat: nowSeconds(), exp: nowSeconds() + 2 * DAY, jti }, key);
  const { id } = await value(app, 'deployment.add', { name: 'acme', url: node.url, kind: 'navi', environment: 'staging', token: token(OLD_KEY, 'own') });
  const look = async (): Promise<SecurityCheck> => {
    const found = (await value(app, 'security.scan', { deploymentId: id })).checks.find((check) => check.id === 'jwt.rotation-age');
    if (found === undefined) throw new Error('there is no check jwt.rotation-age');
    return found;
  };
  const begin = async (): Promise<void> => {
    await value(app, 'rotation.start', { deploymentId: id, ttlSeconds: 60 });
    await value(app, 'rotation.setToken', { deploymentId: id, slot: 'old-test', token: token(OLD_KEY, 'proof') });
    await value(app, 'rotation.setToken', { deploymentId: id, slot: 'new', token: token(NEW_KEY, 'new') });
  };
  return { app, id, node, token, look, begin, pass: (seconds: number) => { passedMs += seconds * 1000; } };
}

async function finish({ app, id, node, pass }: { readonly app: App; readonly id: string; readonly node: Parameters<typeof rollOut>[0]; pass(seconds: number): void }): Promise<void> {
  const step = async (phase: RotationPhase): Promise<void> => { await value(app, 'rotation.advance', { deploymentId: id, phase }); };
  await step('prepare');
  rollOut(node, [NEW_KEY, OLD_KEY]);
  await step('deploy');
  pass(90);
  await step('validate');
  rollOut(node, [NEW_KEY]);
  await step('cutover');
}

it('the age counts from the finished rotation, is derived evidence, and fails after a year', async () => {
  const { app, id, node, token, look, begin, pass } = await setUp();
  expect(await look()).toMatchObject({ state: 'unknown', seen: 'No change was seen' });
  await begin();
  expect((await look()).state).toBe('unknown');
  await finish({ app, id, node, pass });
  expect((await value(app, 'rotation.show', { deploymentId: id })).rotation).toMatchObject({ outcome: 'finished' });

  await value(app, 'deployment.setToken', { id, token: token(NEW_KEY, 'own') });
  const fresh = await look();
  expect(fresh).toMatchObject({ state: 'pass', seen: 'Changed 0 days ago' });
  expect(fresh.evidence).toContainEqual(expect.objectContaining({ kind: 'derived', path: '$.rotated_days', value: '0' }));

  pass(40 * DAY);
  await value(app, 'deployment.setToken', { id, token: token(NEW_KEY, 'later') });
  expect(await look()).toMatchObject({ state: 'pass', seen: expect.stringMatching(/^Changed 40(?:\.\d)? days ago$/) as string });

  pass(326 * DAY);
  await value(app, 'deployment.setToken', { id, token: token(NEW_KEY, 'much later') });
  expect(await look()).toMatchObject({ state: 'fail', seen: expect.stringMatching(/^Changed 366(?:\.\d)? days ago$/) as string });
});

it('a rotation that was abandoned changed no key that is known of', async () => {
  const { app, id, look, begin } = await setUp();
  await begin();
  await value(app, 'rotation.abandon', { deploymentId: id, reason: 'The issuer is not ready.' });
  const { state, evidence } = await look();
  expect(state).toBe('unknown');
  expect(evidence).toContainEqual(expect.objectContaining({ path: '$.rotated_days', value: 'null' }));
});
