// Owns what the routes of both builds answer, as captured or as contracts/karen.md writes it; refuses to change anything: only reading is asked of it.
import { randomUUID } from 'node:crypto';
import type { KarenConfig } from './config.ts';
import { bearerOf } from './guard.ts';
import { METRICS } from './metrics.ts';
import { detail, json, text } from './reply.ts';
import type { Reply } from './reply.ts';
import type { Claims } from './token.ts';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** What signs logins, and what /metrics takes for its key. */
  readonly secret: string;
  readonly nowSeconds: number;
}

interface Context { readonly config: KarenConfig; readonly asked: Asked; readonly user: Claims | null; readonly now: string }
type Handler = (context: Context) => Reply;

const DRIVER_TEXT = '(psycopg.OperationalError) connection failed: connection to server at "127.0.0.1", port 15499 failed: Connection refused';

const ok: Handler = ({ now }) => json(200, { status: 'ok', timestamp: now });

const health: Handler = ({ now, asked }) => json(200, {
  status: 'degraded',
  services: { extensions: { status: 'degraded', last_check: now, response_time_ms: 8.4, degraded_features: ['extension_system'] } },
  extension_system: { status: 'unknown', error: 'Extension monitor not available' },
  timestamp: asked.nowSeconds, correlation_id: randomUUID(),
});

/** 200 for any name: no service is ever registered. */
const serviceHealth = (name: string): Reply => json(200, { service: name, result: { status: 'unknown', error: `Service ${name} not registered` }, correlation_id: randomUUID() });

const systemStatus: Handler = ({ now }) => json(200, {
  status: 'ok', timestamp: now, uptime_seconds: 0, system_info: { platform: 'Linux', python_version: '3.11.2', architecture: '64bit', processor: '' }, version: 'unknown',
});

const metrics: Handler = ({ config, asked }) => (config.hasOpenMetrics || asked.headers['x-api-key'] === asked.secret
  ? text(200, METRICS, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8; charset=utf-8' }) : detail(401, 'Invalid or missing API key'));

const docs: Handler = ({ config }) => (config.environment === 'production' ? detail(404, 'Not Found')
  : text(200, '<!DOCTYPE html><html><head><title>Kari AI Assistant API - Swagger UI</title></head><body><div id="swagger-ui"></div></body></html>', { 'content-type': 'text/html; charset=utf-8' }));

const me: Handler = ({ asked, user }) => {
  if (bearerOf(asked.headers) === null) return detail(403, 'Not authenticated');
  if (user === null) return detail(401, 'Invalid token', { 'www-authenticate': 'Bearer' });
  return json(200, { user_id: user['sub'] ?? 'user', email: user['email'] ?? null, full_name: null, roles: user['roles'] ?? [], is_active: true, tenant_id: 'default', preferences: {} });
};

/** Unauthenticated, and counts the users (SEED). */
const authStatus: Handler = ({ now }) => json(200, {
  status: 'healthy', service: 'production-auth', mode: 'jwt-authentication', timestamp: now,
  features: { login: true, logout: true, token_refresh: true, user_management: true, first_run_setup: true, rate_limiting: true },
  stats: { total_users: 1, active_users: 1, locked_users: 0, attempts_last_24h: 2, successful_attempts_last_24h: 2, failed_attempts_last_24h: 0, active_refresh_tokens: 1, first_run_required: false },
});

const firstRun: Handler = ({ config }) => json(200, config.isFirstRun ? { first_run_required: true, message: 'First-run setup required' } : { first_run_required: false, message: 'System is already configured' });

/** HEAD calls anybody valid. */
const validateSession: Handler = ({ now }) => json(200, { valid: true, user: { user_id: 'anonymous' }, permissions: [], authenticated: false, session_valid: false, timestamp: now });

const auditLogs: Handler = ({ config, asked }) => {
  const limit = asked.query.get('limit');
  if (config.leaksDriverText) return detail(500, `Failed to read audit logs: ${DRIVER_TEXT}`);
  if (limit !== null && !/^-?\d+$/.test(limit)) return json(422, { detail: [{ loc: ['query', 'limit'], msg: 'value is not a valid integer', type: 'type_error.integer' }] });
  return json(200, []);
};

const validationConfig: Handler = ({ config }) => json(200, {
  max_content_length: 5_242_880, max_headers_count: 100, max_header_size: 8192, rate_limit_requests_per_minute: 50, enable_security_analysis: true, log_invalid_requests: true,
  blocked_user_agents: ['masscan', 'nikto', 'sqlmap', 'nmap', 'zap'], suspicious_headers: ['x-forwarded-host', 'x-cluster-client-ip', 'x-real-ip'], environment: config.environment,
});

const validationStatus: Handler = ({ config, now }) => json(200, {
  validation_framework_initialized: true, enhanced_logging_initialized: true, timestamp: now, environment: config.environment,
  configuration: { max_content_length_mb: 5, max_headers_count: 100, max_header_size: 8192, rate_limit_per_minute: 50, security_analysis_enabled: true, logging_enabled: true, blocked_agents_count: 5, suspicious_headers_count: 3 },
  metrics: { total_requests_validated: 'available', invalid_requests_blocked: 'available', security_threats_detected: 'available', rate_limited_requests: 'available' },
});

const threatStats: Handler = ({ now }) => json(200, {
  status: 'success', time_period_hours: 24, timestamp: now.slice(0, -6),
  statistics: {
    total_threats_detected: 0, threats_by_level: { critical: 0, high: 0, medium: 0, low: 0 }, threats_by_category: { sql_injection: 0, xss: 0, path_traversal: 0, command_injection: 0, other: 0 },
    blocked_requests: 0, rate_limited_requests: 0, top_attacked_endpoints: [], suspicious_clients: 0,
  },
  note: 'This endpoint provides mock data. Integrate with Prometheus for real metrics.',
});

/** The most truthful signal of the infrastructure. */
const degradedMode: Handler = ({ config }) => json(200, {
  is_active: config.isDegraded, reason: config.isDegraded ? 'all_providers_failed' : null, activated_at: null, failed_providers: [], remote_provider_outages: [], recovery_attempts: 0, last_recovery_attempt: null,
  core_helpers_available: { local_nlp: true, fallback_responses: true, total_ai_capabilities: 2 }, infrastructure_issues: config.isDegraded ? ['database'] : [], ai_status: config.isDegraded ? 'degraded' : 'healthy',
  extension_system: 'unknown', extension_degraded: false, degraded_mode: config.isDegraded,
});

/** Not shadowed by the catch-all for services. */
const databaseTest: Handler = ({ now, config }) => json(200, { timestamp: now, connection_test: { success: !config.isDegraded, response_time_ms: 2.4, timeout_configured: 30, ...(config.isDegraded ? { error: DRIVER_TEXT } : {}) } });

/** In both builds. */
const BOTH: Readonly<Record<string, Handler>> = {
  '/ping': ok, '/api/ping': ok, '/health': ok, '/api/health': health, '/api/health/degraded-mode': degradedMode, '/api/health/database/test': databaseTest, '/api/status': systemStatus, '/metrics': metrics, '/docs': docs,
  '/openapi.json': ({ config }) => json(200, { openapi: '3.0.2', info: { title: 'Kari AI Assistant API', description: 'Advanced AI assistant with multi-modal capabilities', version: '1.0.0' }, paths: Object.fromEntries(Object.keys(routesOf(config)).map((path) => [path, { get: {} }])) }),
  '/api/public/health': () => json(200, { status: 'healthy', timestamp: '2025-08-25T20:00:00Z', services: { api: 'operational', authentication: 'operational' }, message: 'System is operational. Authentication required for full access.' }),
  '/api/auth/me': me, '/api/auth/first-run': firstRun, '/api/auth/health': ({ now }) => json(200, { status: 'healthy', service: 'production-auth', timestamp: now }),
  '/api/audit/logs': auditLogs,
  '/api/admin/performance/status': () => json(200, { optimization_enabled: true, deployment_mode: 'production', components: { lifecycle_manager: false, resource_monitor: false, performance_metrics: false } }),
  '/api/admin/validation/config': validationConfig, '/api/admin/validation/status': validationStatus, '/api/validation/stats/threats': threatStats,
  '/api/validation/health': ({ now }) => json(200, { status: 'healthy', timestamp: now.slice(0, -6), components: { metrics_collector: 'healthy', validation_system: 'healthy', prometheus_integration: 'healthy' } }),
};

const SEED_ONLY: Readonly<Record<string, Handler>> = {
  '/api/auth/status': authStatus,
  '/api/auth/stats': ({ asked }) => (bearerOf(asked.headers) === null ? detail(403, 'Not authenticated') : detail(403, 'Insufficient privileges')),
  '/api/extensions/list': () => json(200, { extensions: {}, total: 0, message: 'No extensions are loaded', status: 'empty' }),
};

const HEAD_ONLY: Readonly<Record<string, Handler>> = {
  '/api/auth/validate-session': validateSession,
  '/api/auth/whoami': ({ user }) => json(200, { state_user: user }),
  '/api/admin/database/overview': ({ user }) => json(200, { reached_handler: true, user }),
};

function routesOf({ build }: KarenConfig): Readonly<Record<string, Handler>> {
  return { ...BOTH, ...(build === 'SEED' ? SEED_ONLY : HEAD_ONLY) };
}

/** The answer of the route, or the framework's own 404 and 405. */
export function answerRoute(config: KarenConfig, asked: Asked, user: Claims | null): Reply {
  const routes = routesOf(config);
  const service = /^\/api\/health\/([a-z0-9-]+)$/.exec(asked.path)?.[1];
  const handler = Object.hasOwn(routes, asked.path) ? routes[asked.path] : undefined;
  if (handler === undefined) return service !== undefined && asked.method === 'GET' ? serviceHealth(service) : detail(404, 'Not Found');
  if (asked.method !== 'GET') return detail(405, 'Method Not Allowed', { allow: 'GET' });
  return handler({ config, asked, user, now: new Date(asked.nowSeconds * 1000).toISOString().replace('.000Z', '.000000+00:00') });
}
