// Contract to service, for checklists of other tools.
import type { Handlers } from '../../dispatch.ts';
import type { Checklists } from './service.ts';

export function runChecklistHandlers(checklists: Checklists): Handlers<'run.cklbExport' | 'run.checklistImport' | 'run.cklFill'> {
  return {
    'run.cklbExport': (input) => checklists.exportCklb(input),
    'run.checklistImport': (input) => checklists.import(input),
    'run.cklFill': (input) => checklists.fill(input),
  };
}
