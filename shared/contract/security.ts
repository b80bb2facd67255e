// Calls about a deployment's security status: shown from the cache, refreshed on demand.
import { z } from '../zod.ts';
import { deploymentId } from '../domain/deployment.ts';
import { checkCounts, securityCheck } from '../domain/evidence.ts';
import { isoInstant } from '../domain/time.ts';
import { call, DEPLOYMENT_ERRORS } from './call.ts';

export const securityView = z.strictObject({
  deploymentId,
  checks: z.array(securityCheck),
  counts: checkCounts,
  /** When the deployment last answered the status request; null when it never did. */
  observedAt: isoInstant.nullable(),
  /** Evidence older than this is stale, in hours. */
  freshHours: z.number(),
  /** "11 of 16 known and fresh: 8 pass, 3 fail". */
  summary: z.string(),
  /** Why the last attempt to refresh failed, when it did after the last success. */
  lastFailure: z.strictObject({ code: z.string(), message: z.string(), hint: z.string(), at: isoInstant }).nullable(),
});
export type SecurityView = z.infer<typeof securityView>;

const byDeployment = z.strictObject({ deploymentId });

export const securityCalls = {
  'security.show': call({ effect: 'read', input: byDeployment, output: securityView, errors: ['deployment_not_found'] }),
  'security.refresh': call({ effect: 'write', input: byDeployment, output: securityView, errors: ['deployment_not_found', ...DEPLOYMENT_ERRORS] }),
} as const;
