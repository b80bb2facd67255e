// Owns the listening reference AI-Karen and its test handle; refuses any address but loopback.
import { randomBytes, randomUUID } from 'node:crypto';
import { createServer as createHttpServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createTlsMaterial } from '../navi/tls.ts';
import { configFor } from './config.ts';
import type { KarenConfig } from './config.ts';
import { passGuard } from './guard.ts';
import { detail, json, text } from './reply.ts';
import type { Reply } from './reply.ts';
import { answerRoute } from './routes.ts';
import type { Asked } from './routes.ts';
import { signToken } from './token.ts';
import type { Claims } from './token.ts';

export interface KarenDeploymentOptions {
  readonly config?: KarenConfig;
  /** 0 = any free port. */
  readonly port?: number;
  readonly usesTls?: boolean;
  /** Below this path; the rest of the address is another's. */
  readonly basePath?: string;
  /** The backend's clock. */
  readonly now?: () => Date;
}

/** One request as it arrived. `at` is the backend's clock in milliseconds. */
export interface ReceivedRequest { readonly method: string; readonly url: string; readonly headers: Asked['headers']; readonly at: number }

export interface KarenDeployment {
  readonly url: string;
  readonly caPem: string | null;
  readonly requests: readonly ReceivedRequest[];
  config(): KarenConfig;
  reconfigure(overrides: Partial<KarenConfig>): void;
  /** A login token that this backend takes. */
  signToken(claims: Claims): string;
  close(): Promise<void>;
}

/** What every answer carries (section 3.3); no Strict-Transport-Security in any build. */
const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY', 'x-xss-protection': '1; mode=block', 'referrer-policy': 'strict-origin-when-cross-origin',
  'content-security-policy': "default-src 'self'", 'permissions-policy': 'geolocation=(), microphone=()',
} as const;
const BLOCKED_AGENT = /masscan|nikto|sqlmap|nmap|zap/i;
const MINUTE_MS = 60_000;

function preflight({ method, headers }: Asked, { corsOrigins }: KarenConfig): Reply | null {
  const origin = headers['origin'];
  if (method !== 'OPTIONS' || origin === undefined || headers['access-control-request-method'] === undefined) return null;
  const isAllowed = corsOrigins.includes(origin) || corsOrigins.includes('*');
  return text(isAllowed ? 200 : 400, isAllowed ? 'OK' : 'Disallowed CORS origin', {
    vary: 'Origin', 'access-control-allow-methods': 'DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT', 'access-control-max-age': '600', 'access-control-allow-credentials': 'true',
    ...(isAllowed ? { 'access-control-allow-origin': origin } : {}),
  });
}

/** The rule ip_general: fixed minutes, one address. */
function createLimiter(): (config: KarenConfig, nowMs: number) => { readonly refusal: Reply } | { readonly headers: Record<string, string> } {
  let counted = { window: -1, requests: 0 };
  return ({ requestsPerMinute: limit }, nowMs) => {
    if (limit === null) return { headers: {} };
    const window = Math.floor(nowMs / MINUTE_MS);
    counted = { window, requests: counted.window === window ? counted.requests + 1 : 1 };
    const reset = (window + 1) * MINUTE_MS / 1000;
    const headers = { 'x-ratelimit-limit': String(limit), 'x-ratelimit-remaining': String(Math.max(0, limit - counted.requests)), 'x-ratelimit-reset': String(reset), 'x-ratelimit-rule': 'ip_general' };
    if (counted.requests <= limit) return { headers };
    const seconds = Math.max(1, Math.ceil(reset - nowMs / 1000));
    return { refusal: json(429, { error: 'Rate limit exceeded', message: 'Too many requests', details: { rule: 'ip_general', limit, window_seconds: 60, current_count: counted.requests, reset_time: reset } }, { ...headers, 'retry-after': String(seconds) }) };
  };
}

/** Starts on 127.0.0.1 and resolves when it listens. Rejects when the port is taken. */
export async function startKarenDeployment(options: KarenDeploymentOptions = {}): Promise<KarenDeployment> {
  let config = options.config ?? configFor('SEED');
  const now = options.now ?? ((): Date => new Date());
  const basePath = options.basePath ?? '';
  const secret = randomBytes(32).toString('hex');
  const requests: ReceivedRequest[] = [];
  const limit = createLimiter();
  const tls = options.usesTls === true ? createTlsMaterial() : null;

  const answer = (asked: Asked): Reply => {
    if (config.isBehindPortal) return text(200, '<!DOCTYPE html><html><head><title>Sign in</title></head><body><form action="/login"></form></body></html>', { 'content-type': 'text/html; charset=utf-8' });
    if (BLOCKED_AGENT.test(asked.headers['user-agent'] ?? '')) return detail(400, 'Invalid request');
    const early = preflight(asked, config);
    if (early !== null) return early;
    const rate = limit(config, now().getTime());
    if ('refusal' in rate) return rate.refusal;
    const passed = passGuard(config, asked);
    const reply = 'refusal' in passed ? passed.refusal : answerRoute(config, asked, passed.user);
    return { ...reply, headers: { ...reply.headers, ...rate.headers } };
  };

  const onRequest: RequestListener = (incoming, outgoing) => {
    incoming.resume();
    const { asked, url } = askedOf(incoming, { secret, basePath, nowSeconds: now().getTime() / 1000 });
    requests.push({ method: asked.method, url, headers: asked.headers, at: now().getTime() });
    const reply = answer(asked);
    send(outgoing, { reply, isHead: asked.method === 'HEAD', headers: { date: now().toUTCString(), server: 'uvicorn', ...(config.isBehindPortal ? {} : SECURITY_HEADERS), ...config.addedHeaders } });
  };
  const server = tls === null ? createHttpServer(onRequest) : createHttpsServer({ cert: tls.certificatePem, key: tls.privateKeyPem, minVersion: 'TLSv1.2' }, onRequest);
  const port = await listen(server, options.port ?? 0);
  return {
    url: `${tls === null ? 'http' : 'https'}://127.0.0.1:${port}${basePath}`, caPem: tls?.caPem ?? null, requests,
    config: () => config,
    reconfigure: (overrides) => { config = { ...config, ...overrides }; },
    signToken: (claims) => signToken(claims, secret),
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}

function askedOf(incoming: IncomingMessage, { secret, basePath, nowSeconds }: { readonly secret: string; readonly basePath: string; readonly nowSeconds: number }): { readonly asked: Asked; readonly url: string } {
  const url = incoming.url ?? '/';
  const [path = '/', ...query] = url.split('?');
  const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]));
  const inside = path.startsWith(`${basePath}/`) ? path.slice(basePath.length) : path;
  return { url, asked: { method: incoming.method ?? 'GET', path: inside, query: new URLSearchParams(query.join('?')), headers, secret, nowSeconds } };
}

function send(outgoing: ServerResponse, { reply, isHead, headers }: { readonly reply: Reply; readonly isHead: boolean; readonly headers: Readonly<Record<string, string>> }): void {
  outgoing.writeHead(reply.status, { ...headers, 'content-length': String(Buffer.byteLength(reply.body)), 'x-process-time': '0.002', 'x-request-id': randomUUID(), ...reply.headers });
  outgoing.end(isHead ? '' : reply.body);
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}
