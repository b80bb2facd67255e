// Contract to service, for the audit log.
import type { CallsOf, Handlers } from '../dispatch.ts';
import { Secret } from '../secret.ts';
import type { AuditService } from './service.ts';

export function auditHandlers(audit: AuditService): Handlers<CallsOf<'audit'>> {
  return {
    'audit.summary': ({ deploymentId }) => audit.summary(deploymentId),
    'audit.list': (input) => audit.list(input),
    'audit.facets': ({ deploymentId }) => audit.facets(deploymentId),
    'audit.get': ({ deploymentId, id }) => audit.get(deploymentId, id),
    'audit.sync': ({ deploymentId }, { signal }) => audit.sync(deploymentId, signal),
    'audit.decrypt': (input, { signal }) => audit.decrypt(input, signal),
    'audit.keyList': ({ deploymentId }) => audit.keys(deploymentId),
    'audit.keyAdd': ({ deploymentId, keyId, key }) => audit.addKey(deploymentId, keyId, new Secret(key)),
    'audit.keyRemove': async ({ deploymentId, keyId }) => {
      await audit.removeKey(deploymentId, keyId);
      return {};
    },
  };
}
