// Contract to service, for reports of the security posture.
import type { securityReportCalls } from '#shared/contract/security-report.ts';
import type { Handlers } from '../../dispatch.ts';
import type { SecurityReports } from './service.ts';

export function securityReportHandlers(reports: SecurityReports): Handlers<keyof typeof securityReportCalls> {
  return { 'security.report': (input) => reports.report(input) };
}
