// Owns dialect A's payload read and purge (sections 3.4 and 3.5); refuses no organisation, as the backend does.
import { requireRole, UnhandledBackendError, type Caller } from '../caller.ts';
import { nowMicros, type RouteContext } from '../context.ts';
import { fernetDecrypt } from '../fernet-writer.ts';
import { pathInteger, readQuery, type ParameterSpec } from '../parameters.ts';
import { isoFormat } from '../python-text.ts';
import { HttpProblem, jsonReply, type Reply } from '../reply.ts';
import type { Route } from '../router.ts';
import { isJsonObject } from './audit-decrypt.ts';
import { MICROS_PER_DAY } from './security.ts';

const PAYLOAD_PARAMETERS: readonly ParameterSpec[] = [
  { kind: 'boolean', name: 'decrypt', default: false },
  { kind: 'string', name: 'reason', maxLength: 256 },
];

const PURGE_PARAMETERS: readonly ParameterSpec[] = [{ kind: 'integer', name: 'days', minimum: 1, maximum: 3650, default: null }];

function auditPayload(context: RouteContext): Reply {
  const caller = requireRole(context, 'admin');
  const id = pathInteger('audit_id', context.pathParameters['audit_id'] ?? '');
  const query = readQuery(PAYLOAD_PARAMETERS, context.request.query);
  const row = context.backend.store.find(id);
  if (row === null) throw new HttpProblem(404, 'Audit record not found');
  // Lists and texts stored as payload break the answer's own schema.
  if (!isJsonObject(row.payload)) throw new UnhandledBackendError('payload is not an object');
  const isEncrypted = Boolean(row.payload['encrypted']);
  if (!query.boolean('decrypt') || !isEncrypted) return jsonReply(200, { id: row.id, encrypted: isEncrypted, payload: row.payload });
  if (context.config.auditEncryption === null) throw new HttpProblem(400, 'Audit encryption key is not configured');
  const payload = decryptedPayload(context, row.payload['ciphertext']);
  recordDecryption(context, { caller, id, reason: query.string('reason') });
  return jsonReply(200, { id: row.id, encrypted: isEncrypted, payload });
}

function decryptedPayload(context: RouteContext, ciphertext: unknown): unknown {
  try {
    if (typeof ciphertext !== 'string') throw new Error('no ciphertext');
    const plain = JSON.parse(fernetDecrypt(context.backend.secrets.activeAuditKey.key, ciphertext)) as unknown;
    if (!isJsonObject(plain)) throw new Error('plaintext is not an object');
    return plain;
  } catch {
    throw new HttpProblem(400, 'Audit payload decrypt failed');
  }
}

/** The row that dialect A writes about a decryption. Its payload says `encrypted: true` although it is plain. */
function recordDecryption(context: RouteContext, read: { readonly caller: Caller; readonly id: number; readonly reason: string | null }): void {
  context.backend.store.insert([
    {
      orgKey: read.caller.org,
      actorSub: read.caller.sub,
      actorEmail: read.caller.email,
      route: `/api/audit/${read.id}/payload`,
      method: 'GET',
      eventType: 'audit.decrypt',
      resourceId: String(read.id),
      payload: { audit_id: read.id, reason: read.reason, encrypted: true },
      statusCode: 200,
      createdAtMicros: nowMicros(context.backend),
    },
  ]);
}

/** Deletes across all organisations, at once and without a preview. */
function purgeAudit(context: RouteContext): Reply {
  requireRole(context, 'admin');
  const query = readQuery(PURGE_PARAMETERS, context.request.query);
  if (!context.config.retention.isEnabled) throw new HttpProblem(400, 'Audit retention is disabled');
  const cutoffMicros = nowMicros(context.backend) - (query.integer('days') ?? context.config.retention.days) * MICROS_PER_DAY;
  const deleted = context.backend.store.deleteOlderThan(cutoffMicros);
  return jsonReply(200, { deleted, cutoff: isoFormat(cutoffMicros, 'aware') });
}

export const AUDIT_PAYLOAD_ROUTES: readonly Route[] = [
  { method: 'GET', path: '/api/audit/{audit_id}/payload', dialects: ['A'], summary: 'Get Audit Payload', isInSchema: true, access: 'admin', parameters: PAYLOAD_PARAMETERS, handle: auditPayload },
  { method: 'POST', path: '/api/audit/purge', dialects: ['A'], summary: 'Purge Audit Logs', isInSchema: true, access: 'admin', parameters: PURGE_PARAMETERS, handle: purgeAudit },
];
