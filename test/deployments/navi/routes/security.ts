// Owns GET /api/admin/security/status (section 2), its misleading figures included; refuses to say more than the backend says.
import { requireRole } from '../caller.ts';
import { DIALECTS } from '../config.ts';
import { nowMicros, type RouteContext } from '../context.ts';
import { isoFormat } from '../python-text.ts';
import { jsonReply, type Reply } from '../reply.ts';
import type { Route } from '../router.ts';
import { DatabaseUnreachable } from '../store.ts';

export const MICROS_PER_DAY = 86_400_000_000;

function securityStatus(context: RouteContext): Reply {
  requireRole(context, 'admin');
  const { backend, config } = context;
  const { auth, auditEncryption, retention, sso } = config;
  const cutoffMicros = nowMicros(backend) - retention.days * MICROS_PER_DAY;
  const hasPrimary = auth.mode === 'hs256';
  const hasPrevious = auth.mode === 'hs256' && auth.hasPreviousSecrets;
  return jsonReply(200, {
    jwt: { enabled: auth.mode !== 'dev-shim', has_primary_secret: hasPrimary, has_previous_secrets: hasPrevious, rotation_ready: hasPrimary && hasPrevious },
    encryption: {
      audit_encryption_enabled: auditEncryption !== null,
      audit_encryption_key_id: auditEncryption === null ? null : (auditEncryption.keyId ?? 'default'),
      token_encryption_configured: config.tokenEncryptionKeyId !== null,
      token_encryption_key_id: config.tokenEncryptionKeyId,
    },
    audit_retention: {
      enabled: retention.isEnabled,
      retention_days: retention.days,
      overdue_count: retention.isEnabled ? overdueCount(context, cutoffMicros) : 0,
      cutoff_iso: isoFormat(cutoffMicros, 'aware'),
    },
    sso: {
      auth0_domain: sso.auth0Domain,
      auth0_client_configured: sso.hasClient,
      auth0_audience_configured: sso.hasAudience,
      device_flow_enabled: sso.hasClient && sso.hasAudience,
    },
  });
}

/** Zero also when the query fails: an outage looks like a clean retention. */
function overdueCount(context: RouteContext, cutoffMicros: number): number {
  try {
    return context.backend.store.countOlderThan(cutoffMicros);
  } catch (error) {
    if (error instanceof DatabaseUnreachable) return 0;
    throw error;
  }
}

export const SECURITY_ROUTES: readonly Route[] = [
  { method: 'GET', path: '/api/admin/security/status', dialects: DIALECTS, summary: 'Security Status', isInSchema: true, access: 'admin', parameters: [], handle: securityStatus },
];
