// Calls about the audit log: sync into the cache, live tail, coverage, one event, opening one payload for a reason, and the key ring.
import { z } from '../zod.ts';
import { coverageSegment } from '../domain/audit-coverage.ts';
import { auditEvent, auditEventDetail, auditEventId, auditSummary, openedPayload, reason, syncResult, tailState } from '../domain/audit-event.ts';
import { deploymentId } from '../domain/deployment.ts';
import { isoInstant } from '../domain/time.ts';
import { call, DEPLOYMENT_ERRORS } from './call.ts';

const byDeployment = z.strictObject({ deploymentId });
export const keyId = z.string().trim().min(1).max(128).regex(/^[\x21-\x7e]+$/, 'Use printable characters without spaces.');

export const auditKey = z.strictObject({
  keyId: z.string(),
  /** First 16 hex digits of the SHA-256 of the key: tells keys apart, reveals nothing. */
  fingerprint: z.string(),
  addedAt: isoInstant,
  /** Rows in the cache that name this key. */
  rows: z.int(),
});
export type AuditKey = z.infer<typeof auditKey>;

export const auditCalls = {
  'audit.summary': call({ effect: 'read', input: byDeployment, output: auditSummary, errors: ['deployment_not_found'] }),
  'audit.get': call({ effect: 'read', input: byDeployment.extend({ id: auditEventId }), output: auditEventDetail, errors: ['deployment_not_found', 'event_not_found'] }),
  /** Long: reports job.progressed; cancel with job.cancel. */
  'audit.sync': call({ effect: 'write', input: byDeployment.extend({ /** Reads everything again, however much it is; otherwise older stretches take turns. */ full: z.boolean().default(false) }), output: syncResult, errors: ['deployment_not_found', ...DEPLOYMENT_ERRORS] }),
  'audit.coverage': call({ effect: 'read', input: byDeployment, output: z.strictObject({ segments: z.array(coverageSegment) }), errors: ['deployment_not_found'] }),
  /** Follows the log until it is stopped, the profile locks, or the deployment cannot be reached for long; new rows come with audit.changed. */
  'audit.tailStart': call({ effect: 'write', input: byDeployment, output: tailState, errors: ['deployment_not_found', ...DEPLOYMENT_ERRORS] }),
  'audit.tailStop': call({ effect: 'read', input: byDeployment, output: tailState, errors: ['deployment_not_found'] }),
  'audit.tailState': call({ effect: 'read', input: byDeployment, output: tailState, errors: ['deployment_not_found'] }),
  /** Rows in the order in which they arrived here, after a place; without one it tells only the present place. */
  'audit.arrived': call({ effect: 'read', input: byDeployment.extend({ after: z.int().min(0).nullable().default(null), limit: z.int().min(1).max(500).default(200) }), output: z.strictObject({ events: z.array(auditEvent), place: z.int() }), errors: ['deployment_not_found'] }),
  /** The ledger entry is on disk before the payload is returned; a failure is an entry too. */
  'audit.decrypt': call({
    effect: 'write',
    input: byDeployment.extend({ id: auditEventId, reason, where: z.enum(['here', 'server']).default('here') }),
    output: openedPayload,
    errors: ['deployment_not_found', 'event_not_found', 'payload_not_offered', 'payload_not_encrypted', 'no_key', 'token_damaged', 'payload_not_object', 'server_cannot_decrypt', 'ledger_broken', ...DEPLOYMENT_ERRORS],
  }),
  'audit.keyList': call({ effect: 'read', input: byDeployment, output: z.strictObject({ keys: z.array(auditKey), idsWithoutKey: z.array(z.strictObject({ keyId: z.string().nullable(), rows: z.int() })) }), errors: ['deployment_not_found'] }),
  'audit.keyAdd': call({ effect: 'write', input: byDeployment.extend({ keyId, key: z.string().min(1).max(256) }), output: auditKey, errors: ['deployment_not_found', 'invalid_key', 'key_exists', 'not_offered', 'ledger_broken'] }),
  'audit.keyRemove': call({ effect: 'write', input: byDeployment.extend({ keyId }), output: z.strictObject({}), errors: ['deployment_not_found', 'key_not_found', 'ledger_broken'] }),
} as const;
