// The first screen: every deployment at a glance, put together from the features' own services.
import { isAccepted } from '#shared/domain/evidence.ts';
import type { AuditService } from '../audit/service.ts';
import type { DeploymentsService } from '../deployments/service.ts';
import type { CallsOf, Handlers } from '../dispatch.ts';
import type { PostureService } from '../posture/service.ts';

export function overviewHandlers({ deployments, posture, audit }: { deployments: DeploymentsService; posture: PostureService; audit: AuditService }): Handlers<CallsOf<'overview'>> {
  return {
    'overview.show': () => ({
      deployments: deployments.list().map((deployment) => {
        const security = posture.show(deployment.id);
        return {
          deployment, checks: security.counts, checksAt: security.observedAt, checksSummary: security.summary,
          worst: security.checks.filter((check) => check.state === 'fail' && !isAccepted(check) && (check.severity === 'critical' || check.severity === 'high')).map(({ id, title, severity, state, seen }) => ({ id, title, severity, state, seen })),
          audit: audit.summary(deployment.id), keys: audit.keys(deployment.id).keys.length,
        };
      }),
    }),
  };
}
