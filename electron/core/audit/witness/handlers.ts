// Contract to service, for the witness.
import type { auditWitnessCalls } from '#shared/contract/audit-witness.ts';
import type { Handlers } from '../../dispatch.ts';
import type { Witness } from './service.ts';

export function auditWitnessHandlers(witness: Witness): Handlers<keyof typeof auditWitnessCalls> {
  return {
    'audit.verify': ({ deploymentId }, { signal }) => witness.verify(deploymentId, signal),
    'audit.findings': (page) => witness.findings(page),
    'audit.checkpoints': ({ deploymentId, limit }) => witness.checkpoints(deploymentId, limit),
  };
}
