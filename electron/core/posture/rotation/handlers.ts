// Contract to service, for the rotation of a signing key.
import type { CallsOf, Handlers } from '../../dispatch.ts';
import { Secret } from '../../secret.ts';
import type { RotationService } from './service.ts';

export function rotationHandlers(rotation: RotationService): Handlers<CallsOf<'rotation'>> {
  return {
    'rotation.start': (input) => rotation.start(input),
    'rotation.setToken': ({ deploymentId, slot, token }) => rotation.setToken(deploymentId, slot, new Secret(token)),
    'rotation.show': ({ deploymentId, rotationId }) => rotation.show(deploymentId, rotationId),
    'rotation.record': (input) => rotation.record(input),
    'rotation.probe': ({ deploymentId }, { signal }) => rotation.probe(deploymentId, signal),
    'rotation.advance': (input, { signal }) => rotation.advance(input, signal),
    'rotation.abandon': ({ deploymentId, reason }) => rotation.abandon(deploymentId, reason),
  };
}
