// Every command of the program, in the order in which the help lists them.
import type { Command } from './command.ts';
import { auditDecryptCommands } from './commands/audit-decrypt.ts';
import { auditExportCommands } from './commands/audit-export.ts';
import { auditImportCommands } from './commands/audit-import.ts';
import { auditKeyCommands } from './commands/audit-key.ts';
import { auditSearchCommands } from './commands/audit-search.ts';
import { auditSyncCommands } from './commands/audit-sync.ts';
import { auditVerifyCommands } from './commands/audit-verify.ts';
import { auditCommands } from './commands/audit.ts';
import { deploymentAccessCommands } from './commands/deployment-access.ts';
import { deploymentCommands } from './commands/deployment.ts';
import { doctorCommands } from './commands/doctor.ts';
import { ledgerCommands } from './commands/ledger.ts';
import { retentionHoldCommands } from './commands/retention-hold.ts';
import { retentionOwnCommands } from './commands/retention-own.ts';
import { retentionPurgeCommands } from './commands/retention-purge.ts';
import { retentionScheduleCommands } from './commands/retention-schedule.ts';
import { retentionCommands } from './commands/retention.ts';
import { runbookChecklistCommands, runbookPaperCommands } from './commands/runbook-paper.ts';
import { runbookEndCommands, runbookLogCommands, runbookRunCommands } from './commands/runbook-run.ts';
import { runbookPeopleCommands, runbookShareCommands } from './commands/runbook-share.ts';
import { runbookStepCommands } from './commands/runbook-step.ts';
import { runbookCommands, runbookImportCommands } from './commands/runbook.ts';
import { securityRotationCommands } from './commands/security-rotation.ts';
import { securityWorkCommands } from './commands/security-work.ts';
import { securityCommands } from './commands/security.ts';

export const COMMANDS: readonly Command[] = [...deploymentCommands, ...deploymentAccessCommands, ...securityCommands, ...securityWorkCommands, ...securityRotationCommands, ...auditSyncCommands, ...auditCommands, ...auditSearchCommands, ...auditDecryptCommands, ...auditImportCommands, ...auditExportCommands, ...auditVerifyCommands, ...auditKeyCommands, ...retentionCommands, ...retentionPurgeCommands, ...retentionHoldCommands, ...retentionScheduleCommands, ...retentionOwnCommands, ...runbookCommands, ...runbookRunCommands, ...runbookStepCommands, ...runbookLogCommands, ...runbookEndCommands, ...runbookShareCommands, ...runbookImportCommands, ...runbookPeopleCommands, ...runbookPaperCommands, ...runbookChecklistCommands, ...ledgerCommands, ...doctorCommands];
