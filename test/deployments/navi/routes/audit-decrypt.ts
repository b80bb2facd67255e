// Owns POST /api/audit/{audit_id}/decrypt (section 3.3, dialects C0 and C1); refuses to log the reason, as the backend does.
import type { AuditRow } from '../audit-row.ts';
import { requireRole, UnhandledBackendError } from '../caller.ts';
import type { RouteContext } from '../context.ts';
import { fernetDecrypt } from '../fernet-writer.ts';
import { checkDecryptBody, parseJsonBody, pathInteger } from '../parameters.ts';
import { HttpProblem, jsonReply, type Reply } from '../reply.ts';
import type { Route } from '../router.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a JSON value is what Python calls a dict. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function decryptAudit(context: RouteContext): Reply {
  const body = readBody(context);
  const caller = requireRole(context, 'admin');
  const id = pathInteger('audit_id', context.pathParameters['audit_id'] ?? '');
  checkDecryptBody(body);
  const row = context.backend.store.find(id);
  // Rows without an organisation can be read by every admin; rows of another one look as if they did not exist.
  if (row === null || (row.orgKey !== null && row.orgKey !== caller.org)) throw new HttpProblem(404, 'Audit log not found');
  if (!isJsonObject(row.payload)) throw new UnhandledBackendError('payload is not an object');
  const keyId = row.payload['key_id'];
  return jsonReply(200, { id: row.id, payload: decrypted(context, row, row.payload), key_id: typeof keyId === 'string' ? keyId : null });
}

/** A body of another content type reaches the check as text. */
function readBody({ request }: RouteContext): unknown {
  const contentType = request.headers['content-type'] ?? 'application/json';
  return /\bjson\b/i.test(contentType) || request.body === '' ? parseJsonBody(request.body) : request.body;
}

function decrypted(context: RouteContext, row: AuditRow, payload: JsonObject): JsonObject {
  if (!isTruthy(payload['encrypted'])) return payload;
  const ciphertext = payload['ciphertext'];
  if (!isTruthy(ciphertext)) throw new HttpProblem(400, 'Missing ciphertext');
  if (context.config.auditEncryption === null) throw new HttpProblem(400, 'AUDIT_ENCRYPTION_KEY is not set');
  if (typeof ciphertext !== 'string') throw new UnhandledBackendError('ciphertext is not text');
  // A wrong key is an unhandled error, hence 500: key_id is a label and never selects a key.
  const plain = JSON.parse(fernetDecrypt(context.backend.secrets.activeAuditKey.key, ciphertext)) as unknown;
  if (!isJsonObject(plain)) throw new UnhandledBackendError(`plaintext of row ${row.id} is not an object`);
  return plain;
}

function isTruthy(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && value !== 0 && value !== '';
}

export const AUDIT_DECRYPT_ROUTES: readonly Route[] = [
  { method: 'POST', path: '/api/audit/{audit_id}/decrypt', dialects: ['C0', 'C1'], summary: 'Decrypt Audit Log', isInSchema: true, access: 'admin', parameters: [], handle: decryptAudit },
];
