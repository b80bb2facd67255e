// The one object that dispatcher, transports, client and test fakes are made from: every call and every event.
import type { z } from './zod.ts';
import { appCalls } from './contract/app.ts';
import { auditCalls } from './contract/audit.ts';
import { auditBulkCalls } from './contract/audit-bulk.ts';
import { auditExportCalls } from './contract/audit-export.ts';
import { auditImportCalls } from './contract/audit-import.ts';
import { auditSearchCalls } from './contract/audit-search.ts';
import { auditWitnessCalls } from './contract/audit-witness.ts';
import { clipboardCalls } from './contract/clipboard.ts';
import { credentialsCalls } from './contract/credentials.ts';
import { deploymentCalls } from './contract/deployment.ts';
import { filesCalls } from './contract/files.ts';
import { jobCalls } from './contract/job.ts';
import { ledgerCalls } from './contract/ledger.ts';
import { overviewCalls } from './contract/overview.ts';
import { retentionCalls } from './contract/retention.ts';
import { rotationCalls } from './contract/rotation.ts';
import { runbookCalls } from './contract/runbook.ts';
import { securityCalls } from './contract/security.ts';
import { securityReportCalls } from './contract/security-report.ts';
import { settingsCalls } from './contract/settings.ts';
import type { WireError } from './errors.ts';

export { events } from './contract/events.ts';
export type { AppEvent, EventName, EventPayload } from './contract/events.ts';

export const contract = {
  ...appCalls, ...auditCalls, ...auditBulkCalls, ...auditExportCalls, ...auditImportCalls, ...auditSearchCalls, ...auditWitnessCalls, ...clipboardCalls, ...credentialsCalls, ...deploymentCalls, ...filesCalls, ...jobCalls, ...ledgerCalls, ...overviewCalls, ...retentionCalls, ...rotationCalls, ...runbookCalls, ...securityCalls, ...securityReportCalls, ...settingsCalls,
} as const;

export type Contract = typeof contract;
export type CallName = keyof Contract;
/** What a caller hands over: fields with defaults may be left out. */
export type CallInput<N extends CallName> = z.input<Contract[N]['input']>;
/** What a handler receives: defaults are filled in. */
export type ParsedInput<N extends CallName> = z.output<Contract[N]['input']>;
export type CallOutput<N extends CallName> = z.output<Contract[N]['output']>;

/** The answer on every wire. */
export type Envelope<T = unknown> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: WireError };

/** Limits of one message over a bridge. A larger or deeper one is refused before it is parsed. */
export const MAX_MESSAGE_BYTES = 2_097_152;
export const MAX_MESSAGE_DEPTH = 32;

export function isCallName(name: string): name is CallName {
  return Object.hasOwn(contract, name);
}
