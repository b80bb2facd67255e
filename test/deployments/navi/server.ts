// Owns the listening reference deployment and its test handle; refuses any address but loopback.
import { randomUUID } from 'node:crypto';
import { createServer as createHttpServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { NewAuditRow } from './audit-row.ts';
import { writeAuditRow } from './audit-writer.ts';
import { configFor, type NaviConfig, type Role } from './config.ts';
import { switchedReply } from './closings.ts';
import { nowMicros, type Backend, type NaviRequest } from './context.ts';
import { corsHeaders, preflightReply } from './cors.ts';
import { generateAuditRows } from './generator.ts';
import { signHs256, signRs256, type JwtClaims } from './jwt.ts';
import { createRequestMeter } from './metrics.ts';
import { createRateLimiter } from './rate-limiter.ts';
import { isPurge, servePurgeWithFault } from './purge-faults.ts';
import { isoFormat } from './python-text.ts';
import { replyToError, type HeaderMap, type Reply } from './reply.ts';
import { matchRoute } from './router.ts';
import { routesOf } from './routes.ts';
import { MICROS_PER_DAY } from './routes/security.ts';
import { newJwksKey, secretsFor, type JwksKey, type NaviSecrets } from './secrets.ts';
import { openStore } from './store.ts';
import { createTlsMaterial } from './tls.ts';

const MAX_BODY_BYTES = 1_048_576;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export interface NaviDeploymentOptions {
  readonly config?: NaviConfig;
  /** Derives secrets and generated rows. */
  readonly seed?: number;
  /** How many generated audit events to start with. */
  readonly events?: number;
  /** 0 = any free port. */
  readonly port?: number;
  readonly usesTls?: boolean;
  /** Overrides the secrets derived from the seed. */
  readonly secrets?: NaviSecrets;
  /** The backend's clock. */
  readonly now?: () => Date;
  /** The anchor of the generated rows; by default the clock's time at the start. */
  readonly eventsUntil?: Date;
}

/** One request as it arrived, before any routing. */
export interface ReceivedRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly url: string;
  readonly headers: HeaderMap;
  readonly body: string;
}

/** A running deployment. Everything but `url` is out of the product's sight. */
export interface NaviDeployment {
  readonly url: string;
  readonly caPem: string | null;
  readonly secrets: NaviSecrets;
  readonly jwksKey: JwksKey | null;
  readonly requests: readonly ReceivedRequest[];
  config(): NaviConfig;
  /** Changes the configuration in force, e.g. takes the database away. */
  reconfigure(overrides: Partial<NaviConfig>): void;
  insertRows(rows: Iterable<NewAuditRow>): readonly number[];
  rowCount(): number;
  /** Takes rows out, as somebody at the database would: no route does this. */
  removeRows(ids: readonly number[]): void;
  /** Whether none of these rows is stored any more. */
  isGone(ids: readonly number[]): boolean;
  /** The purge script (section 5), as a schedule runs it on the server: what it prints. Deletes rows of every organisation. */
  runPurgeScript(): string;
  grantRole(org: string, sub: string, role: Role): void;
  revokeRole(org: string, sub: string): void;
  /** A token this deployment accepts in its present mode: HS256 under JWT_SECRET, or RS256 in JWKS mode. */
  signToken(claims: JwtClaims): string;
  close(): Promise<void>;
}

/** Starts on 127.0.0.1 and resolves when it listens. Rejects when the port is taken. */
export async function startNaviDeployment(options: NaviDeploymentOptions = {}): Promise<NaviDeployment> {
  const seed = options.seed ?? 1;
  let config = options.config ?? configFor('C1');
  const now = options.now ?? ((): Date => new Date());
  const secrets = options.secrets ?? secretsFor(seed);
  const jwksKey = config.auth.mode === 'jwks' ? newJwksKey('reference-1') : null;
  const store = openStore(() => config.database.isReachable);
  store.insert(generateAuditRows({ seed, count: options.events ?? 0, now: options.eventsUntil ?? now(), secrets }));
  const backend: Backend = { config: () => config, secrets, jwksKeys: jwksKey === null ? [] : [jwksKey], store, meter: createRequestMeter(), now, startedAt: now() };
  const requests: ReceivedRequest[] = [];
  const tls = options.usesTls === true ? createTlsMaterial() : null;
  const server = listener(backend, requests, tls);
  const port = await listen(server, options.port ?? 0);

  return {
    url: `${tls === null ? 'http' : 'https'}://127.0.0.1:${port}`,
    caPem: tls?.caPem ?? null,
    secrets,
    jwksKey,
    requests,
    config: () => config,
    reconfigure: (overrides) => {
      config = { ...config, ...overrides };
    },
    insertRows: (rows) => store.insert(rows),
    removeRows: (ids) => store.remove(ids),
    rowCount: () => store.count(),
    isGone: (ids) => ids.every((id) => store.find(id) === null),
    runPurgeScript: () => purgeByScript(backend),
    grantRole: (org, sub, role) => store.grant(org, sub, role),
    revokeRole: (org, sub) => store.revoke(org, sub),
    signToken: (claims) => {
      if (jwksKey === null || config.auth.mode !== 'jwks') return signHs256(claims, secrets.jwtSecret);
      return signRs256({ aud: config.auth.audience, iss: config.auth.issuer, azp: config.auth.validClientIds[0], ...claims }, jwksKey);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          store.close();
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

function purgeByScript(backend: Backend): string {
  const { retention } = backend.config();
  if (!retention.isEnabled) return 'Audit retention disabled; skipping purge.';
  const cutoffMicros = nowMicros(backend) - retention.days * MICROS_PER_DAY;
  return `Purged ${backend.store.deleteOlderThan(cutoffMicros)} audit rows older than ${isoFormat(cutoffMicros, 'aware')}`;
}

function listener(backend: Backend, requests: ReceivedRequest[], tls: { readonly certificatePem: string; readonly privateKeyPem: string } | null): Server {
  const limiter = createRateLimiter();
  const scheme = tls === null ? 'http' : 'https';
  const onRequest: RequestListener = (incoming, outgoing) => {
    backend.meter.begin();
    const started = performance.now();
    void readBody(incoming).then((body) => {
      const request = requestOf(incoming, body, scheme);
      requests.push({ method: request.method, url: incoming.url ?? '', headers: request.headers, body });
      const fault = isPurge(request) ? backend.config().purgeFault ?? null : null;
      if (fault !== null) {
        void servePurgeWithFault({ fault, backend, request, outgoing, act: () => answer(backend, limiter, request).reply, send: (reply) => send(outgoing, { backend, request, reply, milliseconds: 0 }) });
        return;
      }
      const { reply, label } = answer(backend, limiter, request);
      const milliseconds = performance.now() - started;
      send(outgoing, { backend, request, reply, milliseconds });
      backend.meter.end({ method: request.method, path: label, status: reply.status, seconds: milliseconds / 1000 });
    }, () => {
      // The client went away before its body was complete: there is nobody to answer.
      outgoing.destroy();
    });
  };
  return tls === null ? createHttpServer(onRequest) : createHttpsServer({ cert: tls.certificatePem, key: tls.privateKeyPem, minVersion: 'TLSv1.2' }, onRequest);
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function requestOf(incoming: IncomingMessage, body: string, scheme: string): NaviRequest {
  const [path = '/', ...queryParts] = (incoming.url ?? '/').split('?');
  const rawQuery = queryParts.join('?');
  const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]));
  const sentId = headers['x-request-id'] ?? '';
  return {
    method: incoming.method ?? 'GET',
    path,
    query: new URLSearchParams(rawQuery),
    rawQuery,
    headers,
    body,
    origin: `${scheme}://${headers['host'] ?? '127.0.0.1'}`,
    requestId: UUID.test(sentId) ? sentId.toLowerCase() : randomUUID(),
  };
}

/** The answer and the label under which it is counted. The order is the backend's: CORS, rate limiter, audit writer, routing. */
function answer(backend: Backend, limiter: ReturnType<typeof createRateLimiter>, request: NaviRequest): { readonly reply: Reply; readonly label: string } {
  const config = backend.config();
  const preflight = preflightReply(request.method, request.headers, config);
  if (preflight !== null) return { reply: preflight, label: request.path };
  const rate = limiter.check({ method: request.method, path: request.path, config: config.rateLimit, nowMs: backend.now().getTime() });
  if ('refusal' in rate) return { reply: rate.refusal, label: request.path };
  const { reply, label } = routed(backend, config, request);
  // An unhandled error passes by every middleware: no row is written and no header added.
  if (reply.layer === 'bare') return { reply, label };
  writeAuditRow({ backend, config, request }, reply.status);
  return { reply: { ...reply, headers: { ...reply.headers, ...rate.headers, ...corsHeaders(request.headers, config) } }, label };
}

function routed(backend: Backend, config: NaviConfig, request: NaviRequest): { readonly reply: Reply; readonly label: string } {
  const switched = switchedReply(request, config);
  if (switched !== null) return { reply: switched, label: 'unmatched' };
  const match = matchRoute(routesOf(config.dialect), request);
  if (match.kind === 'answer') return { reply: match.reply, label: 'unmatched' };
  const { route, pathParameters } = match;
  try {
    return { reply: route.handle({ backend, config, request, pathParameters }), label: route.path };
  } catch (error) {
    return { reply: replyToError(error, request.requestId), label: route.path };
  }
}

function send(outgoing: ServerResponse, input: { readonly backend: Backend; readonly request: NaviRequest; readonly reply: Reply; readonly milliseconds: number }): void {
  const { backend, request, reply } = input;
  const milliseconds = input.milliseconds.toFixed(2);
  const cache = { 'x-cache-enabled': 'true', 'x-cache-hits': '0', 'x-cache-misses': '0' };
  const added: Readonly<Record<Reply['layer'], HeaderMap>> = {
    routed: { 'x-request-id': request.requestId, 'server-timing': `app_obs;dur=${milliseconds}, app;dur=${milliseconds}`, ...cache },
    outer: { 'server-timing': `app;dur=${milliseconds}`, ...cache },
    bare: {},
  };
  outgoing.writeHead(reply.status, {
    date: backend.now().toUTCString(),
    server: 'uvicorn',
    ...backend.config().addedHeaders,
    'content-length': String(Buffer.byteLength(reply.body)),
    ...reply.headers,
    ...added[reply.layer],
  });
  outgoing.end(request.method === 'HEAD' ? '' : reply.body);
}
