// Contract to service, for purge plans and approvals.
import type { Handlers } from '../../dispatch.ts';
import type { Plans } from './service.ts';

type Own = 'retention.preview' | 'retention.plan' | 'retention.dropPlan' | 'retention.readPlan' | 'retention.approve' | 'retention.readApproval' | 'retention.writePlan' | 'retention.writeApproval';

export function plansHandlers(plans: Plans): Handlers<Own> {
  return {
    'retention.preview': (input, { signal }) => plans.preview(input, signal),
    'retention.plan': (input, { signal }) => plans.plan(input, signal),
    'retention.dropPlan': ({ deploymentId, planId }) => {
      plans.drop(deploymentId, planId);
      return {};
    },
    'retention.readPlan': ({ path }) => plans.readPlan(path),
    'retention.approve': (input) => plans.approve(input),
    'retention.readApproval': (input) => plans.readApproval(input),
    'retention.writePlan': (input) => plans.writePlan(input),
    'retention.writeApproval': (input) => plans.writeApproval(input),
  };
}
