// Contract to service, for deployments.
import type { AuditService } from '../audit/service.ts';
import type { CallsOf, Handlers } from '../dispatch.ts';
import type { Sample } from '../ports.ts';
import { Secret } from '../secret.ts';
import { startSample } from './sample.ts';
import type { DeploymentsService } from './service.ts';

export function deploymentHandlers({ deployments, audit, sample }: { deployments: DeploymentsService; audit: AuditService; sample: Sample | null }): Handlers<CallsOf<'deployment'>> {
  return {
    'deployment.list': () => ({ deployments: deployments.list() }),
    'deployment.get': ({ id }) => deployments.get(id),
    'deployment.add': (input) => deployments.add(input),
    'deployment.edit': (input) => deployments.edit(input),
    'deployment.setToken': async ({ id, token }) => ({ claims: await deployments.setToken(id, new Secret(token)) }),
    'deployment.test': ({ id }, { signal }) => deployments.test(id, signal),
    'deployment.planRemoval': ({ id }) => deployments.planRemoval(id),
    'deployment.remove': (input) => deployments.remove(input),
    'deployment.startSample': () => startSample({ sample, deployments, audit }),
  };
}
