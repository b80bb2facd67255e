// Contract to service, for the audit log.
import type { Handlers } from '../dispatch.ts';
import { Secret } from '../secret.ts';
import type { AuditService } from './service.ts';

type Own = 'audit.summary' | 'audit.get' | 'audit.decrypt' | 'audit.keyList' | 'audit.keyAdd' | 'audit.keyRemove';

export function auditHandlers(audit: AuditService): Handlers<Own> {
  return {
    'audit.summary': ({ deploymentId }) => audit.summary(deploymentId),
    'audit.get': ({ deploymentId, id }) => audit.get(deploymentId, id),
    'audit.decrypt': (input, { signal }) => audit.decrypt(input, signal),
    'audit.keyList': ({ deploymentId }) => audit.keys(deploymentId),
    'audit.keyAdd': ({ deploymentId, keyId, key }) => audit.addKey(deploymentId, keyId, new Secret(key)),
    'audit.keyRemove': async ({ deploymentId, keyId }) => {
      await audit.removeKey(deploymentId, keyId);
      return {};
    },
  };
}
