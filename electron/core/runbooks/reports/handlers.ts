// Contract to service, for reports of runs, messages and blank sheets.
import type { Handlers } from '../../dispatch.ts';
import type { RunReports } from './service.ts';

export function runReportHandlers(reports: RunReports): Handlers<'run.report' | 'run.reportText' | 'run.message' | 'runbook.blank'> {
  return {
    'run.report': (input) => reports.report(input),
    'run.reportText': (input) => reports.reportText(input),
    'run.message': (input) => reports.message(input),
    'runbook.blank': (input) => reports.blank(input),
  };
}
