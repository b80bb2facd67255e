// Owns the unauthenticated health, version and metrics routes (section 6.4); refuses to hide an outage that they would show.
import { DIALECTS } from '../config.ts';
import { nowMicros, type RouteContext } from '../context.ts';
import { isoFormat } from '../python-text.ts';
import { jsonReply, textReply, type Reply } from '../reply.ts';
import type { Route } from '../router.ts';
import { DatabaseUnreachable } from '../store.ts';

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly latency_ms: number;
  readonly detail: string;
}

function publicRoute(path: string, isInSchema: boolean, handle: (context: RouteContext) => Reply): Route {
  return { method: 'GET', path, dialects: DIALECTS, summary: `Get ${path}`, isInSchema, access: 'public', parameters: [], handle };
}

function check(name: string, ok: boolean): Check {
  return { name, ok, latency_ms: 0, detail: ok ? 'ok' : 'check failed' };
}

function readiness({ config }: RouteContext): Reply {
  const checks = [check('self', true), check('db', config.database.isReachable), check('redis', config.isRedisReachable)];
  const ok = checks.every((item) => item.ok);
  return jsonReply(ok ? 200 : 503, { ok, checks });
}

/** Answers 200 whatever it finds, and gives the driver's own words away. */
function detailedHealth({ backend, config }: RouteContext): Reply {
  const database = config.database.isReachable
    ? { status: 'healthy', message: 'Connected' }
    : { status: 'unhealthy', message: new DatabaseUnreachable().message };
  return jsonReply(200, {
    status: config.database.isReachable ? 'healthy' : 'degraded',
    timestamp: isoFormat(nowMicros(backend), 'aware'),
    checks: {
      database,
      openai: { status: 'missing', message: 'API key not configured' },
      environment: { status: 'incomplete', message: 'Missing: BACKEND_PUBLIC_URL' },
    },
  });
}

function info({ backend, config }: RouteContext): Reply {
  return jsonReply(200, {
    service_name: 'autonomous-engineering-platform',
    environment: config.appEnv,
    version: '1.0.0',
    git_commit: null,
    git_branch: null,
    build_timestamp: isoFormat(nowMicros(backend), 'aware'),
    python_version: '3.13.5',
    platform: 'Linux',
    deployment_target: 'local',
    backend_public_url: 'http://localhost:8787',
  });
}

export const HEALTH_ROUTES: readonly Route[] = [
  publicRoute('/ping', true, () => textReply(200, 'pong')),
  publicRoute('/health', true, () => jsonReply(200, { status: 'ok', service: 'core' })),
  publicRoute('/health-fast', true, () => jsonReply(200, { status: 'ok', service: 'core', checks: { self: 'ok' } })),
  publicRoute('/health/live', true, () => jsonReply(200, { ok: true, checks: [check('self', true)] })),
  publicRoute('/health/ready', true, readiness),
  publicRoute('/health/startup', true, readiness),
  publicRoute('/version', true, ({ config }) => jsonReply(200, { name: 'autonomous-engineering-platform', env: config.appEnv, version: '0.1.0' })),
  publicRoute('/api/healthz', false, () => jsonReply(200, { ok: true, auth_domain: 'auth.navralabs.com' })),
  publicRoute('/api/internal/version', false, ({ config }) => jsonReply(200, { version: '1.0.0', commit: null, branch: null, environment: config.appEnv })),
  publicRoute('/api/internal/info', false, info),
  publicRoute('/api/internal/health/detailed', false, detailedHealth),
  publicRoute('/metrics/metrics', false, ({ backend }) =>
    textReply(200, backend.meter.render(backend.startedAt), { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })),
];
