// Owns what is mounted or closed by switches, before routing: device flow, API pages, metrics; refuses to carry out a device flow.
import type { NaviConfig } from './config.ts';
import { jsonReply, type Reply } from './reply.ts';

const DEVICE_ROUTES = new Set(['start', 'poll', 'authorize', 'rotate'].map((name) => `/oauth/device/${name}`));
const API_PAGES = new Set(['/docs', '/redoc', '/openapi.json']);

/** The answer that a switch gives; null where the request goes on to the routes. */
export function switchedReply({ method, path }: { readonly method: string; readonly path: string }, config: NaviConfig): Reply | null {
  const isClosed = (!config.hasApiPages && API_PAGES.has(path)) || (!config.hasMetrics && path.startsWith('/metrics'));
  if (isClosed) return jsonReply(404, { detail: 'Not Found' });
  if (!config.hasDeviceFlow || !DEVICE_ROUTES.has(path)) return null;
  if (method !== 'POST') return jsonReply(405, { detail: 'Method Not Allowed' }, { allow: 'POST' });
  return jsonReply(503, { detail: 'OAuth device store unavailable (Redis required)', error_code: 'SERVICE_UNAVAILABLE', request_id: null });
}
