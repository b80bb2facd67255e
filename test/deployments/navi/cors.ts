// Owns the cross-origin answers of the backend; refuses app:// and file origins, as the backend does (section 6.7).
import type { NaviConfig } from './config.ts';
import type { HeaderMap, Reply } from './reply.ts';

const METHODS = 'DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT';
const EDITOR_ORIGIN = /^vscode-webview:\/\/|^https:\/\/[a-z0-9-]+\.vscode-cdn\.net$/;
const DEV_ORIGIN = /^https?:\/\/(?:localhost|127\.0\.0\.1)(?::\d+)?$/;

function isAllowed(origin: string, config: NaviConfig): boolean {
  return config.cors.allowsAll === true || EDITOR_ORIGIN.test(origin) || (config.cors.allowsDevOrigins && DEV_ORIGIN.test(origin));
}

/** Development origins are allowed without credentials. */
function credentials(config: NaviConfig): HeaderMap {
  return config.cors.allowsDevOrigins ? {} : { 'access-control-allow-credentials': 'true' };
}

/** The answer to a preflight request, or null where the request is none. */
export function preflightReply(method: string, headers: HeaderMap, config: NaviConfig): Reply | null {
  const origin = headers['origin'];
  const requestedMethod = headers['access-control-request-method'];
  if (method !== 'OPTIONS' || origin === undefined || requestedMethod === undefined) return null;
  const requestedHeaders = headers['access-control-request-headers'];
  const isOriginAllowed = isAllowed(origin, config);
  const failures = [...(isOriginAllowed ? [] : ['origin']), ...(METHODS.split(', ').includes(requestedMethod) ? [] : ['method'])];
  return {
    status: failures.length === 0 ? 200 : 400,
    headers: {
      vary: 'Origin',
      'access-control-allow-methods': METHODS,
      'access-control-max-age': '600',
      ...credentials(config),
      ...(isOriginAllowed ? { 'access-control-allow-origin': origin } : {}),
      ...(requestedHeaders === undefined ? {} : { 'access-control-allow-headers': requestedHeaders }),
      'content-type': 'text/plain; charset=utf-8',
    },
    body: failures.length === 0 ? 'OK' : `Disallowed CORS ${failures.join(', ')}`,
    layer: 'outer',
  };
}

/** What an ordinary answer carries when the request had an Origin. */
export function corsHeaders(headers: HeaderMap, config: NaviConfig): HeaderMap {
  const origin = headers['origin'];
  if (origin === undefined) return {};
  const allowed: HeaderMap = isAllowed(origin, config) ? { 'access-control-allow-origin': origin, vary: 'Origin' } : {};
  return { ...credentials(config), 'access-control-expose-headers': '*', ...allowed };
}
