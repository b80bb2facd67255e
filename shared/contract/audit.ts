// Calls about the audit log: sync into the cache, list from it, open one payload for a reason, and the key ring.
import { z } from '../zod.ts';
import { auditEvent, auditEventDetail, auditEventId, auditFilter, auditSummary, openedPayload, reason, syncResult } from '../domain/audit-event.ts';
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
  /** Newest first; ties by id. `cursor` comes from the page before. */
  'audit.list': call({
    effect: 'read',
    input: byDeployment.extend({ filter: auditFilter.default({}), cursor: z.string().max(64).nullable().default(null), limit: z.int().min(1).max(1000).default(200) }),
    output: z.strictObject({ events: z.array(auditEvent), nextCursor: z.string().nullable(), matching: z.int(), total: z.int() }),
    errors: ['deployment_not_found'],
  }),
  /** The values that filters can be chosen from, most frequent first. */
  'audit.facets': call({
    effect: 'read', input: byDeployment, errors: ['deployment_not_found'],
    output: z.strictObject({
      methods: z.array(z.strictObject({ value: z.string(), count: z.int() })),
      actors: z.array(z.strictObject({ value: z.string(), count: z.int() })),
      orgs: z.array(z.strictObject({ value: z.string(), count: z.int() })),
    }),
  }),
  'audit.get': call({ effect: 'read', input: byDeployment.extend({ id: auditEventId }), output: auditEventDetail, errors: ['deployment_not_found', 'event_not_found'] }),
  /** Long: reports job.progressed; cancel with job.cancel. */
  'audit.sync': call({ effect: 'write', input: byDeployment, output: syncResult, errors: ['deployment_not_found', ...DEPLOYMENT_ERRORS] }),
  /** The ledger entry is on disk before the payload is returned; a failure is an entry too. */
  'audit.decrypt': call({
    effect: 'write',
    input: byDeployment.extend({ id: auditEventId, reason, where: z.enum(['here', 'server']).default('here') }),
    output: openedPayload,
    errors: ['deployment_not_found', 'event_not_found', 'payload_not_offered', 'payload_not_encrypted', 'no_key', 'token_damaged', 'payload_not_object', 'server_cannot_decrypt', 'ledger_broken', ...DEPLOYMENT_ERRORS],
  }),
  'audit.keyList': call({ effect: 'read', input: byDeployment, output: z.strictObject({ keys: z.array(auditKey), idsWithoutKey: z.array(z.strictObject({ keyId: z.string().nullable(), rows: z.int() })) }), errors: ['deployment_not_found'] }),
  'audit.keyAdd': call({ effect: 'write', input: byDeployment.extend({ keyId, key: z.string().min(1).max(256) }), output: auditKey, errors: ['deployment_not_found', 'invalid_key', 'key_exists', 'ledger_broken'] }),
  'audit.keyRemove': call({ effect: 'write', input: byDeployment.extend({ keyId }), output: z.strictObject({}), errors: ['deployment_not_found', 'key_not_found', 'ledger_broken'] }),
} as const;
