// Contract to service, for exports of the audit log.
import type { Handlers } from '../../dispatch.ts';
import type { AuditExport } from './service.ts';

export function auditExportHandlers(exports: AuditExport): Pick<Handlers, 'audit.export' | 'audit.render'> {
  return {
    'audit.export': (input, { signal }) => exports.export(input, signal),
    'audit.render': (input) => exports.render(input),
  };
}
