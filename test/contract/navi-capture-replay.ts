// Owns replaying captured NAVI requests against the reference deployment and comparing the answers; refuses to know which captures exist.
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import type { NewAuditRow } from '../deployments/navi/audit-row.ts';
import { configFor, STATES, uniformRateRules, type NaviConfig } from '../deployments/navi/config.ts';
import { signHs256, signRs256, unsignedJwt, type JwtClaims } from '../deployments/navi/jwt.ts';
import { parseIso } from '../deployments/navi/python-text.ts';
import { secretsFor } from '../deployments/navi/secrets.ts';
import { startNaviDeployment, type NaviDeployment } from '../deployments/navi/server.ts';

type Signer = 'primary' | 'previous-0' | 'previous-1' | 'foreign' | 'session' | 'none' | 'jwks' | 'jwks-without-kid';

export interface CapturedResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly text?: string;
  /** The capture kept only the first items of a longer list. */
  readonly isTrimmed?: boolean;
}

export interface Capture {
  readonly number: number;
  readonly label: string;
  readonly config: string;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string | null;
    /** Captured tokens were signed with secrets that nobody has any more: their claims are kept and signed anew. */
    readonly auth?: { readonly signer: Signer; readonly claims: JwtClaims } | { readonly raw: string };
  };
  readonly response: CapturedResponse;
}

interface CapturedRow {
  readonly id: number;
  readonly route: string;
  readonly method: string;
  readonly event_type: string;
  readonly org_key: string | null;
  readonly actor_sub: string | null;
  readonly actor_email: string | null;
  readonly resource_id: string | null;
  readonly status_code: number;
  readonly created_at: string;
  readonly payload: unknown;
}

type RowSet = 'common' | 'development' | 'dialectA' | 'sqlite';

interface CaptureFile {
  readonly auditKeys: readonly { readonly keyId: string; readonly key: string }[];
  readonly rows: Readonly<Record<RowSet, readonly CapturedRow[]>>;
  readonly captures: readonly Capture[];
}

const FILE = JSON.parse(readFileSync(new URL('../fixtures/navi-captures.json', import.meta.url), 'utf8')) as CaptureFile;

export const CAPTURES: readonly Capture[] = FILE.captures;

/** The backend and the rows behind each captured `config`. */
export const CAPTURED_BACKENDS: Readonly<Record<string, { readonly config: NaviConfig; readonly rows: readonly RowSet[] }>> = {
  'staging-jwt': { config: configFor('C1', ['auth0-unreachable']), rows: ['common'] },
  'development-nojwt (DEV_USER_ROLE=admin, no audit key, in-memory device flow, ALLOW_DEV_CORS)': {
    config: configFor('C1', ['jwt-off']),
    rows: ['common', 'development'],
  },
  'dialect-A backend (commit c4ced31f, 2026-01-29 WIP: payload+purge, no POST decrypt), JWT on, audit key on': {
    config: configFor('A'),
    rows: ['common', 'development', 'dialectA'],
  },
  'staging, RATE_LIMITING_FALLBACK_ENABLED=false (Redis UP)': { config: configFor('C1', ['rate-limit-gone']), rows: ['common'] },
  'staging, DATABASE unreachable': { config: configFor('C1', ['database-down']), rows: ['common'] },
  'staging, JWT_JWKS_URL set (RS256), Auth0 device router enabled, Auth0 unreachable, TOKEN_ENCRYPTION_KEY_ID set, AUDIT_RETENTION_ENABLED=false': {
    config: configFor('C1', ['jwks'], {
      auth: { mode: 'jwks', validClientIds: ['test-client'], audience: 'https://api.test', issuer: 'http://127.0.0.1:18795/' },
    }),
    rows: ['common'],
  },
  'staging, Redis unreachable': { config: configFor('C1', ['redis-down']), rows: ['common'] },
  'development, SQLite DB, ALLOW_DEV_AUTH=true, RL_FB_BURST=1': {
    config: configFor('C1', ['sqlite-dev'], {
      auth: { mode: 'dev-shim', user: { ...STATES['sqlite-dev'].auth.user, email: 'dev@acme.test' } },
      rateLimit: { mode: 'working', rules: uniformRateRules(1, 0), onlyPath: '/api/feedback/submit' },
    }),
    rows: ['sqlite'],
  },
};

export interface Replay {
  send(capture: Capture): Promise<CapturedResponse>;
  readonly deployment: NaviDeployment;
  close(): Promise<void>;
}

/** Starts the backend of a captured config with its rows, on a clock that stands where each capture was taken. */
export async function startReplay(configName: string): Promise<Replay> {
  const backend = CAPTURED_BACKENDS[configName];
  if (backend === undefined) throw new Error(`No backend is described for the captured config "${configName}"`);
  const [active, older] = FILE.auditKeys;
  if (active === undefined || older === undefined) throw new Error('The captures name no audit keys');
  const secrets = { ...secretsFor(1), activeAuditKey: active, olderAuditKey: older };
  let clock = new Date(0);
  const deployment = await startNaviDeployment({ config: backend.config, secrets, now: () => clock });
  deployment.insertRows(backend.rows.flatMap((name) => FILE.rows[name]).map(rowOf));
  return {
    deployment,
    send: (capture) => {
      clock = new Date(capture.response.headers['date'] ?? '');
      return sendCaptured(deployment, capture);
    },
    close: () => deployment.close(),
  };
}

function rowOf(row: CapturedRow): NewAuditRow {
  const createdAtMicros = parseIso(row.created_at);
  if (createdAtMicros === null) throw new Error(`Row ${row.id} has no readable time`);
  return {
    id: row.id, orgKey: row.org_key, actorSub: row.actor_sub, actorEmail: row.actor_email, route: row.route, method: row.method,
    eventType: row.event_type, resourceId: row.resource_id, payload: row.payload, statusCode: row.status_code, createdAtMicros,
  };
}

function authorization(deployment: NaviDeployment, auth: NonNullable<Capture['request']['auth']>): string {
  if ('raw' in auth) return auth.raw;
  const { secrets, jwksKey } = deployment;
  const { claims, signer } = auth;
  const hs256 = (secret: string | undefined): string => {
    if (secret === undefined) throw new Error(`The deployment has no secret for ${signer}`);
    return signHs256(claims, secret);
  };
  const rs256 = (kid: string | null): string => {
    if (jwksKey === null) throw new Error('The deployment is not in JWKS mode');
    return signRs256(claims, { kid, privateKey: jwksKey.privateKey });
  };
  const tokens: Readonly<Record<Signer, () => string>> = {
    primary: () => hs256(secrets.jwtSecret),
    'previous-0': () => hs256(secrets.previousJwtSecrets[0]),
    'previous-1': () => hs256(secrets.previousJwtSecrets[1]),
    foreign: () => hs256('a secret that this backend never had'),
    session: () => hs256(secrets.sessionSecret),
    none: () => unsignedJwt(claims),
    jwks: () => rs256(jwksKey?.kid ?? null),
    'jwks-without-kid': () => rs256(null),
  };
  return `Bearer ${tokens[signer]()}`;
}

/** Sends the path as it was captured, byte for byte: a URL parser would repair the unescaped `+`. */
function sendCaptured(deployment: NaviDeployment, capture: Capture): Promise<CapturedResponse> {
  const { method, path, headers, body, auth } = capture.request;
  const { hostname, port } = new URL(deployment.url);
  return new Promise((resolve, reject) => {
    const sent = httpRequest({
      hostname, port, method, path,
      headers: {
        ...headers,
        ...(auth === undefined ? {} : { Authorization: authorization(deployment, auth) }),
        ...(body === null ? {} : { 'Content-Length': Buffer.byteLength(body) }),
      },
      agent: false,
    }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const flat = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
        const isJson = flat['content-type'] === 'application/json';
        resolve({ status: incoming.statusCode ?? 0, headers: flat, ...(isJson ? { json: JSON.parse(text) as unknown } : { text }) });
      });
    });
    sent.on('error', reject);
    sent.end(body ?? undefined);
  });
}
