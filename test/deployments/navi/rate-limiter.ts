// Owns the per-category request counting and its 429 and 503 answers; refuses to count anything while the limiter is inert.
import type { RateCategory, RateLimitConfig } from './config.ts';
import { jsonReply, type HeaderMap, type Reply } from './reply.ts';

const WINDOW_SECONDS = 60;

export interface RateLimiter {
  /** A refusal, or the headers that the answer must carry (none when the request is not counted). */
  check(request: { readonly method: string; readonly path: string; readonly config: RateLimitConfig; readonly nowMs: number }): { readonly refusal: Reply } | { readonly headers: HeaderMap };
}

/** The category of a request by its path and method (section 6.6). */
export function rateCategoryOf(method: string, path: string): RateCategory {
  if (path.includes('/admin/')) return 'admin';
  if (path.includes('/export')) return 'export';
  if (path.includes('/auth/') || path.includes('/token')) return 'auth';
  return method === 'GET' || method === 'HEAD' ? 'read' : 'write';
}

function isExempt(path: string): boolean {
  return path.includes('/health') || path.includes('/metrics') || path.startsWith('/docs') || path.startsWith('/openapi.json');
}

/** Counts in fixed windows of one minute. One address only ever calls a loopback server, so there is one key per category. */
export function createRateLimiter(): RateLimiter {
  const used = new Map<RateCategory, { readonly window: number; readonly count: number }>();

  return {
    check({ method, path, config, nowMs }) {
      if (config.mode === 'inert' || isExempt(path)) return { headers: {} };
      const category = rateCategoryOf(method, path);
      if (config.mode === 'backend-gone') {
        const body = { detail: 'Rate limiting backend unavailable', error_code: 'RATE_LIMIT_BACKEND_UNAVAILABLE', path, category };
        return { refusal: { ...jsonReply(503, body), layer: 'outer' } };
      }
      if (config.onlyPath !== null && config.onlyPath !== path) return { headers: {} };
      const rule = config.rules[category];
      const window = Math.floor(nowMs / 1000 / WINDOW_SECONDS);
      const previous = used.get(category);
      const count = previous?.window === window ? previous.count + 1 : 1;
      used.set(category, { window, count });
      const resetSeconds = (window + 1) * WINDOW_SECONDS;
      const headers = {
        'x-ratelimit-limit': String(rule.requestsPerMinute),
        'x-ratelimit-remaining': String(Math.max(0, rule.requestsPerMinute - count)),
        'x-ratelimit-reset': String(resetSeconds),
      };
      if (count <= rule.requestsPerMinute + rule.burst) return { headers: { ...headers, 'x-ratelimit-category': category } };
      const retryAfterSeconds = Math.max(1, Math.ceil(resetSeconds - nowMs / 1000));
      const body = { detail: 'Rate limit exceeded. Please retry later.', error_code: 'RATE_LIMIT_EXCEEDED', retry_after: retryAfterSeconds, category, path };
      return { refusal: { ...jsonReply(429, body, { ...headers, 'retry-after': String(retryAfterSeconds) }), layer: 'outer' } };
    },
  };
}
