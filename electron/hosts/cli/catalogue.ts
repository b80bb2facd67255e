// Every command of the program, in the order in which the help lists them.
import type { Command } from './command.ts';
import { auditKeyCommands } from './commands/audit-key.ts';
import { auditCommands } from './commands/audit.ts';
import { deploymentCommands } from './commands/deployment.ts';
import { doctorCommands } from './commands/doctor.ts';
import { ledgerCommands } from './commands/ledger.ts';
import { securityCommands } from './commands/security.ts';

export const COMMANDS: readonly Command[] = [...deploymentCommands, ...securityCommands, ...auditCommands, ...auditKeyCommands, ...ledgerCommands, ...doctorCommands];
