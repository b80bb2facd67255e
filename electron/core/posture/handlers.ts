// Contract to service, for the security status.
import type { CallsOf, Handlers } from '../dispatch.ts';
import type { PostureService } from './service.ts';

export function securityHandlers(posture: PostureService): Handlers<CallsOf<'security'>> {
  return {
    'security.show': ({ deploymentId }) => posture.show(deploymentId),
    'security.refresh': ({ deploymentId }, { signal }) => posture.refresh(deploymentId, signal),
  };
}
