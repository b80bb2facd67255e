// The witness in the composed app: a sync over the wire is signed at its end, and the three calls of the contract answer; removing the deployment removes what was remembered.
import { expect, it } from 'vitest';
import { configFor } from '../deployments/navi/config.ts';
import { startNaviDeployment } from '../deployments/navi/server.ts';
import { code, value } from '../support/calls.ts';
import { useProfiles } from '../support/profiles.ts';
import { editSecrets } from '../support/audit-witness-profile.ts';

const { newProfile, open } = useProfiles();

it('a sync is signed at its end', { timeout: 180_000 }, async () => {
  const server = await startNaviDeployment({ config: configFor('C1'), seed: 7, events: 700 });
  try {
    const profileDir = newProfile();
    const app = await open(profileDir, { store: 'keychain' });
    const { id: deploymentId } = await value(app, 'deployment.add', { name: 'acme', url: server.url, kind: 'navi', token: server.signToken({ sub: 'auth0|admin1', org_id: 'acme', role: 'admin' }) });
    expect(await value(app, 'audit.verify', { deploymentId })).toMatchObject({ verdict: 'empty', leaves: 0 });
    await value(app, 'deployment.test', { id: deploymentId });
    const { added } = await value(app, 'audit.sync', { deploymentId });
    expect(added).toBeGreaterThan(600);
    const verdict = await value(app, 'audit.verify', { deploymentId });
    expect(verdict).toMatchObject({ verdict: 'intact', problemCount: 0 });
    expect(verdict.leaves).toBeGreaterThanOrEqual(added);
    const { checkpoints, total } = await value(app, 'audit.checkpoints', { deploymentId });
    expect(checkpoints).toHaveLength(total);
    expect(checkpoints[0]).toMatchObject({ size: verdict.leaves, root: verdict.root });
    expect(await value(app, 'audit.findings', { deploymentId })).toMatchObject({ total: 0 });
    for (const name of ['audit.verify', 'audit.findings', 'audit.checkpoints'] as const) expect(await code(app, name, { deploymentId: 'd_0000000000000000' })).toBe('deployment_not_found');

    const plan = await value(app, 'deployment.planRemoval', { id: deploymentId });
    await value(app, 'deployment.remove', { id: deploymentId, token: plan.token, confirmName: 'acme' });
    editSecrets(profileDir, (secrets) => expect(Object.keys(secrets)).not.toContain(`witness-head:${deploymentId}`));
  } finally {
    await server.close();
  }
});

it('a payload that a decrypt fetched is signed at once', { timeout: 60_000 }, async () => {
  const server = await startNaviDeployment({ config: configFor('A', ['rate-limit-inert']), seed: 7, events: 40 });
  try {
    const app = await open(newProfile(), { store: 'keychain' });
    const { id: deploymentId } = await value(app, 'deployment.add', { name: 'acme', url: server.url, kind: 'navi', token: server.signToken({ sub: 'auth0|admin1', org_id: 'acme', role: 'admin' }) });
    for (const { keyId, key } of [server.secrets.olderAuditKey, server.secrets.activeAuditKey]) await value(app, 'audit.keyAdd', { deploymentId, keyId, key });
    // Following the log brings and signs rows, and leaves their payloads.
    await value(app, 'audit.tailStart', { deploymentId });
    await value(app, 'audit.tailStop', { deploymentId });
    const before = await value(app, 'audit.verify', { deploymentId });
    expect(before).toMatchObject({ verdict: 'intact' });
    const { events } = await value(app, 'audit.search', { deploymentId, limit: 40 });
    let fetched = 0;
    let opened = 0;
    for (const { id, payloadState } of events) {
      expect(payloadState).toBe('not-synced');
      if ((await app.dispatch('audit.decrypt', { deploymentId, id, reason: 'late payload' })).ok) opened += 1;
      if ((await value(app, 'audit.get', { deploymentId, id })).payload !== null) fetched += 1;
      expect(await value(app, 'audit.verify', { deploymentId })).toMatchObject({ verdict: 'intact', leaves: before.leaves + fetched });
      if (opened === 2) break;
    }
    expect(opened).toBe(2);
  } finally {
    await server.close();
  }
});
