// Contract to service, for the security posture.
import type { securityCalls } from '#shared/contract/security.ts';
import type { Handlers } from '../dispatch.ts';
import type { PostureService } from './service.ts';

export function securityHandlers(posture: PostureService): Handlers<keyof typeof securityCalls> {
  return {
    'security.show': ({ deploymentId, baselineId }) => posture.show(deploymentId, baselineId),
    'security.plan': ({ deploymentId }) => posture.plan(deploymentId),
    'security.setConsent': (input) => posture.setConsent(input),
    'security.scan': (input, { signal }) => posture.scan(input, signal),
    'security.history': ({ deploymentId, limit }) => ({ snapshots: posture.history(deploymentId, limit) }),
    'security.checkHistory': (input) => posture.checkHistory(input),
    'security.diff': (input) => posture.diff(input),
    'security.markReviewed': ({ deploymentId, snapshotId }) => posture.markReviewed(deploymentId, snapshotId),
    'security.fleet': () => posture.fleet(),
    'security.addEvidence': (input) => posture.addEvidence(input),
    'security.except': (input) => posture.except(input),
    'security.endException': async (input) => ({ ended: await posture.endException(input) }),
    'security.baselines': () => ({ baselines: posture.baselines.list().map(({ about }) => about) }),
    'security.importBaseline': ({ path }) => posture.baselines.import(path),
  };
}
