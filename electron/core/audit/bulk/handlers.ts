// Contract to service, for opening many payloads and for the checks that need no key.
import type { auditBulkCalls } from '#shared/contract/audit-bulk.ts';
import type { Handlers } from '../../dispatch.ts';
import type { AuditBulk } from './service.ts';

export function auditBulkHandlers(bulk: AuditBulk): Handlers<keyof typeof auditBulkCalls> {
  return {
    'audit.bulkPlan': ({ deploymentId, selection }, { signal }) => bulk.plan(deploymentId, selection, signal),
    'audit.bulkDecrypt': (input, { signal }) => bulk.decrypt(input, signal),
    'audit.bulkResults': (input, { signal }) => bulk.results(input, signal),
    'audit.bulkList': ({ deploymentId }) => ({ runs: [...bulk.list(deploymentId)] }),
    'audit.bulkForget': ({ bulkId }) => {
      bulk.forget(bulkId);
      return {};
    },
    'audit.bulkExport': (input, { signal }) => bulk.export(input, signal),
    'audit.checks': async ({ deploymentId }, { signal }) => ({ checks: [...await bulk.checks(deploymentId, signal)] }),
  };
}
