// Owns the typed description of one NAVI backend (dialect, switches, outages); refuses to know how any of it is answered.

import type { PurgeFault } from './purge-faults.ts';

/** The three audit dialects of contracts/navi.md section 0. */
export type Dialect = 'A' | 'C0' | 'C1';

export const DIALECTS: readonly Dialect[] = ['A', 'C0', 'C1'];

export type DatabaseFlavour = 'postgres' | 'sqlite';

export type Role = 'viewer' | 'planner' | 'admin';

/** Identity of the development shim: what DEV_USER_ID, DEV_USER_EMAIL, DEV_USER_ROLE and DEV_ORG_ID would hold. */
export interface DevUser {
  readonly sub: string;
  readonly email: string;
  readonly role: Role;
  readonly org: string;
}

export type AuthConfig =
  | {
    readonly mode: 'hs256'; readonly hasPreviousSecrets: boolean; readonly audience: string | null; readonly issuer: string | null;
    /** In place of the secrets of the seed, as a rotation changes them: JWT_SECRET, then those of JWT_SECRET_PREVIOUS. */
    readonly secrets?: readonly [string, ...string[]];
  }
  | { readonly mode: 'jwks'; readonly validClientIds: readonly string[]; readonly audience: string; readonly issuer: string }
  | { readonly mode: 'dev-shim'; readonly user: DevUser };

/** The keys of the rate limiter's table, in the wording the server uses in `X-RateLimit-Category`. */
export type RateCategory = 'read' | 'write' | 'admin' | 'export' | 'auth';

export interface RateRule {
  readonly requestsPerMinute: number;
  readonly burst: number;
}

export type RateRules = Readonly<Record<RateCategory, RateRule>>;

export type RateLimitConfig =
  | { readonly mode: 'inert' }
  | { readonly mode: 'backend-gone' }
  | { readonly mode: 'working'; readonly rules: RateRules; readonly onlyPath: string | null };

/** One backend. A captured `config` is one value of this type. */
export interface NaviConfig {
  readonly dialect: Dialect;
  readonly appEnv: 'development' | 'staging' | 'production';
  readonly auth: AuthConfig;
  /** Null = AUDIT_ENCRYPTION_KEY is not set. `keyId` null = AUDIT_ENCRYPTION_KEY_ID is not set. */
  readonly auditEncryption: { readonly keyId: string | null } | null;
  readonly tokenEncryptionKeyId: string | null;
  readonly retention: { readonly isEnabled: boolean; readonly days: number };
  readonly sso: { readonly auth0Domain: string; readonly hasClient: boolean; readonly hasAudience: boolean };
  readonly database: { readonly flavour: DatabaseFlavour; readonly isReachable: boolean };
  readonly isRedisReachable: boolean;
  readonly rateLimit: RateLimitConfig;
  readonly cors: { readonly allowsDevOrigins: boolean; /** A proxy in front that answers for the backend. */ readonly allowsAll?: boolean };
  /** GET /api/governance/audit without authentication, as in every build. */
  readonly isGovernanceOpen: boolean;
  /** /docs, /redoc and /openapi.json. */
  readonly hasApiPages: boolean;
  /** PROMETHEUS_ENABLED. */
  readonly hasMetrics: boolean;
  /** ENABLE_LEGACY_DEVICE_FLOW. */
  readonly hasDeviceFlow: boolean;
  /** Whether the verifier of GET /api/admin can fetch its keys. */
  readonly isAuth0Reachable: boolean;
  /** What a proxy in front adds to every answer. */
  readonly addedHeaders: Readonly<Record<string, string>>;
  /** What goes wrong with a purge; left out: nothing. */
  readonly purgeFault?: PurgeFault | null;
  /** Non-null = ALLOW_DEV_AUTH=true: the audit writer fills the actor from the environment. */
  readonly auditActor: { readonly org: string; readonly sub: string; readonly email: string } | null;
}

/** Categories and figures of contracts/navi.md section 6.6 (requests per minute, burst); auth's burst from the captured quotas. */
export const DOCUMENTED_RATE_RULES: RateRules = {
  read: { requestsPerMinute: 300, burst: 50 },
  write: { requestsPerMinute: 60, burst: 20 },
  admin: { requestsPerMinute: 30, burst: 10 },
  export: { requestsPerMinute: 5, burst: 2 },
  auth: { requestsPerMinute: 20, burst: 5 },
};

export const OLDER_KEY_ID = 'audit-2025-12';
export const NEWER_KEY_ID = 'audit-2026-01';

const STAGING: NaviConfig = {
  dialect: 'C1',
  appEnv: 'staging',
  auth: { mode: 'hs256', hasPreviousSecrets: true, audience: null, issuer: null },
  auditEncryption: { keyId: NEWER_KEY_ID },
  tokenEncryptionKeyId: null,
  retention: { isEnabled: true, days: 90 },
  // The default the backend falls back to when AUTH0_DOMAIN is unset (contract section 2).
  sso: { auth0Domain: 'dev-nr76km00xa820k15.us.auth0.com', hasClient: false, hasAudience: false },
  database: { flavour: 'postgres', isReachable: true },
  isRedisReachable: true,
  rateLimit: { mode: 'inert' },
  cors: { allowsDevOrigins: false },
  isGovernanceOpen: true,
  hasApiPages: true,
  hasMetrics: true,
  hasDeviceFlow: false,
  isAuth0Reachable: true,
  addedHeaders: {},
  auditActor: null,
};

/**
 * What differs in a dialect's ordinary state. Dialect A was captured with a working limiter: every answer carried
 * X-RateLimit-* and counted down; in C1 the limiter is inert because of its bug (section 6.6).
 */
export const DIALECT_DEFAULTS: Readonly<Record<Dialect, Partial<NaviConfig>>> = {
  A: { dialect: 'A', rateLimit: { mode: 'working', rules: DOCUMENTED_RATE_RULES, onlyPath: null } },
  C0: { dialect: 'C0' },
  C1: { dialect: 'C1' },
};

const DEV_ADMIN: DevUser = { sub: 'dev-admin', email: 'dev@acme.example', role: 'admin', org: 'acme' };

/** Named states as data: each is the part of the configuration that differs from the dialect's ordinary state. */
export const STATES = {
  'jwt-off': {
    appEnv: 'development',
    auth: { mode: 'dev-shim', user: DEV_ADMIN },
    auditEncryption: null,
    cors: { allowsDevOrigins: true },
  },
  'sqlite-dev': {
    appEnv: 'development',
    auth: { mode: 'dev-shim', user: DEV_ADMIN },
    auditEncryption: null,
    database: { flavour: 'sqlite', isReachable: true },
    auditActor: { org: DEV_ADMIN.org, sub: DEV_ADMIN.sub, email: DEV_ADMIN.email },
  },
  'database-down': { database: { flavour: 'postgres', isReachable: false } },
  'redis-down': { isRedisReachable: false },
  jwks: {
    auth: { mode: 'jwks', validClientIds: ['test-client'], audience: 'https://api.acme.example', issuer: 'https://idp.acme.example/' },
    sso: { auth0Domain: 'auth0.invalid', hasClient: true, hasAudience: true },
    tokenEncryptionKeyId: 'alias/navi-token-key',
    retention: { isEnabled: false, days: 90 },
  },
  'rate-limit-gone': { rateLimit: { mode: 'backend-gone' } },
  'rate-limited': { rateLimit: { mode: 'working', rules: DOCUMENTED_RATE_RULES, onlyPath: null } },
  'rate-limit-inert': { rateLimit: { mode: 'inert' } },
  'retention-off': { retention: { isEnabled: false, days: 90 } },
  'audit-key-missing': { auditEncryption: null },
  'audit-key-unnamed': { auditEncryption: { keyId: null } },
  'cors-open': { cors: { allowsDevOrigins: false, allowsAll: true } },
  'governance-guarded': { isGovernanceOpen: false },
  'api-pages-closed': { hasApiPages: false },
  'metrics-closed': { hasMetrics: false },
  'device-flow': { hasDeviceFlow: true },
  'auth0-unreachable': { isAuth0Reachable: false },
  'headers-by-proxy': {
    addedHeaders: {
      'strict-transport-security': 'max-age=31536000; includeSubDomains', 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer', 'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    },
  },
  'rotation-closed': { auth: { mode: 'hs256', hasPreviousSecrets: false, audience: null, issuer: null } },
} as const satisfies Readonly<Record<string, Partial<NaviConfig>>>;

export type StateName = keyof typeof STATES;

export function isStateName(name: string): name is StateName {
  return Object.hasOwn(STATES, name);
}

/** The configuration of a dialect in the given states; later states win, `overrides` win over all. */
export function configFor(dialect: Dialect, states: readonly StateName[] = [], overrides: Partial<NaviConfig> = {}): NaviConfig {
  const layers: readonly Partial<NaviConfig>[] = [DIALECT_DEFAULTS[dialect], ...states.map((name) => STATES[name]), overrides];
  return layers.reduce<NaviConfig>((config, layer) => ({ ...config, ...layer }), STAGING);
}

/** One limit for every category, for tests that want to meet a 429 after a few requests. */
export function uniformRateRules(requestsPerMinute: number, burst: number): RateRules {
  const rule: RateRule = { requestsPerMinute, burst };
  return { read: rule, write: rule, admin: rule, export: rule, auth: rule };
}
