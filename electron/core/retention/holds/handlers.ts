// Contract to service, for legal holds.
import type { Handlers } from '../../dispatch.ts';
import type { Holds } from './service.ts';

type Own = 'retention.holdPreview' | 'retention.holdAdd' | 'retention.holdList' | 'retention.holdRelease';

export function holdsHandlers(holds: Holds): Handlers<Own> {
  return {
    'retention.holdPreview': (input, { signal }) => holds.preview(input, signal),
    'retention.holdAdd': (input, { signal }) => holds.add(input, signal),
    'retention.holdList': async ({ deploymentId }, { signal }) => ({ holds: await holds.list(deploymentId, signal) }),
    'retention.holdRelease': (input) => holds.release(input),
  };
}
