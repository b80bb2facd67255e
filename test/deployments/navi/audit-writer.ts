// Owns the backend's own audit rows for changing requests; refuses to write where the backend's bugs keep it from writing.
import { randomBytes } from 'node:crypto';
import { resourceIdOf } from './audit-row.ts';
import { nowMicros, type RouteContext } from './context.ts';
import { encryptedPayload } from './fernet-writer.ts';

const CHANGING_METHODS: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/**
 * Writes the row of one routed request (section 3.9). Dialect A encrypts it where a key is set; in C0 and C1 the writer
 * calls the encryption with wrong arguments when a key is set, so no row is written at all (section 0).
 */
export function writeAuditRow(context: Omit<RouteContext, 'pathParameters'>, statusCode: number): void {
  const { backend, config, request } = context;
  if (!CHANGING_METHODS.has(request.method) || !config.database.isReachable) return;
  if (config.auditEncryption !== null && config.dialect !== 'A') return;
  const createdAtMicros = nowMicros(backend);
  const plain = { query_params: Object.fromEntries(request.query) };
  const payload = config.auditEncryption === null
    ? plain
    : encryptedPayload({
        shape: 'audit-service',
        key: backend.secrets.activeAuditKey.key,
        keyId: config.auditEncryption.keyId,
        payload: plain,
        iv: randomBytes(16),
        seconds: Math.floor(createdAtMicros / 1_000_000),
      });
  backend.store.insert([
    {
      orgKey: config.auditActor?.org ?? null,
      actorSub: config.auditActor?.sub ?? null,
      actorEmail: config.auditActor?.email ?? null,
      route: request.path,
      method: request.method,
      eventType: 'http.request',
      resourceId: resourceIdOf(request.path),
      payload,
      statusCode,
      createdAtMicros,
    },
  ]);
}
