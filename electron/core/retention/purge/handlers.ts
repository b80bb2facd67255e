// Contract to service, for carrying purge plans out.
import type { Handlers } from '../../dispatch.ts';
import type { Purges } from './service.ts';

type Own = 'retention.arm' | 'retention.purge' | 'retention.settle';

export function purgesHandlers(purges: Purges): Handlers<Own> {
  return {
    'retention.arm': ({ deploymentId, planId }) => purges.arm(deploymentId, planId),
    'retention.purge': (input, { signal }) => purges.purge(input, signal),
    'retention.settle': ({ deploymentId, runId }, { signal }) => purges.settle(deploymentId, runId, signal),
  };
}
