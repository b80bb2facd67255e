// Contract to service, for searching the audit log.
import type { auditSearchCalls } from '#shared/contract/audit-search.ts';
import type { Handlers } from '../../dispatch.ts';
import type { AuditSearch } from './service.ts';

export function auditSearchHandlers(search: AuditSearch): Handlers<Exclude<keyof typeof auditSearchCalls, 'audit.render'>> {
  return {
    'audit.search': (input, { signal }) => search.search(input, signal),
    'audit.count': (input, { signal }) => search.count(input, signal),
    'audit.histogram': (input, { signal }) => search.histogram(input, signal),
    'audit.facets': (input, { signal }) => search.facets(input, signal),
    'audit.complete': (input, { signal }) => search.complete(input, signal),
    'audit.viewList': () => search.views(),
    'audit.viewSave': (input, { signal }) => search.saveView(input, signal),
    'audit.viewRemove': async ({ id }, { signal }) => {
      await search.removeView(id, signal);
      return {};
    },
  };
}
