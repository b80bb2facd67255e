// Owns who may pass in each build (contracts/karen.md sections 1.1 and 1.2), wrong as it is; refuses nothing in SEED, where only single routes refuse.
import type { KarenConfig } from './config.ts';
import { detail } from './reply.ts';
import type { Reply } from './reply.ts';
import type { Asked } from './routes.ts';
import { verifyToken } from './token.ts';
import type { Claims } from './token.ts';

const PUBLIC = ['/health', '/api/health', '/metrics', '/docs', '/redoc', '/openapi.json', '/api/public', '/ws',
  ...['validate-session', 'login', 'register', 'refresh', 'forgot-password', 'reset-password'].map((name) => `/api/auth/${name}`)];

const GUEST = '/api/extensions';

const DEVELOPER: Claims = {
  user_id: 'dev-user', email: 'admin@karen.ai', user_type: 'developer', roles: ['admin', 'user'],
  permissions: ['extension:*', 'chat:write', 'memory:read', 'memory:write', 'admin:*', 'agent:*', 'tasks:*', 'scheduler:*'], token_id: 'dev-token-id', tenant_id: 'default',
};

export function bearerOf(headers: Asked['headers']): string | null {
  return /^bearer +(\S.*)$/i.exec(headers['authorization'] ?? '')?.[1] ?? null;
}

const ROUTES_WITHOUT_GUARD = ['/api/admin/', '/api/audit/', '/api/auth/status', '/api/extensions', '/api/validation/'];

/** Who asks, or the refusal. */
export function passGuard(config: KarenConfig, { path, headers, secret, nowSeconds }: Asked): { readonly user: Claims | null } | { readonly refusal: Reply } {
  const token = bearerOf(headers);
  const user = token === null ? null : verifyToken(token, secret, nowSeconds);
  if (config.build === 'SEED') {
    const isRefused = config.guardsAdmin && user === null && ROUTES_WITHOUT_GUARD.some((prefix) => path.startsWith(prefix));
    return isRefused ? { refusal: detail(401, 'Not authenticated', { 'www-authenticate': 'Bearer' }) } : { user };
  }
  if (config.takesBypassHeaders && headers['x-skip-auth'] === 'dev' && headers['x-development-mode'] === 'true') {
    const mocked = headers['x-mock-user-id'];
    return { user: mocked === undefined ? DEVELOPER : { ...DEVELOPER, user_id: mocked } };
  }
  if (user !== null || PUBLIC.some((prefix) => path.startsWith(prefix)) || path.startsWith(GUEST)) return { user };
  return { refusal: detail(401, 'No authentication token provided') };
}
