// Contract to service, for the page about one deployment's retention: the truth here, holds, plans and certificates from their own parts.
import type { RetentionView } from '#shared/contract/retention.ts';
import type { Handlers } from '../../dispatch.ts';
import type { Holds } from '../holds/service.ts';
import type { TruthService } from './service.ts';

export interface TruthHandlersDeps {
  readonly truth: TruthService;
  readonly holds: Pick<Holds, 'list'>;
  /** From the parts that plan, purge and prove. */
  readonly standing: (deploymentId: string) => Pick<RetentionView, 'plan' | 'runs' | 'certificates'>;
}

export function truthHandlers({ truth, holds, standing }: TruthHandlersDeps): Handlers<'retention.show'> {
  return {
    'retention.show': async ({ deploymentId }, { signal }) => {
      const shown = await truth.show(deploymentId, signal);
      return { ...shown, holds: await holds.list(deploymentId, signal), ...standing(deploymentId) };
    },
  };
}
