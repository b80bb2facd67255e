// Contract to service, for imports.
import type { auditImportCalls } from '#shared/contract/audit-import.ts';
import type { Handlers } from '../../dispatch.ts';
import type { ImportService } from './service.ts';

export function auditImportHandlers(imports: ImportService): Handlers<keyof typeof auditImportCalls> {
  return {
    'audit.importInspect': async (input, { signal }) => ({ files: await imports.inspect(input, signal) }),
    'audit.import': (input, { signal }) => imports.import(input, signal),
    'audit.importList': ({ deploymentId }) => ({ imports: imports.list(deploymentId) }),
    'audit.importProblems': (input) => imports.problems(input),
  };
}
