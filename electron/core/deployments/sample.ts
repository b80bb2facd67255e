// The sample deployment: starts it, connects it as environment `sample`, and brings its token and audit keys.
import type { CallOutput } from '#shared/contract.ts';
import { AppError } from '#shared/errors.ts';
import type { AuditService } from '../audit/service.ts';
import type { Sample } from '../ports.ts';
import { Secret } from '../secret.ts';
import type { DeploymentsService } from './service.ts';

const SAMPLE_NAME = 'Sample';

/** Starts or restarts the sample; the deployment named Sample keeps its cached rows and gets the new address and token. */
export async function startSample({ sample, deployments, audit }: { sample: Sample | null; deployments: DeploymentsService; audit: AuditService }): Promise<CallOutput<'deployment.startSample'>> {
  if (sample === null) throw new AppError('sample_unavailable', { message: 'This host cannot start the sample deployment.', hint: 'Use the window, or run npm run deployment:navi and add its address.' });
  const running = await sample.start();
  const known = deployments.list().find((deployment) => deployment.environment === 'sample' && deployment.name === SAMPLE_NAME);
  const deployment = known === undefined
    ? await deployments.add({ name: SAMPLE_NAME, url: running.url, kind: 'navi', environment: 'sample', caPem: null, pin: null, readOnly: true, token: running.token })
    : await deployments.edit({ id: known.id, url: running.url });
  if (known !== undefined) await deployments.setToken(known.id, new Secret(running.token));
  const held = new Set(audit.keys(deployment.id).keys.map((key) => key.keyId));
  for (const { keyId, key } of running.auditKeys) if (!held.has(keyId)) await audit.addKey(deployment.id, keyId, new Secret(key));
  return deployments.get(deployment.id);
}
