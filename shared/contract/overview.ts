// One call for the first screen: every deployment at a glance, from the cache.
import { z } from '../zod.ts';
import { auditSummary } from '../domain/audit-event.ts';
import { deployment } from '../domain/deployment.ts';
import { checkCounts, securityCheck } from '../domain/evidence.ts';
import { isoInstant } from '../domain/time.ts';
import { call } from './call.ts';

export const overviewCalls = {
  'overview.show': call({
    effect: 'read', input: z.strictObject({}), errors: [],
    output: z.strictObject({
      deployments: z.array(z.strictObject({
        deployment,
        checks: checkCounts,
        checksAt: isoInstant.nullable(),
        checksSummary: z.string(),
        /** Failing checks of severity critical or high. */
        worst: z.array(securityCheck.pick({ id: true, title: true, severity: true, state: true, seen: true })),
        audit: auditSummary,
        keys: z.int(),
      })),
    }),
  }),
} as const;
